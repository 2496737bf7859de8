"""Answers to any open task, as its person would give them: for tests that play whole hires, whatever their rules ask."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from idm.domain.journey import TaskKind
from idm.domain.projection import Task
from idm.flow.deciding import Decision
from idm.flow.documents import add_document
from idm.flow.tasks import actors, describe, do_task
from idm.ports import App
from tests import data


def answer(world_app: App, task: Task, *, back: bool = False) -> bool:
    """Let the first who may answer an open task, with `back` by a return if it takes one; False if nobody may."""
    loaded = world_app.store.load(task.case)
    assert loaded is not None
    if task.kind == TaskKind.DOCUMENT:
        name, content = data.file_of(task.document)
        add_document(world_app, task.case, task.document, name, io.BytesIO(content), "", "admin")
        return True
    may = actors(world_app, loaded.case, task.actor, task.step)
    if not may:
        return False
    takes = describe(world_app, task)
    do_task(world_app, task.id, may[0].person, decision_for(world_app, task, takes, back=back), "admin")
    return True


def decision_for(app: App, task: Task, takes: Mapping[str, Any], *, back: bool = False) -> Decision:
    """A sound answer to what a task takes."""
    if back and "return" in takes["decisions"] and task.kind == TaskKind.REVIEW:
        return Decision("return", "it can't be read")
    match task.kind:
        case TaskKind.APPOINT:
            return Decision("appoint", values={"pay": data.PAY, "it": data.IT})
        case TaskKind.FORM:
            return Decision("submit", values=sound_values(app, task))
        case _:
            given = takes["example"]
            return Decision(given["decision"], values=given.get("values"))


def sound_values(app: App, task: Task) -> dict[str, str]:
    """A form filled in as its task gives for example."""
    return dict(describe(app, task)["example"]["values"])
