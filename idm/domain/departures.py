"""Departures from the plan: what is asked again, set back and brought into line when the facts of a case change.

Opening a step again sets back what was built on it: automatic steps and timers behind it run anew when their needs are met again
(converging is idempotent), approvals of the whole are asked again, and so are further steps about the same paper. Other decisions of
people stand: the new employee need not hand in twice because a unit changed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, datetime

from idm.domain.case import Approval, Case, CaseState, Document, DocumentState, HireFacts, Step, StepState
from idm.domain.journey import DOCUMENT, Graph, Journey, Paper, StepDef, StepKind, TaskKind, revise_id
from idm.domain.timers import falls
from idm.domain.transitions import broken_off, settle

_KEPT = (StepState.RUNNING, StepState.UNKNOWN)
"""A target may have been changed by these and nobody knows: they keep their state, and are worked again when their answer is known."""


def reopen(case: Case, graph: Graph, steps: Collection[str], reason: str, now: datetime) -> Case:
    """The case with the human or timer `steps` open again, for `reason`, and what was built on them set back. Their approvals fall."""
    changed = dict(case.steps)
    approvals = dict(case.approvals)
    documents = dict(case.documents)
    for id in _concerned(graph, steps):
        step, status = graph[id], changed[id]
        approvals.pop(id, None)
        if step.kind is StepKind.AUTOMATIC and status.state in _KEPT:
            changed[id] = replace(status, round=status.round + 1)
            continue
        answered = status.state is StepState.DONE
        told = reason if id in steps else ""
        # Whoever looks at an order or at a whole that is made anew must not approve it under the task of the old one.
        seen = answered or (step.task in (TaskKind.APPROVE_ORDER, TaskKind.APPROVE) and status.state is StepState.WAITING)
        changed[id] = Step(StepState.PENDING, now, status.attempts, status.round + (1 if seen else 0), None, told)
        if id in steps and step.task is TaskKind.DOCUMENT and step.document in documents and answered:
            documents[step.document] = Document(DocumentState.RETURNED, documents[step.document].id, documents[step.document].name, reason)
    state = case.state if case.state is CaseState.CANCELLED else CaseState.WAITING
    return settle(replace(case, steps=changed, approvals=approvals, documents=documents, state=state), graph, now)


def look_again(case: Case, graph: Graph, step: str, reason: str, now: datetime) -> Case:
    """The case in which the forms behind the form `step` are asked again, because what was told there has changed since.

    Nobody approves under a task that showed them something else: also one that is still open gets a new round.
    """
    behind = [id for id in graph.followers.get(step, ()) if graph[id].task is TaskKind.FORM]
    changed = case
    for id in behind:
        status = case.steps[id]
        if status.state is StepState.WAITING:
            again = Step(StepState.WAITING, now, status.attempts, status.round + 1, None, reason)
            changed = replace(changed, steps={**changed.steps, id: again})
    done = {id for id in behind if case.steps[id].state is StepState.DONE}
    return reopen(changed, graph, done, reason, now) if done else settle(changed, graph, now)


def _concerned(graph: Graph, steps: Collection[str]) -> tuple[str, ...]:
    """`steps` and those behind them that are set back with them, in the graph's order."""
    found = set(steps)
    for step in graph:
        behind = found & set(step.needs)
        if step.id not in found and any(_follows(step, graph[need]) for need in behind):
            found.add(step.id)
    return tuple(step.id for step in graph if step.id in found)


def _follows(step: StepDef, need: StepDef) -> bool:
    if step.task is TaskKind.APPROVE_ORDER:
        return need.task is TaskKind.ORDER
    return step.kind is not StepKind.HUMAN or step.task is TaskKind.APPROVE or bool(step.document and step.document == need.document)


def revise(
    case: Case,
    journey: Journey,
    facts: HireFacts,
    papers: tuple[Paper, ...],
    *,
    systems: Collection[str],
    reason: str,
    by_itself: Mapping[str, Approval],
    now: datetime,
    passed_over: Collection[str] = (),
) -> Case:
    """The case with other `facts`: its journey says what is asked again; timers are set again, new papers wanted.

    `systems` hold something of the case already and are brought into line. `by_itself`: approvals of appointing steps that standing
    delegations decide at once under the new facts. A paper that is wanted no longer is dropped, unless it was handed in. `passed_over`:
    optional steps that weren't asked before, and may be now.
    """
    handed_in = {kind for kind, document in case.documents.items() if document.state is not DocumentState.WANTED}
    kinds = {paper.kind for paper in papers}
    kept = tuple(paper for paper in case.wanted if paper.kind not in kinds and (paper.kind in handed_in or _begun(case, journey, paper)))
    wanted = (*papers, *kept)
    changed = replace(
        case,
        facts=facts,
        wanted=wanted,
        documents={p.kind: case.documents.get(p.kind, Document(DocumentState.WANTED)) for p in wanted if p.sort == DOCUMENT},
        revised=tuple(dict.fromkeys([*case.revised, *systems])),
    )
    graph = changed.graph(journey)
    steps = {id: status for id, status in case.steps.items() if id in graph.steps}
    for system in systems:
        steps[revise_id(system)] = _revising(steps.get(revise_id(system)), now)
    changed = replace(changed, steps=steps, approvals={id: given for id, given in case.approvals.items() if id in graph.steps})
    changed = settle(changed, graph, now)
    asked = journey.asked_again(changed_facts(case.facts, facts))
    again = {id for id in asked if id in graph.steps and changed.steps[id].state is StepState.DONE}
    # Whether an optional step is asked under the new facts, policy says anew, and why.
    optional = {id for id in again if graph[id].asked_by}
    changed = reopen(changed, graph, (again - optional) | _unfallen(changed, graph, now), reason, now)
    changed = reopen(changed, graph, optional | {*passed_over}, "", now)
    for step, words in _uncovered(changed, graph):
        changed = reopen(changed, graph, (step,), words, now)
    changed = _set_back(changed, graph, now)
    for id, approval in by_itself.items():
        if id in asked and changed.steps[id].state is StepState.WAITING:
            decided = replace(changed.steps[id], state=StepState.DONE, since=now, reason="")
            changed = replace(changed, steps={**changed.steps, id: decided}, approvals={**changed.approvals, id: approval})
            changed = settle(changed, graph, now)
    return changed


def _revising(before: Step | None, now: datetime) -> Step:
    """A revise step that is to be worked, once more if it was before; one whose answer is out keeps its state."""
    if before is None:
        return Step(StepState.PENDING, now)
    if before.state in _KEPT:
        return replace(before, round=before.round + 1)
    return Step(StepState.PENDING, now, before.attempts, before.round + 1)


def _uncovered(case: Case, graph: Graph) -> list[tuple[str, str]]:
    """The steps of accepted documents that end before the employment begins now, each with the reason why they are asked again."""
    start = case.facts.start_date
    found = []
    for step in graph:
        document = case.documents.get(step.document)
        ended = document is not None and document.expires is not None and document.expires < start
        if ended and step.task is TaskKind.DOCUMENT and document is not None and document.state is DocumentState.ACCEPTED:
            found.append((step.id, f"the document ends on {document.expires}, before the start on {start}: hand in one that covers it"))
    return found


def _set_back(case: Case, graph: Graph, now: datetime) -> Case:
    """The case in which nothing counts as done that waits for a paper wanted only now; it is worked anew when that is in order."""
    steps = dict(case.steps)
    case = replace(case, steps=steps)
    for step in graph:
        status = steps[step.id]
        if step.kind is not StepKind.AUTOMATIC or status.state is not StepState.DONE:
            continue
        if any(not case.met(need, step, graph) for need in step.needs):
            steps[step.id] = Step(StepState.PENDING, now, status.attempts, status.round + 1)
    return settle(case, graph, now)


def _begun(case: Case, journey: Journey, paper: Paper) -> bool:
    """Whether anybody has done anything about a paper: then it stays, so that it is seen what became of it."""
    graph = case.graph(journey)
    return any(step.document == paper.kind and case.steps[step.id].state is StepState.DONE for step in graph)


def _unfallen(case: Case, graph: Graph, now: datetime) -> set[str]:
    """The timers that fell for a date which is to come now."""
    done = [step for step in graph if step.kind is StepKind.TIMER and case.steps[step.id].state is StepState.DONE]
    return {step.id for step in done if (moment := falls(case, step.until)) is not None and moment > now}


def cancellable(case: Case, today: date) -> bool:
    """Whether a hire can still be cancelled: not twice, and not once it is completed and has begun, when it ends by a leaving."""
    return case.state is not CaseState.CANCELLED and (case.state is not CaseState.COMPLETED or case.facts.start_date > today)


def changed_facts(before: HireFacts, after: HireFacts) -> tuple[str, ...]:
    """The names of the facts that differ, such as `start_date`."""
    names = ("unit", "position", "start_date", "end_date", "weekly_hours", "manager")
    return tuple(name for name in names if getattr(before, name) != getattr(after, name))


def pass_over(case: Case, graph: Graph, passed: Mapping[str, str], now: datetime) -> Case:
    """The case with open steps passed over that policy doesn't ask here, each with the reason; what follows is opened."""
    steps = dict(case.steps)
    for id, reason in passed.items():
        status = steps[id]
        steps[id] = Step(StepState.DONE, now, status.attempts, status.round, None, reason)
    return settle(replace(case, steps=steps), graph, now)


def doubted(case: Case, graph: Graph) -> Mapping[str, tuple[str, ...]]:
    """The rights, by system, that an attempt which broke off may have granted, to be known still when others are confirmed."""
    broken = {step.system for step in graph if step.kind is StepKind.AUTOMATIC and broken_off(case.steps[step.id])}
    return {**case.doubted, **{system: tuple(sorted(rights)) for system in broken if (rights := case.possible_rights(system))}}


def touched(case: Case, graph: Graph) -> tuple[str, ...]:
    """The systems in which the case has begun a step, so that something of it may be there."""
    return tuple(dict.fromkeys(step.system for step in graph if step.kind is StepKind.AUTOMATIC and case.steps[step.id].attempts > 0))
