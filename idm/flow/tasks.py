"""Tasks: who may act on one right now, and what their decision does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from idm import faults
from idm.domain import transitions
from idm.domain.authority import Delegation, Holder
from idm.domain.case import Case
from idm.domain.journey import Actor, Graph, StepDef, TaskKind
from idm.domain.projection import Task
from idm.domain.prose import sound_reason
from idm.errors import Conflict, NotFound
from idm.flow import decide_appoint, decide_approve, decide_form, decide_order, decide_paper, decide_rights
from idm.flow.changing import Note, change
from idm.flow.deciding import Act, Decision, Made
from idm.flow.delegate import write_delegations
from idm.flow.graphs import graph_of, load
from idm.flow.known_as import known_as
from idm.flow.own_data import confirm_person
from idm.flow.power_use import approval_by, basis_of, decision_by, demand_power
from idm.flow.powers import PowersNow
from idm.flow.rights import demand_apart
from idm.flow.second_eyes import amount_told, decide_with_four_eyes, describe_second
from idm.ports import App
from idm.ports_store import Writer
from idm.rows import DecisionRow

_ALL = 1_000_000
"""More tasks than there are: who may act is told from each, so none may be left out before."""


def task(app: App, id: str) -> Task:
    """The task; `NotFound` if there is none."""
    found = app.store.task(id)
    if found is None:
        raise NotFound(f"There is no task '{id}'.", next_step="`idm task list` shows the tasks.")
    return found


def actors(app: App, case: Case, actor: Actor, step: str = "", escalated: int = 0) -> tuple[Holder, ...]:
    """Who may act as `actor` in `case` now, or on one step of it, which has gone `escalated` levels up, and why."""
    return PowersNow(app).holders(case, actor, graph_of(app, case).steps.get(step) if step else None, escalated)


def do_task(app: App, id: str, person: str, answer: Decision, administrator: str = "") -> Case:
    """Let `person` answer a task, and the case go on. `administrator` typed it for them and goes on record.

    Raises `NotAllowed` without authority, `Conflict` if it was answered before or the case is over, `BadInput` with every fault.
    """
    target = task(app, id)
    person = known_as(app, person)
    granted: list[Delegation] = []
    used: list[DecisionRow] = []
    if target.kind == TaskKind.FORM and target.actor is Actor.HIRE:
        confirm_person(app, target, person, answer, administrator)

    def mutate(case: Case, graph: Graph, now: datetime) -> tuple[Case, Note]:
        granted.clear()
        if target.state == "done" and not case.over:
            raise Conflict("This task was answered already.", next_step="`idm case show` shows what was decided.")
        status = transitions.demand_open(case, target.step)
        if status.round != target_round(id) and target.kind == TaskKind.REVIEW:
            raise Conflict("This task is about a document that was replaced.", next_step="`idm task list` shows the newer one.")
        if status.round != target_round(id):
            raise Conflict("This task was answered already.", next_step="It was opened again under a newer task.")
        step = graph[target.step]
        holder = demand_power(app, case, target.actor, step, person, answer.values, escalated=target.escalated)
        decide, _ = _KINDS[TaskKind(target.kind)]
        said = replace(answer, reason=sound_reason(answer.reason))
        act = Act(app, case, graph, step, said, approval_by(holder, now, administrator), now)
        after, payload, delegations = decide_with_four_eyes(act, decide)
        amount = amount_told(payload)
        if amount is not None:
            # What an order comes to is known only now, and a limit may lie below it.
            demand_power(app, case, target.actor, step, person, escalated=target.escalated, amount=amount)
        granted.extend(delegations)
        action = f"{target.kind}-{payload['decision']}"
        used[:] = [decision_by(holder, id, case.id, action, now)]
        return after, Note(person, action, {"step": target.step, "task": id, **basis_of(holder), "administrator": administrator, **payload})

    def also(writer: Writer, case: Case) -> None:
        write_delegations(app, writer, granted, administrator)
        for decision in used:
            writer.add_decision(decision)
        if target.kind == TaskKind.RIGHTS:
            demand_apart(app, writer, case)
        faults.point("task.before-commit")

    after = change(app, target.case, mutate, also)
    faults.point("task.after-commit")
    return after


def target_round(task: str) -> int:
    """Which round of its step a task id belongs to."""
    return int(task.rpartition(".")[2])


_Decide = Callable[[Act], Made]
_Describe = Callable[[App, Case, StepDef], Mapping[str, Any]]

_KINDS: Mapping[TaskKind, tuple[_Decide, _Describe]] = {
    TaskKind.APPOINT: (decide_appoint.decide, decide_appoint.describe),
    TaskKind.DOCUMENT: (decide_paper.hand_in, decide_paper.describe_document),
    TaskKind.REVIEW: (decide_paper.review, decide_paper.describe_review),
    TaskKind.FORM: (decide_form.decide, decide_form.describe),
    TaskKind.RIGHTS: (decide_rights.decide, decide_rights.describe),
    TaskKind.APPROVE: (decide_approve.decide, decide_approve.describe),
    TaskKind.CONSENT: (decide_paper.check, decide_paper.describe_check),
    TaskKind.ORDERED: (decide_paper.check, decide_paper.describe_check),
    TaskKind.RECEIVED: (decide_paper.check, decide_paper.describe_check),
    TaskKind.ASSESS: (decide_paper.check, decide_paper.describe_check),
    TaskKind.ORDER: (decide_order.order, decide_order.describe_order),
    TaskKind.APPROVE_ORDER: (decide_order.approve_order, decide_order.describe_approval),
    TaskKind.RECEIVE: (decide_order.receive, decide_order.describe_receipt),
}
"""What each kind of task does with an answer, and what it tells that it takes."""


def open_tasks(app: App, *, person: str = "", case: str = "", state: str = "open") -> list[tuple[Task, tuple[Holder, ...]]]:
    """Tasks with who may act on each now; only those that `person` may act on, if given."""
    powers = PowersNow(app, everything=not case)
    cases: dict[str, Case] = {}
    found = []
    for row in app.store.tasks(case=case, state=state, limit=_ALL):
        if row.case not in cases:
            cases[row.case] = load(app, row.case).case
        known = cases[row.case]
        may = powers.holders(known, row.actor, graph_of(app, known).steps.get(row.step), row.escalated)
        if not person or any(holder.person == person for holder in may):
            found.append((row, may))
    return found


def describe(app: App, row: Task, given: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What a task takes: its decisions, the fields of its values, and an input that would do as it stands or nearly.

    `given` are answers so far: a form that narrows shows what is left after them.
    """
    case = load(app, row.case).case
    second = describe_second(case, graph_of(app, case)[row.step])
    if second is not None:
        return dict(second)
    if row.kind == TaskKind.FORM:
        return dict(decide_form.describe(app, case, graph_of(app, case)[row.step], given))
    _, told = _KINDS[TaskKind(row.kind)]
    return dict(told(app, case, graph_of(app, case)[row.step]))
