"""The business dates that a case waits for: its timer steps, and what of its papers lapses, ends or is waited for no longer.

A timer has a name: the id of its step, or what falls and the kind of paper it is about, such as `expiry@work_permit`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from idm.domain.case import Case, CaseState, DocumentState, StepState
from idm.domain.grants import borders
from idm.domain.journey import RIGHTS, Graph, Paper, StepKind, TaskKind

HOME = ZoneInfo("Europe/Copenhagen")
"""Where dates become moments: a start date begins at midnight in Denmark."""

LAPSE, EXPIRY, ENDED, WAIVE = "lapse", "expiry", "ended", "waive"
"""A consent is too old; a document is about to end; it has ended and is not renewed; the pay waits for a late paper no longer."""


def midnight(day: date) -> datetime:
    """The moment at which a day begins in Denmark."""
    return datetime.combine(day, time.min, HOME)


def falls(case: Case, until: str) -> datetime | None:
    """When a timer falls that waits for the date fact `until`. None if the case has no such date."""
    day = {"start_date": case.facts.start_date, "end_date": case.facts.end_date}.get(until)
    return None if day is None else midnight(day)


def timers(case: Case, graph: Graph) -> Iterator[tuple[str, datetime]]:
    """What the case waits for by date, each with the business moment at which it falls. A date that it doesn't have falls never."""
    for step in graph:
        if step.kind is StepKind.TIMER and case.steps[step.id].state is StepState.WAITING:
            moment = falls(case, step.until)
            if moment is not None:
                yield step.id, moment
    if case.state is CaseState.CANCELLED:
        return
    yield from ((f"{RIGHTS}@{day.isoformat()}", midnight(day)) for day in borders(case.grants.values(), case.rights_seen))
    for paper in case.wanted:
        if paper.lapses:
            yield from _lapse(case, graph, paper)
        if paper.watch:
            yield from _expiry(case, graph, paper)
            yield from _ended(case, graph, paper)
        if paper.waive is not None:
            yield from _waive(case, graph, paper)


def _step_of(graph: Graph, paper: Paper, task: TaskKind) -> str:
    return next((step.id for step in graph if step.document == paper.kind and step.task is task), "")


def _lapse(case: Case, graph: Graph, paper: Paper) -> Iterator[tuple[str, datetime]]:
    """A consent that nobody made use of: what it allows was not begun."""
    consent = _step_of(graph, paper, TaskKind.CONSENT)
    used = _step_of(graph, paper, TaskKind.ORDERED) or _step_of(graph, paper, TaskKind.RECEIVED)
    if consent and used and case.steps[consent].state is StepState.DONE and case.steps[used].state is not StepState.DONE:
        yield f"{LAPSE}@{paper.kind}", case.steps[consent].since + timedelta(days=paper.lapses)


def usable_until(case: Case, graph: Graph, step: str) -> date | None:
    """The last whole day on which the consent can be used that a step makes use of; None for a step that uses none, or none that lapses."""
    kind = graph[step].document
    paper = next((paper for paper in case.wanted if paper.kind == kind and paper.lapses), None)
    if paper is None or step != (_step_of(graph, paper, TaskKind.ORDERED) or _step_of(graph, paper, TaskKind.RECEIVED)):
        return None
    return next((moment.astimezone(HOME).date() - timedelta(days=1) for _, moment in _lapse(case, graph, paper)), None)


def _expiry(case: Case, graph: Graph, paper: Paper) -> Iterator[tuple[str, datetime]]:
    """A document that ends: it is asked for anew in good time, or on its last day if it was short when it was accepted."""
    document = case.documents.get(paper.kind)
    review = _step_of(graph, paper, TaskKind.REVIEW)
    if document is None or document.expires is None or document.state is not DocumentState.ACCEPTED or not review:
        return
    asked = midnight(document.expires - timedelta(days=paper.watch))
    yield f"{EXPIRY}@{paper.kind}", asked if asked > case.steps[review].since else midnight(document.expires)


def _ended(case: Case, graph: Graph, paper: Paper) -> Iterator[tuple[str, datetime]]:
    """A document that is being renewed, when the old one holds no longer: what still waits for it goes on waiting for the new one."""
    document = case.documents.get(paper.kind)
    if document is None or document.expires is None or document.state is DocumentState.ACCEPTED:
        return
    own = {step.id for step in graph if step.document == paper.kind}
    if any(case.steps[after].state is not StepState.DONE for step in own for after in graph.followers[step] if after not in own):
        yield f"{ENDED}@{paper.kind}", midnight(document.expires + timedelta(days=1))


def _waive(case: Case, graph: Graph, paper: Paper) -> Iterator[tuple[str, datetime]]:
    """A paper that the pay waits for no longer from so many days before the start."""
    last = _step_of(graph, paper, TaskKind.REVIEW) or _step_of(graph, paper, TaskKind.ASSESS)
    if paper.kind not in case.waived and last and case.steps[last].state is not StepState.DONE and paper.waive is not None:
        yield f"{WAIVE}@{paper.kind}", midnight(case.facts.start_date - timedelta(days=paper.waive))
