from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from idm.demo import hires
from idm.errors import BadInput
from idm.inputs.events import check_hire

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize("today", [TODAY + timedelta(days=days) for days in range(0, 370, 9)])
def test_people_start_on_two_days_at_least_three_weeks_ahead(today: date) -> None:
    dates = hires.dates_after(today)
    assert timedelta(days=21) <= dates.first - today <= timedelta(days=60)
    assert dates.first.day == 1 and dates.second.day == 15


def test_every_event_but_the_wrong_one_is_sound() -> None:
    dates = hires.dates_after(TODAY)
    now = datetime(2026, 11, 23, 8, tzinfo=UTC)
    checked = [check_hire(hires.event(hire, dates, now), TODAY) for hire in hires.HIRES]
    assert len({event.id for event in checked}) == len(hires.HIRES) == 10
    assert {event.end_date is None for event in checked} == {True, False}

    with pytest.raises(BadInput) as raised:
        check_hire(hires.wrong_event(dates, now), TODAY)
    assert {fault.path for fault in raised.value.faults} < set(hires.WRONG_PATHS)
