"""Files that are there whole or not at all, also after a power cut, and that nobody but their owner may read."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path


def write_new(path: Path, content: bytes) -> None:
    """Write the new file `path` down to the disk; nothing is left of it if that fails. Raises FileExistsError and other OSErrors."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        _let_go(path)
        raise


def put_whole(path: Path, content: bytes) -> None:
    """Write `path`, in place of what is there; that stays if it fails. Raises OSError."""
    with _staged(path, content) as staged:
        staged.replace(path)
        sync_folder(path.parent)


def add_whole(path: Path, content: bytes) -> None:
    """Write `path` unless there is one already, which stays as it is. Raises OSError."""
    with _staged(path, content) as staged:
        with contextlib.suppress(FileExistsError):
            os.link(staged, path)
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a new, renamed or removed name in `folder` survive a power cut. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _staged(path: Path, content: bytes) -> Iterator[Path]:
    """The content in a file beside `path` that is gone afterwards. Its name is short: that of `path` may be as long as a name can be."""
    staged = path.with_name(f".{secrets.token_hex(8)}")
    write_new(staged, content)
    try:
        yield staged
    finally:
        _let_go(staged)


def _let_go(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
