from __future__ import annotations

from datetime import date, timedelta

import pytest

from idm.demo.dates import dates_after

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize("today", [TODAY + timedelta(days=days) for days in range(0, 370, 9)])
def test_people_start_on_two_days_at_least_three_weeks_ahead(today: date) -> None:
    dates = dates_after(today)
    assert timedelta(days=21) <= dates.first - today <= timedelta(days=60)
    assert dates.first.day == 1 and dates.second.day == 15


def test_days_are_said_relative_to_those_that_are_known() -> None:
    dates = dates_after(TODAY)
    assert dates.of("today") == TODAY
    assert dates.of("today-12d") == date(2026, 11, 11)
    assert dates.of("first+2y") == date(2029, 1, 1)
    assert dates.of("start+120d", date(2027, 1, 15)) == date(2027, 5, 15)


@pytest.mark.parametrize("said", ["", "tomorrow", "start", "start+1d", "first+2w", "first + 2d"])
def test_no_other_day_is_known(said: str) -> None:
    with pytest.raises(ValueError, match="no day is called"):
        dates_after(TODAY).of(said)
