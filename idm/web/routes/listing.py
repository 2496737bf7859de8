"""The action list: what waits for whoever looks, what they did, and what they delegated. Some kinds can be done together, where safe."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from idm.flow.act_many import DECISIONS, Chosen, act_many, offer
from idm.flow.action_list import Action, action_list
from idm.flow.compose import title_of
from idm.flow.decided import delegated, did
from idm.flow.questions import open_questions
from idm.flow.task_head import names_of
from idm.flow.wording import task_title
from idm.web.access import Staff
from idm.web.portal import Routes, Visit

pages = Routes()


@pages.get("/tasks", access=Staff())
def waiting(visit: Visit) -> Response:
    """What waits for the visitor, the latest first; of one unit or kind if asked."""
    unit, kind, after = visit.query("unit"), visit.query("kind"), visit.query("after")
    found = action_list(visit.app, visit.person, unit=unit, kind=kind, after=after)
    names = names_of(visit.app, {id for item in found.items for id in (item.holder.granted_by, *item.holder.substitute_for) if id})
    here = _address("/tasks", unit=unit, kind=kind, after=after)
    context: dict[str, Any] = {
        "found": found,
        "names": names,
        "rows": [_row(visit, item, here, together=kind in DECISIONS) for item in found.items],
        "together": kind in DECISIONS,
        "unit": unit,
        "kind": kind,
        "kinds": sorted((kind, task_title(kind, "", visit.language)) for kind in found.kinds),
        "next": _address("/tasks", unit=unit, kind=kind, after=found.next) if found.next else "",
        "here": here,
        "asked": _asked(visit) if not (unit or kind or after or visit.live) else [],
    }
    return visit.part("tasks/list_part.html", **context) if visit.live else visit.page("tasks/list.html", **context)


@pages.post("/tasks", access=Staff())
def together(visit: Visit) -> Response:
    """Do every task that was ticked, as it was shown; what couldn't be done is told with its reason."""
    chosen = [Chosen(*parts) for value in visit.form.all("task") if len(parts := value.rsplit("~", 1)) == 2]
    outcomes = act_many(visit.app, visit.person, chosen)
    failed = [each for each in outcomes if not each.done]
    done = len(outcomes) - len(failed)
    if not failed:
        return visit.go(visit.back("/tasks"), visit.say("{number} done.", number=done) if done else visit.say("Nothing was ticked."))
    titles = {each.id: _named(visit, each.id) for each in failed}
    return visit.page("tasks/together.html", 409, failed=failed, done=done, titles=titles, back=visit.back("/tasks"))


@pages.get("/tasks/done", access=Staff())
def done(visit: Visit) -> Response:
    """What the visitor decided, and what others decided in their place."""
    found = did(visit.app, visit.person, visit.query("after"))
    rows = [(each, _title(visit, each.kind, each.document), visit.decision_word(each.action.partition("-")[2])) for each in found.items]
    following = _address("/tasks/done", after=found.next) if found.next else ""
    return visit.page("tasks/done.html", rows=rows, next=following, tab="did")


@pages.get("/tasks/delegated", access=Staff())
def given(visit: Visit) -> Response:
    """What the visitor delegated, and what was done with it."""
    return visit.page("tasks/delegated.html", rows=delegated(visit.app, visit.person, visit.language), tab="delegated")


def _named(visit: Visit, id: str) -> str:
    """What a task is called that the visitor was shown; "" if it is gone."""
    row = visit.app.store.task(id)
    return _title(visit, row.kind, row.document) if row is not None else ""


def _title(visit: Visit, kind: str, document: str) -> str:
    title = title_of(visit.app.policies.current(), document, visit.language) if document else ""
    return task_title(kind, title, visit.language)


def _asked(visit: Visit) -> list[dict[str, Any]]:
    """Questions of new employees that the visitor may answer, the oldest first."""
    found = open_questions(visit.app, visit.person)
    names = names_of(visit.app, {comment.author for comment in found})
    return [{"href": f"/cases/{each.case}#comments", "name": names.get(each.author, ""), "at": each.at} for each in found]


def _row(visit: Visit, item: Action, here: str, *, together: bool) -> dict[str, Any]:
    href = f"/tasks/{item.task.id}?{urlencode({'back': here})}"
    return {
        "item": item,
        "title": _title(visit, item.kind, item.document),
        "href": href,
        "offer": _offer(visit, item) if together else None,
    }


def _offer(visit: Visit, item: Action) -> dict[str, str] | None:
    """What doing this one together with others would mean; None if it must be looked at by itself."""
    found = offer(visit.app, item.task)
    if found is None or found.why_not:
        return None
    roles = visit.app.policies.current().roles
    what = [roles[each].titles.get(visit.language, each) if each in roles else each for each in found.what]
    return {"value": f"{item.task.id}~{found.mark}", "what": ", ".join(what) if item.kind != "ordered" else ""}


def _address(path: str, **asked: str) -> str:
    given = {name: value for name, value in asked.items() if value}
    return f"{path}?{urlencode(given)}" if given else path
