from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idm.domain.deadlines import DeadlinePolicy
from idm.domain.working_days import WorkingDays
from idm.public_holidays import is_public_holiday

POLICY = DeadlinePolicy(closing_days=frozenset({date(2027, 5, 7)}))
DENMARK = WorkingDays(lambda day: is_public_holiday(day) or POLICY.closes(day))
DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))
COUNTS = st.integers(-260, 260)


@pytest.mark.parametrize(
    ("day", "open"),
    [
        ("2026-11-23", True),  # a Monday
        ("2026-11-22", False),  # a Sunday
        ("2024-04-26", True),  # Great Prayer Day is no holiday since 2024
        ("2023-05-05", False),  # and was one until then
        ("2029-06-05", False),  # Constitution Day, a Tuesday: closed by policy
        ("2026-12-24", False),
        ("2026-12-25", False),
        ("2026-12-31", False),
        ("2027-01-01", False),
        ("2027-03-25", False),  # Maundy Thursday
        ("2027-05-06", False),  # Ascension Day
        ("2027-05-07", False),  # a day of the municipality's own
        ("2027-05-10", True),
    ],
)
def test_which_days_are_worked(day: str, open: bool) -> None:
    assert DENMARK.is_open(date.fromisoformat(day)) is open


@pytest.mark.parametrize(
    ("day", "days", "result"),
    [
        ("2026-11-20", 1, "2026-11-23"),  # Friday to Monday
        ("2026-11-21", 1, "2026-11-23"),  # and Saturday to the same
        ("2026-11-23", -1, "2026-11-20"),
        ("2026-11-22", -1, "2026-11-20"),
        ("2026-11-22", 0, "2026-11-23"),
        ("2026-12-23", 1, "2026-12-28"),
        ("2026-12-30", 1, "2027-01-04"),
        ("2027-01-04", -10, "2026-12-15"),  # over Christmas and New Year
        ("2027-03-24", 1, "2027-03-30"),  # over Easter
    ],
)
def test_counting_over_closing_days(day: str, days: int, result: str) -> None:
    assert DENMARK.add(date.fromisoformat(day), days) == date.fromisoformat(result)


@given(DAYS, COUNTS)
def test_a_counted_day_is_never_a_closing_day(day: date, days: int) -> None:
    assert DENMARK.is_open(DENMARK.add(day, days))


@given(DAYS, COUNTS)
def test_there_and_back_again(day: date, days: int) -> None:
    open = DENMARK.on_or_after(day)
    assert DENMARK.add(DENMARK.add(open, days), -days) == open


@given(DAYS, COUNTS)
def test_between_undoes_add(day: date, days: int) -> None:
    open = DENMARK.on_or_after(day)
    assert DENMARK.between(open, DENMARK.add(open, days)) == days


@given(DAYS, DAYS, DAYS)
def test_stretches_add_up(first: date, middle: date, last: date) -> None:
    assert DENMARK.between(first, middle) + DENMARK.between(middle, last) == DENMARK.between(first, last)


@given(DAYS, COUNTS)
def test_a_later_day_is_never_counted_to_an_earlier_one(day: date, days: int) -> None:
    assert DENMARK.add(day, days) <= DENMARK.add(day + timedelta(days=1), days)


def test_a_calendar_without_working_days_is_an_error_and_no_endless_search() -> None:
    with pytest.raises(ValueError, match="no working day"):
        WorkingDays(lambda day: True).add(date(2027, 1, 4), 1)
