"""Working days: counting days on which the offices are open. Weekends never are; which other days aren't is told from outside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

_DAY = timedelta(days=1)
_SATURDAY = 5
FARTHEST = 3660
"""Days after which a search gives up: a calendar without a working day in ten years is a mistake, not a calendar."""


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """A calendar. `closed(day)` says whether a weekday is a closing day: a public holiday, or one of the municipality's own."""

    closed: Callable[[date], bool]

    def is_open(self, day: date) -> bool:
        """Whether `day` is a working day."""
        return day.weekday() < _SATURDAY and not self.closed(day)

    def on_or_after(self, day: date) -> date:
        """`day` itself if it is a working day, else the next one."""
        return self._search(day, _DAY)

    def on_or_before(self, day: date) -> date:
        """`day` itself if it is a working day, else the last one before it."""
        return self._search(day, -_DAY)

    def add(self, day: date, days: int) -> date:
        """The working day that lies `days` working days after `day` (before it, if negative).

        0 answers `day` or, if it is a closing day, the next working day. So `add(Friday, 1)` and `add(Saturday, 1)` are both Monday.
        """
        if days == 0:
            return self.on_or_after(day)
        step = _DAY if days > 0 else -_DAY
        for _ in range(abs(days)):
            day = self._search(day + step, step)
        return day

    def between(self, first: date, last: date) -> int:
        """How many working days lie after `first` up to and with `last`; negative if `last` is before `first`."""
        if last < first:
            return -self.between(last, first)
        return sum(self.is_open(first + timedelta(days=index)) for index in range(1, (last - first).days + 1))

    def _search(self, day: date, step: timedelta) -> date:
        for _ in range(FARTHEST):
            if self.is_open(day):
                return day
            day += step
        raise ValueError("the calendar has no working day within ten years")
