"""What a case waits for by date: timer steps, and what of its papers lapses, ends or is waited for no longer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from idm.domain import papers
from idm.domain.case import CaseState
from idm.domain.journey import START, Actor, Paper
from idm.domain.timers import falls, midnight, timers
from tests.support.cases import FACTS, NOW, graph, new_case


def test_a_day_begins_at_midnight_in_denmark_in_summer_and_winter() -> None:
    assert midnight(date(2027, 1, 4)) == datetime(2027, 1, 3, 23, tzinfo=UTC)
    assert midnight(date(2027, 7, 4)) == datetime(2027, 7, 3, 22, tzinfo=UTC)


def test_a_timer_waits_for_its_fact_and_for_nothing_where_there_is_none() -> None:
    case = new_case(by_itself=True)

    assert dict(timers(case, graph(case))) == {"opening": midnight(FACTS.start_date)}
    assert falls(case, "end_date") is None
    assert falls(replace(case, facts=replace(FACTS, end_date=date(2027, 6, 30))), "end_date") == midnight(date(2027, 6, 30))


def test_a_timer_that_fell_is_waited_for_no_more() -> None:
    case = new_case(by_itself=True)

    fallen = papers.fall(case, graph(case), "opening", NOW)

    assert fallen.steps["opening"].state == "done"
    assert dict(timers(fallen, graph(fallen))) == {}


def test_a_permit_that_nobody_accepted_yet_ends_never() -> None:
    case = new_case(by_itself=True, wanted=(Paper("permit", Actor.PAY, (START,), watch=60),))

    assert set(dict(timers(case, graph(case)))) == {"opening"}


def test_a_cancelled_case_waits_only_for_what_its_steps_wait_for() -> None:
    case = replace(new_case(by_itself=True, wanted=(Paper("proof", Actor.PAY, waive=3),)), state=CaseState.CANCELLED)

    assert set(dict(timers(case, graph(case)))) == {"opening"}
