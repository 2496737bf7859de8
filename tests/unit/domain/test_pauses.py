from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idm.domain.pauses import Pause, begin, end, pack, unpack, waited
from idm.domain.working_days import WorkingDays
from idm.errors import Conflict

WEEKDAYS = WorkingDays(lambda day: False)
MONDAY = date(2026, 11, 23)


def day(number: int) -> date:
    return MONDAY + timedelta(days=number)


def pause(first: int, last: int, step: str = "", ended: int | None = None) -> Pause:
    return Pause("negotiation", day(first), day(last), "boss", step, None if ended is None else day(ended), "root")


def test_a_pause_ends_by_itself_after_its_last_day() -> None:
    week = pause(0, 4)
    assert [week.runs(day(number)) for number in (-1, 0, 4, 5)] == [False, True, True, False]


def test_one_that_was_ended_counts_up_to_the_day_before() -> None:
    week = pause(0, 4, ended=2)
    assert [week.runs(day(number)) for number in (0, 1, 2, 3)] == [True, True, False, False]
    assert waited([week], "", WEEKDAYS, MONDAY) == 2
    assert waited([pause(0, 4, ended=0)], "", WEEKDAYS, MONDAY) == 0


def test_only_one_pause_of_the_same_runs_at_a_time() -> None:
    pauses = begin((), pause(0, 4))
    with pytest.raises(Conflict, match="waits already, until 2026-11-27"):
        begin(pauses, pause(3, 9))
    assert len(begin(begin(pauses, pause(3, 9, "payroll_form")), pause(5, 9))) == 3


def test_ending_what_does_not_run_is_refused() -> None:
    pauses, ended = end((pause(0, 4), pause(0, 4, "payroll_form")), "payroll_form", day(1))
    assert (ended.ended, pauses[0].ended) == (day(1), None)
    with pytest.raises(Conflict, match="no waiting"):
        end(pauses, "payroll_form", day(1))
    with pytest.raises(Conflict, match="no waiting"):
        end(pauses, "", day(5))


def test_working_days_count_once_from_the_day_that_is_asked_and_weekends_never() -> None:
    pauses = [pause(0, 8), pause(1, 3, "payroll_form"), pause(7, 14, "payroll_form"), pause(0, 99, "other")]
    assert waited(pauses, "payroll_form", WEEKDAYS, MONDAY) == 11
    assert waited(pauses, "payroll_form", WEEKDAYS, day(2)) == 9
    assert waited(pauses, "payroll_form", WEEKDAYS, MONDAY, day(1)) == 2
    assert waited(pauses, "appoint", WEEKDAYS, MONDAY) == 7


spans = st.tuples(st.integers(0, 30), st.integers(0, 30), st.sampled_from(["", "a", "b"]), st.none() | st.integers(0, 30))


@given(st.lists(spans.filter(lambda s: s[0] <= s[1]), max_size=6), st.sampled_from(["a", "b"]), st.integers(0, 30), st.integers(0, 40))
def test_the_count_is_that_of_the_days_on_which_one_of_them_runs(
    drawn: list[tuple[int, int, str, int | None]], step: str, first: int, last: int
) -> None:
    pauses = [pause(*each) for each in drawn]
    by_hand = [
        number
        for number in range(first, last + 1)
        if day(number).weekday() < 5 and any(each.runs(day(number)) for each in pauses if each.step in ("", step))
    ]
    assert waited(pauses, step, WEEKDAYS, day(first), day(last)) == len(by_hand)


@given(spans)
def test_a_pause_comes_back_as_it_was_kept(span: tuple[int, int, str, int | None]) -> None:
    assert unpack(pack(pause(*span))) == pause(*span)
