"""What is typed while the page asks the server stays typed."""

from __future__ import annotations

from playwright.sync_api import Route, expect

from idm.domain.sessions import SessionKind
from idm.flow.sessions import open_session
from tests import data
from tests.support.browser import Chromium, Served
from tests.support.portal import Portal
from tests.waiting import wait_until


def test_nothing_is_lost_that_was_typed_while_the_page_looked_at_the_rest(chromium: Chromium, served: Served, portal: Portal) -> None:
    token = open_session(portal.world.app, data.HEAD_NORTH, SessionKind.STAFF)
    held: list[Route] = []
    with chromium.window(served.url, token=token) as window:
        page = window.page
        page.route("**/hires/check", lambda route: held.append(route))
        page.goto("/hires/new")
        page.get_by_label("CPR number").press_sequentially("010190123")
        page.keyboard.press("Tab")
        # Playwright's own loop must turn for the route to be called: it does while the page is asked.
        wait_until(lambda: bool(held) or page.evaluate("false"), message="the number was never looked at")

        page.get_by_label("Given name").press_sequentially("Freja")
        page.get_by_label("English", exact=True).check()
        held[0].continue_()
        expect(page.locator("#f-cpr-error")).to_be_visible()

        expect(page.get_by_label("Given name")).to_have_value("Freja")
        expect(page.get_by_label("English", exact=True)).to_be_checked()
        expect(page.get_by_label("CPR number")).to_have_value("010190-123")
        assert window.complaints == []


def test_enter_finds_from_the_field_that_finds_and_sends_from_any_other(chromium: Chromium, served: Served, portal: Portal) -> None:
    token = open_session(portal.world.app, data.HEAD_NORTH, SessionKind.STAFF)
    with chromium.window(served.url, token=token) as window:
        page = window.page
        page.goto("/absence")
        finding = page.get_by_label("Find somebody", exact=False)
        finding.fill("Tove")
        finding.press("Enter")
        page.wait_for_url("**/absence/find*")
        page.get_by_role("radio", name="Tove Tavle").check()

        with page.expect_response(lambda answer: answer.request.method == "POST") as sent:
            page.get_by_label("Until").press("Enter")

        assert sent.value.url.endswith("/absence")
        expect(page.get_by_role("heading", name="Tove Tavle")).to_be_visible()
        assert [each.substitute for each in portal.world.store.substitutions(person=data.HEAD_NORTH)] == [data.TEACHER]
        assert window.complaints == []
