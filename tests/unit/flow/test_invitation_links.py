"""The personal link in every mail to a new hire: made when the mail is, good for once, and none where there is no portal."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from idm.connector import Retry
from idm.domain.invitations import LINK_PATH, LinkState
from idm.domain.notices import NEW_LINK, Notice, NoticeState
from idm.flow.board import Board
from idm.flow.compose import NothingToSay, compose
from idm.flow.escalate import nudge_all
from idm.flow.invitations import go_on, invitations_of, looked_up, renew
from idm.flow.sending import send_due
from idm.render import Renderer
from tests import data
from tests.support.world import World
from tests.unit.flow.test_compose import change_place, context_of
from tests.unit.flow.test_deadlines import move
from tests.unit.flow.test_digest import morning

PORTAL = "https://idm.example.org"
SHIPPED = Renderer([Path(__file__).parents[3] / "templates"])


def with_portal(world: World) -> World:
    world.app = replace(world.app, portal=lambda: PORTAL)
    return world


def token_in(world: World, notice: Notice) -> str:
    link = str(context_of(compose(world.app, notice)).get("link", ""))
    address, slash, token = link.rpartition("/")
    assert address + slash == f"{PORTAL}{LINK_PATH}"
    return token


def test_every_mail_to_a_new_hire_carries_a_link_of_its_own_and_says_what_to_do_with_it(world: World) -> None:
    with_portal(world)
    case = world.hire()
    world.appoint(case)
    world.hand_in(case)
    world.do(case, "review-contract", data.PAY, "return", "page 2 is missing")
    world.clock.set_day(date(2026, 12, 11))
    nudge_all(world.app, Board(world.app))
    move(world, case, "2027-03-01")
    change_place(world, case)
    renew(world.app, case, data.HEAD_NORTH)
    notices = world.store.notices(case=case)
    assert {notice.slug for notice in notices} >= {
        "invitation",
        "documents_wanted",
        "document_returned",
        "reminder",
        "start_moved",
        NEW_LINK,
    }
    tokens = [token_in(world, notice) for notice in notices]
    assert len(set(tokens)) == len(tokens)
    assert {link.by for link in invitations_of(world.app, case)} == {notice.id for notice in notices}
    assert all(go_on(world.app, token) for token in tokens)
    for notice in notices:
        attributes = compose(world.app, notice)
        for language, words in (("da", "kode på sms"), ("en", "code by SMS")):
            mail = SHIPPED.render_mail(notice.slug, language, context_of(attributes))
            assert words in mail.text
            assert mail.html is not None
            assert f'href="{attributes["context.link"]}"' in mail.html


def test_without_an_address_mails_go_without_a_link_and_one_of_nothing_else_fails(world: World) -> None:
    case = world.hire()
    (notice, *_) = world.store.notices(case=case)
    assert "context.link" not in compose(world.app, notice)
    renew(world.app, case, data.HEAD_NORTH)
    send_due(world.app)
    (failed,) = world.store.notices(case=case, state=NoticeState.FAILED.value)
    assert (failed.slug, "IDM_PORTAL_URL" in failed.reason) == (NEW_LINK, True)
    assert invitations_of(world.app, case) == []


def test_no_link_is_made_for_a_mail_that_has_nothing_to_say(world: World) -> None:
    with_portal(world)
    case = world.hire()
    (notice, *_) = world.store.notices(case=case)
    world.sql("update cases set state = 'completed' where id = :case", case=case)
    with pytest.raises(NothingToSay):
        compose(world.app, notice)
    assert invitations_of(world.app, case) == []


def test_a_mail_that_is_tried_again_carries_a_link_that_works(world: World) -> None:
    with_portal(world)
    case = world.hire()
    world.targets["mail"].trouble(Retry("away", down=False))
    assert send_due(world.app) == 0
    world.clock.pass_seconds(3600)
    sent = send_due(world.app)
    assert sent >= 1
    for notice in world.store.notices(case=case, state="sent"):
        held = world.targets["mail"].held("message", notice.id)
        assert held is not None
        found = looked_up(world.app, str(held.attributes["context.link"]).rpartition("/")[2])
        assert found is not None
        assert found.state(world.app.clock.now()) is LinkState.OPEN


def test_the_case_is_not_changed_by_the_links_of_its_mails(world: World) -> None:
    with_portal(world)
    case = world.hire()
    before = world.case(case).version
    assert send_due(world.app) >= 1
    assert world.case(case).version == before


def test_the_digest_of_staff_leads_to_the_portal_and_opens_nothing_by_itself(world: World) -> None:
    with_portal(world)
    world.hire()
    assert morning(world) >= 1
    send_due(world.app)
    digests = [notice for notice in world.store.notices(state="sent") if notice.slug == "digest"]
    assert digests
    for notice in digests:
        held = world.targets["mail"].held("message", notice.id)
        assert held is not None
        assert held.attributes["context.link"] == f"{PORTAL}/"
