"""Choosing who to be: who is offered, as what, and in which order."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from idm.flow import choosing
from idm.flow.access import take_access
from idm.flow.choosing import Role, choosable
from tests import data
from tests.support.world import World

TITLES = {"manager": "leder", "pay": "lønkontakt", "it": "it-kontakt"}


@pytest.fixture
def house(world: World) -> World:
    """The municipality with its standing delegations."""
    world.import_municipality()
    world.delegate()
    return world


def test_everybody_here_is_offered_with_what_they_may_do(house: World) -> None:
    people, more = choosable(house.app, "", TITLES)
    assert more == 0
    assert {each.id for each in people} == {data.DIRECTOR, data.HEAD_NORTH, data.HEAD_SOUTH, data.PAY, data.IT, data.TEACHER}
    told = {each.id: each for each in people}
    assert (told[data.PAY].name, told[data.PAY].positions, told[data.PAY].units) == ("Pia Lønholm", ("Lønkonsulent",), ("Rådhuset",))
    assert Role("lønkontakt", ("Eksempel Kommune",)) in told[data.PAY].roles
    assert Role("leder", ("Nordskolen",)) in told[data.HEAD_NORTH].roles
    assert told[data.TEACHER].roles == ()


def test_one_of_each_role_comes_first_and_whoever_has_none_last(house: World) -> None:
    people, _ = choosable(house.app, "", TITLES)
    first = {role.title for each in people[:3] for role in each.roles}
    assert {"leder", "lønkontakt", "it-kontakt"} <= first
    assert people[-1].id == data.TEACHER


def test_who_is_gone_or_not_here_yet_is_not_offered(house: World) -> None:
    take_access(house.app, data.IT, "long leave", "admin")
    today = house.clock.today()
    with house.store.write() as writer:
        writer.put_employment(replace(house.store.employments(data.PAY)[0], end_date=today - timedelta(days=1)))
        writer.put_employment(replace(house.store.employments(data.TEACHER)[0], start_date=today + timedelta(days=1)))
    people, _ = choosable(house.app, "", TITLES)
    assert {each.id for each in people} == {data.DIRECTOR, data.HEAD_NORTH, data.HEAD_SOUTH}


@pytest.mark.parametrize(("asked", "found"), [("LEDER syd", {data.HEAD_SOUTH}), ("lærer", {data.TEACHER}), ("leder tavle", set())])
def test_every_word_must_be_said_of_them(house: World, asked: str, found: set[str]) -> None:
    assert {each.id for each in choosable(house.app, asked, TITLES)[0]} == found


def test_no_more_are_shown_than_fit(house: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choosing, "MOST_SHOWN", 2)
    people, more = choosable(house.app, "", TITLES)
    assert (len(people), more) == (2, 4)
