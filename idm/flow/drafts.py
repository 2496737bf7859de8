"""Save and go on another day: a form that isn't handed in yet is kept, encrypted, for the person who fills it in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from idm.domain.case import Case
from idm.domain.journey import StepDef, TaskKind
from idm.domain.projection import Task
from idm.errors import BadInput, Conflict, Fault
from idm.flow.confidential import answers_for, looked_at
from idm.flow.decide_form import form_called
from idm.flow.graphs import graph_of, load
from idm.flow.known_as import known_as
from idm.flow.power_use import demand_power
from idm.flow.tasks import task as task_called
from idm.ports import App

_LONGEST = 2000
"""Letters of an answer at most, as of what is handed in."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Answers so far, as they were typed and unchecked, and when they were saved (business time)."""

    values: Mapping[str, Any]
    saved_at: datetime


def save_draft(app: App, person: str, task: str, values: Mapping[str, Any]) -> Draft:
    """Keep `values` of an open form task for `person`, in place of what they saved before. They need not be right, nor complete.

    Nothing empty is kept. The draft goes with the task: when it is answered or withdrawn. Raises `NotAllowed` unless they may answer the
    task, `Conflict` if it is no open form, `BadInput` for fields that the form doesn't have or answers too long to be any.
    """
    person = known_as(app, person)
    found, case, step = _open_form(app, task)
    demand_power(app, case, found.actor, step, person, escalated=found.escalated)
    form = form_called(app, step.form)
    known = {field.id for field in form.fields}
    faults = [
        Fault(f"values.{name}", "unknown-field", f"the form '{form.name}' has no field '{name}'") for name in values if name not in known
    ]
    faults += [
        Fault(f"values.{name}", "length", f"is longer than {_LONGEST} characters") for name in known if _length(values.get(name)) > _LONGEST
    ]
    if faults:
        raise BadInput("This can't be saved.", faults=faults, next_step="Mend what is named; what was saved before is still there.")
    kept = {name: value for name, value in values.items() if value not in (None, "", [])}
    now = app.clock.now()
    with app.store.write() as writer:
        writer.put_draft(task, person, app.keys.encrypt(json.dumps(kept, ensure_ascii=False)), now)
    return Draft(kept, now)


def draft_of(app: App, person: str, task: str) -> Draft | None:
    """What `person` saved of an open task; None if they saved nothing, or the task isn't open any more."""
    person = known_as(app, person)
    row = app.store.draft(task, person)
    if row is None or task_called(app, task).state != "open":
        return None
    body, saved_at = row
    return Draft(json.loads(app.keys.decrypt(body)), saved_at)


def begin_with(app: App, person: str, task: str) -> dict[str, Any]:
    """What the fields of a form begin with for `person`: their draft, else what was answered before, else what is known of the person.

    Confidential answers are among it, readable, if they may see them. Raises `NotAllowed` unless they may answer the task.
    """
    person = known_as(app, person)
    found, case, step = _open_form(app, task)
    demand_power(app, case, found.actor, step, person, escalated=found.escalated)
    draft = draft_of(app, person, task)
    if draft is not None:
        return dict(draft.values)
    form = form_called(app, step.form)
    return dict(answers_for(app, case, step, person)) if form.confidential else dict(case.values.get(form.name, {}))


def told_before(app: App, person: str, task: str) -> Mapping[str, Mapping[str, str]]:
    """What the person hired told that whoever answers this form looks at and approves with it: form -> field -> answer, readable.

    Raises `NotAllowed` unless `person` may answer the task.
    """
    person = known_as(app, person)
    found, case, step = _open_form(app, task)
    demand_power(app, case, found.actor, step, person, escalated=found.escalated)
    return {each.form: answers_for(app, case, each, person) for each in looked_at(graph_of(app, case), step)}


def _open_form(app: App, task: str) -> tuple[Task, Case, StepDef]:
    found = task_called(app, task)
    case = load(app, found.case).case
    if found.kind != TaskKind.FORM:
        raise Conflict(f"Task {task} is no form.", next_step="`idm task list` shows what is open.")
    if found.state == "done" and found.step in case.approvals:
        raise Conflict(
            f"{case.approvals[found.step].by} answered this form meanwhile.", next_step="`idm case show` shows what was decided."
        )
    if found.state != "open":
        raise Conflict("This form isn't asked for any more.", next_step="`idm case show` shows what was decided.")
    return found, case, graph_of(app, case)[found.step]


def _length(value: object) -> int:
    if isinstance(value, list | tuple):
        return sum(len(str(each)) for each in value)
    return len(str(value)) if value is not None else 0
