"""Connections: SQLite with one writer at a time, PostgreSQL with bounded waits, and one way to say that neither can be had."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, NoSuchModuleError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import ConnectionPoolEntry

from idm.errors import Unavailable

READ = "idm_read"


class Database:
    """An engine, and how to read and write through it. `sqlite` tells which dialect it speaks."""

    def __init__(self, url: str, pool: int = 24) -> None:
        """`url` as SQLAlchemy takes it; `pool` connections are kept open at most. Connects only when first used."""
        try:
            self.url = make_url(url)
            self.sqlite = self.url.get_backend_name() == "sqlite"
            self.engine = _sqlite(url, pool) if self.sqlite else _postgresql(url, pool)
        except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
            raise Unavailable(
                f"The database address can't be used: {error}.",
                next_step="Set IDM_DATABASE_URL to sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME.",
            ) from None
        self.auto = self.engine if self.sqlite else self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._writer = threading.RLock()
        self.ready = threading.Event()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for reads: a snapshot on SQLite, one statement at a time on PostgreSQL."""
        with translated(self.url.render_as_string(hide_password=True)):
            if self.sqlite:
                with self.engine.connect().execution_options(**{READ: True}) as connection:
                    yield connection
            else:
                with self.auto.connect() as connection:
                    yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction for writes. On SQLite the writers of this process queue on a lock before the file's own."""
        with translated(self.url.render_as_string(hide_password=True)):
            if self.sqlite:
                with self._writer, self.engine.begin() as connection:
                    yield connection
            else:
                with self.engine.begin() as connection:
                    yield connection

    @property
    def driver_error(self) -> type[Exception]:
        """What the driver raises where SQLAlchemy isn't between."""
        found: type[Exception] = self.engine.dialect.loaded_dbapi.Error
        return found

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


@contextmanager
def translated(address: str) -> Iterator[None]:
    """Turn a driver's connection, disk and schema errors into `Unavailable`, which says what to do."""
    try:
        yield
    except PoolTimeout as error:
        raise Unavailable(f"The database {address} gave no connection in time.", next_step="Lower IDM_THREADS, or try again.") from error
    except (OperationalError, InterfaceError) as error:
        text = str(error.orig).strip().splitlines()[0] if error.orig else "no reason given"
        raise Unavailable(f"The database {address} can't be used: {text}.", next_step=_advice(text)) from error
    except DBAPIError as error:
        text = str(error.orig).strip().splitlines()[0] if error.orig else ""
        if "does not exist" in text and "relation" in text:
            raise Unavailable(f"The database {address} has no tables yet.", next_step="Run `idm db upgrade`.") from error
        if "malformed" in text or "not a database" in text:
            raise Unavailable(f"The database file is damaged: {text}.", next_step="Restore it from a back-up.") from error
        raise


def _advice(text: str) -> str:
    if "no such table" in text:
        return "Run `idm init` for a new installation, or `idm db upgrade`."
    if "unable to open" in text:
        return "Check that IDM_HOME exists and may be written; `idm init` makes it."
    if "readonly" in text or "full" in text:
        return "Make the disk writable, or make room on it; nothing was half-written."
    return "`idm doctor` shows what can be reached."


def _sqlite(url: str, pool: int) -> Engine:
    engine = create_engine(
        url, hide_parameters=True, pool_size=pool, max_overflow=pool, connect_args={"timeout": 20, "check_same_thread": False}
    )

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, record: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=20000", "cache_size=-16000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get(READ)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def _postgresql(url: str, pool: int) -> Engine:
    waits = "-c statement_timeout=30000 -c lock_timeout=10000 -c idle_in_transaction_session_timeout=60000"
    return create_engine(
        url,
        # An error's text would tell what was being written, and it goes to logs.
        hide_parameters=True,
        pool_size=pool,
        max_overflow=pool,
        pool_recycle=1800,
        connect_args={"options": waits, "connect_timeout": 5, "application_name": "idm"},
    )
