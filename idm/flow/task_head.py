"""What stands above every task: whose hire it is, by when, and why it is asked of the one who looks at it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from idm.domain.authority import Holder
from idm.domain.case import Case
from idm.domain.four_eyes import first_look
from idm.domain.projection import Task
from idm.flow.compose import title_of
from idm.flow.graphs import graph_of
from idm.flow.powers import PowersNow, matter_at
from idm.flow.wording import task_title
from idm.ports import App


@dataclass(frozen=True, slots=True)
class TaskHead:
    """A task as its page names it. `holder` is the power by which the reader may act on it, None if they only may look.

    `others` are the names of those who may act on it beside them; `returned` is why it was sent back, "" if it wasn't.
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
    short_notice: bool
    names: Mapping[str, str]


def task_head(app: App, case: Case, task: Task, person: str, language: str) -> TaskHead:
    """The head of `task`, as `person` sees it in `language`."""
    tree, policies = app.store.organisation(), app.policies.current()
    step = graph_of(app, case).steps.get(task.step)
    now = PowersNow(app, tree)
    found = now.resolve(task.actor, matter_at(now.policy, case, step), escalated=task.escalated)
    ids = {case.person, *(holder.person for holder in found.holders), *_named(found.holder(person))}
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
        returned=_returned(case, task),
        short_notice=case.short_notice,
        names=names,
    )


def _returned(case: Case, task: Task) -> str:
    """Why a task was opened anew; "" if it is asked for the first time, or waits for a second person."""
    step = case.steps.get(task.step)
    if step is None or task.state != "open" or step.round == 1 or first_look(case, task.step) is not None:
        return ""
    return step.reason


def _named(holder: Holder | None) -> set[str]:
    """Everybody whom a holder's power names."""
    if holder is None:
        return set()
    return {holder.granted_by, *holder.substitute_for} - {""}


def names_of(app: App, ids: set[str]) -> dict[str, Any]:
    """Person -> their full name, of those who are known."""
    return {id: person.full_name for id, person in app.store.people(ids).items()}
