"""What a command answers: one JSON document, the same as text, and an exit code; and how errors are shown."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TextIO

from idm.errors import Fault, IdmError, Unavailable

SCHEMA = 1
"""The version of the documents that `--json` prints."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command found: `document` is printed with --json, `text` (lines) without; `exit_code` as the outside contract has it."""

    document: Mapping[str, Any]
    text: Sequence[str] = field(default=())
    exit_code: int = 0


def emit(answer: Answer, *, as_json: bool) -> None:
    """Print an answer to standard output. A reader that has gone away is no error: it had enough."""
    if as_json:
        _write(_json({"schema": SCHEMA, **answer.document}) + "\n")
    elif answer.text:
        _write("\n".join(answer.text) + "\n")


def emit_error(error: IdmError, *, as_json: bool) -> None:
    """Print an error: with --json the document on standard output, else message, faults and what to do next on standard error."""
    if as_json:
        with contextlib.suppress(Unavailable):
            _write(_json(error.as_json()) + "\n")
            return
    note("\n".join(error_lines(error)))


def error_lines(error: IdmError) -> list[str]:
    """An error as people read it."""
    lines = [error.message, *fault_lines(error.faults)]
    if error.next_step:
        lines.append(f"Next: {error.next_step}")
    return lines


def fault_lines(faults: Iterable[Fault]) -> list[str]:
    """Each fault on a line: where, what, and the rule."""
    return [f"  {fault.path}: {fault.message} [{fault.rule}]" for fault in faults]


def note(text: str) -> None:
    """Say something beside the answer: progress, or a remark. On standard error, so that the answer stays whole."""
    if sys.stderr is None:
        return
    try:
        sys.stderr.write(printable(text, sys.stderr) + "\n")
        sys.stderr.flush()
    except OSError:
        _let_go(sys.stderr)


def say(text: str) -> None:
    """Print a line of a command that tells as it goes on, where its text is the answer."""
    _write(text + "\n")


def begin_document(document: Mapping[str, Any]) -> None:
    """Print the document of a command that goes on running, on one line, at once."""
    _write(json.dumps({"schema": SCHEMA, **document}, ensure_ascii=True) + "\n")


def _json(document: Mapping[str, Any]) -> str:
    """The document as JSON in ASCII, so that no terminal's or pipe's encoding can spoil it."""
    return json.dumps(document, ensure_ascii=True, indent=2)


def _write(text: str) -> None:
    """Write to standard output, if there is one. Raises Unavailable if it can't take it, such as a full disk."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.write(printable(text, sys.stdout))
        sys.stdout.flush()
    except BrokenPipeError:
        _let_go(sys.stdout)
    except OSError as error:
        raise Unavailable(
            f"The command is done, but its answer can't be written: {error.strerror}.",
            next_step="Mend where its output goes, and look again.",
        ) from error


def last_flush() -> None:
    """Give up what could not be written, before the interpreter tries once more and complains."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            try:
                stream.flush()
            except OSError:
                _let_go(stream)


def printable(text: str, stream: TextIO) -> str:
    """`text` with what the stream's encoding lacks replaced by `?`, so that a bare terminal gets an answer and no fault."""
    encoding = stream.encoding or "ascii"
    return text.encode(encoding, errors="replace").decode(encoding)


def _let_go(stream: TextIO) -> None:
    """Point a stream that nobody reads at nowhere, so that the interpreter's last flush doesn't complain either."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
