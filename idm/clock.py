"""The clock: business time is machine time plus an offset that the database holds, so that every process agrees."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from idm.domain.timers import HOME

_FRESH = 0.2
"""Seconds for which a process trusts the offset it read."""


class StoredClock:
    """`idm.ports.Clock`. `offset` reads the offset in seconds; None in an installation whose clock can't be set."""

    def __init__(self, offset: Callable[[], float] | None) -> None:
        self._read = offset
        self._offset = timedelta(0)
        self._at = float("-inf")
        self._lock = threading.Lock()

    def machine(self) -> datetime:
        """See the protocol."""
        return datetime.now(UTC)

    def now(self) -> datetime:
        """See the protocol."""
        return self.machine() + self._current()

    def today(self) -> date:
        """See the protocol."""
        return self.now().astimezone(HOME).date()

    def _current(self) -> timedelta:
        if self._read is None:
            return self._offset
        if time.monotonic() - self._at <= _FRESH:
            return self._offset
        # One thread reads; the others go on with what is known, unless nothing is known yet.
        if self._lock.acquire(blocking=self._at == float("-inf")):
            try:
                if time.monotonic() - self._at > _FRESH:
                    self._offset = timedelta(seconds=self._read())
                    self._at = time.monotonic()
            finally:
                self._lock.release()
        return self._offset

    def forget(self) -> None:
        """Read the offset again at the next question."""
        self._at = float("-inf")
