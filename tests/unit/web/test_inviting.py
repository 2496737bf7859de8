from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from idm.connector import Confidential
from idm.flow.invitations import invite
from idm.flow.sessions import sessions_of
from tests import data
from tests.support.portal import Portal
from tests.support.world import World


class Phone:
    """`idm.ports.Texter`: keeps what it was told to send."""

    def __init__(self) -> None:
        self.codes: list[str] = []

    def send(self, id: str, number: Confidential, slug: str, language: str, values: dict[str, str]) -> None:
        self.codes.append(values["code"])


@pytest.fixture
def phone(new_world: Callable[..., World]) -> tuple[Portal, Phone, str]:
    world, phone = new_world(), Phone()
    world.delegate()
    world.app = replace(world.app, texter=phone)
    return Portal(world), phone, world.hire()


def test_a_link_opened_by_anybody_any_number_of_times_still_works_for_its_person_once(phone: tuple[Portal, Phone, str]) -> None:
    portal, texts, case = phone
    link = f"/start/{invite(portal.world.app, case, data.HEAD_NORTH)}"
    for _ in range(10):
        assert portal.visitor().get(link).status == 200
        assert portal.visitor().head(link).status == 200
    assert texts.codes == []

    hire = portal.visitor()
    waiting = hire.send(hire.get(link), "/start/")
    assert waiting.url == "/start/code" and len(texts.codes) == 1
    home = hire.send(waiting, "/start/code", code=texts.codes[-1])

    assert home.url == "/my" and "Hello" in home.text
    assert [session.case for session in sessions_of(portal.world.app)] == [case]
    spent = portal.visitor()
    again = spent.get(link)
    assert again.status == 410 and "new link" in again.text
    assert spent.post(link, follow=False).status == 409 and len(texts.codes) == 1


def test_a_wrong_code_is_said_beside_its_field_and_five_close_the_door(phone: tuple[Portal, Phone, str]) -> None:
    portal, texts, case = phone
    hire = portal.visitor()
    page = hire.send(hire.get(f"/start/{invite(portal.world.app, case, data.HEAD_NORTH)}"), "/start/")
    wrong = "000000" if texts.codes[0] != "000000" else "000001"

    first = hire.send(page, "/start/code", code=wrong)
    assert first.status == 422 and "4" in first.text and "f-code-error" in first.ids
    for _ in range(4):
        last = hire.post("/start/code", {"code": wrong})

    assert last.status == 409 and hire.post("/start/code", {"code": texts.codes[0]}).status in (409, 422)
    assert not sessions_of(portal.world.app)


def test_asking_for_a_new_link_tells_nothing(phone: tuple[Portal, Phone, str]) -> None:
    portal, _, _ = phone

    answers = {portal.visitor().post(f"/start/{token}/again").html for token in ("unknown", "x" * 43)}

    assert len(answers) == 1 and "on its way" in answers.pop()


def test_no_page_of_a_link_repeats_it_to_another_site_or_keeps_it(phone: tuple[Portal, Phone, str]) -> None:
    portal, _, case = phone
    page = portal.visitor().get(f"/start/{invite(portal.world.app, case, data.HEAD_NORTH)}")

    assert page.headers["referrer-policy"] == "no-referrer" and page.headers["cache-control"] == "no-store"
    assert not re.search(r'(?:src|href)="https?:', page.html)
