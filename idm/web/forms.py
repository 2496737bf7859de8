"""What a visitor posted: read under hard limits, handed on as plain values; and the faults of it, put beside its fields."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from idm.errors import Fault, IdmError

MAX_FORM = 256 * 1024
"""Bytes that a form without files may have."""

MAX_UPLOAD = 32 * 1024 * 1024
"""Bytes that a form with files may have, all of it; each kind of document has a limit of its own below it."""

_FIELDS = 500
_FILES = 10


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was posted: the name that its sender gave it, and its bytes as a stream that lies in memory, never on the disk."""

    name: str
    size: int
    stream: BinaryIO


@dataclass(frozen=True, slots=True)
class Form:
    """The values that were posted, in order; a field may come several times."""

    values: Sequence[tuple[str, str]] = ()
    files: Sequence[tuple[str, Upload]] = ()

    def text(self, name: str) -> str:
        """The last value of a field without the blanks around it; "" if it didn't come."""
        return next((value.strip() for key, value in reversed(self.values) if key == name), "")

    def all(self, name: str) -> list[str]:
        """Every value of a field that isn't empty."""
        return [value.strip() for key, value in self.values if key == name and value.strip()]

    def file(self, name: str) -> Upload | None:
        """The file of a field; None if none was chosen."""
        return next((upload for key, upload in self.files if key == name), None)

    def uploads(self, name: str) -> list[Upload]:
        """Every file of a field."""
        return [upload for key, upload in self.files if key == name]

    def close(self) -> None:
        """Give back the memory of the files."""
        for _, upload in self.files:
            upload.stream.close()

    def given(self, prefix: str = "") -> dict[str, str]:
        """Field -> its last value, of the fields that begin with `prefix`, which is taken off."""
        return {key.removeprefix(prefix): value.strip() for key, value in self.values if key.startswith(prefix)}


@dataclass(frozen=True, slots=True)
class Faults:
    """What was wrong with a form, in the visitor's language: of the whole, of single fields by name, and what to do next."""

    message: str = ""
    next_step: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    others: Sequence[str] = ()

    def __bool__(self) -> bool:
        return bool(self.message)

    def of(self, name: str) -> str:
        """What is wrong with a field; "" if nothing."""
        return self.fields.get(name, "")


NO_FAULTS = Faults()


def faults_of(error: IdmError, say: Mapping[str, str], words: Callable[[str], str]) -> Faults:
    """The faults of `error` by field. `say` maps the path of a fault to its field where they differ; `words` translates."""
    fields: dict[str, str] = {}
    others: list[str] = []
    next_step = words(error.next_step) if error.next_step else ""
    for fault in error.faults:
        name = field_of(fault, say)
        # What to do next is said once, below; a fault may say it too, for those who see it alone.
        message = words(fault.message).removesuffix(next_step).rstrip() or next_step
        if name:
            fields[name] = f"{_ended(fields[name])} {message}" if name in fields else message
        else:
            others.append(message)
    return Faults(words(error.message), next_step, fields, tuple(others))


def _ended(sentence: str) -> str:
    """Before another sentence."""
    return sentence if sentence.endswith((".", "!", "?", ":")) else f"{sentence}."


def field_of(fault: Fault, known: Mapping[str, str]) -> str:
    """The field that a fault is about: as `known` says, else the last part of its path."""
    if fault.path in known:
        return known[fault.path]
    return fault.path.rpartition(".")[2]


async def read_form(request: Request, *, files: bool = False) -> Form:
    """The posted form. Raises `HTTPException`: 413 over the limit, 415 for another media type, 400 if it can't be read."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    limit = MAX_UPLOAD if files else MAX_FORM
    stream = _limited(request, limit)
    try:
        if kind == "application/x-www-form-urlencoded":
            parsed = await FormParser(request.headers, stream).parse()
        elif kind == "multipart/form-data":
            parser = MultiPartParser(request.headers, stream, max_files=_FILES if files else 0, max_fields=_FIELDS, max_part_size=MAX_FORM)
            # Personal papers must not be written to a temporary folder in clear, not even for a moment.
            parser.spool_max_size = limit
            parsed = await parser.parse()
        elif not kind and request.headers.get("content-length", "0") == "0":
            return Form()
        else:
            raise HTTPException(415)
    except (MultiPartException, ClientDisconnect):
        # Who goes away while they send has no use for an answer; it is no fault of ours either.
        raise HTTPException(400) from None
    values = [(name, value) for name, value in parsed.multi_items() if isinstance(value, str)]
    uploads = [
        (name, Upload(value.filename, value.size or 0, value.file))
        for name, value in parsed.multi_items()
        if isinstance(value, UploadFile) and value.filename
    ]
    for _, unused in parsed.multi_items():
        if isinstance(unused, UploadFile) and not unused.filename:
            unused.file.close()
    return Form(tuple(values), tuple(uploads))


async def _limited(request: Request, limit: int) -> AsyncGenerator[bytes, None]:
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > limit:
        raise HTTPException(413)
    taken = 0
    async for part in request.stream():
        taken += len(part)
        if taken > limit:
            raise HTTPException(413)
        yield part
