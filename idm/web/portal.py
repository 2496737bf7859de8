"""THE page for whoever writes a page: how a route is declared, and what its handler has at hand.

    pages = Routes()

    @pages.get("/cases/{case}", access=OfCase(Act.SEE_CASE))
    def show(visit: Visit) -> Response:
        return visit.page("case.html", shown=case_page(visit.app, visit.case, ...))

A handler is a plain function that runs in a thread of its own. It asks the flows, and holds no rule of the domain. No route goes without
`access` (see `idm.web.access`): what it doesn't admit answers 404, as if nothing were there, or the way to sign in. A form is posted, and
answered by a redirect (`visit.go`), or by the same page with what is wrong (`visit.again`).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from babel.dates import format_date
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from idm.domain.access_rules import Relation
from idm.domain.authority import Holder
from idm.domain.case import Case, CaseState
from idm.domain.people import Person
from idm.domain.projection import Task
from idm.domain.sessions import Session
from idm.domain.titles import within
from idm.errors import IdmError
from idm.flow.called import called
from idm.flow.relations import global_relations
from idm.ports import App
from idm.render_pages import LOCALES
from idm.rows import DocumentRow
from idm.web import saying
from idm.web.form_page import page_of
from idm.web.forms import NO_FAULTS, Faults, Form, faults_of, read_form
from idm.web.menu import Entry, menu
from idm.web.phrasebook import sentence
from idm.web.site import Site

if TYPE_CHECKING:
    from idm.domain.journey import Graph

_T = TypeVar("_T")

SESSION_COOKIE = "__Host-idm"
SAID_COOKIE = "__Host-idm-said"
LANGUAGE_COOKIE = "__Host-idm-language"
THEME_COOKIE = "__Host-idm-theme"


class SignInFirst(Exception):
    """Nobody is signed in, or not as who may come here; `to` is where one signs in."""

    def __init__(self, to: str = "/login") -> None:
        self.to = to
        super().__init__(to)


class Access(Protocol):
    """Who may come to a route. Deny by default: whoever isn't admitted gets an exception."""

    def admit(self, visit: Visit) -> None:
        """Let the visitor in, reading onto the visit what the route is about. Raises `NotFound` or `SignInFirst`."""
        ...


Handler = Callable[["Visit"], Response]


@dataclass(frozen=True, slots=True)
class RouteSpec:
    """One route: a method at a path, who may come there, and what answers.

    `files`: its form may carry uploads. `page`: where its form stands, if that isn't the nearest page at or above its path.
    """

    method: str
    path: str
    access: Access
    handler: Handler
    files: bool = False
    page: str = ""


@dataclass
class Routes:
    """The routes of one subject."""

    table: list[RouteSpec] = field(default_factory=list)

    def get(self, path: str, *, access: Access) -> Callable[[Handler], Handler]:
        """Let the function below answer GET and HEAD at `path`. It changes nothing, however often it is asked."""
        return self._route("GET", path, access)

    def post(self, path: str, *, access: Access, files: bool = False, page: str = "") -> Callable[[Handler], Handler]:
        """Let the function below answer POST at `path`."""
        return self._route("POST", path, access, files, page)

    def _route(self, method: str, path: str, access: Access, files: bool = False, page: str = "") -> Callable[[Handler], Handler]:
        def add(handler: Handler) -> Handler:
            self.table.append(RouteSpec(method, path, access, handler, files, page))
            return handler

        return add


class Visit:
    """One request of one visitor, and the ways to answer it.

    What the route's access admitted is here already: `case` (with `relations`, the visitor's to it), `task`, `document`.
    """

    def __init__(self, site: Site, request: Request, form: Form, session: Session | None, language: str, page: str = "") -> None:
        self.site = site
        self.request = request
        self.form = form
        self.session = session
        self.language = language
        self.here = page_of(request, page)
        """The address of the page that is shown, without what stands behind the question mark; of a form sent, the page it stands on."""
        self.case_found: Case | None = None
        self.graph_found: Graph | None = None
        self.task_found: Task | None = None
        self.document_found: DocumentRow | None = None
        self.relations: frozenset[Relation] = frozenset()
        self.cookies: list[Callable[[Response], None]] = []

    # Who and what ------------------------------------------------------------------------------------------------

    @property
    def app(self) -> App:
        """What flows work with."""
        return self.site.app

    @property
    def person(self) -> str:
        """The id of who is signed in; raises `SignInFirst`."""
        if self.session is None:
            raise SignInFirst
        return self.session.person

    @cached_property
    def who(self) -> Person | None:
        """Who is signed in, None if nobody is."""
        return self.app.store.person(self.session.person) if self.session is not None else None

    @cached_property
    def globally(self) -> frozenset[Relation]:
        """What the visitor is to the whole house."""
        return global_relations(self.app, self.session.person, session=self.session) if self.session is not None else frozenset()

    @property
    def case(self) -> Case:
        """The case that the route is about."""
        return _there(self.case_found)

    @property
    def graph(self) -> Graph:
        """The task graph of that case."""
        return _there(self.graph_found)

    @property
    def task(self) -> Task:
        """The task that the route is about."""
        return _there(self.task_found)

    @property
    def document(self) -> DocumentRow:
        """The stored document that the route is about."""
        return _there(self.document_found)

    @property
    def path(self) -> Mapping[str, str]:
        """The values in the route's path."""
        return self.request.path_params

    @cached_property
    def menu(self) -> Sequence[Entry]:
        """The main menu for this visitor."""
        return menu(self.session, lambda: self.globally, lambda: self._own_state, self.say, self.request.url.path)

    @property
    def _own_state(self) -> CaseState:
        """How the new hire's own case stands."""
        if self.case_found is not None:
            return self.case_found.state
        return CaseState(self.app.store.case_state(self.session.case if self.session is not None else ""))

    def query(self, name: str) -> str:
        """The value of a field behind the address's question mark; "" if it isn't there."""
        return self.request.query_params.get(name, "").strip()

    @property
    def theme(self) -> str:
        """`light` or `dark` if the visitor chose one; "" to go by the browser's."""
        chosen = self.request.cookies.get(THEME_COOKIE, "")
        return chosen if chosen in ("light", "dark") else ""

    @property
    def live(self) -> bool:
        """Whether htmx asks, which wants a part of a page only."""
        return self.request.headers.get("hx-request", "") == "true"

    # Words -------------------------------------------------------------------------------------------------------

    def say(self, message: str, **values: object) -> str:
        """A text of the portal in the visitor's language; `message` is the English one, with {values}."""
        return self.site.texts.say(self.language, message, **values)

    def words(self, message: str, names: Mapping[str, str] | None = None) -> str:
        """A message of domain or flows in the visitor's language; `names` as `named` finds them."""
        return self.site.texts.words[self.language](message, names or {})

    def sentence(self, message: str, names: Mapping[str, str] | None = None) -> str:
        """As `words`, where it stands by itself: with a capital letter and a full stop."""
        return sentence(self.words(message, names))

    def within(self, title: str) -> str:
        """A title inside a sentence: with a small letter, where that is right."""
        return within(title, self.language)

    def named(self, *messages: str) -> Mapping[str, str]:
        """What the ids in messages are called, for `words`: in a template `{{ message|words(names) }}`."""
        return called(self.app, messages, self.language, self.graph_found)

    def why(self, holder: Holder, names: Mapping[str, str]) -> str:
        """Why a task is the visitor's, in a sentence; `names` of the persons whom the power names."""
        return saying.why(holder, names, self.say, lambda day: format_date(day, "long", locale=LOCALES[self.language]))

    def state_word(self, state: str) -> str:
        """What the state of a document or case is called."""
        return self.say(saying.STATES[state]) if state in saying.STATES else state

    def decision_word(self, decision: str) -> str:
        """What a decision is called."""
        return self.say(saying.DECISIONS[decision]) if decision in saying.DECISIONS else decision

    def faults(self, error: IdmError, fields: Mapping[str, str] | None = None) -> Faults:
        """What `error` says, by field; `fields` maps a fault's path to the field it belongs to, where that isn't its last part."""
        names = self.named(error.message, error.next_step, *(fault.message for fault in error.faults))
        return faults_of(error, fields or {}, lambda message: self.words(message, names))

    # Answers -----------------------------------------------------------------------------------------------------

    def page(self, template: str, status: int = 200, **context: Any) -> Response:
        """A page."""
        names = {"visit": self, "faults": NO_FAULTS, "said": self._said(), **context}
        return self.dressed(HTMLResponse(self.site.pages.render(template, self.language, names), status))

    def part(self, template: str, **context: Any) -> Response:
        """A part of a page, which htmx puts in its place."""
        return self.page(template, **context)

    def again(self, template: str, error: IdmError, fields: Mapping[str, str] | None = None, **context: Any) -> Response:
        """The page of a form once more, with what is wrong beside its fields. Nothing was saved."""
        return self.page(template, 409 if error.exit_code == 6 else 422, faults=self.faults(error, fields), **context)

    def asking(self, template: str, error: IdmError | None, fields: Mapping[str, str] | None = None, **context: Any) -> Response:
        """The page of a form: as it stands, or once more with what `error` says is wrong."""
        return self.page(template, **context) if error is None else self.again(template, error, fields, **context)

    def go(self, to: str, said: str = "") -> Response:
        """Send the visitor on to one of our pages, which tells them `said` once. It holds nothing personal."""
        answer = RedirectResponse(local(to), 303)
        if said:
            packed = base64.urlsafe_b64encode(json.dumps(said).encode()).decode()
            answer.set_cookie(SAID_COOKIE, packed, max_age=60, path="/", secure=True, httponly=True, samesite="lax")
        return self.dressed(answer)

    def back(self, default: str) -> str:
        """Where the visitor came from, if the form or address tells it: after acting they stay where they were."""
        return local(self.form.text("back") or self.query("back"), default)

    def dressed(self, answer: Response) -> Response:
        """An answer with the cookies that this visit sets."""
        for cookie in self.cookies:
            cookie(answer)
        return answer

    def set_session(self, token: str) -> None:
        """Let the answer hand out a session."""
        self.cookies.append(lambda answer: answer.set_cookie(SESSION_COOKIE, token, path="/", secure=True, httponly=True, samesite="lax"))

    def end_session(self) -> None:
        """Let the answer take the session's cookie away."""
        self.cookies.append(lambda answer: answer.delete_cookie(SESSION_COOKIE, path="/", secure=True, httponly=True, samesite="lax"))

    def set_language(self, language: str) -> None:
        """Let the answer keep the language that was chosen."""
        self.cookies.append(
            lambda answer: answer.set_cookie(
                LANGUAGE_COOKIE, language, max_age=365 * 86400, path="/", secure=True, httponly=True, samesite="lax"
            )
        )

    def set_theme(self, theme: str) -> None:
        """Let the answer keep the theme that was chosen; "" forgets it."""
        year = 365 * 86400 if theme else 0
        self.cookies.append(
            lambda answer: answer.set_cookie(THEME_COOKIE, theme, max_age=year, path="/", secure=True, httponly=True, samesite="lax")
        )

    def _said(self) -> str:
        packed = self.request.cookies.get(SAID_COOKIE, "")
        if not packed or self.live:
            return ""
        self.cookies.append(lambda answer: answer.delete_cookie(SAID_COOKIE, path="/", secure=True, httponly=True, samesite="lax"))
        try:
            said = json.loads(base64.urlsafe_b64decode(packed))
        except ValueError:
            return ""
        return said if isinstance(said, str) and len(said) < 500 else ""


def local(to: str, default: str = "/") -> str:
    """`to` if it is an address below our own root, else `default`: nobody is sent to another site."""
    plain = to.startswith("/") and not to.startswith("//") and "\\" not in to and to.isprintable()
    return to if plain else default


async def visit_of(site: Site, request: Request, spec: RouteSpec, session: Session | None, language: str) -> Visit:
    """The visit, with its form read."""
    form = await read_form(request, files=spec.files) if spec.method == "POST" else Form()
    return Visit(site, request, form, session, language, spec.page)


async def answer(spec: RouteSpec, visit: Visit) -> Response:
    """Admit the visitor and let the route's handler answer, in a thread."""

    def handle() -> Response:
        spec.access.admit(visit)
        return spec.handler(visit)

    return await run_in_threadpool(handle)


def _there(found: _T | None) -> _T:
    if found is None:
        raise IdmError("This route's access reads nothing of the kind.")
    return found
