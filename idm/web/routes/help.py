"""Help in a page: what is found where, whom to ask, the keys, signing in, and what is kept. For everybody, also before they are in."""

from __future__ import annotations

from starlette.responses import Response

from idm.domain.access_rules import Act, may
from idm.domain.sessions import LIFETIMES, SessionKind
from idm.web.access import Anyone
from idm.web.portal import Routes, Visit

pages = Routes()


@pages.get("/help", access=Anyone())
def show(visit: Visit) -> Response:
    """Each reads what concerns them: new employees, the staff, or both before anybody is signed in."""
    kind = visit.session.kind if visit.session is not None else None
    lasts = LIFETIMES[SessionKind.HIRE if kind is SessionKind.HIRE else SessionKind.STAFF]
    return visit.page(
        "help.html",
        kind=kind.value if kind is not None else "",
        idle=int(lasts.idle.total_seconds() // 60),
        longest=int(lasts.longest.total_seconds() // 3600),
        appoints=may(visit.globally, Act.DELEGATE),
        keeps_tables=may(visit.globally, Act.KEEP_TABLES),
    )
