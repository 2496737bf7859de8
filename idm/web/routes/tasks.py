"""A task: its page, what was decided, and the form that narrows as it is filled in."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from idm.domain.access_rules import Act, may
from idm.domain.journey import TaskKind
from idm.errors import BadInput, Conflict, IdmError, NotAllowed
from idm.flow.documents import add_document
from idm.flow.drafts import save_draft
from idm.flow.task_head import task_head
from idm.flow.tasks import do_task
from idm.web.access import OfTask
from idm.web.desks import appointing, equipment, forms
from idm.web.desks.kinds import desk_of
from idm.web.portal import Routes, Visit

pages = Routes()


@pages.get("/tasks/{task}", access=OfTask(Act.SEE_TASK))
def show(visit: Visit) -> Response:
    """The task with its form; for who may only look, and once it is done, what became of it."""
    return _page(visit)


@pages.post("/tasks/{task}", access=OfTask(Act.SEE_TASK))
def decide(visit: Visit) -> Response:
    """Take the decision. Whoever may see the task and not do it, or comes too late, is told why."""
    desk = desk_of(visit.case, visit.task)
    try:
        if visit.task.kind == TaskKind.FORM and visit.form.text("decision") == "save":
            save_draft(visit.app, visit.person, visit.task.id, forms.given(visit) or {})
            return visit.go(visit.back("/tasks"), visit.say("It is saved. Go on when you like."))
        answer = desk.read(visit)
        do_task(visit.app, visit.task.id, visit.person, answer)
    except (BadInput, Conflict, NotAllowed) as error:
        return _page(visit, error)
    said = desk.said.get(answer.decision, "")
    return visit.go(visit.back("/tasks"), desk.told(visit, answer) or (visit.say(said) if said else ""))


@pages.post("/tasks/{task}/narrow", access=OfTask(Act.DO_TASK))
def narrow(visit: Visit) -> Response:
    """The form once more with what follows from the answers so far: alone for htmx, within its page without. Nothing is saved."""
    if visit.task.kind not in (TaskKind.FORM, TaskKind.ORDER):
        raise Conflict("This task has no form that narrows.")
    if visit.live and visit.task.state != "open":
        # Answered in another window meanwhile: its page says by whom.
        return Response(status_code=204, headers={"HX-Redirect": f"/tasks/{visit.task.id}"})
    if visit.live and visit.task.kind == TaskKind.ORDER:
        return visit.part("tasks/order_total.html", stands=equipment.stands(visit))
    if visit.live:
        return visit.page("tasks/form_fields.html", **forms.show(visit))
    return _page(visit)


@pages.post("/tasks/{task}/find", access=OfTask(Act.DO_TASK))
def find(visit: Visit) -> Response:
    """Who may be meant by what was typed: alone for htmx, within the page as it stands without. Nothing is saved."""
    if desk_of(visit.case, visit.task) is not appointing.DESK:
        raise Conflict("In this task nobody is to be named.")
    if visit.live:
        return visit.part("parts/found.html", picker=appointing.picker_of(visit, visit.query("for")))
    return _page(visit)


@pages.post("/tasks/{task}/files", access=OfTask(Act.DO_TASK), files=True)
def hand_in(visit: Visit) -> Response:
    """A paper that somebody of the house hands in."""
    upload = visit.form.file("file")
    if visit.task.kind != TaskKind.DOCUMENT:
        raise Conflict("This task takes no file.")
    if upload is None:
        return _page(visit, BadInput("No file was chosen."))
    try:
        add_document(visit.app, visit.case.id, visit.task.document, upload.name, upload.stream, visit.person)
    except (BadInput, Conflict, NotAllowed) as error:
        return _page(visit, error)
    return visit.go(visit.back("/tasks"), visit.say("The paper is handed in."))


def _page(visit: Visit, error: IdmError | None = None) -> Response:
    head = task_head(visit.app, visit.case, visit.task, visit.person, visit.language)
    back = visit.back("/tasks")
    live = visit.task.state == "open" and not visit.case.over
    if not live or not may(visit.relations, Act.DO_TASK, visit.case.state, actor=visit.task.actor):
        shown: dict[str, Any] = {"head": head, "back": back, "live": live}
        return visit.asking("tasks/closed.html", error, **shown)
    desk = desk_of(visit.case, visit.task)
    context: dict[str, Any] = {"head": head, "back": back, **desk.show(visit)}
    template = f"tasks/{desk.template}"
    beside = {**_FIELDS, **desk.beside(visit)} if error is not None else {}
    return visit.asking(template, error, beside, **context)


_FIELDS = {"values.pay": "pay", "values.it": "it", "reason": "reason", "values.expires": "expires", "file": "file"}
