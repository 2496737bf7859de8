"""What every embedded target system is made of: a journal of its effects, failures on order, and a life of its own.

A system writes each operation it was asked for into its `Journal`, asks its `Failures` once per operation whether
it shall misbehave, and is started and stopped as a `Service`.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from idm.errors import BadInput, Fault

MODES = ("refuse", "timeout-before", "timeout-after", "slow", "down")
"""The ways a system can be told to fail. The first three concern writes only."""

OPS = ("create", "update", "enable", "disable", "grant", "revoke", "end", "delete", "post")
"""What an entry of a journal can say was asked for."""

RESULTS = ("applied", "unchanged", "refused")
"""What an entry of a journal can say came of it."""

_WRITES_ONLY = frozenset({"refuse", "timeout-before", "timeout-after"})

_SCHEMA = """
create table if not exists journal (
    seq integer primary key autoincrement,
    at text not null,
    op text not null,
    key text not null,
    effect_key text not null,
    result text not null
)
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a journal: `seq` counts from 1 in its system, `at` is the aware time in UTC, ISO 8601."""

    seq: int
    at: str
    op: str
    key: str
    effect_key: str
    result: str

    def as_json(self, system: str) -> dict[str, str | int]:
        """The line as the outside contract has it, with the name of its system."""
        return {
            "seq": self.seq,
            "at": self.at,
            "system": system,
            "op": self.op,
            "key": self.key,
            "effect_key": self.effect_key,
            "result": self.result,
        }


class Journal:
    """What one system was asked to do and what came of it: an append-only table in an SQLite file, safe for threads.

    Every entry is written before the answer leaves, and outlives a `kill -9` of the process.
    """

    def __init__(self, path: Path) -> None:
        """Open the journal at `path`; the file is made if there is none."""
        self._lock = threading.RLock()
        self._depth = 0
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
        # WAL with NORMAL survives the death of the process; only a power cut could lose the last entries.
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = normal")
        self._db.execute(_SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """One transaction on the journal's file; nested uses join the outer one.

        A system that keeps its records in the same file changes them here, so that an effect and its entry are
        committed together or not at all. An exception rolls everything back.
        """
        with self._lock:
            if self._depth == 0:
                self._db.execute("begin immediate")
            self._depth += 1
            try:
                yield self._db
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    self._db.execute("rollback")
                raise
            self._depth -= 1
            if self._depth == 0:
                self._db.execute("commit")

    def record(self, op: str, key: str, effect_key: str, result: str) -> None:
        """Append one entry. `key` and `effect_key` are idm's and hold no personal data. Raises ValueError for an unknown op or result."""
        if op not in OPS:
            raise ValueError(f"unknown operation {op!r}; known: {', '.join(OPS)}")
        if result not in RESULTS:
            raise ValueError(f"unknown result {result!r}; known: {', '.join(RESULTS)}")
        at = datetime.now(UTC).isoformat(timespec="microseconds")
        with self.transaction() as db:
            db.execute(
                "insert into journal (at, op, key, effect_key, result) values (?, ?, ?, ?, ?)",
                (at, op, key, effect_key, result),
            )

    def entries(self, after: int = 0) -> list[Entry]:
        """All entries whose `seq` is greater than `after`, oldest first."""
        with self._lock:
            rows = self._db.execute(
                "select seq, at, op, key, effect_key, result from journal where seq > ? order by seq", (after,)
            ).fetchall()
        return [Entry(*row) for row in rows]

    def close(self) -> None:
        """Close the file. The journal can't be used afterwards."""
        with self._lock:
            self._db.close()


@dataclass(frozen=True, slots=True)
class Failure:
    """How one operation shall fail: `refuse`, `timeout-before`, `timeout-after`, `slow` (after `seconds`) or `down`.

    `over` is set when the system is told otherwise: what is slow by then needn't be any longer.
    """

    mode: str
    seconds: float
    over: threading.Event = field(default_factory=threading.Event, compare=False, repr=False)


class Failures:
    """The failure a system is told to show now, if any. Safe for threads, can be changed while the system runs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failure: Failure | None = None
        self._left: int | None = None
        self._over = threading.Event()
        self._listeners: list[Callable[[], None]] = []

    def set(self, mode: str, times: int | None, seconds: float) -> None:
        """Show `mode` for the next `times` operations it concerns, or until `clear` if None; `seconds` is for `slow`.

        Raises BadInput for an unknown mode, a count below 1 or a negative duration.
        """
        faults = []
        if mode not in MODES:
            faults.append(Fault("mode", "known", f"{mode!r} is no failure mode; known: {', '.join(MODES)}"))
        if times is not None and times < 1:
            faults.append(Fault("times", "positive", "the number of times must be 1 or more"))
        if not 0 <= seconds <= 3600:
            faults.append(Fault("seconds", "range", "the duration must be between 0 and 3600 seconds"))
        if faults:
            raise BadInput("The failure can't be set.", faults=faults, next_step="Correct the values and try again.")
        self._change(Failure(mode, seconds), times)

    def clear(self) -> None:
        """Work as usual again, what is slow now included."""
        self._change(None, None)

    def release(self) -> None:
        """Let what is slow now go on; what the system is told to show stays as it is."""
        with self._lock:
            self._over.set()

    def take(self, writes: bool) -> Failure | None:
        """The failure that applies to one operation, counted down. Call exactly once per operation.

        `refuse`, `timeout-before` and `timeout-after` apply to operations that write; `slow` and `down` to all.
        """
        with self._lock:
            failure = self._failure
            if failure is None or (failure.mode in _WRITES_ONLY and not writes):
                return None
            if self._left is not None:
                self._left -= 1
                if self._left == 0:
                    self._failure = self._left = None
            return failure

    def is_down(self) -> bool:
        """Whether the system as a whole shall be away until told otherwise: take no connection and end the open ones.

        A counted `down` (`times` given) is not this: it closes the connection of each operation that `take`s it.
        """
        with self._lock:
            return self._failure is not None and self._failure.mode == "down" and self._left is None

    def current(self) -> tuple[Failure, int | None] | None:
        """The failure that is set now and how many times it is left (None: until cleared); None if all is well."""
        with self._lock:
            return None if self._failure is None else (self._failure, self._left)

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Have `listener` called, in the thread that made the change, after every `set` and `clear`."""
        with self._lock:
            self._listeners.append(listener)

    def _change(self, failure: Failure | None, times: int | None) -> None:
        with self._lock:
            # Kept apart: a failure that was counted down to its end is forgotten while an operation still shows it.
            self._over.set()
            self._failure, self._left = failure, times
            if failure is not None:
                self._over = failure.over
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener()


class Service(Protocol):
    """An embedded target system: its name, and how it is started and stopped. It runs in a thread of its own."""

    system: str

    def start(self) -> str:
        """Open the port, begin to serve, and answer the URL. Raises `idm.errors.Unavailable` if the port can't be had."""
        ...

    def stop(self) -> None:
        """End the open connections, close the port, and return when all is done. The journal is its owner's to close."""
        ...
