from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from idm.domain import transitions
from idm.domain.case import Case, CaseState, DocumentState, HireFacts, Step, StepState
from idm.domain.journey import Journey
from idm.errors import BadInput, Conflict, NotFound
from tests.support.cases import FACTS, HIRE, MACHINE, NOW, WANTED, approval, automatic, graph, new_case

LATER = NOW + timedelta(hours=1)
DUE = MACHINE + timedelta(minutes=5)


def put(case: Case, step: str, state: StepState, **more: Any) -> Case:
    """The case with one step in another state, as if it had come there."""
    return replace(case, steps={**case.steps, step: replace(case.steps[step], state=state, **more)})


def started() -> Case:
    return transitions.start(new_case(by_itself=True), "account", NOW)


def states(case: Case) -> dict[str, str]:
    return {id: step.state.value for id, step in case.steps.items() if step.state is not StepState.PENDING}


def test_a_new_case_waits_for_its_first_step_alone() -> None:
    case = new_case()

    assert states(case) == {"appoint": "waiting"}
    assert (case.state, case.version, case.head) == (CaseState.WAITING, 0, (0, ""))
    assert {kind: document.state for kind, document in case.documents.items()} == {kind: DocumentState.WANTED for kind, *_ in WANTED}
    assert case.approved("hire", graph(case)) is None


def test_a_new_case_opens_all_that_follows_from_what_is_decided_by_itself() -> None:
    case = new_case(by_itself=True)

    assert states(case) == {
        "appoint": "done",
        "account": "ready",
        "profile": "ready",
        "mailbox": "ready",
        "document-contract": "waiting",
        "document-photo": "waiting",
        "rights": "waiting",
        "opening": "waiting",
    }
    assert case.state is CaseState.RUNNING
    assert case.approved("hire", graph(case)) == (approval(),)


def test_an_approval_for_a_step_that_may_not_be_done_by_itself_is_passed_over() -> None:
    case = transitions.begin(
        case="c", person="p", employment="e", journey=HIRE, facts=FACTS, wanted=(), by_itself={"form": approval()}, now=NOW
    )

    assert states(case) == {"appoint": "waiting"}
    assert case.approvals == {}


def test_facts_are_approved_only_when_every_deciding_step_is_done() -> None:
    case = new_case(by_itself=True)
    for kind in ("contract", "photo"):
        assert case.approved("documents", graph(case)) is None
        case = transitions.hand_in(case, graph(case), kind, f"doc-{kind}", "f.pdf", NOW)
        case = transitions.decide(case, graph(case), f"review-{kind}", approval(kind), NOW)

    assert [given.by for given in case.approved("documents", graph(case)) or ()] == ["contract", "photo"]
    assert case.approved("unheard of", graph(case)) is None


def test_an_attempt_counts_and_a_doubtful_one_says_so() -> None:
    case = started()
    assert case.steps["account"] == Step(StepState.RUNNING, NOW, attempts=1)

    again = transitions.start(case, "account", LATER)
    assert (again.steps["account"].attempts, again.steps["account"].since) == (2, NOW)
    assert "reading before writing" in again.steps["account"].reason

    unknown = transitions.postpone(case, graph(case), "account", StepState.UNKNOWN, DUE, "no answer", NOW)
    after = transitions.start(unknown, "account", LATER).steps["account"]
    assert (after.attempts, after.since, after.until) == (2, LATER, None)
    assert "reading before writing" in after.reason

    retried = transitions.postpone(case, graph(case), "account", StepState.RETRY, DUE, "busy", NOW)
    assert transitions.start(retried, "account", LATER).steps["account"].reason == ""


def test_a_case_runs_again_when_what_was_put_off_is_tried() -> None:
    journey = Journey("one", "x.y", (automatic("only", "ldap"),))
    case = transitions.begin(case="c", person="p", employment="e", journey=journey, facts=FACTS, wanted=(), by_itself={}, now=NOW)
    whole = case.graph(journey)
    off = transitions.postpone(transitions.start(case, "only", NOW), whole, "only", StepState.RETRY, DUE, "busy", NOW)

    assert (off.state, transitions.start(off, "only", NOW).state) == (CaseState.WAITING, CaseState.RUNNING)


def test_a_finished_step_opens_what_follows() -> None:
    case = transitions.decide(new_case(by_itself=True), graph(new_case()), "rights", approval("it"), NOW)
    assert case.steps["directory_rights"].state is StepState.PENDING
    case = transitions.start(case, "account", NOW)
    case = transitions.finish(case, graph(case), "account", LATER)

    assert case.steps["account"] == Step(StepState.DONE, LATER, attempts=1)
    assert case.steps["directory_rights"].state is StepState.READY
    assert case.steps["open_account"].state is StepState.PENDING


def test_put_off_and_refused_steps_keep_their_reason() -> None:
    case = started()
    off = transitions.postpone(case, graph(case), "account", StepState.RETRY, DUE, "busy", LATER).steps["account"]
    assert off == Step(StepState.RETRY, LATER, attempts=1, until=DUE, reason="busy")

    refused = transitions.refuse(case, graph(case), "account", "taken", LATER)
    assert refused.steps["account"] == Step(StepState.REFUSED, LATER, attempts=1, reason="taken")


def test_holding_keeps_since_when_a_step_waits() -> None:
    case = new_case(by_itself=True)
    held = transitions.hold(case, graph(case), "account", DUE, "ldap is away", NOW)
    assert held.steps["account"] == Step(StepState.WAITING, NOW, until=DUE, reason="ldap is away")

    longer = transitions.hold(held, graph(case), "account", DUE + timedelta(1), "still away", LATER)
    assert (longer.steps["account"].since, longer.steps["account"].until) == (NOW, DUE + timedelta(1))


AUTOMATIC: dict[str, tuple[Callable[[Case], Case], set[StepState]]] = {
    "start": (lambda case: transitions.start(case, "account", LATER), set(transitions.WORKABLE)),
    "hold": (lambda case: transitions.hold(case, graph(case), "account", DUE, "r", LATER), set(transitions.WORKABLE)),
    "finish": (lambda case: transitions.finish(case, graph(case), "account", LATER), {StepState.RUNNING}),
    "refuse": (lambda case: transitions.refuse(case, graph(case), "account", "r", LATER), {StepState.RUNNING}),
    "postpone": (
        lambda case: transitions.postpone(case, graph(case), "account", StepState.RETRY, DUE, "r", LATER),
        {StepState.RUNNING},
    ),
    "again": (
        lambda case: transitions.again(case, graph(case), "account", LATER),
        {StepState.REFUSED, StepState.RETRY, StepState.UNKNOWN, StepState.WAITING},
    ),
}


@pytest.mark.parametrize("state", list(StepState))
@pytest.mark.parametrize("move", AUTOMATIC)
def test_every_move_of_an_automatic_step_is_legal_from_its_states_and_from_no_other(move: str, state: StepState) -> None:
    act, legal = AUTOMATIC[move]
    case = put(new_case(by_itself=True), "account", state)

    if state in legal:
        assert act(case).steps["account"] != case.steps["account"]
    else:
        with pytest.raises(Conflict, match=state.value):
            act(case)


@pytest.mark.parametrize("state", list(StepState))
def test_a_decision_is_taken_only_while_the_step_is_open(state: StepState) -> None:
    case = put(new_case(by_itself=True), "rights", state)

    if state is StepState.WAITING:
        decided = transitions.decide(case, graph(case), "rights", approval("it"), LATER)
        assert decided.steps["rights"].state is StepState.DONE
        assert decided.approvals["rights"].by == "it"
    else:
        with pytest.raises(Conflict):
            transitions.decide(case, graph(case), "rights", approval("it"), LATER)


def test_only_automatic_steps_are_tried_again() -> None:
    case = new_case(by_itself=True)
    with pytest.raises(Conflict, match="only a refused or put-off automatic step"):
        transitions.again(case, graph(case), "rights", NOW)
    with pytest.raises(NotFound, match="no step 'nothing'"):
        transitions.again(case, graph(case), "nothing", NOW)


def test_a_timer_falls_once() -> None:
    case = new_case(by_itself=True)
    fallen = transitions.fire(case, graph(case), "opening", LATER)

    assert fallen.steps["opening"] == Step(StepState.DONE, LATER)
    assert transitions.fire(fallen, graph(case), "opening", LATER) is fallen
    assert transitions.fire(new_case(), graph(case), "opening", NOW).steps["opening"].state is StepState.PENDING
    assert transitions.fire(case, graph(case), "rights", NOW) is case
    assert transitions.fire(case, graph(case), "undo-ldap", NOW) is case


def test_a_document_may_be_replaced_until_it_is_accepted() -> None:
    case = new_case(by_itself=True)
    case = transitions.hand_in(case, graph(case), "photo", "doc-1", "one.png", NOW)
    assert (case.documents["photo"].state, case.steps["review-photo"].state) == (DocumentState.HANDED_IN, StepState.WAITING)

    again = transitions.hand_in(case, graph(case), "photo", "doc-2", "two.png", LATER)
    assert (again.documents["photo"].id, again.steps["document-photo"]) == ("doc-2", case.steps["document-photo"])

    accepted = transitions.decide(again, graph(case), "review-photo", approval("it"), NOW)
    assert accepted.documents["photo"].state is DocumentState.ACCEPTED
    with pytest.raises(Conflict, match="accepted already"):
        transitions.hand_in(accepted, graph(case), "photo", "doc-3", "three.png", NOW)


def test_documents_are_refused_before_their_time_and_of_other_kinds() -> None:
    with pytest.raises(Conflict, match="not asked for yet"):
        transitions.hand_in(new_case(), graph(new_case()), "photo", "doc", "f", NOW)
    with pytest.raises(BadInput) as wrong:
        transitions.hand_in(new_case(by_itself=True), graph(new_case()), "diploma", "doc", "f", NOW)
    assert "contract, photo" in wrong.value.faults[0].message
    none = new_case(by_itself=True, wanted=())
    with pytest.raises(BadInput) as wrong:
        transitions.hand_in(none, graph(none), "diploma", "doc", "f", NOW)
    assert "no documents" in wrong.value.faults[0].message


def test_a_return_opens_the_document_again_with_its_reason_in_a_new_round() -> None:
    case = new_case(by_itself=True)
    case = transitions.hand_in(case, graph(case), "photo", "doc-1", "one.png", NOW)
    back = transitions.send_back(case, graph(case), "review-photo", "too dark", LATER)

    assert back.steps["document-photo"] == Step(StepState.WAITING, LATER, round=2, reason="too dark")
    assert back.steps["review-photo"] == Step(StepState.PENDING, LATER, round=2)
    assert (back.documents["photo"].state, back.documents["photo"].reason) == (DocumentState.RETURNED, "too dark")

    mended = transitions.hand_in(back, graph(case), "photo", "doc-2", "two.png", LATER)
    assert mended.steps["review-photo"].state is StepState.WAITING
    assert mended.documents["photo"].reason == ""


def test_only_a_step_that_says_where_to_is_sent_back() -> None:
    case = new_case(by_itself=True)
    with pytest.raises(BadInput, match="can't be returned"):
        transitions.send_back(case, graph(case), "rights", "no", NOW)


def test_a_form_that_is_sent_back_touches_no_document() -> None:
    first = automatic("first", "ldap")
    again = replace(HIRE.steps[0], id="look", needs=("first",), returns_to="first", by_itself=False)
    journey = Journey("x", "x.y", (first, again))
    case = transitions.begin(case="c", person="p", employment="e", journey=journey, facts=FACTS, wanted=(), by_itself={}, now=NOW)
    case = transitions.finish(transitions.start(case, "first", NOW), case.graph(journey), "first", NOW)

    back = transitions.send_back(case, case.graph(journey), "look", "no", NOW)
    assert (back.steps["first"].state, back.steps["first"].round, back.documents) == (StepState.WAITING, 2, {})


def test_a_cancel_withdraws_what_is_open_and_keeps_what_is_done_or_running() -> None:
    case = transitions.start(started(), "profile", NOW)
    case = transitions.finish(case, graph(case), "account", NOW)
    cancelled = transitions.cancel(case, HIRE, ("ldap", "erp"), LATER)

    assert cancelled.state is CaseState.CANCELLED
    assert cancelled.steps["account"].state is StepState.DONE
    assert cancelled.steps["profile"].state is StepState.RUNNING
    assert cancelled.steps["undo-ldap"].state is StepState.READY
    assert cancelled.steps["rights"] == Step(StepState.WITHDRAWN, LATER)
    assert {step.state for id, step in cancelled.steps.items() if id.startswith(("document", "review", "open"))} == {StepState.WITHDRAWN}


def test_an_undo_waits_while_another_attempt_of_its_lane_is_in_doubt() -> None:
    case = transitions.start(new_case(by_itself=True), "profile", NOW)
    cancelled = transitions.cancel(case, HIRE, ("erp",), NOW)
    whole = graph(cancelled)

    assert transitions.blocked(cancelled, whole, whole["undo-erp"])
    # The attempt itself may be taken up again by another worker: whoever died in it may have left something.
    step = transitions.workable(cancelled, whole, "shared", MACHINE)
    assert step is not None and step.id == "profile"

    ended = transitions.refuse(cancelled, whole, "profile", "no", NOW)
    assert not transitions.blocked(ended, whole, whole["undo-erp"])
    step = transitions.workable(ended, whole, "shared", MACHINE)
    assert step is not None and step.id == "undo-erp"
    assert transitions.finish(transitions.start(ended, "undo-erp", NOW), whole, "undo-erp", NOW).state is CaseState.CANCELLED


def test_the_undo_steps_of_two_systems_that_share_a_lane_do_not_wait_for_each_other() -> None:
    case = transitions.cancel(new_case(by_itself=True), HIRE, ("erp", "mailbox"), NOW)
    whole = graph(case)
    for undo in ("undo-erp", "undo-mailbox"):
        step = transitions.workable(case, whole, "shared", MACHINE)
        assert step is not None and step.id == undo
        case = transitions.finish(transitions.start(case, undo, NOW), whole, undo, NOW)


def test_nothing_is_done_in_a_case_that_is_over() -> None:
    cancelled = transitions.cancel(new_case(by_itself=True), HIRE, (), NOW)
    completed = replace(new_case(by_itself=True), state=CaseState.COMPLETED)

    with pytest.raises(Conflict, match="cancelled before"):
        transitions.cancel(cancelled, HIRE, (), NOW)
    for over in (cancelled, completed):
        assert over.over
        with pytest.raises(Conflict, match="nothing more"):
            transitions.decide(over, graph(over), "rights", approval(), NOW)
        with pytest.raises(Conflict, match="nothing more"):
            transitions.hand_in(over, graph(over), "photo", "d", "f", NOW)


def test_a_case_is_completed_by_its_last_step() -> None:
    journey = Journey("one", "x.y", (automatic("only", "ldap"),))
    case = transitions.begin(
        case="c", person="p", employment="e", journey=journey, facts=HireFacts("u", "x", FACTS.start_date), wanted=(), by_itself={}, now=NOW
    )
    running = transitions.start(case, "only", NOW)

    assert (case.state, running.state) == (CaseState.RUNNING, CaseState.RUNNING)
    assert transitions.finish(running, case.graph(journey), "only", NOW).state is CaseState.COMPLETED
    assert transitions.refuse(running, case.graph(journey), "only", "r", NOW).state is CaseState.WAITING


@pytest.mark.parametrize(
    ("state", "until", "shut", "worked"),
    [
        (StepState.READY, None, (), True),
        (StepState.READY, None, ("ldap",), True),
        (StepState.RUNNING, None, (), True),
        (StepState.RETRY, MACHINE, (), True),
        (StepState.RETRY, DUE, (), False),
        (StepState.UNKNOWN, DUE, (), False),
        (StepState.UNKNOWN, MACHINE, (), True),
        (StepState.WAITING, DUE, ("ldap",), False),
        (StepState.WAITING, DUE, ("erp",), True),
        (StepState.WAITING, MACHINE, (), True),
        (StepState.REFUSED, None, (), False),
        (StepState.DONE, None, (), False),
        (StepState.PENDING, None, (), False),
        (StepState.WITHDRAWN, None, (), False),
    ],
)
def test_what_may_be_worked_now(state: StepState, until: object, shut: tuple[str, ...], worked: bool) -> None:
    case = put(new_case(by_itself=True), "account", state, until=until)
    step = transitions.workable(case, graph(case), "ldap", MACHINE, shut)

    assert (step is not None and step.id == "account") is worked


def test_a_step_that_waits_for_its_target_does_not_hold_up_another_system_of_the_lane() -> None:
    case = put(new_case(by_itself=True), "profile", StepState.WAITING, until=DUE)
    step = transitions.workable(case, graph(case), "shared", MACHINE, ("erp",))

    assert step is not None and step.id == "mailbox"
    assert transitions.workable(case, graph(case), "no such lane", MACHINE) is None
