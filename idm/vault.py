"""Documents encrypted at rest: a file of random name for each, and a fresh key for each.

The file is AES-256-GCM in segments (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015): a
header, then segments of 64 KiB plus tag. Each nonce is a random prefix, the segment's number and whether it is the
last one; the document's id is authenticated with each. So a segment changed, moved, left out, added or taken from
another document doesn't decrypt. The wrapped key lives in the caller's database row: with that row gone, the
document is unreadable in every back-up too.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import secrets
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from idm.durable import sync_folder
from idm.errors import BadInput, CheckFailed, Fault, NotFound, Unavailable
from idm.vault_keys import KeyRing, Undecipherable

SEGMENT = 64 * 1024
_TAG = 16
_MAGIC = b"idm-vault-1\n"
_PREFIX = 7
_HEADER = len(_MAGIC) + _PREFIX
_NAME = re.compile(r"[0-9a-f]{32}")
_UNFINISHED = ".unfinished-"
_DIGEST = "document"


class DamagedDocument(CheckFailed):
    """A document in the vault is not what was put there."""

    code = "damaged-document"


@dataclass(frozen=True, slots=True)
class Stored:
    """What the database keeps of a document: file name, size in bytes, keyed digest of the content (hex), wrapped key."""

    name: str
    size: int
    digest: str
    wrapped_key: str = field(repr=False)


class Vault:
    """The folder of encrypted documents. Shared by threads and processes: every document has a file of its own."""

    def __init__(self, folder: Path, keys: KeyRing) -> None:
        """`folder` must exist (see `create`); `keys` wrap each document's key."""
        self._folder = folder
        self._keys = keys

    @classmethod
    def create(cls, folder: Path, keys: KeyRing) -> Vault:
        """Make `folder` (0700) unless it is there. Raises Unavailable."""
        with _disk(folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return cls(folder, keys)

    def put(self, document_id: str, source: BinaryIO, limit: int) -> Stored:
        """Encrypt `source` to its end, in one pass and constant memory; durable when it returns.

        Raises BadInput over `limit` bytes and Unavailable if the disk fails or is full; both leave nothing behind.
        """
        key = AESGCM.generate_key(bit_length=256)
        name = secrets.token_hex(16)
        unfinished = self._folder / f"{_UNFINISHED}{name}"
        writer = _Writer(document_id, key, limit, self._keys.keyed_digest(_DIGEST))
        try:
            with _disk(self._folder), open(unfinished, "xb", buffering=0, opener=_private) as file:
                writer.write(source, file)
                os.fsync(file.fileno())
            with _disk(self._folder):
                unfinished.rename(self._folder / name)
                sync_folder(self._folder)
        except BaseException:
            for left in (unfinished, self._folder / name):
                with contextlib.suppress(OSError):
                    left.unlink(missing_ok=True)
            raise
        return Stored(name, writer.size, writer.digest.hexdigest(), self._keys.wrap(key).decode("ascii"))

    def open(self, document_id: str, name: str, wrapped_key: str) -> BinaryIO:
        """The document's content as a seekable stream, decrypted and checked as it is read.

        Raises DamagedDocument, here or while reading, if the file is gone or was cut, changed, extended, reordered or
        belongs to another document or key; Unavailable if the disk can't be read. No unchecked byte is ever given out.
        """
        path = self._path(name)
        try:
            key = self._keys.unwrap(wrapped_key.encode())
        except Undecipherable as error:
            raise _damaged(document_id, "its key can't be unwrapped with this installation's keys") from error
        try:
            with _disk(self._folder):
                file = path.open("rb", buffering=0)
        except Unavailable as error:
            if isinstance(error.__cause__, FileNotFoundError):
                raise _damaged(document_id, "its file is missing from the vault") from error
            raise
        try:
            return io.BufferedReader(_Reader(document_id, key, file), SEGMENT)
        except BaseException:
            file.close()
            raise

    def destroy(self, name: str) -> None:
        """Remove the file; no error if it is gone already. Raises Unavailable if the disk refuses."""
        path = self._path(name)
        with _disk(self._folder):
            path.unlink(missing_ok=True)
            sync_folder(self._folder)

    def sweep(self, known_names: Collection[str], older_than: timedelta) -> list[str]:
        """Remove what no row knows, left by a crash between file and row, and answer the names removed.

        Only files last written longer than `older_than` ago (machine time) go, so that a document whose row isn't
        committed yet stays. Files that don't look like the vault's own are left alone.
        """
        known = frozenset(known_names)
        latest = time.time() - older_than.total_seconds()
        removed = []
        with _disk(self._folder):
            for entry in os.scandir(self._folder):
                ours = _NAME.fullmatch(entry.name.removeprefix(_UNFINISHED)) is not None
                if not ours or entry.name in known or not entry.is_file(follow_symlinks=False):
                    continue
                with contextlib.suppress(FileNotFoundError):
                    if entry.stat(follow_symlinks=False).st_mtime < latest:
                        Path(entry.path).unlink()
                        removed.append(entry.name)
            if removed:
                sync_folder(self._folder)
        return sorted(removed)

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise NotFound("That is no name of a document in the vault.")
        return self._folder / name


class _Writer:
    """Encrypts one stream, counting its bytes and taking its keyed digest on the way."""

    def __init__(self, document_id: str, key: bytes, limit: int, digest: Any) -> None:
        self._cipher = AESGCM(key)
        self._aad = document_id.encode()
        self._limit = limit
        self.digest = digest
        self.size = 0

    def write(self, source: BinaryIO, file: io.FileIO) -> None:
        prefix = secrets.token_bytes(_PREFIX)
        _write_all(file, _MAGIC + prefix)
        segment = self._next(source)
        number = 0
        while True:
            following = self._next(source) if len(segment) == SEGMENT else b""
            last = not following
            _write_all(file, self._cipher.encrypt(_nonce(prefix, number, last), segment, self._aad))
            if last:
                return
            segment, number = following, number + 1

    def _next(self, source: BinaryIO) -> bytes:
        """The next whole segment (less only at the end), whatever pieces `source` hands out."""
        try:
            segment = _read_up_to(source, SEGMENT)
        except OSError as error:
            raise _SourceFailed(f"The document could not be read to its end: {error.strerror}.") from error
        self.size += len(segment)
        if self.size > self._limit:
            message = f"The file is larger than the {self._limit} bytes allowed."
            raise BadInput(message, faults=[Fault("file", "too-large", message)], next_step="Send a smaller file.")
        self.digest.update(segment)
        return segment


class _SourceFailed(Unavailable):
    """The document could not be read to its end."""


class _Reader(io.RawIOBase):
    """Decrypts one file segment by segment. Knows the length at once: the last segment is checked on opening."""

    def __init__(self, document_id: str, key: bytes, file: io.FileIO) -> None:
        self._document_id = document_id
        self._cipher = AESGCM(key)
        self._aad = document_id.encode()
        self._file = file
        with _disk_read(document_id):
            header = _read_up_to(file, _HEADER)
            sealed = file.seek(0, io.SEEK_END) - _HEADER
        if sealed < _TAG or not header.startswith(_MAGIC):
            raise _damaged(document_id, "its file is cut short or is none of the vault's")
        self._prefix = header[len(_MAGIC) :]
        self._count = max(1, -(-sealed // (SEGMENT + _TAG)))
        self._size = sealed - self._count * _TAG
        self._position = 0
        self._held = -1
        self._segment = b""
        self._load(self._count - 1)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise ValueError("a position before the beginning")
        self._position = start + offset
        return self._position

    def readinto(self, buffer: Any) -> int:
        if self._position >= self._size:
            return 0
        number, start = divmod(self._position, SEGMENT)
        self._load(number)
        piece = self._segment[start : start + len(buffer)]
        buffer[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)

    def close(self) -> None:
        self._file.close()
        self._segment = b""
        super().close()

    def _load(self, number: int) -> None:
        if number == self._held:
            return
        with _disk_read(self._document_id):
            self._file.seek(_HEADER + number * (SEGMENT + _TAG))
            sealed = _read_up_to(self._file, SEGMENT + _TAG)
        try:
            nonce = _nonce(self._prefix, number, number == self._count - 1)
            self._segment = self._cipher.decrypt(nonce, sealed, self._aad)
        except (InvalidTag, ValueError):
            raise _damaged(self._document_id, f"segment {number + 1} of {self._count} was changed, moved or cut off") from None
        self._held = number


def _nonce(prefix: bytes, number: int, last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes([last])


def _read_up_to(source: BinaryIO | io.FileIO, size: int) -> bytes:
    """`size` bytes, or fewer at the end only; a source may hand out less at a time."""
    pieces = bytearray()
    while len(pieces) < size and (piece := source.read(size - len(pieces))):
        pieces += piece
    return bytes(pieces)


def _write_all(file: io.FileIO, content: bytes) -> None:
    """All of it: an unbuffered write may take only part, as when the disk fills up."""
    rest = memoryview(content)
    while rest:
        rest = rest[file.write(rest) :]


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CLOEXEC, 0o600)


def _damaged(document_id: str, what: str) -> DamagedDocument:
    return DamagedDocument(
        f"Document {document_id} can't be read: {what}.",
        next_step="Restore the vault's file from a back-up, or ask for the document again.",
    )


@contextlib.contextmanager
def _disk(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unavailable(
            f"The vault {folder} can't be used: {error.strerror}.",
            next_step="Look after free space, the folder's rights and its disk; then try again.",
        ) from error


@contextlib.contextmanager
def _disk_read(document_id: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unavailable(
            f"Document {document_id} can't be read from the vault: {error.strerror}.",
            next_step="Look after the vault's disk; then try again.",
        ) from error
