"""The store as flows see it: reads, queues, transactions, and the one-statement commit of a case."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import PoolProxiedConnection

from idm.errors import Unavailable
from idm.ports_store import Writer
from idm.rows import Commit
from idm.store import casework
from idm.store.decisions import DecisionReads
from idm.store.directory import Directory
from idm.store.doors import Doors
from idm.store.engine import Database
from idm.store.hand_in import HandInReads, closed_forms
from idm.store.lists import ListReads
from idm.store.notices import Notices
from idm.store.people_search import PeopleSearch
from idm.store.powers import PowerReads
from idm.store.reads import Reads
from idm.store.runs import Runs
from idm.store.seals import Seals
from idm.store.trouble import translated
from idm.store.writer import SqlWriter


class SqlStore(Reads, Runs, Directory, PeopleSearch, Seals, PowerReads, Notices, Doors, ListReads, DecisionReads, HandInReads):
    """`idm.ports.Store` on SQLite or PostgreSQL."""

    def __init__(self, database: Database, decrypt: Callable[[str], str]) -> None:
        super().__init__(database, decrypt)
        self._listener: PoolProxiedConnection | None = None
        self._listening = threading.Lock()

    @contextmanager
    def write(self) -> Iterator[Writer]:
        """See the protocol."""
        with self.database.writing() as connection:
            writer = SqlWriter(connection, sqlite=self.database.sqlite)
            yield writer
            if writer.woke:
                writer.notify()
        if writer.woke:
            self.database.ready.set()

    def commit(self, commit: Commit) -> bool:
        """See the protocol."""
        if commit.notices or closed_forms(commit):
            with self.write() as writer:
                return writer.commit_case(commit)
        if self.database.sqlite:
            with self.database.writing() as connection:
                done = casework.write(connection, commit, sqlite=True)
        else:
            with self.database.reading() as connection:
                done = casework.write(connection, commit, sqlite=False)
        if done and casework.wakes(commit):
            self.database.ready.set()
        return done

    def wait(self, seconds: float) -> None:
        """See the protocol. On PostgreSQL every process hears of every commit; on SQLite other processes' are found by looking."""
        if self.database.sqlite:
            self.database.ready.wait(min(seconds, 0.1))
            self.database.ready.clear()
            return
        with self._listening, translated(self.database.url):
            connection = self._listen()
            try:
                for _ in connection.notifies(timeout=seconds, stop_after=1):
                    pass
            except self.database.driver_error as error:
                self._stop_listening()
                raise Unavailable("The database ended the connection.", next_step="`idm doctor` shows what can be reached.") from error

    def _listen(self) -> Any:
        """The connection that hears of commits, made anew when it was lost."""
        held = self._listener.driver_connection if self._listener is not None else None
        if held is None or held.closed:
            self._stop_listening()
            self._listener = self.database.engine.raw_connection()
            held = self._listener.driver_connection
            if held is None:
                raise Unavailable("The database gave no connection to listen on.", next_step="`idm doctor` shows what can be reached.")
            held.autocommit = True
            held.execute("listen idm_wake")
        return held

    def close(self) -> None:
        """Give every connection back and close them."""
        with self._listening:
            self._stop_listening()
        self.database.close()

    def _stop_listening(self) -> None:
        if self._listener is not None:
            self._listener.invalidate()
            self._listener = None
