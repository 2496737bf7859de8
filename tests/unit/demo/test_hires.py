from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from idm.demo import hires
from idm.demo.dates import dates_after
from idm.demo.expected import Ending
from idm.domain.cpr import birth_date
from idm.domain.people import Cpr
from idm.errors import BadInput
from idm.inputs.departure_events import check_event
from idm.inputs.events import check_hire

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
ALL = hires.hires(dates_after(TODAY))


def faults(hire: hires.Hire) -> set[str]:
    try:
        check_hire(hires.event(hire, NOW), TODAY)
    except BadInput as refused:
        return {fault.path for fault in refused.faults}
    return set()


def test_there_are_sixty_events_in_order() -> None:
    assert [hire.number for hire in ALL] == list(range(1, 61))
    assert sum(hire.taken for hire in ALL) == 47
    assert sum(hire.expected.ends is Ending.REFUSED for hire in ALL) == 12


@pytest.mark.parametrize("hire", [hire for hire in ALL if hire.taken], ids=lambda hire: str(hire.number))
def test_every_event_that_must_be_taken_is_sound(hire: hires.Hire) -> None:
    assert faults(hire) == set()


@pytest.mark.parametrize("hire", [hire for hire in ALL if hire.expected.ends is Ending.REFUSED], ids=lambda hire: str(hire.number))
def test_an_event_that_must_be_refused_is_wrong_in_nothing_else(hire: hires.Hire) -> None:
    assert faults(hire) <= set(hire.expected.because.split())


@pytest.mark.parametrize("today", [TODAY + timedelta(days=days) for days in range(0, 800, 37)])
def test_ages_hold_whenever_the_demo_is_played(today: date) -> None:
    by_number = {hire.number: hire for hire in hires.hires(dates_after(today))}
    for number, age in ((19, 16), (20, 17), (50, 12)):
        hire = by_number[number]
        born = birth_date(Cpr(hire.cpr))
        assert born is not None
        assert hire.start.year - born.year - ((hire.start.month, hire.start.day) < (born.month, born.day)) == age


def test_the_replay_is_the_same_event_and_one_id_comes_with_other_content() -> None:
    first, again, honest, changed = (ALL[number - 1] for number in (1, hires.REPLAY, 14, 46))
    assert (first.id, first.cpr, first.start) == (again.id, again.cpr, again.start)
    assert honest.id == changed.id and honest.hours != changed.hours


@pytest.mark.parametrize("hire", [hire for hire in ALL if hire.answers.changes], ids=lambda hire: str(hire.number))
def test_what_changes_later_is_told_in_sound_events(hire: hires.Hire) -> None:
    told = check_event(hires.change(hire, NOW), TODAY)
    assert told.subject == hire.id and told.source == hire.source
    assert hire.taken


def test_a_moved_start_is_the_one_that_holds() -> None:
    moved = next(hire for hire in ALL if hire.answers.changes and hire.answers.changes[0] == "start_date")
    assert moved.told_start < moved.start
    assert hires.event(moved, NOW)["data"]["employment"]["start_date"] == moved.told_start.isoformat()
    assert hires.change(moved, NOW)["data"]["employment"]["start_date"] == moved.start.isoformat()
    with pytest.raises(ValueError, match="nothing changes"):
        hires.change(ALL[0], NOW)
