"""The page of a hire in a browser: it follows what happens, its picture leads into its list, and it can do without scripts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from idm.connector import Refused
from idm.domain.sessions import SessionKind
from idm.flow.sessions import open_session
from tests import data
from tests.support.browser import Chromium, Served, Window, axe, too_wide
from tests.support.portal import Portal
from tests.waiting import wait_until

TURN = 21_000
"""Milliseconds after which the page has asked again, on its own clock, which the tests turn on."""


@pytest.fixture
def case(portal: Portal) -> str:
    case = portal.world.hire(f"c{len(portal.world.store.list_cases())}")
    portal.world.work()
    return case


@pytest.fixture
def window(chromium: Chromium, served: Served, portal: Portal) -> Iterator[Window]:
    with chromium.window(served.url, token=open_session(portal.world.app, data.PAY, SessionKind.STAFF)) as window:
        yield window


def test_the_page_follows_what_happens_and_keeps_what_was_opened_open(window: Window, portal: Portal, case: str) -> None:
    page = window.page
    page.clock.install()
    page.goto(f"/cases/{case}")
    page.get_by_text("steps to come").click()
    page.get_by_label("Write a comment").fill("Half written")
    portal.world.hand_in(case)

    page.clock.fast_forward(TURN)
    expect(page.locator("#now + * ~ .graph-list").get_by_role("link", name="Do it now")).to_be_visible()
    expect(page.locator("details[open]")).to_have_count(1)
    expect(page.get_by_label("Write a comment")).to_have_value("Half written")

    portal.world.accept(case, "contract")
    page.clock.fast_forward(TURN)
    expect(page.get_by_role("link", name="Do it now")).to_have_count(0)
    assert window.complaints == []


def test_a_card_of_the_picture_leads_to_its_item_also_where_that_is_folded_away(window: Window, case: str) -> None:
    page = window.page
    page.goto(f"/cases/{case}")
    card = page.locator(".graph-scroll a", has_text="Open the access").first
    card.focus()
    page.keyboard.press("Enter")

    item = page.locator(".graph-item:target")
    expect(item).to_be_visible()
    expect(item).to_contain_text("Open the access")


@pytest.mark.parametrize("width", [320, 1280])
def test_a_hire_in_trouble_is_told_of_in_a_way_that_everybody_can_use(
    chromium: Chromium, served: Served, portal: Portal, width: int
) -> None:
    portal.world.targets["erp"].trouble(Refused("no such cost centre"))
    case = portal.world.hire(f"trouble{width}")
    portal.world.work()
    token = open_session(portal.world.app, data.HEAD_NORTH, SessionKind.STAFF)
    with chromium.window(served.url, width=width, token=token, language="da") as window:
        window.page.goto(f"/cases/{case}")
        expect(window.page.get_by_text("Den første arbejdsdag er i fare")).to_be_visible()
        assert axe(window.page) == []
        assert too_wide(window.page) == []
        assert window.complaints == []


def test_everything_is_there_without_scripts(chromium: Chromium, served: Served, portal: Portal, case: str) -> None:
    document = portal.world.hand_in(case)
    with chromium.window(served.url, token=open_session(portal.world.app, data.PAY, SessionKind.STAFF), scripts=False) as window:
        page = window.page
        page.goto(f"/cases/{case}")
        page.get_by_label("Write a comment").fill("It is here now.")
        page.get_by_role("button", name="Send the comment").click()
        expect(page.get_by_text("Your comment was sent. Only the others in this hire can read it.")).to_be_visible()
        expect(page.get_by_text("It is here now.")).to_be_visible()

        page.get_by_role("link", name="Signed contract of employment", exact=True).click()
        picture = page.get_by_role("img", name="Page 1")
        expect(picture).to_be_visible()
        assert page.url.endswith(f"/documents/{document}")
        wait_until(lambda: picture.evaluate("each => each.naturalWidth") >= 1000, message="the page's picture never came")
