"""The receipt of the person hired."""

from __future__ import annotations

import pytest

from idm.errors import NotFound
from idm.flow.own_data import give_anew
from idm.flow.receipt import receipt
from tests import data
from tests.support.world import World


def states(world: World, case: str) -> list[tuple[str, str, str]]:
    return [(line.sort, line.subject, line.state) for line in receipt(world.app, case, world.case(case).person)]


def test_it_lists_what_was_handed_in_told_and_consented_to_in_order(world: World) -> None:
    case = world.hire()
    world.appoint(case)
    assert states(world, case) == []
    first = world.hand_in(case, "diploma")
    world.clock.pass_seconds(60)
    world.hand_in(case, "diploma")
    world.do(case, "review-diploma", data.PAY, "return", "The second page is missing.")
    world.tell_personal(case)
    world.do(case, "consent-child_protection", world.case(case).person, "give")
    lines = receipt(world.app, case, world.case(case).person)

    assert sorted(states(world, case)) == [
        ("consent", "child_protection", "given"),
        ("document", "diploma", "replaced"),
        ("document", "diploma", "returned"),
        ("form", "personal", "answered"),
    ]
    assert lines == sorted(lines, key=lambda line: line.at)
    assert next(line for line in lines if line.document == first).typed_by == "admin"
    assert all(line.titles["da"] and line.titles["en"] for line in lines)


def test_a_form_that_is_asked_again_and_a_refused_consent_are_told(world: World) -> None:
    case = world.hire()
    world.appoint(case)
    person = world.case(case).person
    world.do(case, "consent-child_protection", person, "refuse")
    world.tell_personal(case)
    give_anew(world.app, case, "personal", person)
    assert ("consent", "child_protection", "refused") in states(world, case)
    assert [state for sort, _, state in states(world, case) if sort == "form"] == []


def test_it_is_for_its_person_only_and_holds_nothing_confidential(world: World) -> None:
    case = world.hire()
    world.appoint(case)
    world.tell_personal(case, street="Hemmelig Sti 77")
    for person in (data.PAY, data.HEAD_NORTH):
        with pytest.raises(NotFound):
            receipt(world.app, case, person)
    assert "Hemmelig" not in repr(receipt(world.app, case, world.case(case).person))
