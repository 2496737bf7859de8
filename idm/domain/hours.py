"""Hours: when people may be written to. Never at night, and on closing days only where policy says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from idm.domain.working_days import FARTHEST, WorkingDays

HOME = ZoneInfo("Europe/Copenhagen")


@dataclass(frozen=True, slots=True)
class Hours:
    """From one hour of the day in Denmark (included) until another (not included), on working days or on all days."""

    since: int
    until: int
    closing_days: bool = False

    def allow(self, moment: datetime, calendar: WorkingDays) -> bool:
        """Whether people may be written to at `moment`."""
        local = moment.astimezone(HOME)
        return self._on(local.date(), calendar) and self.since <= local.hour < self.until

    def next(self, moment: datetime, calendar: WorkingDays) -> datetime:
        """`moment` if people may be written to then, else the next moment at which they may."""
        if self.allow(moment, calendar):
            return moment
        local = moment.astimezone(HOME)
        day = local.date() + timedelta(days=local.hour >= self.since)
        for _ in range(FARTHEST):
            if self._on(day, calendar):
                return datetime.combine(day, time(self.since), HOME).astimezone(moment.tzinfo)
            day += timedelta(days=1)
        raise ValueError("the calendar has no working day within ten years")

    def _on(self, day: date, calendar: WorkingDays) -> bool:
        return self.closing_days or calendar.is_open(day)
