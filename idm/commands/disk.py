"""The disk under an installation: whether its folders can be written, and how much room is left."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from idm.durable import write_new

LEAST = 1024 * 1024
"""Bytes below which a disk counts as full: no document and hardly a commit fits any more."""
WRITTEN = ("", "vault", "mails", "rejects")
"""The folders of an installation that idm writes to while it runs: the home itself and those below it, if they are there."""


def disk_fault(home: Path) -> str:
    """Why idm can't write to its folders now, naming the first such folder; "" if it can. Nothing is written to find out."""
    return next(filter(None, map(_fault, _folders(home))), "")


def write_fault(home: Path) -> str:
    """As `disk_fault`, and a small file was written to each folder and taken away again: quotas show only so."""
    return disk_fault(home) or next(filter(None, map(_tried, _folders(home))), "")


def _folders(home: Path) -> Iterator[Path]:
    yield from (home / name for name in WRITTEN if not name or (home / name).is_dir())


def _fault(folder: Path) -> str:
    try:
        found = os.statvfs(folder)
    except OSError as error:
        return f"{folder} can't be looked at: {error.strerror}."
    if found.f_flag & os.ST_RDONLY:
        return f"{folder} lies on a disk that can only be read."
    free = found.f_bavail * found.f_frsize
    if free < LEAST:
        return f"The disk that holds {folder} is full: {free // 1024} KiB are free."
    if found.f_files and not found.f_favail:
        return f"The disk that holds {folder} is full: it takes no more files."
    if not os.access(folder, os.W_OK | os.X_OK):
        return f"{folder} may not be written by idm's user."
    return ""


def _tried(folder: Path) -> str:
    path = folder / f".unfinished-{secrets.token_hex(16)}"
    try:
        write_new(path, b"\0" * 65536)
    except OSError as error:
        return f"{folder} can't be written: {error.strerror}."
    finally:
        with contextlib.suppress(OSError):
            path.unlink()
    return ""
