from __future__ import annotations

from idm.flow.invitations import invitations_of, invite
from idm.flow.sessions import sessions_of
from tests import data
from tests.support.portal import Portal


def test_the_contact_sends_a_fresh_link_and_the_old_ones_open_nothing(portal: Portal) -> None:
    case = portal.world.hire()
    token = invite(portal.world.app, case, data.HEAD_NORTH)
    pay = portal.visitor(data.PAY)
    page = pay.get(f"/cases/{case}/link")
    assert "Not used yet" in page.text and token not in page.html

    after = pay.send(page, f"/cases/{case}/link/renew")

    assert "fresh link is on its way" in after.text and "Withdrawn" in after.text
    assert portal.visitor().post(f"/start/{token}", follow=False).status == 409


def test_withdrawing_ends_the_sessions_of_the_person_hired_too(portal: Portal) -> None:
    case = portal.world.hire()
    invite(portal.world.app, case, data.HEAD_NORTH)
    hire = portal.hire_of(case)
    assert hire.get("/my").status == 200
    manager = portal.visitor(data.HEAD_NORTH)

    manager.send(manager.get(f"/cases/{case}/link"), f"/cases/{case}/link/revoke")

    assert hire.get("/my", follow=False).status == 303 and not sessions_of(portal.world.app, portal.world.case(case).person)
    assert {link.revoked_at is not None for link in invitations_of(portal.world.app, case)} == {True}


def test_the_it_contact_and_strangers_find_no_such_page(portal: Portal) -> None:
    case = portal.world.hire()

    for person in (data.IT, data.TEACHER, data.HEAD_SOUTH):
        assert portal.visitor(person).get(f"/cases/{case}/link").status == 404
        assert portal.visitor(person).post(f"/cases/{case}/link/renew").status == 404
