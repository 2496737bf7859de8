"""The installation's keys: one folder, two files, nothing in them that can be worked out again.

`master.keys` holds Fernet keys, one a line, newest first: the first encrypts, all decrypt. `index.key` holds
32 bytes for keyed digests, by which a CPR number can be found without being stored readable. Whoever loses the
folder loses every encrypted value, so it is backed up apart from the database.
"""

from __future__ import annotations

import errno
import hmac
import secrets
import shutil
from hashlib import sha256
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from idm.durable import put_whole, sync_folder, write_new
from idm.errors import CheckFailed, Conflict, Unavailable

MASTER = "master.keys"
INDEX = "index.key"
SEALS = "seal.keys"
INDEX_BYTES = 32

_RESTORE = "Restore the keys folder from its back-up; without it nothing encrypted can be read."


class Undecipherable(CheckFailed):
    """An encrypted value can't be read with this installation's keys: it was changed, or made with other keys."""

    code = "undecipherable"


class KeyRing:
    """The keys of one installation, read once. Shared by threads; shows no key in `repr`, errors or logs."""

    def __init__(self, master: list[bytes], index: bytes) -> None:
        """`master`: Fernet keys (URL-safe base64), newest first. `index`: `INDEX_BYTES` bytes. ValueError if malformed."""
        if not master or len(index) != INDEX_BYTES:
            raise ValueError("a key ring needs at least one master key and an index key of 32 bytes")
        self._fernet = MultiFernet([Fernet(key) for key in master])
        self._index = index

    @classmethod
    def create(cls, folder: Path) -> KeyRing:
        """Make the keys in `folder` (0700, files 0600), both or none. Conflict if it holds anything, Unavailable if it can't be written."""
        staged = folder.with_name(f".{folder.name}-{secrets.token_hex(8)}")
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            staged.mkdir(mode=0o700)
            write_new(staged / MASTER, Fernet.generate_key() + b"\n")
            write_new(staged / INDEX, secrets.token_bytes(INDEX_BYTES))
            sync_folder(staged)
            staged.rename(folder)  # takes the place of an empty folder only: the kernel refuses any other
            sync_folder(folder.parent)
        except OSError as error:
            shutil.rmtree(staged, ignore_errors=True)
            if error.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
                raise Conflict(
                    f"{folder} is in use already, and keys are never overwritten.",
                    next_step="Open the installation as it is, or choose another folder for a new one.",
                ) from error
            raise Unavailable(
                f"The keys can't be written to {folder}: {error.strerror}.",
                next_step="Give idm's user a folder that it may write to, with free space.",
            ) from error
        return cls.open(folder)

    @classmethod
    def open(cls, folder: Path) -> KeyRing:
        """Read the keys in `folder`. Raises Unavailable, saying which file is missing, unreadable or damaged."""
        master = [line for line in _read(folder / MASTER).split() if line]
        index = _read(folder / INDEX)
        if len(index) != INDEX_BYTES:
            raise Unavailable(f"{folder / INDEX} is damaged: it must hold exactly {INDEX_BYTES} bytes.", next_step=_RESTORE)
        try:
            return cls(master, index)
        except ValueError:  # whose text could hold key material
            raise Unavailable(f"{folder / MASTER} is damaged: a line in it is no Fernet key.", next_step=_RESTORE) from None

    @classmethod
    def add_master_key(cls, folder: Path) -> KeyRing:
        """Put a new master key before the others; old values stay readable and are moved over by `rotate`."""
        cls.open(folder)
        try:
            put_whole(folder / MASTER, Fernet.generate_key() + b"\n" + _read(folder / MASTER))
        except OSError as error:
            raise Unavailable(
                f"{folder / MASTER} can't be written: {error.strerror}.",
                next_step="Free space, or mend the folder's rights.",
            ) from error
        return cls.open(folder)

    def encrypt(self, text: str) -> str:
        """`text` encrypted and authenticated under the newest master key, as ASCII text for a database column."""
        return self._fernet.encrypt(text.encode()).decode("ascii")

    def decrypt(self, token: str) -> str:
        """The text that `encrypt` was given. Raises Undecipherable."""
        return self._open_token(token.encode()).decode()

    def wrap(self, key: bytes) -> bytes:
        """A document's key, encrypted under the newest master key."""
        return self._fernet.encrypt(key)

    def unwrap(self, token: bytes) -> bytes:
        """The key that `wrap` was given. Raises Undecipherable."""
        return self._open_token(token)

    def rotate(self, token: str) -> str:
        """The same value (of `encrypt` or `wrap`) encrypted under the newest master key. Raises Undecipherable."""
        try:
            return self._fernet.rotate(token.encode()).decode("ascii")
        except InvalidToken:
            raise Undecipherable(next_step=_RESTORE) from None

    def blind_index(self, purpose: str, value: str) -> str:
        """A keyed digest (hex) by which `value` can be found again; other purposes give unrelated digests."""
        mac = self.keyed_digest(purpose)
        mac.update(value.encode())
        return mac.hexdigest()

    def keyed_digest(self, purpose: str) -> hmac.HMAC:
        """HMAC-SHA256 under the index key, begun for `purpose`, for content that comes in pieces."""
        name = purpose.encode()
        return hmac.new(self._index, len(name).to_bytes(4, "big") + name, sha256)

    def _open_token(self, token: bytes) -> bytes:
        try:
            return self._fernet.decrypt(token)
        except InvalidToken:
            raise Undecipherable(next_step=_RESTORE) from None


def exposed(folder: Path) -> list[Path]:
    """What in `folder` (and the folder itself) somebody other than its owner may read or write."""
    files = (folder / MASTER, folder / INDEX, folder / SEALS)
    return [path for path in (folder, *files) if path.exists() and path.stat().st_mode & 0o077]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise Unavailable(
            f"The key file {path} is missing.",
            next_step=f"Run `idm init` if this is a new installation. Otherwise: {_RESTORE}",
        ) from error
    except OSError as error:
        raise Unavailable(
            f"The key file {path} can't be read: {error.strerror}.",
            next_step="Run idm as the user who owns the folder, or mend its rights (folder 0700, files 0600).",
        ) from error
