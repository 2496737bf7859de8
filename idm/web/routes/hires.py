"""The hires that the visitor watches over: how far each is, what it waits for, and whether its first day is at risk."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from idm.domain.access_rules import Act, may
from idm.flow.overview import OVER, UNDER_WAY, hires
from idm.web.access import Staff
from idm.web.portal import Routes, Visit

pages = Routes()


@pages.get("/hires", access=Staff())
def overview(visit: Visit) -> Response:
    """A page of hires, by start date; of one unit, state or name if asked."""
    asked = {name: visit.query(name) for name in ("unit", "state", "text")}
    asked["state"] = asked["state"] if asked["state"] in (UNDER_WAY, OVER) else UNDER_WAY
    unit, state, text = asked["unit"], asked["state"], asked["text"]
    found = hires(visit.app, visit.person, unit=unit, state=state, text=text, after=visit.query("after"), language=visit.language)
    context: dict[str, Any] = {
        "found": found,
        **asked,
        "may_start": may(visit.globally, Act.START_HIRE),
        "next": _address({**asked, "after": found.next}) if found.next else "",
        "tabs": [(state, _address({**asked, "state": state})) for state in (UNDER_WAY, OVER)],
    }
    return visit.part("hires/list_part.html", **context) if visit.live else visit.page("hires/list.html", **context)


def _address(asked: dict[str, str]) -> str:
    given = {name: value for name, value in asked.items() if value}
    return f"/hires?{urlencode(given)}" if given else "/hires"
