from __future__ import annotations

from datetime import date

import pytest

from idm.domain.authority import Authority
from idm.domain.journey import Actor
from idm.errors import BadInput, Conflict, NotAllowed, NotFound
from idm.flow.delegate import delegate
from idm.flow.delegation_life import revoke
from idm.flow.tasks import actors
from tests import data
from tests.support.world import World

TODAY = date(2026, 11, 23)


def test_a_delegation_holds_from_today_by_the_nearest_manager(world: World) -> None:
    (granted,) = delegate(world.app, Authority.PAY, "school_north", [data.PAY, data.PAY], administrator="admin")

    assert (granted.since, granted.until, granted.granted_by, granted.to) == (TODAY, None, data.HEAD_NORTH, data.PAY)
    assert list(world.store.delegations()) == [granted]
    assert world.actions("delegations") == ["delegated"]
    assert world.store.audit("delegations")[0].actor == data.HEAD_NORTH


def test_a_unit_without_a_manager_is_delegated_by_the_one_above(world: World) -> None:
    (granted,) = delegate(world.app, Authority.IT, "care", [data.IT])
    assert granted.granted_by == data.DIRECTOR


def test_several_at_once_and_for_a_case_alone(world: World) -> None:
    case = world.hire("h1")
    granted = delegate(world.app, Authority.PAY, "school_north", [data.PAY, data.IT], case=case, granter=data.DIRECTOR)

    assert [(each.to, each.case, each.granted_by) for each in granted] == [
        (data.PAY, case, data.DIRECTOR),
        (data.IT, case, data.DIRECTOR),
    ]
    assert world.store.delegations(units=["town"]) == []
    assert {each.id for each in world.store.delegations(units=["town"], case=case)} == {each.id for each in granted}


def test_everything_wrong_is_named_at_once_and_nothing_is_granted(world: World) -> None:
    with pytest.raises(BadInput) as refusal:
        delegate(world.app, Authority.PAY, "nowhere", ["nobody"], since=TODAY, until=date(2026, 11, 22))
    assert [(fault.path, fault.rule) for fault in refusal.value.faults] == [
        ("unit", "unknown-unit"),
        ("to", "unknown-person"),
        ("until", "order"),
    ]
    with pytest.raises(BadInput) as refusal:
        delegate(world.app, Authority.PAY, "school_north", [])
    assert [fault.rule for fault in refusal.value.faults] == ["required"]
    assert list(world.store.delegations()) == []


def test_the_person_hired_holds_nothing_in_their_own_case(world: World) -> None:
    case = world.hire("h1", cpr=data.cpr(6), position="nurse")
    with pytest.raises(BadInput) as refusal:
        delegate(world.app, Authority.PAY, "school_south", [data.TEACHER], case=case)
    assert [fault.rule for fault in refusal.value.faults] == ["other-unit", "own-hire"]
    with pytest.raises(NotFound):
        delegate(world.app, Authority.PAY, "school_north", [data.PAY], case="c-gone")


@pytest.mark.parametrize("granter", [data.HEAD_SOUTH, data.TEACHER])
def test_who_does_not_manage_the_unit_cannot_delegate(world: World, granter: str) -> None:
    with pytest.raises(NotAllowed, match=granter):
        delegate(world.app, Authority.PAY, "school_north", [data.PAY], granter=granter)


def test_where_nobody_manages_nobody_delegates(world: World) -> None:
    world.sql("update units set manager = ''")
    with pytest.raises(NotAllowed, match="Nobody"):
        delegate(world.app, Authority.PAY, "school_north", [data.PAY])


def test_a_revoked_delegation_holds_no_more(world: World) -> None:
    case = world.hire("h1")
    (granted,) = delegate(world.app, Authority.PAY, "school_north", [data.PAY])
    assert [holder.person for holder in actors(world.app, world.case(case), Actor.PAY)] == [data.PAY]

    assert revoke(world.app, granted.id, revoker=data.DIRECTOR, administrator="admin").revoked

    assert actors(world.app, world.case(case), Actor.PAY) == ()
    assert world.actions("delegations") == ["delegated", "revoked"]
    assert world.store.audit("delegations")[1].actor == data.DIRECTOR
    with pytest.raises(Conflict, match="before"):
        revoke(world.app, granted.id)


def test_only_its_granter_or_a_manager_above_revokes(world: World) -> None:
    (granted,) = delegate(world.app, Authority.PAY, "school_north", [data.PAY])
    with pytest.raises(NotAllowed):
        revoke(world.app, granted.id, revoker=data.HEAD_SOUTH)
    with pytest.raises(NotFound):
        revoke(world.app, "d-nothing")
    assert revoke(world.app, granted.id).revoked


def test_what_somebody_holds_already_is_not_granted_twice(world: World) -> None:
    (first,) = delegate(world.app, Authority.PAY, "school_north", [data.PAY])
    again = delegate(world.app, Authority.PAY, "school_north", [data.PAY, data.IT])
    assert again[0] == first
    assert len(world.store.delegations()) == 2
    assert world.actions("delegations") == ["delegated", "delegated"]

    revoke(world.app, first.id)
    (anew,) = delegate(world.app, Authority.PAY, "school_north", [data.PAY])
    assert anew.id != first.id
    (ending,) = delegate(world.app, Authority.PAY, "school_north", [data.PAY], until=date(2027, 1, 31))
    assert ending.id != anew.id, "another period is another grant"
