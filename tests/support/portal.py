"""The portal over a test's world, and visitors who read its pages and send its forms as a browser without scripts would."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from html.parser import HTMLParser
from typing import Any

from starlette.testclient import TestClient

from idm.bootstrap import shipped
from idm.domain.sessions import SessionKind
from idm.flow.sessions import open_session
from idm.taking import look_at, take_batch
from idm.web.app import make_app
from idm.web.portal import SESSION_COOKIE
from idm.web.site import Site, make_site
from tests.support.world import World

BASE = "https://localhost"


@dataclass
class PageForm:
    """A form as it stands in a page: where it goes, and what it would send if nobody touched it."""

    action: str
    method: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    choices: dict[str, list[str]] = field(default_factory=dict)


class _Reader(HTMLParser):
    """Reads forms, links, ids and the plain text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[PageForm] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.words: list[str] = []
        self.ticks: list[tuple[str, str]] = []
        self._open: PageForm | None = None
        self._select = ""
        self._area = ""
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        got = {name: value or "" for name, value in attrs}
        self.ids += [got["id"]] if "id" in got else []
        if tag == "a" and "href" in got:
            self.links.append(got["href"])
        if tag in ("script", "style", "title"):
            self._silent += 1
        if tag == "input" and got.get("type") == "checkbox":
            self.ticks.append((got.get("name", ""), got.get("value", "on")))
        if tag == "form":
            self._open = PageForm(got.get("action", ""), got.get("method", "get").lower())
            self.forms.append(self._open)
        form = self._open
        if form is None:
            return
        name, value = got.get("name", ""), got.get("value", "")
        if tag == "input" and name:
            kind = got.get("type", "text")
            if kind in ("checkbox", "radio"):
                form.choices.setdefault(name, []).append(got.get("value", "on"))
                if "checked" in got:
                    form.fields.setdefault(name, []).append(got.get("value", "on"))
            elif kind == "file":
                form.files.append(name)
            elif kind not in ("submit", "button") and "disabled" not in got:
                form.fields.setdefault(name, []).append(value)
        elif tag == "button" and got.get("type", "submit") == "submit":
            form.buttons.append((name, value))
        elif tag == "textarea" and name:
            self._area = name
            form.fields[name] = [""]
        elif tag == "select" and name:
            self._select = name
            form.choices.setdefault(name, [])
        elif tag == "option" and self._select:
            form.choices[self._select].append(value)
            if "selected" in got or (self._select not in form.fields):
                form.fields[self._select] = [value]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""
        elif tag in ("script", "style", "title"):
            self._silent -= 1

    def handle_data(self, data: str) -> None:
        if self._area and self._open is not None:
            self._open.fields[self._area] = [data.lstrip("\n")]
        if not self._silent and data.strip():
            self.words.append(" ".join(data.split()))


@dataclass
class Page:
    """An answer, read."""

    status: int
    headers: Mapping[str, str]
    html: str
    url: str

    def __post_init__(self) -> None:
        reader = _Reader()
        reader.feed(self.html)
        self.forms: Sequence[PageForm] = reader.forms
        self.links: Sequence[str] = reader.links
        self.ids: Sequence[str] = reader.ids
        self._ticks = reader.ticks
        self.text = " ".join(reader.words)

    def ticks(self, name: str) -> list[str]:
        """The values of all boxes of that name, wherever they stand."""
        return [value for known, value in self._ticks if known == name]

    def form(self, action: str) -> PageForm:
        """The form that goes to `action`; else the first that goes to an address beginning so."""
        exact = (form for form in self.forms if form.action == action)
        return next(exact, None) or next(form for form in self.forms if form.action.startswith(action))


class Visitor:
    """Somebody with a browser, signed in as `person` or not at all."""

    def __init__(self, client: TestClient) -> None:
        self.client = client

    def get(self, path: str, *, follow: bool = True, **headers: str) -> Page:
        """A page."""
        answer = self.client.get(path, headers={"accept": "text/html", **_dashed(headers)}, follow_redirects=follow)
        return _page(answer)

    def head(self, path: str) -> Page:
        """As mail scanners look."""
        return _page(self.client.head(path, headers={"accept": "text/html"}, follow_redirects=False))

    def post(self, path: str, data: Mapping[str, Any] | None = None, *, files: Any = None, follow: bool = True, **headers: str) -> Page:
        """Send values to an address, as a form of our own pages would."""
        sent = {"accept": "text/html", "sec-fetch-site": "same-origin", **_dashed(headers)}
        return _page(self.client.post(path, data=dict(data or {}), files=files, headers=sent, follow_redirects=follow))

    def send(
        self,
        page: Page,
        action: str,
        filled: Mapping[str, str | list[str]] | None = None,
        *,
        files: Any = None,
        button: tuple[str, str] | None = None,
        **more: str | list[str],
    ) -> Page:
        """Send a form that stands in `page`, with `filled` and `more` put into its fields; a field that it lacks is an error."""
        values = {**(filled or {}), **more}
        form = page.form(action)
        known = {*form.fields, *form.choices, *form.files, *(name for name, _ in form.buttons)}
        unknown = set(values) - known
        assert not unknown, f"The form to {form.action} has no fields {sorted(unknown)}; it has {sorted(known)}."
        data: dict[str, Any] = {**form.fields, **values}
        if button is not None:
            assert button in form.buttons, f"The form to {form.action} has no button {button}; it has {form.buttons}."
            data[button[0]] = button[1]
        return self.post(form.action or page.url, data, files=files)


@cache
def _shown(playful: bool) -> Site:
    """A portal of nobody's: reading its texts and translating its templates takes longer than most tests, and is the same for each."""
    nobody: Any = None
    return make_site(nobody, [shipped("templates")], take=lambda _: [], look=lambda _: None, playful=playful)


class Portal:
    """The portal of a world."""

    def __init__(self, world: World, **options: Any) -> None:
        self.world = world
        given: dict[str, Any] = {"playful": True, "local": True, "url": BASE, **options}
        given = {"take": lambda raw: take_batch(world.app, raw), "look": lambda raw: look_at(world.app, raw), **given}
        self.site: Site = replace(_shown(given.pop("playful")), app=world.app, cache={}, **given)
        self.asgi = make_app(token="t", take=lambda _: [], ready=dict, healthy=lambda: True, site=self.site)

    def visitor(self, person: str = "", *, case: str = "", language: str = "en") -> Visitor:
        """Somebody with a browser: signed in as `person` of the staff, or as the hire of `case`."""
        client = TestClient(self.asgi, base_url=BASE, raise_server_exceptions=True, client=("127.0.0.1", 50000))
        client.headers["accept-language"] = language
        if person:
            kind = SessionKind.HIRE if case else SessionKind.STAFF
            client.cookies.set(SESSION_COOKIE, open_session(self.world.app, person, kind, case), domain="localhost.local")
        return Visitor(client)

    def hire_of(self, case: str, *, language: str = "en") -> Visitor:
        """The person hired in `case`, signed in."""
        return self.visitor(self.world.case(case).person, case=case, language=language)


def _page(answer: Any) -> Page:
    return Page(answer.status_code, dict(answer.headers), answer.text, answer.url.path)


def _dashed(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
