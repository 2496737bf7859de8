from __future__ import annotations

from dataclasses import replace

import pytest

from idm.domain.authority import Authority
from idm.domain.four_eyes import FourEyesRule
from idm.domain.matching import EVERYBODY
from idm.flow.delegate import delegate
from tests import data
from tests.support.portal import Page, Portal

SECOND = data.TEACHER
ACCOUNT = "3.22.01-4010"


@pytest.fixture
def watched(portal: Portal) -> Portal:
    """A portal where every decision takes two persons, and everything may be done by a second one, too."""
    world = portal.world
    for authority, first in ((Authority.PAY, data.PAY), (Authority.IT, data.IT)):
        delegate(world.app, authority, "town", [first, SECOND])
    world.policies.edit(
        authority=replace(world.policies.current().authority, four_eyes=(FourEyesRule("two", ("rights", "form", "order", "review")),)),
        equipment=replace(world.policies.current().equipment, ask=EVERYBODY),
    )
    return portal


def seen(portal: Portal, case: str, step: str, language: str = "en") -> Page:
    page = portal.visitor(SECOND, language=language).get(f"/tasks/{portal.world.task_of(case, step)}")
    assert page.status == 200 and ("decision", "agree") in page.form("/tasks/").buttons, page.text
    return page


def test_the_second_person_sees_the_roles_that_they_agree_to_and_those_left_out(watched: Portal) -> None:
    case = watched.world.hire()
    values = {"add": [{"role": "purchaser", "until": "2027-06-30"}, "invoice_reader"], "remove": ["school_north"]}
    watched.world.do(case, "confirm_rights", data.IT, "confirm", values=values)

    page = seen(watched, case, "confirm_rights")

    rights, _, left_out = page.text.partition("Left out")
    assert "Teaching" in rights and "Purchaser, until 30 Jun 2027" in rights and "purchaser" not in rights
    assert "Nordskolen" in left_out or "North" in left_out


def test_the_second_person_sees_the_answers_of_a_form_by_their_titles(watched: Portal) -> None:
    case = watched.world.hire()
    for kind in ("contract", "diploma", "seniority_proof"):
        watched.world.hand_in(case, kind)
        for person in (data.PAY, SECOND):
            watched.world.do(case, f"review-{kind}", person, "accept" if person == data.PAY else "agree")
    watched.world.tell_personal(case)
    watched.world.do(case, "payroll_form", data.PAY, "submit", values=data.payroll_values())

    text = seen(watched, case, "payroll_form", "da").text

    assert "Aflønning" in text and "Månedsløn" in text and "monthly" not in text
    assert "Lærere i folkeskolen m.fl. (TEACH)" in text and "2027-01-04" not in text


def test_the_second_person_sees_what_is_ordered_and_opens_the_paper_that_was_accepted(watched: Portal) -> None:
    case = watched.world.hire()
    lines = [{"item": "chair", "quantity": 1, "account": ACCOUNT}]
    watched.world.do(case, "equipment", data.IT, "order", values={"lines": lines})
    assert f"Office chair 1, on account {ACCOUNT}" in seen(watched, case, "equipment").text

    watched.world.hand_in(case, "contract")
    watched.world.do(case, "review-contract", data.PAY, "accept")
    page = seen(watched, case, "review-contract")
    assert any(link.startswith("/documents/") for link in page.links)
