"""What stands above every task: whose hire it is, by when, and why it is asked of the one who looks at it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from idm.domain.authority import Holder
from idm.domain.case import Case
from idm.domain.four_eyes import first_look
from idm.domain.journey import StepDef, TaskKind
from idm.domain.projection import Task
from idm.flow.compose import title_of
from idm.flow.graphs import graph_of
from idm.flow.powers import PowersNow, matter_at
from idm.flow.wording import task_title
from idm.ports import App

_ALL = 1_000_000
"""More entries than the audit of one case has."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """That what a task is about was returned before: by whom, when, and why. `disagreed`: a second person set aside the first's word."""

    by: str
    by_name: str
    at: datetime
    reason: str
    disagreed: bool


@dataclass(frozen=True, slots=True)
class TaskHead:
    """A task as its page names it. `holder` is the power by which the reader may act on it, None if they only may look.

    `others` are the names of those who may act on it beside them; `returned` is why it was sent back to them, "" if it wasn't. `earlier`
    is why what they judge was sent back the last time, None if it never was.
    """

    task: Task
    title: str
    person_name: str
    unit_name: str
    position_title: str
    start_date: date
    due: date | None
    holder: Holder | None
    others: tuple[str, ...]
    returned: str
    earlier: Earlier | None
    short_notice: bool
    names: Mapping[str, str]


def task_head(app: App, case: Case, task: Task, person: str, language: str) -> TaskHead:
    """The head of `task`, as `person` sees it in `language`."""
    tree, policies = app.store.organisation(), app.policies.current()
    step = graph_of(app, case).steps.get(task.step)
    now = PowersNow(app, tree)
    found = now.resolve(task.actor, matter_at(now.policy, case, step), escalated=task.escalated)
    earlier = _earlier(app, case, task, step)
    ids = {case.person, *(holder.person for holder in found.holders), *_named(found.holder(person))}
    if earlier is not None:
        ids.add(earlier.by)
    people = app.store.people(ids)
    names = {id: each.full_name for id, each in people.items()}
    unit, position = tree.units.get(case.facts.unit), tree.positions.get(case.facts.position)
    document = title_of(policies, task.document, language) if task.document else ""
    return TaskHead(
        task=task,
        title=task_title(task.kind, document, language, task.actor),
        person_name=names.get(case.person, ""),
        unit_name=unit.name if unit is not None else case.facts.unit,
        position_title=position.title if position is not None else case.facts.position,
        start_date=case.facts.start_date,
        due=task.due,
        holder=found.holder(person) if task.state == "open" else None,
        others=tuple(dict.fromkeys(names.get(holder.person, "") for holder in found.holders if holder.person != person)),
        returned=_returned(case, task, earlier),
        earlier=replace(earlier, by_name=names.get(earlier.by, earlier.by)) if earlier is not None and not earlier.disagreed else None,
        short_notice=case.short_notice,
        names=names,
    )


_JUDGING = (TaskKind.REVIEW, TaskKind.APPROVE, TaskKind.APPROVE_ORDER)
"""The tasks that return what others did."""
_BY_POLICY = (TaskKind.APPROVE, TaskKind.APPROVE_ORDER, TaskKind.RECEIVE)
"""The tasks that nobody sends back: the reason at their step is why policy asks for them, unless a second person disagreed."""


def _returned(case: Case, task: Task, earlier: Earlier | None) -> str:
    """Why a task was sent back; "" if it is asked for the first time, waits for a second person, or is asked anew by policy."""
    step = case.steps.get(task.step)
    if step is None or task.state != "open" or step.round == 1 or first_look(case, task.step) is not None:
        return ""
    if task.kind in _BY_POLICY and (earlier is None or not earlier.disagreed):
        return ""
    return step.reason


def _earlier(app: App, case: Case, task: Task, step: StepDef | None) -> Earlier | None:
    """The last return from the step of an open task, or to what it judges; None if there was none."""
    status = case.steps.get(task.step)
    judged = task.kind in _JUDGING or task.kind in _BY_POLICY
    if step is None or status is None or task.state != "open" or status.round == 1 or not judged:
        return None
    for entry in reversed(app.store.audit(case.id, limit=_ALL)):
        told = json.loads(entry.payload) if entry.payload is not None else {}
        decision, reason = told.get("decision"), told.get("reason")
        here = told.get("step") == task.step or (step.returns_to and told.get("to") == step.returns_to)
        if here and reason and decision in ("return", "disagree"):
            return Earlier(entry.actor, "", entry.at, str(reason), decision == "disagree")
        if here and told.get("step") == task.step and decision:
            return None
    return None


def _named(holder: Holder | None) -> set[str]:
    """Everybody whom a holder's power names."""
    if holder is None:
        return set()
    return {holder.granted_by, *holder.substitute_for} - {""}


def names_of(app: App, ids: set[str]) -> dict[str, Any]:
    """Person -> their full name, of those who are known."""
    return {id: person.full_name for id, person in app.store.people(ids).items()}
