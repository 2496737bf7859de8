"""The web of one installation: the machines' doors, and the portal behind the door that everybody passes."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlencode

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from idm.domain.sessions import Session
from idm.errors import IdmError
from idm.flow.calling import place_of
from idm.flow.intake import Receipt
from idm.flow.sessions import session_of
from idm.web.door import LOOPBACK, Door
from idm.web.events import PATHS, events_router, json_error
from idm.web.form_page import FRONT, page_of
from idm.web.forms import NO_FAULTS, Form
from idm.web.portal import LANGUAGE_COOKIE, SESSION_COOKIE, RouteSpec, SignInFirst, Visit, answer, visit_of
from idm.web.routes import ROUTES
from idm.web.site import Site
from idm.web.texts import language_asked

log = logging.getLogger("idm.web")

_STATUS = {2: 400, 3: 422, 4: 404, 5: 404, 6: 409, 7: 503}
_API_STATUS = {**_STATUS, 5: 403}
_DOORS_HELP = "Events go to POST /events; GET /healthz and GET /readyz tell how it is."
_DOORS = {
    404: ("not-found", "There is nothing at this address.", _DOORS_HELP),
    405: ("method-not-allowed", "This address doesn't take that method.", _DOORS_HELP),
    403: ("cross-site", "This request came from another site, or to another name.", "Open the portal by its own address."),
}


def make_app(
    *,
    token: str,
    take: Callable[[bytes | str], list[Receipt]],
    ready: Callable[[], dict[str, str]],
    healthy: Callable[[], bool],
    site: Site | None = None,
    hosts: Callable[[], frozenset[str]] = lambda: LOOPBACK,
) -> FastAPI:
    """The app. Without `site` it serves the machines' doors alone. `hosts` are the names that the portal answers to."""
    app = FastAPI(title="idm", docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(events_router(token=token, take=take, ready=ready, healthy=healthy))

    @app.exception_handler(IdmError)
    async def _answer(request: Request, error: IdmError) -> Response:
        return JSONResponse(error.as_json(), status_code=_API_STATUS.get(error.exit_code, 500))

    @app.exception_handler(HTTPException)
    async def _no_such_door(request: Request, error: HTTPException) -> Response:
        """An address or a method that isn't served: a page for people, the usual shape for machines."""
        if site is not None and _wants_page(request):
            return await run_in_threadpool(_error_page, site, request, None, error.status_code, IdmError(""))
        return _door_error(error)

    @app.exception_handler(Exception)
    async def _broke_off(request: Request, error: Exception) -> Response:
        """A fault of idm itself has the same shape as any other error, and none of the error's words."""
        log.error("%s %s broke off with %s", request.method, _template_of(request), place_of(error))
        return JSONResponse(IdmError().as_json(), status_code=500)

    if site is not None:
        for spec in specs():
            app.router.routes.append(Route(spec.path, _endpoint(site, spec), methods=[spec.method]))

        async def refuse(request: Request) -> Response:
            return await run_in_threadpool(_error_page, site, request, None, 403, IdmError(""))

        app.add_middleware(Door, hosts=hosts, open_paths=PATHS, refuse=_Refusal(refuse))
    return app


def specs() -> Sequence[RouteSpec]:
    """Every route of the portal."""
    return [spec for routes in ROUTES for spec in routes.table]


def _endpoint(site: Site, spec: RouteSpec) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        session: Session | None = None
        try:
            session = await run_in_threadpool(_session, site, request)
            visit = await visit_of(site, request, spec, session, _language(request, session))
            try:
                return await answer(spec, visit)
            finally:
                visit.form.close()
        except SignInFirst as way:
            return _to_sign_in(request, way, spec)
        except HTTPException as error:
            return await run_in_threadpool(_error_page, site, request, session, error.status_code, IdmError(""))
        except IdmError as error:
            if error.exit_code == 1:
                log.error("%s %s broke off with %s", request.method, spec.path, place_of(error))
            return await run_in_threadpool(_error_page, site, request, session, _STATUS.get(error.exit_code, 500), error)
        except Exception as error:  # noqa: BLE001  # whatever broke, the visitor gets a page and the log the place
            log.error("%s %s broke off with %s", request.method, spec.path, place_of(error))
            return await run_in_threadpool(_error_page, site, request, session, 500, IdmError(""))

    return endpoint


def _session(site: Site, request: Request) -> Session | None:
    token = request.cookies.get(SESSION_COOKIE, "")
    return session_of(site.app, token) if token else None


def _language(request: Request, session: Session | None) -> str:
    chosen = request.cookies.get(LANGUAGE_COOKIE, "") or (session.language if session is not None else "")
    return language_asked(chosen, request.headers.get("accept-language", ""))


def _to_sign_in(request: Request, way: SignInFirst, spec: RouteSpec) -> Response:
    """The way to sign in, and back to the page that was asked for, or that holds the form that was sent: that it was lost is told there."""
    live, sent = request.headers.get("hx-request", "") == "true", request.method == "POST"
    asked: dict[str, str] = {}
    if way.to == "/login" and (sent or not live):
        back = page_of(request, spec.page)
        asked = {"back": back} if back != FRONT else {}
    asked |= {"lost": "yes"} if sent else {}
    to = f"{way.to}?{urlencode(asked, safe='/')}" if asked else way.to
    return Response(status_code=204, headers={"HX-Redirect": to}) if live else RedirectResponse(to, 303)


def _error_page(site: Site, request: Request, session: Session | None, status: int, error: IdmError) -> Response:
    """What happened and what to do next, as a page. Of what isn't there and what isn't theirs a visitor learns the same."""
    visit = Visit(site, request, Form(), session, _language(request, session))
    told = status not in (403, 404, 500)
    message = visit.words(error.message) if told and error.message else ""
    next_step = visit.words(error.next_step) if told and error.next_step else ""
    faults = visit.faults(error) if told and error.faults else NO_FAULTS
    return visit.page("error.html", status, code=status, message=message, next_step=next_step, faults=faults)


def _wants_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "") and request.url.path not in PATHS


def _door_error(error: HTTPException) -> Response:
    code, message, next_step = _DOORS.get(error.status_code, ("bad-request", "The request can't be answered.", "Look at what was sent."))
    shaped = json_error(error.status_code, code, message, next_step)
    shaped.headers.update(error.headers or {})
    return shaped


def _template_of(request: Request) -> str:
    """The path of a request as its route is declared: what stands in its place, an id or a link's secret, goes into no log."""
    route = request.scope.get("route")
    return str(getattr(route, "path", "")) or "an unknown address"


class _Refusal:
    """An ASGI app that answers every request by `endpoint`."""

    def __init__(self, endpoint: Callable[[Request], Awaitable[Response]]) -> None:
        self._endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        await (await self._endpoint(Request(scope)))(scope, receive, send)
