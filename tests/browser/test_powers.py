"""The page of powers in a browser: what is to be confirmed once a year is ticked one by one, or all at once."""

from __future__ import annotations

from datetime import timedelta

from playwright.sync_api import expect

from idm.domain.sessions import SessionKind
from idm.flow.sessions import open_session
from tests import data
from tests.support.browser import Chromium, Served, axe
from tests.support.portal import Portal


def test_all_that_go_on_are_ticked_at_once(chromium: Chromium, served: Served, portal: Portal) -> None:
    world = portal.world
    world.clock.set_day(world.clock.today() + timedelta(days=364))
    with chromium.window(served.url, token=open_session(world.app, data.DIRECTOR, SessionKind.STAFF)) as window:
        page = window.page
        page.goto("/powers")
        boxes = page.get_by_role("checkbox", name="Goes on:")
        expect(boxes).to_have_count(2)
        assert axe(page) == []

        page.get_by_label("All of them go on").check()
        expect(page.locator("input[name=delegation]:checked")).to_have_count(2)
        boxes.first.uncheck()
        page.get_by_role("button", name="Confirm what is ticked").click()

        expect(boxes).to_have_count(1)
        assert sum(each.confirmed_by == data.DIRECTOR for each in world.store.delegations()) == 1
        assert window.complaints == []
