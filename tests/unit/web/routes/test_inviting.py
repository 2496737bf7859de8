from __future__ import annotations

import re

import pytest

from idm.flow.invitations import invite
from idm.flow.sessions import sessions_of
from tests import data
from tests.support.portal import Portal


@pytest.fixture
def invited(portal: Portal) -> tuple[Portal, str]:
    """A portal, and a case whose person hired is to come in by a link."""
    return portal, portal.world.hire()


def test_a_link_opened_by_anybody_any_number_of_times_still_works_for_its_person_once(invited: tuple[Portal, str]) -> None:
    portal, case = invited
    texts = portal.world.texter
    link = f"/start/{invite(portal.world.app, case, data.HEAD_NORTH)}"
    for _ in range(10):
        assert portal.visitor().get(link).status == 200
        assert portal.visitor().head(link).status == 200
    assert not texts.sent

    hire = portal.visitor()
    waiting = hire.send(hire.get(link), "/start/")
    assert waiting.url == "/start/code" and len(texts.sent) == 1
    home = hire.send(waiting, "/start/code", code=texts.code)

    assert home.url == "/my" and "Hej" in home.text
    assert [session.case for session in sessions_of(portal.world.app)] == [case]
    spent = portal.visitor()
    again = spent.get(link)
    assert again.status == 410 and "new link" in again.text
    assert spent.post(link, follow=False).status == 409 and len(texts.sent) == 1


def test_a_wrong_code_is_said_beside_its_field_and_five_close_the_door(invited: tuple[Portal, str]) -> None:
    portal, case = invited
    texts = portal.world.texter
    hire = portal.visitor()
    page = hire.send(hire.get(f"/start/{invite(portal.world.app, case, data.HEAD_NORTH)}"), "/start/")
    wrong = texts.wrong

    first = hire.send(page, "/start/code", code=wrong)
    assert first.status == 422 and "4" in first.text and "f-code-error" in first.ids
    answers = [hire.post("/start/code", {"code": wrong}).status for _ in range(4)]

    assert answers[-1] == 409 and hire.post("/start/code", {"code": texts.code}).status in (409, 422)
    assert not sessions_of(portal.world.app)


def test_asking_for_a_new_link_tells_nothing(invited: tuple[Portal, str]) -> None:
    portal, _ = invited

    answers = {portal.visitor().post(f"/start/{token}/again").html for token in ("unknown", "x" * 43)}

    assert len(answers) == 1 and "on its way" in answers.pop()


def test_no_page_of_a_link_repeats_it_to_another_site_or_keeps_it(invited: tuple[Portal, str]) -> None:
    portal, case = invited
    page = portal.visitor().get(f"/start/{invite(portal.world.app, case, data.HEAD_NORTH)}")

    assert page.headers["referrer-policy"] == "no-referrer" and page.headers["cache-control"] == "no-store"
    assert not re.search(r'(?:src|href)="https?:', page.html)
