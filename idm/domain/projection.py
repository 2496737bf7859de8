"""The rows that follow from a case: whose list a task stands in, which lanes have work, which timers run.

The case document is the truth; these rows exist so that people and sweepers can search. They are always made
from the case itself, so that they can't drift from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from idm.domain.apart import kept_apart
from idm.domain.case import Case, StepState
from idm.domain.journey import Actor, Graph, StepKind
from idm.domain.transitions import WORKABLE, blocked


@dataclass(frozen=True, slots=True)
class Task:
    """A human step as it stands in people's lists. `id` is the same however often it is made; `actor` says whose it is by role.

    `due` is a working day, counted by policy (see `deadlines`), not by the case. `escalated` says how many levels up the task has gone.
    `named` is who is named for this very case: of a manager's task the manager that the event names; as the database knows it, of a
    contact's task a contact of this case. `apart` is who is kept apart from an open task (see `apart`). Both only help to search.
    """

    id: str
    case: str
    step: str
    kind: str
    state: str
    actor: Actor
    unit: str
    person: str
    since: datetime
    document: str = ""
    reason: str = ""
    due: date | None = None
    escalated: int = 0
    named: str = ""
    apart: str = ""


@dataclass(frozen=True, slots=True)
class LaneWork:
    """That a lane of a case has work: now (`due` None) or at a machine time."""

    lane: str
    due: datetime | None


def task_id(case: str, step: str, round: int) -> str:
    """The id of the task that a step opens in its nth round."""
    return f"{case}.{step}.{round}"


def tasks(case: Case, graph: Graph) -> dict[str, Task]:
    """Every task that the case has opened so far in its current rounds, by id."""
    made: dict[str, Task] = {}
    for step in graph:
        status = case.steps.get(step.id)
        if step.kind is not StepKind.HUMAN or step.actor is None or step.task is None:
            continue
        if status is None or status.state is StepState.PENDING:
            continue
        if step.asked_by and status.state is StepState.DONE and step.id not in case.approvals:
            continue  # policy passed it over: nobody was asked
        state = {StepState.WAITING: "open", StepState.DONE: "done"}.get(status.state, "withdrawn")
        id = task_id(case.id, step.id, status.round)
        made[id] = Task(
            id,
            case.id,
            step.id,
            step.task.value,
            state,
            step.actor,
            case.facts.unit,
            case.person,
            status.since,
            step.document,
            status.reason,
            named=case.facts.manager if step.actor is Actor.MANAGER and case.facts.manager != case.person else "",
            apart=kept_apart(case, step) if state == "open" else "",
        )
    return made


def tasks_changed(before: Case | None, after: Case, graph: Graph, before_graph: Graph | None = None) -> list[Task]:
    """The tasks that differ. A task of an earlier round that is gone from the case is done: it was answered by a return.

    Unless its step is open still in a newer round, or was set back unanswered: then what it was about was replaced, and it is withdrawn.
    """
    old = tasks(before, before_graph or graph) if before is not None else {}
    new = tasks(after, graph)
    changed = [task for id, task in new.items() if old.get(id) != task]
    for id, task in old.items():
        if id not in new and task.state == "open":
            status = after.steps.get(task.step)
            answered = status is not None and status.state is StepState.PENDING and task.id != task_id(task.case, task.step, status.round)
            # One of two persons has looked at it, or the second disagreed.
            answered = answered or (before is not None and before.looks.get(task.step) != after.looks.get(task.step))
            state = "done" if answered else "withdrawn"
            changed.append(Task(id, task.case, task.step, task.kind, state, task.actor, task.unit, task.person, task.since, task.document))
    return changed


def lane_work(case: Case, graph: Graph) -> dict[str, LaneWork]:
    """The lanes with work, each with when: a ready step makes it now, else the earliest put-off step."""
    work: dict[str, LaneWork] = {}
    for step in graph:
        status = case.steps[step.id]
        if step.kind is not StepKind.AUTOMATIC or status.state not in WORKABLE or blocked(case, graph, step):
            continue
        if status.state is StepState.READY or (status.state is StepState.RUNNING):
            work[step.lane] = LaneWork(step.lane, None)
        elif status.until is not None and status.state in (StepState.RETRY, StepState.UNKNOWN, StepState.WAITING):
            known = work.get(step.lane)
            if known is None or (known.due is not None and status.until < known.due):
                work[step.lane] = LaneWork(step.lane, status.until)
    return work
