"""Papers through their life: consents that lapse, permits that end, late ones that pay waits for no longer, and refusals."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from idm.domain import papers, transitions
from idm.domain.case import Case, CaseState, Document, DocumentState, Step, StepState
from idm.domain.journey import CHECK, OPENING, PAY, START, Actor, Graph, Journey, Paper, StepDef, StepKind, TaskKind
from idm.domain.timers import midnight, timers
from tests.support.cases import FACTS, HIRE, NOW, approval, automatic, human

LATER = NOW + timedelta(days=1)
JOURNEY = Journey(
    "hire",
    "dk.idm.hire",
    (
        human("document", TaskKind.DOCUMENT, Actor.PROVIDER, for_each="document"),
        human("review", TaskKind.REVIEW, Actor.REVIEWER, "document", for_each="document", returns_to="document", approves=("documents",)),
        human("consent", TaskKind.CONSENT, Actor.HIRE, for_each=CHECK),
        human("ordered", TaskKind.ORDERED, Actor.PROVIDER, "consent", for_each=CHECK),
        human("received", TaskKind.RECEIVED, Actor.PROVIDER, "ordered", for_each=CHECK),
        human("assess", TaskKind.ASSESS, Actor.REVIEWER, "received", for_each=CHECK, approves=("documents",)),
        human("form", TaskKind.FORM, Actor.PAY, "review@pay", "assess@pay", form="payroll", approves=("payroll",)),
        automatic("record", "payroll", "review@pay", "form"),
        StepDef("opening", StepKind.TIMER, (), until="start_date"),
        automatic("open_account", "ldap", "opening", "review@start", "assess@start", resources=(OPENING,)),
    ),
    HIRE.source,
)
PERMIT = Paper("permit", Actor.PAY, (START, PAY), watch=60)
PROOF = Paper("proof", Actor.PAY, (PAY,), waive=3)
CERTIFICATE = Paper("certificate", Actor.MANAGER, (START,), Actor.MANAGER, ("consent", "ordered", "received", "assess"), lapses=14)


def begun(*wanted: Paper) -> Case:
    return transitions.begin(case="c", person="p", employment="e", journey=JOURNEY, facts=FACTS, wanted=wanted, by_itself={}, now=NOW)


def graph(case: Case) -> Graph:
    return case.graph(JOURNEY)


def decided(case: Case, step: str, expires: date | None = None) -> Case:
    return transitions.decide(case, graph(case), step, approval(step), NOW, expires)


def handed_in(case: Case, kind: str) -> Case:
    return transitions.hand_in(case, graph(case), kind, f"d-{kind}", "f.pdf", NOW)


def worked(case: Case, *steps: str) -> Case:
    for step in steps:
        case = transitions.finish(transitions.start(case, step, NOW), graph(case), step, NOW)
    return case


def due(case: Case) -> dict[str, object]:
    return dict(timers(case, graph(case)))


def completed(expires: date) -> Case:
    """A hire with a permit until `expires`, of which everything is done."""
    case = decided(handed_in(begun(PERMIT), "permit"), "review-permit", expires)
    case = worked(decided(case, "form"), "record")
    return worked(transitions.fire(case, graph(case), "opening", NOW), "open_account")


def test_a_consent_that_nobody_used_lapses_and_is_asked_again() -> None:
    case = decided(begun(CERTIFICATE), "consent-certificate")
    assert due(case)["lapse@certificate"] == NOW + timedelta(days=14)

    after = papers.fall(case, graph(case), "lapse@certificate", LATER)

    assert (after.steps["consent-certificate"].state, after.steps["consent-certificate"].round) == (StepState.WAITING, 2)
    assert "lapsed" in after.steps["consent-certificate"].reason
    assert after.steps["ordered-certificate"].state is StepState.PENDING
    assert "consent-certificate" not in after.approvals


def test_a_consent_that_was_used_lapses_no_more() -> None:
    case = decided(decided(begun(CERTIFICATE), "consent-certificate"), "ordered-certificate")

    assert "lapse@certificate" not in due(case)


def test_a_check_without_an_order_uses_the_consent_when_it_is_received() -> None:
    paper = CERTIFICATE._replace(steps=("consent", "received", "assess"))
    case = decided(begun(paper), "consent-certificate")

    assert "lapse@certificate" in due(case)
    assert "lapse@certificate" not in due(decided(case, "received-certificate"))


def test_a_permit_is_asked_for_anew_in_good_time_and_shuts_nothing_of_a_completed_case() -> None:
    case = completed(date(2028, 3, 1))
    assert case.state is CaseState.COMPLETED
    assert due(case) == {"expiry@permit": midnight(date(2028, 3, 1) - timedelta(days=60))}

    after = papers.fall(case, graph(case), "expiry@permit", LATER)

    assert after.state is CaseState.WAITING
    assert after.steps["document-permit"].state is StepState.WAITING
    assert "2028-03-01" in after.steps["document-permit"].reason
    assert after.cleared(graph(after))
    assert after.approved("documents", graph(after)) is not None
    assert {after.steps[step].state for step in ("form", "record", "opening", "open_account")} == {StepState.DONE}


def test_a_renewed_permit_is_reviewed_and_then_watched_to_its_new_end() -> None:
    case = completed(date(2028, 3, 1))
    case = handed_in(papers.fall(case, graph(case), "expiry@permit", LATER), "permit")
    assert case.cleared(graph(case))

    case = decided(case, "review-permit", date(2030, 3, 1))

    assert case.state is CaseState.COMPLETED
    assert due(case)["expiry@permit"] == midnight(date(2030, 3, 1) - timedelta(days=60))


def test_a_permit_that_was_short_when_it_was_accepted_is_asked_for_on_its_last_day() -> None:
    assert due(completed(FACTS.start_date))["expiry@permit"] == midnight(FACTS.start_date)


def test_a_permit_in_renewal_that_does_not_cover_a_later_start_clears_nothing() -> None:
    case = completed(date(2028, 3, 1))
    case = papers.fall(case, graph(case), "expiry@permit", LATER)

    later = replace(case, facts=replace(case.facts, start_date=date(2028, 3, 2)))

    assert not later.cleared(graph(later))
    assert later.approved("documents", graph(later)) is None
    assert not later.met("review-permit", graph(later)["open_account"], graph(later))
    assert case.met("review-permit", graph(case)["open_account"], graph(case))


def test_pay_waits_for_a_late_paper_until_its_day_and_no_longer() -> None:
    case = begun(PROOF)
    assert due(case)["waive@proof"] == midnight(FACTS.start_date - timedelta(days=3))
    assert case.steps["form"].state is StepState.PENDING

    after = papers.fall(case, graph(case), "waive@proof", LATER)

    assert after.waived == ("proof",)
    assert after.steps["form"].state is StepState.WAITING
    assert after.steps["document-proof"].state is StepState.WAITING
    assert after.approved("documents", graph(after)) == ()
    assert "waive@proof" not in due(after)
    assert papers.waive(after, graph(after), "proof", LATER) is after


def test_a_late_paper_that_comes_after_all_has_the_pay_placed_anew() -> None:
    case = papers.waive(begun(PROOF), graph(begun(PROOF)), "proof", LATER)
    case = worked(decided(case, "form"), "record")
    case = decided(handed_in(case, "proof"), "review-proof")

    after = papers.unwaive(case, graph(case), "proof", LATER)

    assert after.waived == ()
    assert (after.steps["form"].state, after.steps["form"].round) == (StepState.WAITING, 2)
    assert after.steps["record"].state is StepState.PENDING
    assert "place the pay anew" in after.steps["form"].reason


def test_a_late_paper_that_comes_before_the_form_asks_nobody_twice() -> None:
    case = papers.waive(begun(PROOF), graph(begun(PROOF)), "proof", LATER)
    case = decided(handed_in(case, "proof"), "review-proof")

    after = papers.unwaive(case, graph(case), "proof", LATER)

    assert (after.waived, after.steps["form"].round) == ((), 1)
    assert papers.unwaive(after, graph(after), "proof", LATER) is after


def test_a_check_that_is_not_clear_keeps_its_step_open_with_the_reason_and_the_start_shut() -> None:
    case = begun(CERTIFICATE)
    for step in ("consent", "ordered", "received"):
        case = decided(case, f"{step}-certificate")

    after = papers.not_cleared(case, graph(case), "assess-certificate", "not cleared: see the note", LATER)

    assert (after.steps["assess-certificate"].state, after.steps["assess-certificate"].round) == (StepState.WAITING, 1)
    assert after.steps["assess-certificate"].reason == "not cleared: see the note"
    assert not after.cleared(graph(after))
    assert decided(after, "assess-certificate").cleared(graph(after))


@pytest.mark.parametrize("name", ["lapse@certificate", "expiry@permit", "waive@proof", "unheard@permit", "expiry@unheard"])
def test_what_is_not_waited_for_any_more_changes_nothing(name: str) -> None:
    case = begun(CERTIFICATE, PERMIT)
    if name == "waive@proof":
        case = replace(begun(PROOF), waived=("proof",))
    assert papers.fall(case, graph(case), name, LATER) is case


def test_nothing_falls_in_a_cancelled_case() -> None:
    case = replace(begun(PROOF, CERTIFICATE, PERMIT), state=CaseState.CANCELLED)

    assert {name for name in due(case) if "@" in name} == set()
    assert papers.fall(case, graph(case), "waive@proof", LATER) is case


def test_the_reason_of_an_expiry_without_a_known_day_still_reads() -> None:
    case = handed_in(begun(PERMIT), "permit")
    case = replace(case, documents={"permit": Document(DocumentState.HANDED_IN, "d-1")})

    after = papers.fall(case, graph(case), "expiry@permit", LATER)

    assert "its last day" in after.steps["document-permit"].reason
    assert after.steps["review-permit"] == Step(StepState.PENDING, LATER)
