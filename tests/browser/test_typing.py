"""What is typed while the page asks the server stays typed."""

from __future__ import annotations

from playwright.sync_api import Dialog, Page, Route, expect

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


def test_what_is_mended_goes_from_above_the_form_and_what_is_still_empty_stays(chromium: Chromium, served: Served, portal: Portal) -> None:
    token = open_session(portal.world.app, data.HEAD_NORTH, SessionKind.STAFF)
    with chromium.window(served.url, token=token) as window:
        page = window.page
        page.goto("/hires/new")
        page.get_by_label("Mobile number").fill("12")
        page.get_by_role("button", name="Go on").click()
        told = page.get_by_role("alert").get_by_role("link")
        expect(told.filter(has_text="Mobile number")).to_be_visible()

        page.get_by_label("Given name").fill("Freja")
        page.get_by_label("Mobile number").fill("+4512345678")
        page.get_by_label("Private e-mail").focus()

        expect(told.filter(has_text="Mobile number")).to_have_count(0)
        expect(told.filter(has_text="Given name")).to_have_count(0)
        expect(told.filter(has_text="Family name")).to_be_visible()


def test_what_happens_by_itself_has_no_button(chromium: Chromium, served: Served, portal: Portal) -> None:
    case = portal.world.hire()
    portal.world.all_documents(case)
    token = open_session(portal.world.app, data.PAY, SessionKind.STAFF)
    with chromium.window(served.url, token=token) as window:
        page = window.page
        page.goto(f"/tasks/{portal.world.task_of(case, 'payroll_form')}")

        expect(page.get_by_role("button", name="Hand in and approve")).to_be_visible()
        expect(page.get_by_role("button", name="Show what is left")).to_be_hidden()


def test_enter_finds_from_the_field_that_finds_and_sends_from_any_other(chromium: Chromium, served: Served, portal: Portal) -> None:
    token = open_session(portal.world.app, data.HEAD_NORTH, SessionKind.STAFF)
    with chromium.window(served.url, token=token) as window:
        page = window.page
        page.goto("/absence")
        finding = page.get_by_label("Find somebody", exact=False)
        finding.fill("Tove")
        finding.press("Enter")
        page.wait_for_url("**/absence/find*")
        page.get_by_label("Find somebody", exact=False).press("ArrowDown")
        found = page.get_by_role("radio", name="Tove Tavle")
        expect(found).to_be_focused()
        found.press("Space")
        expect(found).to_be_checked()

        with page.expect_response(lambda answer: answer.request.method == "POST") as sent:
            page.get_by_label("Until").press("Enter")

        assert sent.value.url.endswith("/absence")
        expect(page.get_by_role("heading", name="Tove Tavle")).to_be_visible()
        assert [each.substitute for each in portal.world.store.substitutions(person=data.HEAD_NORTH)] == [data.TEACHER]
        assert window.complaints == []


def filled(page: Page) -> None:
    """Type a whole hire."""
    for label, text in {
        "CPR number": "0101901234",
        "Given name": "Freja",
        "Family name": "Lund",
        "Private e-mail": "freja@example.org",
        "Mobile number": "20304050",
        "Hours a week": "37",
    }.items():
        page.get_by_label(label).fill(text)
    page.get_by_label("First day").fill(data.START)
    page.get_by_label("Unit").select_option("school_north")
    page.get_by_label("Position").select_option("teacher")


class Asked:
    """How often the browser asked whether to leave a page; it stays, unless `leave` says otherwise."""

    def __init__(self, page: Page) -> None:
        self.times = 0
        self.leave = False
        page.on("dialog", self._answer)

    def _answer(self, dialog: Dialog) -> None:
        assert dialog.type == "beforeunload"
        self.times += 1
        if self.leave:
            dialog.accept()
        else:
            dialog.dismiss()


def test_who_leaves_what_they_typed_is_asked_first_and_who_sends_it_is_not(chromium: Chromium, served: Served, portal: Portal) -> None:
    token = open_session(portal.world.app, data.HEAD_NORTH, SessionKind.STAFF)
    with chromium.window(served.url, token=token) as window:
        page, asked = window.page, Asked(window.page)
        page.goto("/hires/new")
        page.get_by_label("Given name").press_sequentially("Freja")
        for way in (
            page.get_by_role("button", name="Dansk"),
            page.get_by_role("link", name="Tasks"),
            page.get_by_role("link", name="Back to"),
        ):
            with page.expect_event("dialog"):
                way.first.click(no_wait_after=True)
        assert page.url.endswith("/hires/new")
        expect(page.get_by_label("Given name")).to_have_value("Freja")

        before = asked.times
        filled(page)
        page.get_by_role("button", name="Go on").click()
        expect(page.get_by_role("heading", name="Check what you wrote")).to_be_visible()
        assert asked.times == before, "sending it is no leaving"

        with page.expect_event("dialog"):
            page.get_by_role("link", name="Tasks").first.click(no_wait_after=True)
        before = asked.times
        page.get_by_role("button", name="Back to the form").first.click()
        expect(page.get_by_label("Given name")).to_have_value("Freja")
        assert asked.times == before

        asked.leave = True
        page.get_by_role("button", name="Dansk").click()
        expect(page.get_by_role("button", name="English")).to_be_visible()
        assert page.url.endswith("/hires/new") and asked.times == before + 1
        assert window.complaints == []


def test_nobody_is_asked_who_searched_or_typed_nothing_or_took_it_away_again(chromium: Chromium, served: Served, portal: Portal) -> None:
    token = open_session(portal.world.app, data.HEAD_NORTH, SessionKind.STAFF)
    with chromium.window(served.url, token=token) as window:
        page, asked = window.page, Asked(window.page)
        page.goto("/absence")
        page.get_by_label("Find somebody", exact=False).press_sequentially("Tove")
        expect(page.get_by_role("radio", name="Tove Tavle")).to_be_visible()
        page.goto("/hires/new")
        page.get_by_label("Write to them in").get_by_text("English").or_(page.get_by_label("English", exact=True)).first.click()
        page.get_by_label("Given name").press_sequentially("Fr")
        page.get_by_label("Given name").fill("")
        page.get_by_role("button", name="Dansk").click()
        expect(page.get_by_role("button", name="English")).to_be_visible()

        assert asked.times == 0 and window.complaints == []
