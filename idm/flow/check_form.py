"""Checking a form as it is typed: what is wrong so far, without saving anything."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from idm.domain.journey import TaskKind
from idm.errors import BadInput, Fault
from idm.flow.decide_form import form_called
from idm.flow.graphs import graph_of, load
from idm.flow.payroll import check_form
from idm.flow.tasks import task as task_called
from idm.ports import App


def check_values(app: App, task: str, values: Mapping[str, Any], only: Collection[str] = ()) -> tuple[Fault, ...]:
    """The faults of `values` in the form of a task, as its hand-in would tell them; of the fields `only`, if they are given.

    Nothing is saved, and no fault repeats a value. Whether the caller may see the task, they asked before. Raises `BadInput` if the task
    is no form.
    """
    found = task_called(app, task)
    if found.kind != TaskKind.FORM:
        raise BadInput(f"Task {task} is no form.", faults=[Fault("task", "no-form", "it has no fields to check")], next_step="Answer it.")
    case = load(app, found.case).case
    form = form_called(app, graph_of(app, case)[found.step].form)
    _, faults = check_form(app, case, form, values)
    paths = {f"values.{name}" for name in only}
    return tuple(fault for fault in faults if not paths or fault.path in paths)
