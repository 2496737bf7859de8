from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from idm.domain.authority import Authority, Limits
from idm.domain.authority_powers import AuthorityPolicy, Confirmation, ConfirmRule, Team
from idm.domain.journey import Actor
from idm.errors import BadInput, Conflict, NotAllowed, NotFound
from idm.flow.delegate import delegate
from idm.flow.delegation_life import confirm, confirmation, delegation, revoke
from idm.flow.substitute import Absence, substitute
from idm.flow.tasks import actors
from tests import data
from tests.support.world import World

OFFICE = Team("office", {"da": "Kontor", "en": "Office"}, (data.PAY, data.IT), "office@example.org")


def pay(world: World, case: str) -> list[str]:
    return [holder.person for holder in actors(world.app, world.case(case), Actor.PAY)]


def test_an_unconfirmed_delegation_is_warned_of_then_lapses_and_holds_again_once_confirmed(world: World) -> None:
    world.policies.edit(authority=AuthorityPolicy(confirm=ConfirmRule(12, grace_days=30, warn_days=30)))
    (granted,) = delegate(world.app, Authority.PAY, "school_north", [data.PAY])
    case = world.hire("h1", start="2028-01-03")

    stands = []
    for day in (date(2027, 10, 23), date(2027, 10, 24), date(2027, 11, 23), date(2027, 12, 22), date(2027, 12, 23)):
        world.clock.set_day(day)
        stands.append((confirmation(world.app, [granted])[granted.id], pay(world, case)))
    assert stands == [
        (Confirmation.FINE, [data.PAY]),
        (Confirmation.SOON, [data.PAY]),
        (Confirmation.DUE, [data.PAY]),
        (Confirmation.DUE, [data.PAY]),
        (Confirmation.LAPSED, []),
    ]
    (confirmed,) = confirm(world.app, [granted.id], data.DIRECTOR, "admin")
    assert (confirmed.confirmed_on, confirmed.confirmed_by) == (date(2027, 12, 23), data.DIRECTOR)
    assert delegation(world.app, granted.id) == confirmed
    assert pay(world, case) == [data.PAY]
    assert confirm(world.app, [granted.id], data.DIRECTOR) == [confirmed]
    assert world.actions("delegations") == ["delegated", "confirmed"]


def test_only_a_manager_of_its_unit_confirms_and_all_or_nothing(world: World) -> None:
    north = delegate(world.app, Authority.PAY, "school_north", [data.PAY])[0]
    south = delegate(world.app, Authority.PAY, "school_south", [data.PAY])[0]
    with pytest.raises(NotAllowed, match=data.HEAD_NORTH):
        confirm(world.app, [north.id, south.id], data.HEAD_NORTH)
    assert delegation(world.app, north.id).confirmed_on is None
    with pytest.raises(NotFound):
        confirm(world.app, [north.id, "d-nothing"], data.HEAD_NORTH)
    revoke(world.app, south.id)
    with pytest.raises(Conflict, match="is over"):
        confirm(world.app, [south.id], data.DIRECTOR)
    assert confirmation(world.app, [south]) != {}
    world.policies.edit(authority=AuthorityPolicy())
    assert confirmation(world.app, [north]) == {}


def test_a_substitute_of_the_manager_grants_confirms_and_revokes_while_it_holds(world: World) -> None:
    with pytest.raises(NotAllowed):
        delegate(world.app, Authority.PAY, "school_north", [data.PAY], granter=data.HEAD_SOUTH)
    substitute(world.app, Absence(data.HEAD_NORTH, data.HEAD_SOUTH, authorities=("manager",), until=date(2026, 12, 1)))

    (granted,) = delegate(world.app, Authority.PAY, "school_north", [data.PAY], granter=data.HEAD_SOUTH)
    assert confirm(world.app, [granted.id], data.HEAD_SOUTH)[0].confirmed_by == data.HEAD_SOUTH
    world.clock.set_day(date(2026, 12, 2))
    with pytest.raises(NotAllowed):
        confirm(world.app, [granted.id], data.HEAD_SOUTH)
    assert revoke(world.app, granted.id, revoker=data.HEAD_NORTH).revoked


def test_limits_are_kept_and_a_wider_grant_is_another_one(world: World) -> None:
    limits = Limits(Decimal("50000.50"), ("school_north",), ("payroll", "review"))
    (narrow,) = delegate(world.app, Authority.PAY, "schools", [data.PAY], limits=limits)
    (wide,) = delegate(world.app, Authority.PAY, "schools", [data.PAY])

    assert delegation(world.app, narrow.id).limits == limits
    assert wide.id != narrow.id
    assert delegate(world.app, Authority.PAY, "schools", [data.PAY], limits=limits) == [narrow]
    assert world.store.audit("delegations")[0].payload is not None


@pytest.mark.parametrize(
    ("limits", "fault"),
    [
        (Limits(amount=Decimal(0)), ("amount", "range")),
        (Limits(units=("nowhere",)), ("in", "unknown-unit")),
        (Limits(units=("care",)), ("in", "outside")),
        (Limits(kinds=("king",)), ("kind", "unknown-kind")),
    ],
)
def test_limits_that_mean_nothing_are_refused(world: World, limits: Limits, fault: tuple[str, str]) -> None:
    with pytest.raises(BadInput) as refusal:
        delegate(world.app, Authority.PAY, "schools", [data.PAY], limits=limits)
    assert [(each.path, each.rule) for each in refusal.value.faults] == [fault]


def test_a_team_holds_a_power_together(world: World) -> None:
    with pytest.raises(BadInput) as refusal:
        delegate(world.app, Authority.PAY, "schools", ["team:office"])
    assert [each.rule for each in refusal.value.faults] == ["unknown-team"]
    world.policies.edit(authority=AuthorityPolicy(teams={"office": OFFICE}))
    delegate(world.app, Authority.PAY, "schools", ["team:office"])
    case = world.hire("h1")

    found = actors(world.app, world.case(case), Actor.PAY)
    assert [(holder.person, holder.team) for holder in found] == [(data.PAY, "office"), (data.IT, "office")]


def test_a_team_is_appointed_for_one_hire_and_any_member_decides(world: World) -> None:
    world.policies.edit(authority=AuthorityPolicy(teams={"office": OFFICE}))
    case = world.hire("h1")
    world.do(case, "appoint", data.HEAD_NORTH, "appoint", values={"pay": ["team:office"], "it": [data.IT]})
    world.hand_in(case)
    world.accept(case, "contract", by=data.IT)
    decided = world.case(case).approvals["review-contract"]
    assert (decided.by, decided.via) == (data.IT, "team")
