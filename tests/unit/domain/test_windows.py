"""A day on which rights begin or end, in each state that the step which grants them may be in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from idm.domain.case import Case, CaseState, HireFacts, Step, StepState
from idm.domain.grants import Grant
from idm.domain.journey import Journey, Source, StepDef, StepKind
from idm.domain.papers import fall
from idm.domain.timers import midnight, timers
from idm.domain.windows import cross

NOW = datetime(2027, 2, 1, 8, tzinfo=UTC)
DAY = date(2027, 2, 1)
JOURNEY = Journey(
    "hire",
    "dk.idm.hire",
    (
        StepDef("account", StepKind.AUTOMATIC, system="ldap", resources=("account",)),
        StepDef("rights", StepKind.AUTOMATIC, ("account",), system="ldap", resources=("rights",)),
    ),
    Source("journeys/hire.yaml", 1, "x"),
)


def case(rights: StepState, **more: Any) -> Case:
    steps = {"account": Step(StepState.DONE, NOW), "rights": Step(rights, NOW, 2)}
    made = Case("c", "p", "e", "hire", "x", HireFacts("u", "t", date(2027, 1, 4)), (), steps)
    grants = {"a": Grant(start=DAY, until=date(2027, 2, 28)), "b": Grant("r")}
    return replace(made, grants=grants, rights_seen=date(2027, 1, 1), **more)


GRAPH = case(StepState.DONE).graph(JOURNEY)


def test_each_border_is_a_timer_until_it_was_worked() -> None:
    before = case(StepState.DONE)
    assert dict(timers(before, GRAPH)) == {"rights@2027-02-01": midnight(DAY), "rights@2027-03-01": midnight(date(2027, 3, 1))}
    after = fall(before, GRAPH, "rights@2027-02-01", NOW)
    assert dict(timers(after, GRAPH)) == {"rights@2027-03-01": midnight(date(2027, 3, 1))}
    assert fall(after, GRAPH, "rights@2027-02-01", NOW) is after


@pytest.mark.parametrize("state", [CaseState.COMPLETED, CaseState.WAITING])
def test_what_was_done_is_worked_again(state: CaseState) -> None:
    crossed = cross(case(StepState.DONE, state=state), GRAPH, DAY, NOW)
    assert (crossed.steps["rights"].state, crossed.steps["rights"].round) == (StepState.READY, 2)
    assert crossed.steps["account"].state is StepState.DONE
    assert (crossed.state, crossed.rights_seen) == (CaseState.RUNNING, DAY)


@pytest.mark.parametrize("state", [StepState.RUNNING, StepState.UNKNOWN])
def test_what_is_under_way_is_worked_once_more(state: StepState) -> None:
    crossed = cross(case(state), GRAPH, DAY, NOW)
    assert (crossed.steps["rights"].state, crossed.steps["rights"].round) == (state, 2)


@pytest.mark.parametrize("state", [StepState.READY, StepState.RETRY, StepState.PENDING, StepState.REFUSED])
def test_what_is_still_to_be_worked_reads_the_day_by_itself(state: StepState) -> None:
    crossed = cross(case(state), GRAPH, DAY, NOW)
    assert crossed.steps["rights"].round == 1 and crossed.rights_seen == DAY


def test_a_cancelled_case_or_another_day_changes_nothing() -> None:
    cancelled = case(StepState.DONE, state=CaseState.CANCELLED)
    assert cross(cancelled, GRAPH, DAY, NOW) is cancelled
    going = case(StepState.DONE)
    assert cross(going, GRAPH, date(2027, 2, 2), NOW) is going
