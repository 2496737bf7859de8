"""How a case changes: each function takes a case and answers the next one. Illegal moves raise; nothing here does I/O.

`now` is business time (a date can be set in a demo); `machine` is real time, for retries.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, datetime

from idm.domain.case import Approval, Case, CaseState, Document, DocumentState, HireFacts, Step, StepState
from idm.domain.journey import DOCUMENT, RIGHTS, Graph, Journey, Paper, StepDef, StepKind, TaskKind, expand, undo_id
from idm.errors import BadInput, Conflict, Fault, NotFound

WORKABLE = (StepState.READY, StepState.RUNNING, StepState.RETRY, StepState.UNKNOWN, StepState.WAITING)
"""States of an automatic step that a worker may begin: running means that another worker died in it."""

DOUBTFUL = (StepState.RUNNING, StepState.UNKNOWN)
"""States of an automatic step whose last attempt may have done something that nobody heard of."""

ENDED = (StepState.DONE, StepState.WITHDRAWN)


def broken_off(status: Step) -> bool:
    """Whether an automatic step was begun and not brought to its end: what an attempt did of which nobody heard may still be there."""
    return status.attempts > 0 and status.state is not StepState.DONE


def begin(
    *,
    case: str,
    person: str,
    employment: str,
    journey: Journey,
    facts: HireFacts,
    wanted: tuple[Paper, ...],
    by_itself: Mapping[str, Approval],
    now: datetime,
) -> Case:
    """A new case of `journey`. `by_itself` holds the approvals of steps that standing delegations decide at once."""
    graph = expand(journey, wanted)
    steps = {step.id: Step(StepState.PENDING, now) for step in graph}
    new = Case(
        id=case,
        person=person,
        employment=employment,
        journey=journey.name,
        journey_hash=journey.hash,
        facts=facts,
        wanted=wanted,
        steps=steps,
        documents={paper.kind: Document(DocumentState.WANTED) for paper in wanted if paper.sort == DOCUMENT},
    )
    for step in graph:
        if step.by_itself and not step.needs and step.id in by_itself:
            new = _approve(_with(new, step.id, Step(StepState.DONE, now)), step.id, by_itself[step.id])
    return settle(new, graph, now)


def settle(case: Case, graph: Graph, now: datetime) -> Case:
    """The case with every pending step moved on whose needs are done, and its own state told from its steps."""
    steps = dict(case.steps)
    case = replace(case, steps=steps)
    for step in graph:
        current = steps.get(step.id)
        if current is None:
            current = steps[step.id] = Step(StepState.PENDING, now)
        if current.state is StepState.PENDING and all(case.met(need, step, graph) for need in step.needs):
            steps[step.id] = _opened(step, current, now)
    return replace(case, steps=steps, state=_state(case, graph, steps))


def _opened(step: StepDef, current: Step, now: datetime) -> Step:
    state = StepState.READY if step.kind is StepKind.AUTOMATIC else StepState.WAITING
    return replace(current, state=state, since=now, until=None)


def _state(case: Case, graph: Graph, steps: Mapping[str, Step]) -> CaseState:
    if case.state is CaseState.CANCELLED:
        return CaseState.CANCELLED
    states = {step.id: steps[step.id].state for step in graph}
    if all(state in ENDED for state in states.values()):
        return CaseState.COMPLETED
    busy = (StepState.READY, StepState.RUNNING)
    return CaseState.RUNNING if any(state in busy for state in states.values()) else CaseState.WAITING


def workable(case: Case, graph: Graph, lane: str, machine: datetime, shut: Collection[str] = ()) -> StepDef | None:
    """The first step of `lane` that may be worked now, in the graph's order; `shut` are the systems whose circuit is open."""
    for step in graph:
        if step.kind is not StepKind.AUTOMATIC or step.lane != lane:
            continue
        status = case.steps[step.id]
        if status.state not in WORKABLE or blocked(case, graph, step):
            continue
        if status.state is StepState.WAITING:
            if step.system not in shut:
                return step
        elif status.until is None or status.until <= machine:
            return step
    return None


def blocked(case: Case, graph: Graph, step: StepDef) -> bool:
    """Whether a begun step must wait: what it needs was opened again since.

    An undo step waits while another attempt of its lane is in doubt: taking back could come too early.
    """
    undoing = {undo_id(system) for system in case.undo}
    if step.resources or step.id not in undoing:
        return case.state is not CaseState.CANCELLED and any(not case.met(need, step, graph) for need in step.needs)
    doubtful = (StepState.RUNNING, StepState.RETRY, StepState.UNKNOWN, StepState.READY)
    return any(other.lane == step.lane and other.id not in undoing and case.steps[other.id].state in doubtful for other in graph)


def hold(case: Case, graph: Graph, step: str, until: datetime, reason: str, now: datetime) -> Case:
    """The case with a workable `step` waiting for its target, whose circuit is open until machine time `until`.

    One whose last attempt got no answer stays unknown: waiting makes no doubt go away.
    """
    status = case.steps[step]
    _demand(status.state in WORKABLE, step, status)
    state = StepState.UNKNOWN if status.state in DOUBTFUL else StepState.WAITING
    since = status.since if status.state is state else now
    return settle(_with(case, step, Step(state, since, status.attempts, status.round, until, reason)), graph, now)


def start(case: Case, step: str, now: datetime) -> Case:
    """The case with `step` running: its next attempt is about to be made."""
    status = case.steps[step]
    _demand(status.state in WORKABLE, step, status)
    doubtful = status.state in DOUBTFUL
    since = status.since if status.state is StepState.RUNNING else now
    reason = "the last attempt ended without an answer: reading before writing" if doubtful else ""
    state = case.state if case.state is CaseState.CANCELLED else CaseState.RUNNING
    return replace(_with(case, step, Step(StepState.RUNNING, since, status.attempts + 1, status.round, None, reason)), state=state)


def finish(case: Case, graph: Graph, step: str, now: datetime, round: int | None = None) -> Case:
    """The case with the running `step` done, and what follows opened.

    If what it worked from changed meanwhile (its `round` is another than when the attempt began), it is to be worked again.
    """
    status = case.steps[step]
    _demand(status.state is StepState.RUNNING, step, status)
    state = StepState.PENDING if _stale(case, graph, step, round) else StepState.DONE
    declared = graph[step]
    if case.doubted and state is StepState.DONE and (RIGHTS in declared.resources or not declared.resources):
        # It has looked which of them are there.
        case = replace(case, doubted={system: rights for system, rights in case.doubted.items() if system != declared.system})
    return settle(_with(case, step, Step(state, now, status.attempts, status.round)), graph, now)


def _stale(case: Case, graph: Graph, step: str, round: int | None) -> bool:
    """Whether an attempt that began in `round` worked from what was asked again or changed since."""
    if case.state is CaseState.CANCELLED:
        return False
    declared = graph[step]
    return (round is not None and round != case.steps[step].round) or any(not case.met(need, declared, graph) for need in declared.needs)


def postpone(case: Case, graph: Graph, step: str, state: StepState, until: datetime, reason: str, now: datetime) -> Case:
    """The case with the running `step` put off until machine time `until`: retry, unknown, or waiting for its target."""
    status = case.steps[step]
    _demand(status.state is StepState.RUNNING, step, status)
    return settle(_with(case, step, Step(state, now, status.attempts, status.round, until, reason)), graph, now)


def refuse(
    case: Case, graph: Graph, step: str, reason: str, now: datetime, form: str = "", round: int | None = None, *, asked: str | None = None
) -> Case:
    """The case with the running `step` refused: a person must look at `reason`.

    If what was refused stood in `form`, whoever filled it in is asked again, with the reason, and the step follows the new answer; so
    is whoever answered the step `asked`.
    """
    status = case.steps[step]
    _demand(status.state is StepState.RUNNING, step, status)
    if _stale(case, graph, step, round):
        return settle(_with(case, step, Step(StepState.PENDING, now, status.attempts, status.round, None, reason)), graph, now)
    if asked is None:
        asked = next((each.id for each in graph if form and each.form == form and case.steps[each.id].state is StepState.DONE), None)
    if asked is not None and not case.over:
        before = case.steps[asked]
        pending = _with(case, step, Step(StepState.PENDING, now, status.attempts, status.round, None, reason))
        return settle(_with(pending, asked, Step(StepState.WAITING, now, before.attempts, before.round + 1, None, reason)), graph, now)
    return settle(_with(case, step, Step(StepState.REFUSED, now, status.attempts, status.round, None, reason)), graph, now)


def again(case: Case, graph: Graph, step: str, now: datetime) -> Case:
    """The case with a refused or put-off `step` ready at once, because an administrator said so."""
    status = _known(case, step)
    if graph[step].kind is not StepKind.AUTOMATIC or status.state not in (
        StepState.REFUSED,
        StepState.RETRY,
        StepState.UNKNOWN,
        StepState.WAITING,
    ):
        raise Conflict(
            f"Step '{step}' is {status.state}: only a refused or put-off automatic step can be tried again.",
            next_step="`idm case graph` shows what it waits for.",
        )
    return settle(_with(case, step, replace(status, state=StepState.READY, since=now, until=None)), graph, now)


def fire(case: Case, graph: Graph, step: str, now: datetime) -> Case:
    """The case with the timer `step` fallen; the same case if it isn't waiting any more."""
    status = case.steps.get(step)
    if status is None or status.state is not StepState.WAITING or graph[step].kind is not StepKind.TIMER:
        return case
    return settle(_with(case, step, Step(StepState.DONE, now, status.attempts, status.round)), graph, now)


def hand_in(case: Case, graph: Graph, kind: str, document: str, name: str, now: datetime) -> Case:
    """The case with a document of `kind` handed in, in place of one that was returned or handed in before its review was done.

    A review that is open already opens anew, so that nobody accepts under the old task a document that they haven't seen.
    """
    step = _open_document_step(case, graph, kind)
    documents = {**case.documents, kind: Document(DocumentState.HANDED_IN, document, name, "", case.documents[kind].expires)}
    changed = replace(case, documents=documents)
    status = case.steps[step.id]
    if status.state is StepState.DONE:
        for review in graph:
            open_review = case.steps[review.id]
            if review.task is TaskKind.REVIEW and review.document == kind and open_review.state is StepState.WAITING:
                changed = _with(changed, review.id, Step(StepState.WAITING, now, open_review.attempts, open_review.round + 1))
        return changed
    return settle(_with(changed, step.id, Step(StepState.DONE, now, status.attempts, status.round)), graph, now)


def _open_document_step(case: Case, graph: Graph, kind: str) -> StepDef:
    demand_going(case)
    steps = [step for step in graph if step.task is TaskKind.DOCUMENT and step.document == kind]
    if not steps:
        wanted = ", ".join(sorted(case.documents)) or "no documents"
        raise BadInput(
            f"This case wants no document of the kind '{kind}'.",
            faults=[Fault("kind", "unknown-document-kind", f"wanted here: {wanted}")],
            next_step="Name one of the kinds that are wanted.",
        )
    step = steps[0]
    state = case.documents[kind].state
    status = case.steps[step.id].state
    if status is StepState.PENDING:
        raise Conflict("Documents are not asked for yet.", next_step="The contacts must be appointed first: see `idm task list`.")
    if state is DocumentState.ACCEPTED:
        raise Conflict(f"The document '{kind}' was accepted already.", next_step="Nothing is to be done for it.")
    return step


def decide(case: Case, graph: Graph, step: str, approval: Approval, now: datetime, expires: date | None = None) -> Case:
    """The case with the human `step` decided by `approval`, and what follows opened. `expires`: the last day of an accepted document."""
    status = demand_open(case, step)
    declared = graph[step]
    changed = _approve(_with(case, step, Step(StepState.DONE, now, status.attempts, status.round)), step, approval)
    if declared.task is TaskKind.REVIEW:
        document = replace(case.documents[declared.document], state=DocumentState.ACCEPTED, reason="", expires=expires)
        changed = replace(changed, documents={**case.documents, declared.document: document})
    return settle(changed, graph, now)


def send_back(case: Case, graph: Graph, step: str, reason: str, now: datetime) -> Case:
    """The case with the review `step` answered by a return: the step it returns to opens again, with the reason."""
    status = demand_open(case, step)
    declared = graph[step]
    back = declared.returns_to
    if not back:
        raise BadInput(
            f"Step '{step}' can't be returned.",
            faults=[Fault("decision", "return", "nothing to return to")],
            next_step="`idm task show` lists the decisions that it takes.",
        )
    before = case.steps[back]
    changed = _with(case, step, Step(StepState.PENDING, now, status.attempts, status.round + 1))
    changed = _with(changed, back, Step(StepState.WAITING, now, before.attempts, before.round + 1, None, reason))
    if declared.document:
        document = replace(case.documents[declared.document], state=DocumentState.RETURNED, reason=reason)
        changed = replace(changed, documents={**case.documents, declared.document: document})
    return settle(changed, graph, now)


def cancel(case: Case, journey: Journey, systems: tuple[str, ...], now: datetime) -> Case:
    """The case cancelled: open steps withdrawn, and one undo step for each of the `systems` that may hold something of it.

    A step that is running keeps running; its late result is met by the undo step, which waits in the same lane.
    """
    if case.state is CaseState.CANCELLED:
        raise Conflict("This case was cancelled before.", next_step="See `idm case show`.")
    steps = {
        key: status if status.state in (*ENDED, StepState.RUNNING) else Step(StepState.WITHDRAWN, now, status.attempts, status.round)
        for key, status in case.steps.items()
    }
    cancelled = replace(case, steps=steps, state=CaseState.CANCELLED, undo=systems)
    return settle(cancelled, cancelled.graph(journey), now)


def demand_going(case: Case) -> None:
    """Raise `Conflict` if the case is over."""
    if case.over:
        raise Conflict(f"This case is {case.state}: nothing more can be done in it.", next_step="See `idm case show`.")


def demand_open(case: Case, step: str) -> Step:
    """The open human step's status; raises if the case is over, or the step is decided already or not open yet."""
    demand_going(case)
    status = _known(case, step)
    if status.state is StepState.DONE:
        raise Conflict(f"Step '{step}' was decided already.", next_step="See `idm case show` for what was decided.")
    if status.state is not StepState.WAITING:
        raise Conflict(f"Step '{step}' is {status.state}: it isn't open.", next_step="`idm task list` shows what is open.")
    return status


def _known(case: Case, step: str) -> Step:
    status = case.steps.get(step)
    if status is None:
        raise NotFound(f"This case has no step '{step}'.", next_step="`idm case graph` shows its steps.")
    return status


def _demand(legal: bool, step: str, status: Step) -> None:
    if not legal:
        raise Conflict(f"Step '{step}' is {status.state}, so this can't happen to it now.", next_step="See `idm case show`.")


def _with(case: Case, step: str, status: Step) -> Case:
    return replace(case, steps={**case.steps, step: status})


def _approve(case: Case, step: str, approval: Approval) -> Case:
    return replace(case, approvals={**case.approvals, step: approval})
