"""What seals need outside the database: the keys they are made with, and the files that remember the newest one.

`seal.keys` lies in the installation's keys folder: a line for each key, newest first, its id and 32 bytes in hex. It may be held
on one machine only; the others then neither seal nor check MACs. An anchor file has a line for each seal, added and never changed.
"""

from __future__ import annotations

import contextlib
import fcntl
import hmac
import json
import os
import secrets
from collections.abc import Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from idm.domain.seals import NOTHING, Anchored
from idm.durable import put_whole, sync_folder
from idm.errors import Conflict, Unavailable
from idm.vault_keys import SEALS

KEYS = SEALS
"""The key file's name in the keys folder."""

ANCHOR = Path("anchor") / "seals.jsonl"
"""The anchor file in the installation's folder."""

KEY_BYTES = 32
_TAIL = 64 * 1024


class SealKeyFile:
    """`idm.ports_audit.SealKeys` from a file. Shows no key in `repr`, errors or logs."""

    def __init__(self, keys: Sequence[tuple[str, bytes]]) -> None:
        """`keys`: id and key, newest first; at least one."""
        self._keys = dict(keys)
        self._current = keys[0][0]

    @classmethod
    def open(cls, path: Path) -> SealKeyFile | None:
        """The keys in the file, None if there is no such file. Raises Unavailable if it can't be read or is damaged."""
        try:
            lines = [line.split() for line in path.read_text("ascii").splitlines() if line.strip()]
            keys = [(id, bytes.fromhex(key)) for id, key in lines]
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Unavailable(f"{path} can't be read: {error.strerror}.", next_step="Mend its rights (0600, idm's user).") from error
        except ValueError:  # whose text could hold key material
            keys = []
        if not keys or any(len(key) != KEY_BYTES for _, key in keys):
            raise Unavailable(f"{path} is damaged: each line holds a key's id and {KEY_BYTES} bytes in hex.", next_step="Restore it.")
        return cls(keys)

    @classmethod
    def create(cls, path: Path) -> SealKeyFile:
        """Make the file with a first key. Raises Conflict if it is there, Unavailable if it can't be written."""
        if path.exists():
            raise Conflict(f"{path} is there already, and keys are never overwritten.", next_step="Use it as it is.")
        _write_key(path, _new_key())
        return _demand(path)

    @classmethod
    def add(cls, path: Path) -> SealKeyFile:
        """Put a new key before the others: new seals use it, old ones stay checkable. Raises Unavailable."""
        _demand(path)
        _write_key(path, _new_key() + path.read_text("ascii"))
        return _demand(path)

    @property
    def current(self) -> str:
        """See the protocol."""
        return self._current

    def mac(self, data: bytes, key: str) -> str | None:
        """See the protocol."""
        found = self._keys.get(key)
        return None if found is None else hmac.new(found, data, sha256).hexdigest()


def _demand(path: Path) -> SealKeyFile:
    found = SealKeyFile.open(path)
    if found is None:
        raise Unavailable(f"There is no key file {path}.", next_step="It lies on the machine that seals; rotate its key there.")
    return found


def _new_key() -> str:
    return f"k-{secrets.token_hex(4)} {secrets.token_hex(KEY_BYTES)}\n"


def _write_key(path: Path, content: str) -> None:
    try:
        put_whole(path, content.encode("ascii"))
    except OSError as error:
        raise Unavailable(f"{path} can't be written: {error.strerror}.", next_step="Free space, or mend the folder's rights.") from error


class AnchorFiles:
    """`idm.ports_audit.Anchor` in one or more files, such as one beside the installation and one on a share that only takes additions."""

    def __init__(self, paths: Sequence[Path]) -> None:
        """`paths` are made when first written. Only the first one's folder is made too: another's may be a share that isn't mounted."""
        self.paths = tuple(paths)

    def newest(self) -> Anchored:
        """See the protocol."""
        return max((_newest_in(path, own=path == self.paths[0]) for path in self.paths), key=lambda seal: seal.number, default=NOTHING)

    def append(self, seal: Anchored, at: datetime) -> None:
        """See the protocol."""
        for path in self.paths:
            with _locked(path, own=path == self.paths[0]) as file:
                if _last(path).number < seal.number:
                    _add(path, file, {"number": seal.number, "at": at.isoformat(timespec="seconds"), "mac": seal.mac})

    def accept(self, seal: Anchored, at: datetime, by: str, reason: str) -> None:
        """See the protocol."""
        for path in self.paths:
            with _locked(path, own=path == self.paths[0]) as file:
                lost = _last(path)
                if lost == seal:
                    continue
                moment = at.isoformat(timespec="seconds")
                told = {"number": seal.number, "at": moment, "mac": seal.mac, "restored_from": lost.number, "by": by, "reason": reason}
                _add(path, file, told)


def _newest_in(path: Path, *, own: bool) -> Anchored:
    """What a file remembers last. A file that was never made remembers nothing; one that can't be read must not look like it."""
    try:
        return _last(path)
    except FileNotFoundError:
        if own or path.parent.exists():
            return NOTHING
        raise _unreadable(path, "its folder is missing") from None


def _last(path: Path) -> Anchored:
    """The seal of the last whole line; a torn one at the very end was never written."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _TAIL))
            whole = file.read().rpartition(b"\n")[0]
        lines = whole.splitlines()
        if not lines:
            return NOTHING
        told = json.loads(lines[-1])
        return Anchored(int(told["number"]), str(told["mac"]))
    except FileNotFoundError:
        raise
    except OSError as error:
        raise _unreadable(path, error.strerror or "no reason given") from error
    except (ValueError, KeyError, TypeError):
        raise _unreadable(path, "its last line isn't one of idm's") from None


def _unreadable(path: Path, reason: str) -> Unavailable:
    return Unavailable(
        f"The anchor {path} can't be read: {reason}.", next_step="Mount its place, mend its rights, or find out who changed it."
    )


@contextlib.contextmanager
def _locked(path: Path, *, own: bool) -> Iterator[IO[bytes]]:
    """The file open for additions, with no other process of this machine in between."""
    try:
        if own:
            path.parent.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "ab") as file:
            with contextlib.suppress(OSError):
                # A share without locks still gets whole lines, each by one write.
                fcntl.flock(file, fcntl.LOCK_EX)
            yield file
    except OSError as error:
        raise Unavailable(
            f"The anchor {path} can't be written: {error.strerror}.", next_step="Mount its place, free space, or mend its rights."
        ) from error


def _add(path: Path, file: IO[bytes], line: dict[str, Any]) -> None:
    """Add a line in one write, on a line of its own even after one that a power cut tore."""
    size = path.stat().st_size
    torn = b""
    if size:
        with path.open("rb") as before:
            before.seek(size - 1)
            torn = b"" if before.read(1) == b"\n" else b"\n"
    os.write(file.fileno(), torn + json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
    os.fsync(file.fileno())
    if not size:
        sync_folder(path.parent)
