"""What people decide about one paper: a document is reviewed; a check is consented to, ordered, received and assessed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from idm.domain import papers, transitions
from idm.domain.case import Case
from idm.domain.departures import pass_over
from idm.domain.journey import Paper, StepDef, TaskKind
from idm.errors import BadInput, Fault
from idm.flow.deciding import Act, Made, demand_decision, demand_only, demand_reason, named
from idm.ports import App


def hand_in(act: Act) -> Made:
    """Always refused: a document comes as a file."""
    raise BadInput(
        "A document is handed in as a file.",
        faults=[Fault("decision", "needs-a-file", "this task takes no JSON input")],
        next_step=f"Use `idm document add {act.case.id} {act.step.document} FILE`.",
    )


def review(act: Act) -> Made:
    """Accept the document (with its last day, if the kind ends), or return it with a reason to who handed it in."""
    decision = demand_decision(act.answer, "accept", "return")
    document = act.case.documents[act.step.document]
    payload = {"decision": decision, "document": document.id, "kind": act.step.document}
    if decision == "return":
        demand_only(act)
        reason = demand_reason(act, "A return needs its reason.", "say what is wrong, in words for the person who mends it")
        return transitions.send_back(act.case, act.graph, act.step.id, reason, act.now), {**payload, "reason": reason}, ()
    expires = _last_day(act) if _paper(act.case, act.step).watch else None
    if expires is None:
        demand_only(act)
    approval = named(act.approval, [document.id, act.step.document])
    after = transitions.decide(act.case, act.graph, act.step.id, approval, act.now, expires)
    after = papers.unwaive(after, act.graph, act.step.document, act.now)
    return after, {**payload, **({"expires": expires.isoformat()} if expires else {})}, ()


def _last_day(act: Act) -> date:
    """The last day of a document that ends: it may not be over before the employment begins."""
    demand_only(act, "expires")
    text = act.values.get("expires")
    try:
        expires = date.fromisoformat(text) if isinstance(text, str) and len(text) == 10 else None
    except ValueError:
        expires = None
    first = max(act.case.facts.start_date, act.app.clock.today())
    rule, words = "", ""
    if expires is None:
        rule, words = "required", "this document ends: give its last day, written as YYYY-MM-DD"
    elif expires < first:
        rule, words = "ended", f"it ends before {first}, so it doesn't cover the employment: return it instead"
    if expires is None or rule:
        raise BadInput(
            "The document can't be accepted so.", faults=[Fault("values.expires", rule, words)], next_step="Mend it; nothing was saved."
        )
    return expires


def check(act: Act) -> Made:
    """Consent to a check, note that it was ordered or received, or assess it. What it said is not kept, only that, by whom and when."""
    demand_only(act)
    task = act.step.task
    payload = {"kind": act.step.document}
    decision = demand_decision(act.answer, *_decisions(act.step))
    if task is TaskKind.CONSENT and decision == "refuse":
        return _without_consent(act, payload)
    if task is TaskKind.ASSESS and decision == "not_clear":
        demand_reason(act, "An assessment against the hire needs its reason.", "say what follows from it; never what the paper said")
        return _held(act, "not_clear", f"not cleared: {act.answer.reason.strip()}", payload)
    after = transitions.decide(act.case, act.graph, act.step.id, named(act.approval, [act.step.document, decision]), act.now)
    return papers.unwaive(after, act.graph, act.step.document, act.now), {**payload, "decision": decision}, ()


def _decisions(step: StepDef) -> tuple[str, ...]:
    """What the step of a check can be answered with. Where there are two, neither is taken for granted: consent least of all."""
    match step.task:
        case TaskKind.CONSENT:
            return "give", "refuse"
        case TaskKind.ASSESS:
            return "clear", "not_clear"
        case _:
            return ("done",)


def _without_consent(act: Act, payload: Mapping[str, str]) -> Made:
    """Nobody is made to consent: a check that blocks something stays open, and blocks; one that only warns comes to nothing."""
    reason = papers.UNWILLING
    if act.step.blocks:
        return _held(act, "refuse", reason, payload)
    rest = {step.id: reason for step in act.graph if step.document == act.step.document}
    return pass_over(act.case, act.graph, rest, act.now), {**payload, "decision": "refuse", "reason": reason}, ()


def _held(act: Act, decision: str, reason: str, payload: Mapping[str, str]) -> Made:
    """The answer stands on the open step, so that it is seen why nothing goes on, and may be given anew."""
    return papers.not_cleared(act.case, act.graph, act.step.id, reason, act.now), {**payload, "decision": decision, "reason": reason}, ()


def _paper(case: Case, step: StepDef) -> Paper:
    return next(paper for paper in case.wanted if paper.kind == step.document)


def describe_document(app: App, case: Case, step: StepDef) -> Mapping[str, Any]:
    """The command that hands it in."""
    return {"decisions": [], "fields": [], "command": f"idm document add {case.id} {step.document} FILE"}


def describe_review(app: App, case: Case, step: StepDef) -> Mapping[str, Any]:
    """The document under review, and whether its last day is asked for."""
    document = case.documents[step.document]
    shown = {"document": {"id": document.id, "kind": step.document, "name": document.name}}
    if not _paper(case, step).watch:
        return {"decisions": ["accept", "return"], "fields": [], **shown, "example": {"decision": "accept"}}
    fields = [{"id": "expires", "type": "date", "required": True}]
    example = {"decision": "accept", "values": {"expires": "2030-12-31"}}
    return {"decisions": ["accept", "return"], "fields": fields, **shown, "example": example}


def describe_check(app: App, case: Case, step: StepDef) -> Mapping[str, Any]:
    """The decisions of the step of a check."""
    decisions = list(_decisions(step))
    return {"decisions": decisions, "fields": [], "check": step.document, "example": {"decision": decisions[0]}}
