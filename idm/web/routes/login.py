"""Signing in and out: by OpenID Connect, or, where everybody is invented and nobody else looks in, by choosing who to be."""

from __future__ import annotations

import ipaddress
import logging
from dataclasses import dataclass
from typing import Any

from starlette.responses import RedirectResponse, Response

from idm.domain.ids import new_id
from idm.domain.sessions import SessionKind
from idm.errors import IdmError, NotAllowed, NotFound, Unavailable
from idm.flow.choosing import choosable
from idm.flow.sessions import close_one, close_session, open_session, sessions_of
from idm.flow.signing_in import who_signs_in
from idm.web.access import Anyone, SignedIn
from idm.web.door import LOOPBACK, name_of
from idm.web.login_oidc import CALLBACK, COOKIE, LASTS, OpenIdLogin, own_path
from idm.web.login_tokens import SignInRefused
from idm.web.portal import SESSION_COOKIE, Routes, Visit

log = logging.getLogger("idm.web.login")

pages = Routes()

OUT = "/signed-out"
"""Where one is told that they are signed out."""


@dataclass(frozen=True, slots=True)
class Choosing:
    """Everybody who sits at this machine, in a demo or test installation that listens to nobody else."""

    def admit(self, visit: Visit) -> None:
        """See the protocol."""
        if not may_choose(visit):
            raise NotFound


def may_choose(visit: Visit) -> bool:
    """Whether this visitor may choose who to be: the installation is to try things out, and the visitor is at the very machine."""
    client = visit.request.client
    try:
        here = client is not None and ipaddress.ip_address(client.host).is_loopback
    except ValueError:
        here = False
    return visit.site.may_choose and here and name_of(visit.request.headers.get("host", "").lower()) in LOOPBACK


@pages.get("/login", access=Anyone())
def login(visit: Visit) -> Response:
    """Where one signs in. Whoever is signed in of the staff goes on."""
    if visit.session is not None and visit.session.kind is SessionKind.STAFF:
        return visit.go(own_path(visit.query("back")))
    return _login_page(visit)


@pages.get("/login/oidc", access=Anyone())
def begin(visit: Visit) -> Response:
    """Begin to sign in at the provider: the browser is sent there, with a sealed cookie that remembers this login."""
    try:
        begun = _provider(visit).begin(visit.query("back"), language=visit.language)
    except Unavailable as error:
        return _failed(visit, error)
    lasts = int(LASTS.total_seconds())
    visit.cookies.append(
        lambda answer: answer.set_cookie(COOKIE, begun.cookie, max_age=lasts, path="/", secure=True, httponly=True, samesite="lax")
    )
    return visit.dressed(RedirectResponse(begun.url, 303))


@pages.get(CALLBACK, access=Anyone())
def finish(visit: Visit) -> Response:
    """The way back from the provider: who it says that signed in gets a session, if they may."""
    provider = _provider(visit)
    visit.cookies.append(lambda answer: answer.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax"))
    try:
        claims = provider.finish(visit.request.query_params, visit.request.cookies.get(COOKIE, ""))
        person = who_signs_in(visit.app, provider.settings.rule, claims.values)
        return _sign_in(visit, person, "openid", claims.return_to)
    except (NotAllowed, Unavailable) as error:
        return _failed(visit, error)


@pages.get("/login/choose", access=Choosing())
def choose(visit: Visit) -> Response:
    """Who one can be."""
    asked = visit.query("q")
    titles = {
        "manager": visit.say("manager"),
        "pay": visit.say("pay contact"),
        "it": visit.say("IT contact"),
        "control": visit.say("payroll control"),
        "payroll_staff": visit.say("payroll staff"),
        "auditor": visit.say("auditor"),
        "all": visit.say("substitute"),
    }
    people, more = choosable(visit.app, asked, titles)
    context: dict[str, Any] = {"people": people, "more": more, "asked": asked, "back": own_path(visit.query("back"))}
    return visit.page("login/people.html" if visit.live else "login/choose.html", **context)


@pages.post("/login/be", access=Choosing())
def chosen(visit: Visit) -> Response:
    """Be that person."""
    try:
        return _sign_in(visit, visit.form.text("person"), "chosen", own_path(visit.form.text("back")))
    except NotAllowed as error:
        return _failed(visit, error)


@pages.post("/logout", access=Anyone())
def logout(visit: Visit) -> Response:
    """Sign out."""
    close_session(visit.app, visit.request.cookies.get(SESSION_COOKIE, ""))
    hire = visit.session is not None and visit.session.kind is SessionKind.HIRE
    visit.end_session()
    return visit.go(f"{OUT}?as=hire" if hire else OUT)


@pages.get(OUT, access=Anyone())
def signed_out(visit: Visit) -> Response:
    """That one is signed out here; and the way out of the provider, where one would otherwise be let in again unasked."""
    hire = visit.query("as") == "hire"
    way = ""
    if visit.site.openid is not None and not hire:
        portal = visit.site.openid.settings.callback.removesuffix(CALLBACK)
        way = visit.site.openid.end_session_url(f"{portal}{OUT}")
    return visit.page("login/signed_out.html", hire=hire, elsewhere=way)


@pages.get("/sessions", access=SignedIn())
def sessions(visit: Visit) -> Response:
    """Where one is signed in."""
    return visit.page("login/sessions.html", sessions=sessions_of(visit.app, visit.person), own=visit.session)


@pages.post("/sessions/{session}/end", access=SignedIn())
def end(visit: Visit) -> Response:
    """End one of one's own sessions."""
    asked = visit.path["session"]
    if asked not in {session.id for session in sessions_of(visit.app, visit.person)}:
        raise NotFound
    close_one(visit.app, asked, visit.person, "ended by themself")
    if visit.session is not None and visit.session.id == asked:
        visit.end_session()
        return visit.go(OUT)
    return visit.go("/sessions", visit.say("That session is ended."))


def _provider(visit: Visit) -> OpenIdLogin:
    if visit.site.openid is None:
        raise NotFound
    return visit.site.openid


def _sign_in(visit: Visit, person: str, how: str, to: str) -> Response:
    """Open a session in place of the one that this browser may have: nobody goes on under a token that was known before."""
    agent = visit.request.headers.get("user-agent", "")
    token = open_session(visit.app, person, SessionKind.STAFF, agent=agent, how=how)
    close_session(visit.app, visit.request.cookies.get(SESSION_COOKIE, ""))
    visit.set_session(token)
    return visit.go(to)


def _failed(visit: Visit, error: IdmError) -> Response:
    """The page to sign in at once more, with what went wrong; what concerns whoever looks after idm goes into the log, under a number."""
    if isinstance(error, Unavailable):
        number = new_id("x", visit.app.random(10))
        log.error("nobody can sign in (%s): %s %s", number, error.message, error.next_step)
        return _login_page(visit, 503, why="away", number=number)
    if isinstance(error, SignInRefused):
        return _login_page(visit, 403, why=error.why.value)
    return _login_page(visit, 403, why="person", message=visit.words(error.message), next_step=visit.words(error.next_step))


def _login_page(visit: Visit, status: int = 200, *, why: str = "", message: str = "", next_step: str = "", number: str = "") -> Response:
    return visit.page(
        "login/login.html",
        status,
        openid=visit.site.openid is not None,
        choosing=may_choose(visit),
        back=own_path(visit.query("back")),
        why=why,
        message=message,
        next_step=next_step,
        number=number,
        lost=visit.query("lost") == "yes",
    )
