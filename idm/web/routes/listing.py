"""The action list: what waits for whoever looks, what they did, and what they delegated."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from idm.flow.action_list import Action, action_list
from idm.flow.compose import title_of
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
        "rows": [_row(visit, item, here) for item in found.items],
        "unit": unit,
        "kind": kind,
        "kinds": sorted((kind, task_title(kind, "", visit.language)) for kind in found.kinds),
        "next": _address("/tasks", unit=unit, kind=kind, after=found.next) if found.next else "",
        "here": here,
        "asked": _asked(visit) if not (unit or kind or after or visit.live) else [],
    }
    return visit.part("tasks/list_part.html", **context) if visit.live else visit.page("tasks/list.html", **context)


def _asked(visit: Visit) -> list[dict[str, Any]]:
    """Questions of new employees that the visitor may answer, the oldest first."""
    found = open_questions(visit.app, visit.person)
    names = names_of(visit.app, {comment.author for comment in found})
    return [{"href": f"/cases/{each.case}#comments", "name": names.get(each.author, ""), "at": each.at} for each in found]


def _row(visit: Visit, item: Action, here: str) -> dict[str, Any]:
    policies = visit.app.policies.current()
    document = title_of(policies, item.document, visit.language) if item.document else ""
    href = f"/tasks/{item.task.id}?{urlencode({'back': here})}"
    return {"item": item, "title": task_title(item.kind, document, visit.language), "href": href}


def _address(path: str, **asked: str) -> str:
    given = {name: value for name, value in asked.items() if value}
    return f"{path}?{urlencode(given)}" if given else path
