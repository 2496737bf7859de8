"""Documents with content: taken in as they stream, kept as files, filed once per key."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from idm.simulators.http_effects import Done, checked
from idm.simulators.http_fields import FieldFault
from idm.simulators.http_routes import Reading, Writing, as_object, effect_key_of
from idm.simulators.http_server import Answer, Request
from idm.simulators.http_store import Kind, Problem, Store

LARGEST = 64 << 20
"""The largest document that is taken, in bytes."""

_LONGEST_RECORD = 65536


@dataclass(frozen=True, slots=True)
class Upload:
    """One document as it came in: what is said of it, and its bytes in a file of its own."""

    about: dict[str, Any]
    path: Path
    media_type: str
    size: int
    sha256: str

    def discard(self) -> None:
        """Remove the bytes if they weren't filed."""
        self.path.unlink(missing_ok=True)


class Documents:
    """The addresses of documents with content (a `Route`)."""

    def __init__(self, kind: Kind, store: Store, directory: Path) -> None:
        """Keep the bytes under `directory`, which is made; what a crash left half received is removed."""
        self._kind = kind
        self._store = store
        self._filed = directory / "documents"
        self._filed.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in self._filed.glob("incoming-*"):
            left.unlink()

    def __call__(self, request: Request) -> Reading | Writing | None:
        """The operation that `request` asks for; None for an address that isn't a document's own."""
        if request.path == (self._kind.name,) and request.method == "POST":
            return self._post(request)
        match request.method, request.path:
            case "GET", (self._kind.name, link, "content"):
                return Reading(lambda: self._content(link))
        return None

    def _post(self, request: Request) -> Writing:
        effect_key = effect_key_of(request)
        upload = receive(request, self._filed)
        key, attributes = upload.about.get("key"), upload.about.get("attributes", {})
        if not isinstance(key, str) or not key or len(key) > 200 or not isinstance(attributes, dict):
            upload.discard()
            raise Problem(400, "body", "record must hold a key of at most 200 characters, and attributes.")
        return Writing("post", key, effect_key, lambda: self._file(key, effect_key, attributes, upload), upload.discard)

    def _file(self, key: str, effect_key: str, attributes: dict[str, object], upload: Upload) -> Done:
        values = checked(self._kind, attributes, {})
        held = self._store.by_key(self._kind.name, key)
        if held is not None:
            if held.attributes["sha256"] == upload.sha256:
                return Done(held, False)
            raise Problem(409, "conflict", "A document with this key and other content is filed already.")
        into = self._store.by_key("file", values["file"])
        if into is None or into.state == "ended":
            fault = FieldFault("file", "unknown", "there is no open personnel file with this key")
            raise Problem(422, "faults", "Not accepted; wrong: file.", [fault])
        filed = {**values, "sha256": upload.sha256, "size": str(upload.size), "media_type": upload.media_type}
        record = self._store.add(self._kind, key, "enabled", effect_key, filed)
        receipt = f"PF-{record.link[:8].upper()}"
        record = self._store.put(self._kind, replace(record, attributes={**filed, "receipt": receipt}))
        # Before the commit: a crash between the two leaves bytes that no record names, never a record without bytes.
        upload.path.replace(self._filed / record.link)
        return Done(record, True)

    def _content(self, link: str) -> Answer:
        record = self._store.by_link(self._kind.name, link)
        if record is None:
            raise Problem(404, "no-record", "There is no document with this link.")
        path = self._filed / record.link
        length = ("content-length", str(path.stat().st_size))
        return Answer(200, _pieces(path), record.attributes["media_type"], (length,))


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(65536):
            yield piece


def receive(request: Request, directory: Path) -> Upload:
    """Take in a multipart body piece by piece; the bytes of `content` go to a file in `directory`.

    Raises Problem 400 for a body that isn't such a form, 413 for one that is too large.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise Problem(400, "body", "A document is sent as multipart/form-data with the parts record and content.")
    descriptor, name = tempfile.mkstemp(prefix="incoming-", dir=directory)
    path = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            form = _Form(options[b"boundary"], file)
            for piece in request.body:
                form.take(piece)
        return form.finished(path)
    except BaseException:
        with contextlib.suppress(OSError):
            path.unlink()
        raise


class _Form:
    """Sorts a multipart body as it arrives: `record` to memory, `content` to a file, with its digest."""

    def __init__(self, boundary: bytes, file: BinaryIO) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self._size = 0
        self._record = bytearray()
        self._part = ""
        self._media_type = "application/octet-stream"
        self._seen: set[str] = set()
        self._complete = False
        self._header: list[bytes] = [b"", b""]
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": lambda data, start, end: self._hear(0, data[start:end]),
                "on_header_value": lambda data, start, end: self._hear(1, data[start:end]),
                "on_header_end": self._header_end,
                "on_part_data": lambda data, start, end: self._data(data[start:end]),
                "on_end": self._end,
            },
        )

    def take(self, piece: bytes) -> None:
        """The next bytes of the body."""
        try:
            self._parser.write(piece)
        except MultipartParseError:
            raise Problem(400, "body", "The body isn't multipart/form-data.") from None

    def finished(self, path: Path) -> Upload:
        """What came in. Raises Problem 400 if a part is missing or the body broke off."""
        if not self._complete or self._seen != {"record", "content"}:
            raise Problem(400, "body", "The body must have exactly the parts record and content.")
        return Upload(as_object(bytes(self._record)), path, self._media_type, self._size, self._digest.hexdigest())

    def _begin(self) -> None:
        self._part = ""
        self._header = [b"", b""]

    def _hear(self, index: int, data: bytes) -> None:
        self._header[index] += data

    def _header_end(self) -> None:
        name, value = self._header[0].lower(), self._header[1]
        if name == b"content-disposition":
            self._part = parse_options_header(value)[1].get(b"name", b"").decode("utf-8", "replace")
            if self._part in self._seen or self._part not in ("record", "content"):
                raise Problem(400, "body", "The body must have exactly the parts record and content.")
            self._seen.add(self._part)
        if name == b"content-type" and self._part == "content":
            self._media_type = parse_options_header(value)[0].decode("latin-1")
        self._header = [b"", b""]

    def _data(self, data: bytes) -> None:
        if self._part == "record":
            self._record += data
            if len(self._record) > _LONGEST_RECORD:
                raise Problem(413, "too-long", f"record is longer than {_LONGEST_RECORD} bytes.")
        elif self._part == "content":
            self._size += len(data)
            if self._size > LARGEST:
                raise Problem(413, "too-long", f"A document may hold at most {LARGEST} bytes.")
            self._digest.update(data)
            self._file.write(data)

    def _end(self) -> None:
        self._complete = True
