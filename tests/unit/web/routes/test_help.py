from __future__ import annotations

from idm.domain.access_policy import AccessPolicy
from tests import data
from tests.support.portal import Portal


def test_before_anybody_is_signed_in_it_tells_both_how_to_come_in(portal: Portal) -> None:
    page = portal.visitor().get("/help")

    assert page.status == 200
    assert "If you work here" in page.text and "If you are about to start here" in page.text
    assert "/login" in page.links and "/my/help" not in page.links


def test_a_new_employee_reads_what_is_theirs(portal: Portal) -> None:
    page = portal.hire_of(portal.world.hire()).get("/help")

    assert "If you work here" not in page.text
    assert {"/my/help", "/sessions"} <= set(page.links)
    assert "60 minutes" in page.text and "12 hours" in page.text


def test_staff_read_of_the_pages_that_they_have(portal: Portal) -> None:
    def terms(person: str) -> tuple[bool, bool]:
        text = portal.visitor(person).get("/help").text
        assert "If you are about to start here" not in text and "30 minutes" in text
        return "Who is pay contact and IT contact" in text, "What the pay form offers" in text

    portal.world.policies.edit(access=AccessPolicy((data.IT,)))

    assert terms(data.HEAD_NORTH) == (True, False)
    assert terms(data.IT) == (False, True)
    assert terms(data.TEACHER) == (False, False)


def test_every_link_of_it_leads_to_a_page_of_ours(portal: Portal) -> None:
    visitor = portal.visitor(data.HEAD_NORTH)
    links = [link for link in visitor.get("/help").links if not link.startswith("#")]

    assert links and {link: visitor.get(link).status for link in links if visitor.get(link).status != 200} == {}


def test_it_is_there_in_danish(portal: Portal) -> None:
    text = portal.visitor().get("/help", accept_language="da").text

    assert "Hvem du kan spørge" in text and "Whom to ask" not in text
