"""Connections: SQLite with one writer at a time, PostgreSQL with bounded waits, and one way to say that neither can be had."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import ConnectionPoolEntry

from idm.errors import Damaged, Unavailable
from idm.store.trouble import damaged, translated

READ = "idm_read"


class Database:
    """An engine, and how to read and write through it. `sqlite` tells which dialect it speaks.

    `trouble` is why it could not be used the last time, until something can be written again.
    """

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
        self.trouble: Unavailable | None = None
        self._written = self._checked = float("-inf")

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for reads: a snapshot on SQLite, one statement at a time on PostgreSQL."""
        with translated(self.url, self._remember):
            if self.sqlite:
                with self.engine.connect().execution_options(**{READ: True}) as connection:
                    yield connection
            else:
                with self.auto.connect() as connection:
                    yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction for writes. On SQLite the writers of this process queue on a lock before the file's own."""
        with translated(self.url, self._remember, writing=True):
            if self.sqlite:
                with self._writer, self.engine.begin() as connection:
                    yield connection
            else:
                with self.engine.begin() as connection:
                    yield connection
        self._written = time.monotonic()
        if not isinstance(self.trouble, Damaged):
            self.trouble = None

    def _remember(self, error: Unavailable) -> None:
        self.trouble = error

    def try_writing(self, every: float = 5.0) -> Unavailable | None:
        """Why it can't be written now, None if it can. It writes a moment of its own, if nothing else was written for `every` seconds.

        Damage that was met stays until a look at every page finds none; such a look is taken twice a minute at most.
        """
        now = time.monotonic()
        if isinstance(self.trouble, Damaged):
            if now - self._checked > 30.0:
                self._checked = now
                self.trouble = self.quick_check()
            return self.trouble
        if self.trouble is None and now - self._written < every:
            return None
        try:
            with self.writing() as connection:
                statement = "insert into settings (name, value) values ('written', :now) on conflict (name) do update set value = :now"
                connection.execute(text(statement), {"now": str(time.time_ns())})
        except Unavailable as error:
            return error
        return self.trouble

    def quick_check(self) -> Unavailable | None:
        """What SQLite finds wrong with its file when it looks at every page; None if nothing. PostgreSQL looks after itself."""
        if not self.sqlite:
            return None
        try:
            with self.reading() as connection:
                found = [str(row[0]) for row in connection.exec_driver_sql("pragma quick_check(5)")]
        except Unavailable as error:
            return error
        if found == ["ok"]:
            return None
        return damaged(self.url, "; ".join(line for lines in found for line in lines.splitlines()[:3]))

    @property
    def driver_error(self) -> type[Exception]:
        """What the driver raises where SQLAlchemy isn't between."""
        found: type[Exception] = self.engine.dialect.loaded_dbapi.Error
        return found

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


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
