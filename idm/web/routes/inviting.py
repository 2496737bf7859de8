"""The personal link: a page that asks to go on, then a code by SMS, then the checklist. Only the button spends the link, no look does."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from idm.domain.invitations import LinkState
from idm.errors import BadInput, Conflict, IdmError, NotAllowed, NotFound, Unavailable
from idm.flow.invitations import ask_again, enter_code, go_on, looked_up, pending_of, send_again
from idm.web.access import Anyone
from idm.web.portal import Routes, Visit

pages = Routes()

CODE_COOKIE = "__Host-idm-code"
"""What remembers, between link and code, which sign-in waits."""

_REFUSALS = (BadInput, Conflict, NotAllowed, NotFound, Unavailable)


@pages.get("/start", access=Anyone())
def begin(visit: Visit) -> Response:
    """What somebody reads who comes without a link."""
    return visit.page("start/begin.html")


@pages.get("/start/code", access=Anyone())
def code(visit: Visit) -> Response:
    """Where the code is written."""
    return _code(visit)


@pages.post("/start/code", access=Anyone())
def enter(visit: Visit) -> Response:
    """The code opens a session."""
    try:
        agent = visit.request.headers.get("user-agent", "")
        token = enter_code(visit.app, _pending(visit), visit.form.text("code"), agent=agent)
    except _REFUSALS as error:
        return _code(visit, error)
    visit.cookies.append(lambda answer: answer.delete_cookie(CODE_COOKIE, path="/", secure=True, httponly=True, samesite="lax"))
    visit.set_session(token)
    return visit.go("/my")


@pages.post("/start/code/again", access=Anyone())
def another(visit: Visit) -> Response:
    """Another code, which counts instead of the one before."""
    try:
        send_again(visit.app, _pending(visit))
    except _REFUSALS as error:
        return _code(visit, error)
    return visit.go("/start/code", visit.say("A new code is on its way."))


@pages.get("/start/{token}", access=Anyone())
def open_link(visit: Visit) -> Response:
    """The page that a link opens, as often as anybody opens it."""
    return _link(visit)


@pages.post("/start/{token}", access=Anyone())
def use_link(visit: Visit) -> Response:
    """Go on from the link: it is spent, and a code is on its way."""
    try:
        pending = go_on(visit.app, visit.path["token"])
    except _REFUSALS as error:
        return _link(visit, error)
    visit.cookies.append(
        lambda answer: answer.set_cookie(CODE_COOKIE, pending, max_age=3600, path="/", secure=True, httponly=True, samesite="lax")
    )
    return visit.go("/start/code")


@pages.post("/start/{token}/again", access=Anyone(), page="/start")
def ask(visit: Visit) -> Response:
    """Ask for a fresh link. The answer is the same whatever came of it."""
    ask_again(visit.app, visit.path["token"])
    return visit.page("start/asked.html")


def _pending(visit: Visit) -> str:
    return visit.request.cookies.get(CODE_COOKIE, "")


def _link(visit: Visit, error: IdmError | None = None) -> Response:
    invitation = looked_up(visit.app, visit.path["token"])
    state = invitation.state(visit.app.clock.now()) if invitation is not None else None
    may_ask = state in (LinkState.SPENT, LinkState.EXPIRED)
    context: dict[str, Any] = {"state": state.value if state is not None else "", "token": visit.path["token"], "may_ask": may_ask}
    if error is not None:
        return visit.page("start/link.html", 409, faults=visit.faults(error), **context)
    status = 200 if state is LinkState.OPEN else 404 if state is None else 410
    return visit.page("start/link.html", status, **context)


def _code(visit: Visit, error: IdmError | None = None) -> Response:
    waiting = pending_of(visit.app, _pending(visit))
    if waiting is None and error is None:
        return visit.page("start/begin.html", 410)
    context: dict[str, Any] = {"waiting": waiting}
    return visit.asking("start/code.html", error, **context)
