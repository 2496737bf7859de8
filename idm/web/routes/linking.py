"""The contact's side of a new hire's personal link: how the links stand, a fresh one by mail, and all of them withdrawn."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from idm.domain.access_rules import Act
from idm.errors import Conflict, IdmError
from idm.flow.invitations import invitations_of, renew, revoke
from idm.web.access import OfCase
from idm.web.portal import Routes, Visit

pages = Routes()


@pages.get("/cases/{case}/link", access=OfCase(Act.INVITE))
def links(visit: Visit) -> Response:
    """Every link that was sent, and how it stands."""
    return _links(visit)


@pages.post("/cases/{case}/link/renew", access=OfCase(Act.INVITE))
def send_anew(visit: Visit) -> Response:
    """Send a fresh link; those sent before open nothing any more."""
    try:
        renew(visit.app, visit.case.id, visit.person)
    except Conflict as error:
        return _links(visit, error)
    return visit.go(f"/cases/{visit.case.id}/link", visit.say("A fresh link is on its way. Those sent before open nothing any more."))


@pages.post("/cases/{case}/link/revoke", access=OfCase(Act.INVITE))
def withdraw(visit: Visit) -> Response:
    """Withdraw every link, and end the sessions of the person hired."""
    revoke(visit.app, visit.case.id, visit.person)
    return visit.go(f"/cases/{visit.case.id}/link", visit.say("Every link is withdrawn, and nobody is signed in by one any more."))


def _links(visit: Visit, error: IdmError | None = None) -> Response:
    person, now = visit.app.store.person(visit.case.person), visit.app.clock.now()
    found = [(link, link.state(now).value) for link in invitations_of(visit.app, visit.case.id)]
    context: dict[str, Any] = {"links": found, "person_name": person.full_name if person is not None else ""}
    return visit.asking("cases/link.html", error, **context)
