"""The days that the demo speaks of, relative to the installation's clock: "today-12d", "first+2y", "start+120d"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

_SAID = re.compile(r"(today|first|second|start)(?:([+-]\d+)([dy]))?")


@dataclass(frozen=True, slots=True)
class Dates:
    """The day on which the demo begins, and the two on which most people start: the first of a coming month, and a fortnight later."""

    today: date
    first: date
    second: date

    def of(self, said: str, start: date | None = None) -> date:
        """The day that `said` means; "start" is `start`. Raises ValueError for anything else."""
        found = _SAID.fullmatch(said)
        days = {"today": self.today, "first": self.first, "second": self.second, "start": start}
        day = days[found[1]] if found else None
        if found is None or day is None:
            raise ValueError(f"no day is called {said!r} in the demo")
        amount = int(found[2] or 0)
        return day.replace(year=day.year + amount) if found[3] == "y" else day + timedelta(days=amount)


def dates_after(today: date) -> Dates:
    """Start dates that leave at least three weeks, as real hires do."""
    later = today + timedelta(days=21)
    first = (later.replace(day=1) + timedelta(days=32)).replace(day=1)
    return Dates(today, first, first + timedelta(days=14))
