"""A clock that tests set by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from idm.domain.timers import HOME

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""The business time at which a test begins: a Monday six weeks before the invented hires start."""


class ManualClock:
    """`idm.ports.Clock`. Both times stand still until they are moved; with `ticking`, machine time goes on like the real one."""

    def __init__(self, now: datetime = START, *, ticking: bool = False) -> None:
        self._now = now
        self._began = datetime.now(UTC)
        self._passed = timedelta(0)
        self.ticking = ticking

    def now(self) -> datetime:
        """See the protocol."""
        return self._now

    def today(self) -> date:
        """See the protocol."""
        return self._now.astimezone(HOME).date()

    def machine(self) -> datetime:
        """See the protocol. It begins at the real time, because rows that the store dates by itself are compared with it."""
        return (datetime.now(UTC) if self.ticking else self._began) + self._passed

    def set_day(self, day: date, hour: int = 8) -> None:
        """Business time becomes `hour` o'clock in Denmark on `day`."""
        self._now = datetime(day.year, day.month, day.day, hour, tzinfo=HOME).astimezone(UTC)

    def pass_seconds(self, seconds: float) -> None:
        """Machine time goes on by `seconds`."""
        self._passed += timedelta(seconds=seconds)
