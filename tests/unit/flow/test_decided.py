"""What somebody decided, what was decided in their place, and what became of what they granted."""

from __future__ import annotations

import pytest

from idm.domain.authority import Authority
from idm.errors import BadInput
from idm.flow.action_list import delegated, did
from idm.flow.delegate import delegate
from idm.flow.delegation_life import revoke
from idm.flow.depart import Word, cancel
from idm.flow.substitute import Absence, substitute
from tests import data
from tests.support.world import World


def test_what_somebody_decided_is_told_newest_first_with_whom_it_was_about(world: World) -> None:
    world.delegate()
    first, second = world.hire("h1"), world.hire("h2", unit="school_south")
    world.confirm_rights(first)
    world.clock.set_day(world.clock.today(), 12)
    world.confirm_rights(second)

    items = did(world.app, data.IT).items

    assert [(item.case, item.action, item.kind, item.unit_name) for item in items] == [
        (second, "rights-confirm", "rights", "Sydskolen"),
        (first, "rights-confirm", "rights", "Nordskolen"),
    ]
    assert items[0].person_name == world.store.names([world.case(second).person])[world.case(second).person] != ""
    assert {(item.mine, item.by_name, item.place_of_name) for item in items} == {(True, "Ivan Teknik", "")}
    page = did(world.app, data.IT, limit=1)
    assert page.items == items[:1]
    assert did(world.app, data.IT, after=page.next, limit=1) == did(world.app, data.IT, after=page.next)
    assert did(world.app, data.IT, after=page.next).items == items[1:]
    assert did(world.app, data.PAY).items == ()
    for wrong in ("x", "~", "12", "12~", "x~y"):
        with pytest.raises(BadInput):
            did(world.app, data.IT, after=wrong)


def test_what_a_substitute_decided_is_told_to_both(world: World) -> None:
    case = world.hire()
    substitute(world.app, Absence(data.HEAD_NORTH, data.TEACHER), administrator="admin")
    world.appoint(case, by=data.TEACHER)

    (theirs,), (mine,) = did(world.app, data.HEAD_NORTH).items, did(world.app, data.TEACHER).items

    assert (theirs.mine, theirs.by_name, theirs.via) == (False, "Tove Tavle", "substitute")
    assert (mine.mine, mine.place_of_name) == (True, "Nanna Nord")


def test_what_was_granted_tells_what_was_done_with_it_and_what_is_left(world: World) -> None:
    delegate(world.app, Authority.IT, "schools", [data.IT])
    (old,) = delegate(world.app, Authority.PAY, "schools", [data.TEACHER])
    revoke(world.app, old.id, revoker=data.DIRECTOR)
    first, second = world.hire("h1"), world.hire("h2")
    world.appoint(first, pay=data.PAY)
    world.appoint(second, pay=data.PAY)
    world.confirm_rights(first)
    cancel(world.app, second, Word(data.HEAD_NORTH, reason="another took it"))

    given = {(each.delegation.authority.value, each.delegation.to): each for each in delegated(world.app, data.DIRECTOR)}
    standing, ended = given["it", data.IT], given["pay", data.TEACHER]
    assert (standing.to_name, standing.unit_name, standing.hire_name, standing.state) == ("Ivan Teknik", "Skoler", "", "holds")
    assert (ended.state, ended.decisions, ended.last) == ("revoked", 0, None)
    of_cases = {each.delegation.case: each for each in delegated(world.app, data.HEAD_NORTH) if each.delegation.authority == "pay"}
    assert of_cases[first].hire_name and of_cases[first].state == "holds"
    assert (of_cases[second].state, of_cases[second].open_work) == ("case-over", 0)
    assert standing.decisions + sum(
        each.decisions for each in delegated(world.app, data.HEAD_NORTH) if each.delegation.authority == "it"
    ) == len(did(world.app, data.IT).items)
    assert delegated(world.app, data.TEACHER) == ()


def test_open_work_of_a_standing_delegation_is_counted_below_its_unit(world: World) -> None:
    world.delegate("schools")
    for number in range(3):
        world.hire(f"h{number}", unit=("school_north", "school_south", "daycare")[number])

    work = {each.delegation.authority.value: each.open_work for each in delegated(world.app, data.DIRECTOR)}

    assert work["it"] == 2
