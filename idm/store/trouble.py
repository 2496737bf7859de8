"""Trouble with the database: what a driver says becomes an error that names the file, what was not done, and what to do next."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from idm.errors import Damaged, Unavailable

_DAMAGED = ("malformed", "not a database", "disk image", "invalid page", "could not read block", "missing chunk")
"""What SQLite (sqlite3_errstr) and PostgreSQL say where what they hold is damaged."""
_READ_ONLY = "read-only transaction"
"""What PostgreSQL says, as a fault of whoever asked, where the database takes no changes."""


@contextmanager
def translated(url: URL, tell: Callable[[Unavailable], None] = lambda error: None, *, writing: bool = False) -> Iterator[None]:
    """Turn a driver's connection, disk and schema errors into `Unavailable`, which says what to do; `tell` hears of each.

    With `writing`, the error says that nothing of it was written: SQLite and PostgreSQL take a transaction whole or not at all.
    """
    try:
        yield
    except (DBAPIError, PoolTimeout, sqlite3.Error) as error:
        found = _unavailable(url, error, writing)
        if found is None:
            raise
        tell(found)
        raise found from error


def _unavailable(url: URL, error: Exception, writing: bool) -> Unavailable | None:
    """The error in words; None if it is none of the database being away, but a fault of whoever asked."""
    address = url.render_as_string(hide_password=True)
    if isinstance(error, PoolTimeout):
        return Unavailable(f"The database {address} gave no connection in time.", next_step="Lower IDM_THREADS, or try again.")
    text = _said(error)
    if any(word in text for word in _DAMAGED):
        return damaged(url, text)
    known = isinstance(error, OperationalError | InterfaceError | sqlite3.OperationalError) or _READ_ONLY in text
    if not known:
        if "does not exist" in text and "relation" in text:
            return Unavailable(f"The database {address} has no tables yet.", next_step="Run `idm db upgrade`.")
        return None
    nothing = " Nothing of it was written." if writing else ""
    return Unavailable(f"The database {address} can't be used: {text}.{nothing}", next_step=_advice(url, text))


def damaged(url: URL, text: str) -> Damaged:
    """The error of a database file whose content is broken."""
    file = file_of(url)
    if file is None:
        address = url.render_as_string(hide_password=True)
        return Damaged(f"The database {address} is damaged: {text}.", next_step="Stop idm, and restore the database from a back-up.")
    return Damaged(
        f"The database file {file} is damaged: {text}.",
        next_step="Stop idm, keep a copy of the file and of those beside it (-wal, -shm), restore it from a back-up, and run "
        "`idm doctor`, which checks every page.",
    )


def file_of(url: URL) -> Path | None:
    """The file of a SQLite database, None of any other."""
    if url.get_backend_name() != "sqlite" or not url.database or url.database.startswith("file:") or url.database == ":memory:":
        return None
    return Path(url.database)


def _said(error: Exception) -> str:
    """The driver's first line, which tells of no value that was written."""
    origin = error.orig if isinstance(error, DBAPIError) else error
    lines = str(origin or "").strip().splitlines()
    return lines[0] if lines else "no reason given"


def _advice(url: URL, text: str) -> str:
    file = file_of(url)
    folder = f" that holds {file.parent}" if file is not None else ""
    if "no such table" in text:
        return "Run `idm init` for a new installation, or `idm db upgrade`."
    if "unable to open" in text:
        return f"Check that {file.parent if file else 'IDM_HOME'} exists and may be written (IDM_HOME names it); `idm init` makes it."
    if "readonly" in text or "read-only" in text:
        return f"Make the disk{folder} writable, or give idm's user the right to write there; what runs then goes on by itself."
    if "full" in text or "disk I/O" in text:
        return f"To go on, make room on the disk{folder}, or mend it; what runs then goes on by itself."
    return "`idm doctor` shows what can be reached."
