"""Day one: which steps decide it, and which put it at risk."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from idm.domain.case import Case, CaseState, Document, DocumentState, StepState
from idm.domain.day_one import at_risk, decides_day_one, missing_for_day_one
from idm.domain.journey import START, Actor, Paper
from tests.support.cases import FACTS, NOW, graph, new_case

START_DAY = FACTS.start_date
TODAY = date(2026, 11, 23)
DECIDES = {"appoint", "account", "rights", "directory_rights", "opening", "open_account"}


def put(case: Case, state: StepState, *steps: str) -> Case:
    """The case with those steps in that state."""
    return replace(case, steps={**case.steps, **{step: replace(case.steps[step], state=state) for step in steps}})


def risk(case: Case, today: date = TODAY, **dues: date) -> tuple[str, ...]:
    """What endangers the first day of `case`."""
    return at_risk(case, graph(case), today, dues)


def test_what_opens_and_all_that_it_needs_decides_and_nothing_else() -> None:
    case = new_case()

    assert decides_day_one(graph(case)) == DECIDES


def test_what_is_done_and_what_only_that_needed_is_missing_no_more() -> None:
    case = put(new_case(by_itself=True), StepState.DONE, "directory_rights")

    assert missing_for_day_one(case, graph(case)) == {"opening", "open_account"}


def test_a_paper_that_is_waived_or_renewed_in_time_is_not_missing() -> None:
    permit = Paper("permit", Actor.PAY, (START,), watch=60)
    case = put(new_case(by_itself=True, wanted=(permit,)), StepState.DONE, "rights", "account")
    needing = replace(graph(case)["open_account"], needs=("opening", "directory_rights", "review-permit"))
    drawn = replace(graph(case), steps={**graph(case).steps, "open_account": needing})

    assert {"document-permit", "review-permit"} <= missing_for_day_one(case, drawn)
    assert "review-permit" not in missing_for_day_one(replace(case, waived=("permit",)), drawn)
    held = Document(DocumentState.WANTED, expires=START_DAY)
    assert "review-permit" not in missing_for_day_one(replace(case, documents={"permit": held}), drawn)


def test_a_hire_in_good_time_is_safe() -> None:
    assert risk(new_case(by_itself=True), rights=TODAY) == ()


def test_an_overdue_task_that_decides_day_one_endangers_it_and_another_does_not() -> None:
    case = new_case(by_itself=True)
    yesterday = TODAY - timedelta(1)

    assert risk(case, rights=yesterday) == ("rights",)
    assert risk(case, **{"document-contract": yesterday}) == ()


def test_a_task_that_need_not_be_done_before_the_first_day_endangers_it() -> None:
    assert risk(new_case(by_itself=True), rights=START_DAY) == ("rights",)


def test_a_refusal_endangers_day_one_at_any_time() -> None:
    assert risk(put(new_case(by_itself=True), StepState.REFUSED, "account")) == ("account",)


def test_what_is_missing_when_the_day_has_come_endangers_it_the_calendar_does_not() -> None:
    case = new_case(by_itself=True)

    assert risk(case, START_DAY - timedelta(1)) == ()
    assert risk(case, START_DAY) == ("rights",)
    assert set(risk(case, START_DAY + timedelta(1))) == {"account", "rights", "directory_rights", "open_account"}


@pytest.mark.parametrize("state", [StepState.RETRY, StepState.UNKNOWN, StepState.WAITING])
def test_an_opening_that_a_target_holds_up_on_the_day_endangers_it(state: StepState) -> None:
    case = put(new_case(by_itself=True), StepState.DONE, "rights", "account", "directory_rights", "opening")

    assert risk(put(case, StepState.RUNNING, "open_account"), START_DAY) == ()
    assert risk(put(case, state, "open_account"), START_DAY) == ("open_account",)


@pytest.mark.parametrize("state", [CaseState.COMPLETED, CaseState.CANCELLED])
def test_nothing_endangers_a_case_that_is_over(state: CaseState) -> None:
    case = replace(new_case(by_itself=True), state=state)

    assert risk(case, START_DAY + timedelta(30), rights=TODAY) == ()
    assert case.steps["rights"].since == NOW
