"""What becomes of the papers of a case beside handing in and review: checks that are assessed, consents that lapse, permits that end."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from idm.domain.case import Case, CaseState, DocumentState, StepState
from idm.domain.departures import reopen
from idm.domain.journey import RIGHTS, Graph, TaskKind
from idm.domain.timers import ENDED, EXPIRY, LAPSE, WAIVE
from idm.domain.transitions import fire, settle
from idm.domain.windows import cross

LAPSED = "the consent has lapsed: it was not used in time"
"""Why a consent is asked for again that nobody made use of."""

UNWILLING = "the new employee does not consent"
"""Why a check stands still that needs a consent: it was asked for, and not given."""


def fall(case: Case, graph: Graph, name: str, now: datetime) -> Case:
    """The case after the timer called `name` has fallen; the same case if it isn't waiting for it any more."""
    what, _, kind = name.partition("@")
    if not kind:
        return fire(case, graph, name, now)
    if case.state is CaseState.CANCELLED:
        return case
    if what == RIGHTS:
        return cross(case, graph, date.fromisoformat(kind), now)
    if what == LAPSE:
        return _again(case, graph, kind, TaskKind.CONSENT, LAPSED, now)
    if what == EXPIRY:
        return _again(case, graph, kind, TaskKind.DOCUMENT, f"the document ends on {_ends(case, kind)}: hand in the new one", now)
    if what == ENDED:
        return ended(case, graph, kind, now)
    return waive(case, graph, kind, now) if what == WAIVE else case


def _again(case: Case, graph: Graph, kind: str, task: TaskKind, reason: str, now: datetime) -> Case:
    steps = [step.id for step in graph if step.document == kind and step.task is task and case.steps[step.id].state is StepState.DONE]
    if not steps:
        return case
    # What was delivered by the old paper stays: it was in order then. Only the paper's own steps are asked again.
    own = {step.id for step in graph if step.document == kind}
    changed = reopen(case, graph, steps, reason, now)
    before = case.documents.get(kind)
    if before is not None and before.expires is not None:
        # It was accepted, and holds until the new one is: that it is renewed shuts nothing and takes no approval away.
        asked = replace(changed.documents[kind], state=DocumentState.WANTED, expires=before.expires)
        changed = replace(changed, documents={**changed.documents, kind: asked})
        own = {id for id in own if id not in case.approvals or case.steps[id].state is not StepState.DONE}
    others = {step: status for step, status in case.steps.items() if graph[step].document != kind}
    stand = {id: given for id, given in case.approvals.items() if id not in own}
    return settle(replace(changed, steps={**changed.steps, **others}, approvals={**changed.approvals, **stand}), graph, now)


def _ends(case: Case, kind: str) -> str:
    document = case.documents.get(kind)
    return document.expires.isoformat() if document is not None and document.expires is not None else "its last day"


def ended(case: Case, graph: Graph, kind: str, now: datetime) -> Case:
    """The case in which the old document of a `kind` has ended before the new one was accepted: it opens nothing any more."""
    document = case.documents.get(kind)
    if document is None or document.expires is None or document.state is DocumentState.ACCEPTED:
        return case
    return settle(replace(case, documents={**case.documents, kind: replace(document, expires=None)}), graph, now)


def waive(case: Case, graph: Graph, kind: str, now: datetime) -> Case:
    """The case in which the pay waits no longer for the paper `kind`. It may still be handed in."""
    if kind in case.waived or case.over:
        return case
    return settle(replace(case, waived=(*case.waived, kind)), graph, now)


def unwaive(case: Case, graph: Graph, kind: str, now: datetime) -> Case:
    """The case after a waived paper was accepted at last: whoever filled in a form without it is asked again."""
    if kind not in case.waived:
        return case
    came = replace(case, waived=tuple(each for each in case.waived if each != kind))
    forms = [
        step.id
        for step in graph
        if step.task is TaskKind.FORM
        and came.steps[step.id].state is StepState.DONE
        and any(graph[need].document == kind for need in step.needs)
    ]
    return reopen(came, graph, forms, f"'{kind}' was accepted after this was filled in: place the pay anew", now) if forms else came


def not_cleared(case: Case, graph: Graph, step: str, reason: str, now: datetime) -> Case:
    """The case after a check whose answer doesn't allow the hire: it stays open, with the reason, and what it blocks stays shut."""
    status = case.steps[step]
    return settle(replace(case, steps={**case.steps, step: replace(status, since=now, reason=reason)}), graph, now)
