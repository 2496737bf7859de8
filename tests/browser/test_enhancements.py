"""What a page's script adds: numbers shaped as they are typed, uploads with progress, keys, and where the focus goes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import FilePayload, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from idm.bootstrap import shipped
from idm.render_pages import Pages
from idm.web.door import HEADERS
from idm.web.site import Assets
from idm.web.texts import read_texts
from tests.support.browser import Chromium, Served, Window
from tests.waiting import wait_until

HEAD = """<!doctype html><html lang="en"><head><link rel="icon" href="{{ asset("idm.svg") }}"><title>Trial</title>
<script src="{{ asset("htmx.min.js") }}" defer></script><script src="{{ asset("idm.js") }}" defer></script></head><body><main>
{% import "parts/forms.html" as form %}{% import "parts/show.html" as show %}"""

PAGE = (
    HEAD
    + """<p id="said">{{ said }}</p>
{% set texts = {"sending": "Sending {percent} %", "failed": "Not sent", "too_large": "{name} is too large: at most 2 kB", "sent": "Sent"} %}
{% set wrong = {"message": "One thing is wrong.", "next_step": "", "fields": {"kind": "Choose.", "paper": "Choose one."}, "others": []} %}
{% if faulty %}{{ form.error_summary(wrong) }}{% endif %}
{{ form.form_start("/send", upload=true) }}
{{ form.cpr("cpr", "CPR number") }}
{{ form.radios("kind", "Kind", [("a", "A"), ("b", "B")]) }}
{{ form.file("paper", "Paper", error="Choose one." if faulty else "", multiple=true, attrs={"data-most": 2000}, texts=texts) }}
{{ form.button("Accept", name="do", value="accept", attrs={"data-key": "a", "aria-keyshortcuts": "a"}) }}
{{ form.form_end() }}
<input type="checkbox" data-keys-switch aria-label="Keys">
<div id="live" hx-get="/part" hx-trigger="click from:#ask"><a href="/elsewhere">A way</a></div><button id="ask">Ask</button>
</main></body></html>"""
)


@dataclass
class Site:
    """A page of components, and what was sent to it."""

    sent: list[dict[str, object]] = field(default_factory=list)
    refuse: bool = False

    def __post_init__(self) -> None:
        self.assets = Assets()
        texts = read_texts([shipped("templates")])
        names = {"asset": self.assets.url, "has_asset": self.assets.has, "styles": self.assets.styles, "playful": False}
        self.template = Pages([shipped("templates")], texts.catalogues, texts.words, names)._environments["en"].from_string(PAGE)
        routes = [Route("/", self.page), Route("/done", self.done), Route("/part", self.part)]
        self.app = Starlette(routes=[*routes, Route("/send", self.send, methods=["POST"]), Route("/static/{name:path}", self.static)])

    def show(self, status: int = 200, **context: object) -> Response:
        return HTMLResponse(self.template.render({"said": "", "faulty": False, **context}), status, headers=dict(HEADERS))

    async def page(self, request: Request) -> Response:
        return self.show()

    async def done(self, request: Request) -> Response:
        return self.show(said="Thank you")

    async def part(self, request: Request) -> Response:
        return HTMLResponse('<a href="/elsewhere">A way</a> <input data-format="cpr" aria-label="New">')

    async def send(self, request: Request) -> Response:
        async with request.form() as form:
            self.sent.append({name: value if isinstance(value, str) else value.filename for name, value in form.items()})
        return self.show(422, faulty=True) if self.refuse else RedirectResponse("/done", 303)

    async def static(self, request: Request) -> Response:
        found = self.assets.get(request.path_params["name"])
        return Response(found.content, media_type=found.media_type) if found else Response(status_code=404)


def paper(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "application/pdf", "buffer": content}


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def window(chromium: Chromium, site: Site) -> Iterator[Window]:
    with Served(site.app) as served, chromium.window(served.url) as window:
        window.page.goto("/")
        yield window


def test_a_cpr_number_gets_its_hyphen_as_it_is_typed_and_loses_what_is_no_digit(window: Window) -> None:
    box = window.page.get_by_label("CPR number")
    box.press_sequentially("010190")
    assert box.input_value() == "010190"
    box.press_sequentially("1234")
    assert box.input_value() == "010190-1234"
    box.fill("010190 1234")
    assert box.input_value() == "010190-1234"
    box.press("Backspace")
    assert box.input_value() == "010190-123"


def test_an_upload_leads_where_the_form_leads_and_the_page_comes_once(window: Window, site: Site) -> None:
    window.page.get_by_label("Paper").set_input_files([paper("diploma.pdf", b"x" * 1000)])
    assert "diploma.pdf" in window.page.locator("[data-file-told]").inner_text()

    window.page.get_by_role("button", name="Accept").click()
    window.page.wait_for_url("**/done")

    assert window.page.locator("#said").inner_text() == "Thank you"
    assert site.sent == [{"cpr": "", "paper": "diploma.pdf", "do": "accept"}]
    assert window.complaints == []


def test_a_refused_upload_shows_the_faults_and_leads_to_them(window: Window, site: Site) -> None:
    site.refuse = True
    window.page.get_by_label("Paper").set_input_files([paper("a.pdf", b"x")])
    window.page.get_by_role("button", name="Accept").click()
    summary = window.page.get_by_role("alert")
    summary.wait_for()

    assert window.page.evaluate("document.activeElement.id") == "faults"
    summary.get_by_role("link").first.click()
    assert window.page.evaluate("document.activeElement.id") == "f-kind-1"
    window.page.get_by_label("CPR number").fill("0101901234")
    assert window.page.get_by_label("CPR number").input_value() == "010190-1234"


def test_a_file_that_is_too_large_is_told_beside_the_field_before_it_is_sent(window: Window, site: Site) -> None:
    box, told = window.page.get_by_label("Paper"), window.page.locator("[data-file-wrong]")
    box.set_input_files([paper("a.pdf", b"x" * 2001)])
    expect(told).to_have_text("a.pdf is too large: at most 2 kB")
    window.page.get_by_role("button", name="Accept").click()

    assert site.sent == []
    expect(told).to_be_in_viewport()
    expect(box).to_be_focused()
    assert box.get_attribute("aria-invalid") == "true"
    assert told.get_attribute("id") in (box.get_attribute("aria-describedby") or "").split()
    assert "field-wrong" in (window.page.locator(".field-file").get_attribute("class") or "")

    box.set_input_files([paper("b.pdf", b"x")])
    expect(told).to_be_hidden()
    assert box.get_attribute("aria-invalid") is None


def test_what_was_wrong_with_a_file_goes_when_another_is_chosen(window: Window, site: Site) -> None:
    site.refuse = True
    window.page.get_by_label("Paper").set_input_files([paper("a.pdf", b"x")])
    window.page.get_by_role("button", name="Accept").click()
    window.page.get_by_role("alert").get_by_role("link", name="Choose one.").wait_for()

    window.page.get_by_label("Paper").set_input_files([paper("b.pdf", b"x")])

    expect(window.page.get_by_text("Choose one.")).to_have_count(0)
    expect(window.page.get_by_role("alert").get_by_role("link")).to_have_text("Choose.")


def test_an_upload_that_breaks_off_is_told_and_can_be_tried_again(window: Window, site: Site) -> None:
    window.page.route("**/send", lambda route: route.abort())
    window.page.get_by_label("Paper").set_input_files([paper("a.pdf", b"x")])
    window.page.get_by_role("button", name="Accept").click()
    window.page.get_by_text("Not sent").wait_for()
    window.page.unroute("**/send")

    window.page.get_by_role("button", name="Accept").click()
    window.page.wait_for_url("**/done")
    assert len(site.sent) == 1


def test_a_key_presses_its_button_but_not_from_within_a_field_nor_once_switched_off(window: Window, site: Site) -> None:
    window.page.get_by_label("CPR number").press("a")
    window.page.get_by_label("Keys").uncheck()
    window.page.locator("body").press("a")
    assert window.page.url.endswith("/") and site.sent == []

    window.page.get_by_label("Keys").check()
    window.page.locator("body").press("a")
    window.page.wait_for_url("**/done")
    assert wait_until(lambda: site.sent)[0]["do"] == "accept"


def test_the_focus_stays_when_a_part_of_the_page_is_asked_for_anew(window: Window) -> None:
    if not window.page.evaluate("!!window.htmx"):
        pytest.skip("htmx isn't there: make assets")
    window.page.get_by_role("link", name="A way").focus()
    window.page.evaluate("htmx.trigger('#ask', 'click')")
    expect(window.page.get_by_label("New")).to_be_visible()

    expect(window.page.get_by_role("link", name="A way")).to_be_focused()
    window.page.get_by_label("New").press_sequentially("0101901")
    assert window.page.get_by_label("New").input_value() == "010190-1"
