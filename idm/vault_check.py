"""Is an uploaded file what it claims to be, and harmless enough to open?

Magic numbers, size, name and end are looked at here; the parsing happens in `vault_parse`, a process of its own
with limits of memory and processor time, because a hostile file may crash, hang or swell the library that reads it.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePath
from typing import BinaryIO, NoReturn

from idm.apart import NotRun, run_apart
from idm.errors import BadInput, Fault, Unavailable

PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
KNOWN_TYPES = frozenset({PDF, JPEG, PNG})
"""The media types that can be checked; a policy can allow these and no others."""

WALL_SECONDS = 30.0
"""How long a check may take in all; the parser's processor time is bounded more narrowly (`vault_parse`)."""

_MAGIC = {PDF: b"%PDF-", JPEG: b"\xff\xd8\xff", PNG: b"\x89PNG\r\n\x1a\n"}
_EXTENSIONS = {PDF: (".pdf",), JPEG: (".jpg", ".jpeg"), PNG: (".png",)}
_SHORT = {PDF: "PDF", JPEG: "JPEG", PNG: "PNG"}
_ZIP_END = b"PK\x05\x06"
_TAIL = 22 + 0xFFFF  # as far back from the end as a ZIP file's directory may end (APPNOTE 4.3.16)
_CHUNK = 64 * 1024

_NEXT = {
    "empty": "Choose the file again; it may not have been saved before it was sent.",
    "too-large": "Scan with a lower resolution, or split the document.",
    "type": "Send it where such a file is taken.",
    "extension": "Give the file the ending that fits its content, or save it as what its name says.",
    "polyglot": "Print the document to a new PDF file, or take a new picture, and send that.",
    "encrypted": "Save the PDF without a password, and send that.",
    "active-content": "Print the document to a new PDF file, which leaves out scripts and actions, and send that.",
    "embedded-file": "Print the document to a new PDF file, and send what was attached to it as documents of their own.",
    "too-many-pages": "Split the document.",
    "too-many-pixels": "Save the picture in a smaller size.",
    "animated": "Send a single picture.",
    "damaged": "Look whether the file opens; save, scan or print it to PDF again, and send that.",
    "too-complex": "Print the document to a new PDF file, or scan it, and send that.",
}
RULES = tuple(_NEXT)
"""Every rule that a fault of `check_document` can name."""

_NEXT_OF_PICTURES = {
    "polyglot": "Take a new picture, and send that.",
    "damaged": "Look whether the picture opens; take it again, and send that.",
    "too-complex": "Take the picture again, or save it in a smaller size, and send that.",
}
"""What else is to be done where the file is a picture: a new PDF may not be taken in its place."""


@dataclass(frozen=True, slots=True)
class CheckedDocument:
    """What a file was found to be: media type, size in bytes, and pages if it is a PDF."""

    media_type: str
    size: int
    pages: int | None = None


def check_document(source: BinaryIO, *, name: str, allowed: Collection[str], limit: int) -> CheckedDocument:
    """Check all of `source` (seekable; left at its beginning) against its file `name`, the `allowed` media types and `limit` bytes.

    Raises BadInput with one Fault (path `file`, a rule of `RULES`); Unavailable if the checking itself fails. The name is
    in no message: people put private things into file names.
    """
    size = source.seek(0, io.SEEK_END)
    if not size:
        _refuse("empty", "The file is empty.")
    if size > limit:
        _refuse("too-large", f"The file has {size} bytes; {limit} are allowed.")
    source.seek(0)
    media_type = _type_of(source.read(16))
    if media_type is None or media_type not in allowed:
        wanted = " or ".join(sorted(_SHORT[known] for known in allowed if known in KNOWN_TYPES)) or "no file"
        told = f"The file is {_SHORT.get(media_type or '', 'of another kind')}; {wanted} is accepted here."
        _refuse("type", told, _send_instead(allowed))
    if PurePath(name).suffix.lower() not in _EXTENSIONS[media_type]:
        endings = " or ".join(_EXTENSIONS[media_type])
        _refuse("extension", f"The content is {_SHORT[media_type]}, but the file's name does not end in {endings}.")
    source.seek(max(0, size - _TAIL))
    if _ends_as_zip(source.read(_TAIL)):
        _refuse("polyglot", f"The file is {_SHORT[media_type]} and a ZIP archive at once.", _next("polyglot", media_type))
    pages = _parse(source, media_type)
    source.seek(0)
    return CheckedDocument(media_type, size, pages)


def _type_of(beginning: bytes) -> str | None:
    return next((media_type for media_type, magic in _MAGIC.items() if beginning.startswith(magic)), None)


def _ends_as_zip(tail: bytes) -> bool:
    """Whether a reader that looks for a ZIP directory from the end, as all do, would find one."""
    at = tail.rfind(_ZIP_END)
    while at >= 0:
        if at + 22 + int.from_bytes(tail[at + 20 : at + 22], "little") == len(tail):
            return True
        at = tail.rfind(_ZIP_END, 0, at)
    return False


def _parse(source: BinaryIO, media_type: str) -> int | None:
    """Let the parser's process read the file; the number of pages if it has any."""
    try:
        with _as_file(source) as descriptor:
            ran = run_apart("vault_parse.py", media_type, source=descriptor, seconds=WALL_SECONDS)
    except (NotRun, OSError) as error:
        raise Unavailable(
            "The document could not be checked: the checking process did not start, or took too long on this busy machine.",
            next_step="Try again.",
        ) from error
    if ran.returncode < 0:  # ended by a signal: out of its processor time, or the library crashed
        _refuse("too-complex", "Reading the file takes more time or memory than any ordinary document.", _next("too-complex", media_type))
    try:
        answer = json.loads(ran.stdout)
    except ValueError:
        raise Unavailable(
            f"The document could not be checked: the checking process ended with {ran.returncode}.",
            next_step="Run `idm doctor`; pikepdf and Pillow may not be installed properly.",
        ) from None
    if "rule" in answer:
        _refuse(answer["rule"], answer["message"], _next(answer["rule"], media_type))
    pages: int | None = answer["pages"]
    return pages


@contextmanager
def _as_file(source: BinaryIO) -> Iterator[int]:
    """The content as a descriptor at its beginning: the file's own, else a copy in memory, so that it never lies readable on a disk."""
    source.seek(0)
    if isinstance(source, (io.BufferedReader, io.BufferedRandom)) and isinstance(source.raw, io.FileIO):
        os.lseek(source.fileno(), 0, os.SEEK_SET)
        yield source.fileno()
        return
    descriptor = os.memfd_create("document", os.MFD_CLOEXEC)
    try:
        while chunk := source.read(_CHUNK):
            rest = memoryview(chunk)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
        os.lseek(descriptor, 0, os.SEEK_SET)
        yield descriptor
    finally:
        os.close(descriptor)


def _send_instead(allowed: Collection[str]) -> str:
    """What to send, where a file is of a kind that isn't among the `allowed` ones."""
    pictures = " or ".join(_SHORT[known] for known in (JPEG, PNG) if known in allowed)
    if PDF in allowed:
        return f"Send a PDF file, or a photograph or scan as {pictures}." if pictures else "Send a PDF file."
    return f"Send a photograph or scan as {pictures}." if pictures else _NEXT["type"]


def _next(rule: str, media_type: str) -> str:
    """What to do about a file that was found to be of `media_type`."""
    return _NEXT[rule] if media_type == PDF else _NEXT_OF_PICTURES.get(rule, _NEXT[rule])


def _refuse(rule: str, message: str, next_step: str = "") -> NoReturn:
    todo = next_step or _NEXT[rule]
    raise BadInput(message, faults=[Fault("file", rule, f"{message} {todo}")], next_step=todo)
