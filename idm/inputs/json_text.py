"""JSON text as plain data, strictly: one value, no repeated keys (RFC 7493), no NaN, and line and column of what is no JSON (RFC 8259)."""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

from idm.errors import BadInput, Fault

MOST_BYTES = 64 * 1024 * 1024
_NEXT = "Mend the input and send it again."


def read_json(raw: bytes | str, what: str) -> Any:
    """The value that `raw` holds; bytes must be UTF-8. Raises BadInput, whose message begins with `what` and never repeats the input."""
    if len(raw) > MOST_BYTES:
        _refuse(what, "size", f"is larger than {MOST_BYTES // (1024 * 1024)} MB; send it in parts")
    text = _decoded(raw, what) if isinstance(raw, bytes) else raw
    if not text.strip():
        _refuse(what, "empty", "is empty; it should hold one JSON document")
    try:
        return json.loads(
            text.removeprefix("\ufeff"), object_pairs_hook=_object, parse_constant=_no_constant, parse_float=_float, parse_int=_integer
        )
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        _refuse(what, "json", f"is not JSON at {place}: {error.msg}", f"{error.lineno}:{error.colno}")
    except _Unsound as error:
        _refuse(what, "json", f"is not sound JSON: {error}")
    except RecursionError:
        _refuse(what, "depth", "is nested too deeply")


class _Unsound(Exception):
    """Something that the json module would take, but that can't be meant."""


def _decoded(raw: bytes, what: str) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - (raw.rfind(b"\n", 0, error.start) + 1) + 1
        _refuse(what, "encoding", f"is not UTF-8 at line {line}, byte {column}; save it as UTF-8", f"{line}:{column}")


def _refuse(what: str, rule: str, message: str, path: str = "") -> NoReturn:
    raise BadInput(f"{what} {message}.", faults=[Fault(path or "1:1", rule, message)], next_step=_NEXT) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        named = f" '{twice}'" if re.fullmatch(r"[A-Za-z_]{1,40}", twice) else ""
        raise _Unsound(f"a key{named} stands twice in one object, so one of the two would be lost")
    return found


def _no_constant(name: str) -> NoReturn:
    raise _Unsound(f"{name} is no JSON number")


def _float(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise _Unsound("a number is too large")
    return number


def _integer(text: str) -> int:
    if len(text) > 30:
        raise _Unsound("a number has more than 30 digits")
    return int(text)
