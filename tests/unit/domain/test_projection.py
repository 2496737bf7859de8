from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from idm.domain import transitions
from idm.domain.case import StepState
from idm.domain.journey import Journey, StepDef, StepKind
from idm.domain.projection import LaneWork, lane_work, task_id, tasks, tasks_changed
from idm.domain.timers import falls, timers
from tests.support.cases import FACTS, HIRE, MACHINE, NOW, approval, graph, new_case

DUE = MACHINE + timedelta(minutes=5)


def test_a_task_says_what_is_asked_of_whom_about_what() -> None:
    case = new_case(by_itself=True)
    found = tasks(case, graph(case))

    assert sorted(found) == ["c-1.appoint.1", "c-1.document-contract.1", "c-1.document-photo.1", "c-1.rights.1"]
    photo = found["c-1.document-photo.1"]
    assert (photo.kind, photo.state, photo.actor, photo.document, photo.unit, photo.person) == (
        "document",
        "open",
        "hire",
        "photo",
        "school",
        "p-1",
    )
    assert found["c-1.appoint.1"].state == "done"
    assert found["c-1.rights.1"].id == task_id("c-1", "rights", 1)


def test_a_return_ends_the_task_and_opens_one_of_the_next_round() -> None:
    case = new_case(by_itself=True)
    handed = transitions.hand_in(case, graph(case), "photo", "doc", "f.png", NOW)
    back = transitions.send_back(handed, graph(case), "review-photo", "too dark", NOW)

    changed = {task.id: (task.state, task.reason) for task in tasks_changed(handed, back, graph(case))}
    assert changed == {"c-1.document-photo.2": ("open", "too dark"), "c-1.review-photo.1": ("done", "")}


def test_a_cancel_withdraws_the_open_tasks() -> None:
    case = new_case(by_itself=True)
    cancelled = transitions.cancel(case, HIRE, ("ldap",), NOW)

    states = {task.id: task.state for task in tasks_changed(case, cancelled, graph(cancelled))}
    assert states["c-1.rights.1"] == states["c-1.document-photo.1"] == "withdrawn"
    assert "c-1.form.1" in states


def test_nothing_changed_is_no_rows() -> None:
    case = new_case()
    assert tasks_changed(case, case, graph(case)) == []
    assert [task.id for task in tasks_changed(None, case, graph(case))] == ["c-1.appoint.1"]


def test_a_lane_is_due_with_its_earliest_step() -> None:
    case = new_case(by_itself=True)
    whole = graph(case)
    assert lane_work(case, whole) == {"ldap": LaneWork("ldap", None), "shared": LaneWork("shared", None)}

    running = transitions.start(case, "profile", NOW)
    later = transitions.postpone(running, whole, "profile", StepState.RETRY, DUE, "busy", NOW)
    assert lane_work(later, whole)["shared"] == LaneWork("shared", None)

    both = transitions.start(later, "mailbox", NOW)
    assert lane_work(both, whole)["shared"].due is None
    for until, due in ((DUE - timedelta(1), DUE - timedelta(1)), (DUE + timedelta(1), DUE)):
        put_off = transitions.postpone(both, whole, "mailbox", StepState.UNKNOWN, until, "?", NOW)
        assert lane_work(put_off, whole)["shared"] == LaneWork("shared", due)

    refused = transitions.refuse(both, whole, "mailbox", "no", NOW)
    assert lane_work(refused, whole)["shared"] == LaneWork("shared", DUE)


@pytest.mark.parametrize(
    ("day", "moment"),
    [
        (date(2027, 1, 4), datetime(2027, 1, 3, 23, tzinfo=UTC)),
        (date(2027, 6, 1), datetime(2027, 5, 31, 22, tzinfo=UTC)),
        (date(2027, 3, 28), datetime(2027, 3, 27, 23, tzinfo=UTC)),
        (date(2027, 10, 31), datetime(2027, 10, 30, 22, tzinfo=UTC)),
    ],
)
def test_a_timer_falls_at_midnight_in_denmark_in_winter_and_summer(day: date, moment: datetime) -> None:
    case = new_case(by_itself=True, facts=replace(FACTS, start_date=day))

    assert [(step, at.astimezone(UTC)) for step, at in timers(case, graph(case))] == [("opening", moment)]


def test_a_timer_for_a_date_that_the_case_does_not_have_waits_on() -> None:
    journey = Journey("x", "x.y", (StepDef("ending", StepKind.TIMER, until="end_date"),))
    case = transitions.begin(case="c", person="p", employment="e", journey=journey, facts=FACTS, wanted=(), by_itself={}, now=NOW)

    assert case.steps["ending"].state is StepState.WAITING
    assert list(timers(case, case.graph(journey))) == []
    assert falls(case, "end_date") is None
    ends = replace(case, facts=replace(FACTS, end_date=date(2027, 6, 30)))
    assert [(step, at.date()) for step, at in timers(ends, ends.graph(journey))] == [("ending", date(2027, 6, 30))]


def test_a_decided_task_is_done() -> None:
    case = new_case()
    decided = transitions.decide(case, graph(case), "appoint", approval(), NOW)
    assert tasks(decided, graph(case))["c-1.appoint.1"].state == "done"
