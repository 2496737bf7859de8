from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idm.domain.hours import HOME, Hours
from idm.domain.working_days import WorkingDays

CALENDAR = WorkingDays(lambda day: day == date(2026, 12, 25))
OFFICE, HIRES = Hours(7, 18), Hours(8, 20, closing_days=True)
MOMENTS = st.timedeltas(timedelta(0), timedelta(days=1461)).map(lambda after: datetime(2026, 1, 1, tzinfo=UTC) + after)


def home(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HOME)


@pytest.mark.parametrize(
    ("hours", "moment", "next"),
    [
        (OFFICE, "2026-11-23T06:59", "2026-11-23T07:00"),
        (OFFICE, "2026-11-23T07:00", "2026-11-23T07:00"),
        (OFFICE, "2026-11-23T17:59", "2026-11-23T17:59"),
        (OFFICE, "2026-11-23T18:00", "2026-11-24T07:00"),
        (OFFICE, "2026-11-20T23:00", "2026-11-23T07:00"),  # Friday night
        (OFFICE, "2026-12-24T19:00", "2026-12-28T07:00"),  # over Christmas
        (HIRES, "2026-11-21T22:30", "2026-11-22T08:00"),  # hires are written to at weekends too
        (HIRES, "2026-11-22T12:00", "2026-11-22T12:00"),
        (HIRES, "2027-03-28T00:30", "2027-03-28T08:00"),  # the night in which summer time begins
    ],
)
def test_when_people_may_be_written_to(hours: Hours, moment: str, next: str) -> None:
    assert hours.next(home(moment), CALENDAR) == home(next)


@given(MOMENTS)
@pytest.mark.parametrize("hours", [OFFICE, HIRES])
def test_the_next_moment_is_allowed_and_never_at_night(hours: Hours, moment: datetime) -> None:
    next = hours.next(moment, CALENDAR)
    assert moment <= next <= moment + timedelta(days=6)
    assert hours.allow(next, CALENDAR)
    assert 7 <= next.astimezone(HOME).hour < 20
