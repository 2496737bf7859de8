"""Departures in the pure domain: what is set back, what stands, and what keeps its state while its answer is out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idm.domain import transitions
from idm.domain.case import Approval, Case, CaseState, Document, DocumentState, HireFacts, Step, StepState
from idm.domain.departures import changed_facts, pass_over, reopen, revise, touched
from idm.domain.journey import CHECK, START, Actor, Journey, Paper, TaskKind, revise_id
from tests.support.cases import FACTS, HIRE, NOW, WANTED, approval, graph, human, new_case

LATER = NOW + timedelta(hours=1)
AGAIN = replace(HIRE, asks_again=(("unit", ("appoint", "form", "rights")), ("weekly_hours", ("form",))))


def done(case: Case, *steps: str, attempts: int = 0) -> Case:
    """The case with these steps done, as if they had been worked or decided."""
    changed = dict(case.steps)
    for step in steps:
        changed[step] = Step(StepState.DONE, NOW, attempts)
    approvals = {**case.approvals, **{step: approval(step) for step in steps if not attempts}}
    return transitions.settle(replace(case, steps=changed, approvals=approvals), graph(case), NOW)


def whole() -> Case:
    """A hire of which everything is done."""
    case = done(new_case(by_itself=True), "document-contract", "document-photo", "review-contract", "review-photo", "form", "rights")
    case = done(case, "account", "profile", "mailbox", "record", "directory_rights", "opening", "open_account", attempts=1)
    documents = {kind: Document(DocumentState.ACCEPTED, f"d-{kind}") for kind in ("contract", "photo")}
    return replace(case, documents=documents)


def changed(case: Case, *, journey: Journey = AGAIN, papers: tuple[Paper, ...] = WANTED, **facts: Any) -> Case:
    return revise(
        case,
        journey,
        replace(case.facts, **facts),
        papers,
        systems=touched(case, case.graph(journey)),
        reason="because",
        by_itself={},
        now=LATER,
    )


def test_only_what_differs_is_a_changed_fact() -> None:
    other = replace(FACTS, start_date=date(2027, 2, 1), weekly_hours="30")

    assert changed_facts(FACTS, other) == ("start_date", "weekly_hours")
    assert changed_facts(FACTS, FACTS) == ()


def test_a_step_that_is_opened_again_takes_what_was_built_on_it_with_it_and_leaves_other_decisions() -> None:
    after = reopen(whole(), graph(whole()), ("form",), "wrong step", LATER)

    assert (after.steps["form"].state, after.steps["form"].round, after.steps["form"].reason) == (StepState.WAITING, 2, "wrong step")
    assert after.steps["record"].state is StepState.PENDING
    assert "form" not in after.approvals and "rights" in after.approvals
    assert {after.steps[step].state for step in ("rights", "account", "review-contract")} == {StepState.DONE}
    assert after.state is CaseState.WAITING


def test_a_document_that_is_asked_again_is_returned_and_reviewed_again() -> None:
    after = reopen(whole(), graph(whole()), ("document-photo",), "blurred", LATER)

    assert after.documents["photo"] == Document(DocumentState.RETURNED, "d-photo", "", "blurred")
    assert after.steps["review-photo"].state is StepState.PENDING
    assert after.steps["review-contract"].state is StepState.DONE


@pytest.mark.parametrize("state", [StepState.RUNNING, StepState.UNKNOWN])
def test_a_step_whose_answer_is_out_keeps_its_state_and_is_worked_again(state: StepState) -> None:
    case = whole()
    case = replace(case, steps={**case.steps, "record": Step(state, NOW, 1)})

    after = reopen(case, graph(case), ("form",), "wrong", LATER)

    assert (after.steps["record"].state, after.steps["record"].round) == (state, 2)


def test_a_cancelled_case_stays_cancelled() -> None:
    case = replace(whole(), state=CaseState.CANCELLED)

    assert reopen(case, graph(case), ("form",), "late", LATER).state is CaseState.CANCELLED


def test_a_change_asks_again_what_the_journey_says_and_has_the_systems_brought_into_line() -> None:
    after = changed(whole(), weekly_hours="30")

    assert after.steps["form"].state is StepState.WAITING
    assert after.steps["rights"].state is StepState.DONE
    assert set(after.revised) == {"ldap", "erp", "mailbox", "payroll"}
    assert {after.steps[revise_id(system)].state for system in after.revised} == {StepState.READY}


def test_a_later_start_waits_for_its_day_again_and_what_followed_from_it_too() -> None:
    after = changed(whole(), start_date=date(2027, 2, 1))

    assert (after.steps["opening"].state, after.steps["open_account"].state) == (StepState.WAITING, StepState.PENDING)


@pytest.mark.parametrize("state", [StepState.RUNNING, StepState.UNKNOWN])
def test_a_revise_step_whose_answer_is_out_is_not_taken_from_under_its_worker(state: StepState) -> None:
    case = changed(whole(), weekly_hours="30")
    step = revise_id("ldap")
    case = replace(case, steps={**case.steps, step: Step(state, NOW, 1)})

    after = changed(case, weekly_hours="20")

    assert (after.steps[step].state, after.steps[step].round, after.steps[step].attempts) == (state, 2, 1)


def test_a_revise_step_that_is_done_is_worked_once_more() -> None:
    case = changed(whole(), weekly_hours="30")
    step = revise_id("ldap")
    case = replace(case, steps={**case.steps, step: Step(StepState.DONE, NOW, 3)})

    assert changed(case, weekly_hours="20").steps[step] == Step(StepState.READY, LATER, 3, 2)


def test_papers_that_were_handed_in_stay_and_others_go() -> None:
    case = done(new_case(by_itself=True), "document-photo")
    case = replace(case, documents={**case.documents, "photo": Document(DocumentState.HANDED_IN, "d-1")})

    after = changed(case, papers=(Paper("permit", Actor.PAY, (START,)),))

    assert [paper.kind for paper in after.wanted] == ["permit", "photo"]
    assert set(after.documents) == {"permit", "photo"}
    assert "document-contract" not in after.steps and "document-permit" in after.steps


def test_a_check_that_somebody_began_stays() -> None:
    steps = ("consent", "assess")
    journey = replace(
        AGAIN,
        steps=(*AGAIN.steps, human("consent", TaskKind.CONSENT, Actor.HIRE, "appoint", for_each=CHECK)),
    )
    begun, untouched = (Paper(kind, Actor.MANAGER, (), Actor.MANAGER, steps) for kind in ("begun", "untouched"))
    case = new_case(by_itself=True)
    case = replace(case, wanted=(*WANTED, begun, untouched))
    case = transitions.settle(case, case.graph(journey), NOW)
    case = replace(case, steps={**case.steps, "consent-begun": Step(StepState.DONE, NOW)})

    after = changed(case, journey=journey, position="clerk")

    assert [paper.kind for paper in after.wanted] == ["contract", "photo", "begun"]


def test_what_waits_for_a_paper_that_is_wanted_only_now_is_not_done_any_more() -> None:
    journey = replace(
        AGAIN,
        steps=tuple(replace(step, needs=(*step.needs, "review@start")) if step.id == "open_account" else step for step in AGAIN.steps),
    )

    after = changed(whole(), journey=journey, papers=(*WANTED, Paper("permit", Actor.PAY, (START,))))

    assert after.steps["open_account"].state is StepState.PENDING
    assert after.steps["directory_rights"].state is StepState.DONE
    assert after.state is not CaseState.COMPLETED


def test_an_accepted_document_that_ends_before_the_new_start_is_asked_again() -> None:
    case = whole()
    case = replace(case, documents={**case.documents, "photo": Document(DocumentState.ACCEPTED, "d-1", expires=date(2027, 1, 31))})

    assert changed(case, start_date=date(2027, 1, 31)).documents["photo"].state is DocumentState.ACCEPTED
    after = changed(case, start_date=date(2027, 2, 1))
    assert after.documents["photo"].state is DocumentState.RETURNED
    assert "before the start on 2027-02-01" in after.steps["document-photo"].reason


def test_appointing_is_decided_by_standing_delegations_where_the_change_asks_it() -> None:
    word = Approval("boss-south", "manager", LATER, "d-1,d-2")
    moved: dict[str, Any] = {"facts": replace(FACTS, unit="south"), "papers": WANTED, "systems": (), "reason": "moved", "now": LATER}

    decided = revise(whole(), AGAIN, by_itself={"appoint": word}, **moved)
    asked = revise(whole(), AGAIN, by_itself={}, **moved)
    never = revise(new_case(), AGAIN, by_itself={"appoint": word}, **moved)

    assert (decided.steps["appoint"].state, decided.approvals["appoint"]) == (StepState.DONE, word)
    assert asked.steps["appoint"].state is StepState.WAITING
    assert never.steps["appoint"].state is StepState.DONE
    assert decided.steps["form"].state is StepState.WAITING


def test_hours_alone_appoint_nobody() -> None:
    after = revise(
        new_case(),
        AGAIN,
        replace(FACTS, weekly_hours="30"),
        WANTED,
        systems=(),
        reason="fewer",
        by_itself={"appoint": approval()},
        now=LATER,
    )

    assert after.steps["appoint"].state is StepState.WAITING


def test_a_step_that_policy_passed_over_may_be_asked_under_the_new_facts() -> None:
    journey = replace(AGAIN, steps=(*AGAIN.steps, human("whole", TaskKind.APPROVE, Actor.MANAGER, "appoint", asked_by="whole")))
    case = new_case(by_itself=True)
    case = transitions.settle(case, case.graph(journey), NOW)
    over = pass_over(case, case.graph(journey), {"whole": "no rule asks it"}, NOW)
    assert (over.steps["whole"].state, over.steps["whole"].reason) == (StepState.DONE, "no rule asks it")

    after = revise(over, journey, FACTS, WANTED, systems=(), reason="moved", by_itself={}, now=LATER, passed_over=("whole",))

    assert (after.steps["whole"].state, after.steps["whole"].round, after.steps["whole"].reason) == (StepState.WAITING, 2, "")


def test_an_older_journey_that_names_nothing_to_ask_again_asks_nothing_again() -> None:
    after = changed(whole(), journey=HIRE, unit="south")

    assert {after.steps[step].state for step in ("appoint", "form", "rights")} == {StepState.DONE}
    assert after.facts.unit == "south"


def test_touched_are_the_systems_in_which_a_step_was_begun() -> None:
    case = new_case(by_itself=True)
    assert touched(case, graph(case)) == ()
    begun = transitions.start(case, "profile", NOW)
    assert touched(begun, graph(begun)) == ("erp",)


facts = st.builds(
    HireFacts,
    st.sampled_from(["school", "south"]),
    st.sampled_from(["teacher", "clerk"]),
    st.dates(date(2026, 1, 1), date(2028, 1, 1)),
    st.none() | st.dates(date(2028, 1, 2), date(2030, 1, 1)),
    st.sampled_from(["37", "30"]),
)


@given(st.lists(facts, max_size=4))
def test_whatever_changes_nothing_counts_as_done_whose_needs_are_not(told: list[HireFacts]) -> None:
    case = whole()
    for each in told:
        case = revise(case, AGAIN, each, WANTED, systems=touched(case, case.graph(AGAIN)), reason="so", by_itself={}, now=LATER)
    made = case.graph(AGAIN)

    assert set(case.steps) == set(made.steps)
    for step in made:
        status = case.steps[step.id]
        if step.kind == "automatic" and status.state is StepState.DONE:
            assert all(case.met(need, step, made) for need in step.needs)
        assert not (status.state is StepState.PENDING and all(case.met(need, step, made) for need in step.needs))
    assert set(case.approvals) <= {step for step, status in case.steps.items() if status.state is StepState.DONE}
