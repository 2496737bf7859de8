from __future__ import annotations

from datetime import date

import pytest

from idm.domain.journey import Actor
from idm.errors import BadInput, Conflict, NotAllowed, NotFound
from idm.flow.substitute import Absence, end_substitution, list_substitutions, substitute
from idm.flow.tasks import actors
from tests import data
from tests.support.world import World

TODAY = date(2026, 11, 23)
UNTIL = date(2026, 12, 4)


def holders(world: World, case: str, actor: Actor) -> list[str]:
    return [holder.person for holder in actors(world.app, world.case(case), actor)]


def test_a_substitute_entered_by_the_person_acts_from_today(world: World) -> None:
    case = world.hire("h1")
    entered = substitute(world.app, Absence(data.HEAD_NORTH, data.HEAD_SOUTH, until=UNTIL), by=data.HEAD_NORTH, administrator="admin")

    assert (entered.since, entered.until, entered.entered_by) == (TODAY, UNTIL, data.HEAD_NORTH)
    assert holders(world, case, Actor.MANAGER) == [data.HEAD_SOUTH, data.HEAD_NORTH]
    assert list(list_substitutions(world.app)) == [entered]
    (entry,) = world.store.audit("delegations")
    assert (entry.actor, entry.action) == (data.HEAD_NORTH, "substituted")
    world.clock.set_day(date(2026, 12, 5))
    assert holders(world, case, Actor.MANAGER) == [data.HEAD_NORTH]
    assert list(list_substitutions(world.app)) == []
    assert list(list_substitutions(world.app, everything=True, person=data.HEAD_SOUTH)) == [entered]


def test_the_same_again_is_answered_as_it_is(world: World) -> None:
    wanted = Absence(data.PAY, data.IT, until=UNTIL, authorities=("pay",), units=("schools",))
    first = substitute(world.app, wanted, administrator="admin")
    assert substitute(world.app, wanted, by=data.PAY) == first
    assert first.entered_by == "admin"
    assert world.actions("delegations") == ["substituted"]


def test_an_absence_without_a_substitute_passes_on_and_is_ended(world: World) -> None:
    world.delegate("town")
    world.delegate("school_north", pay=data.TEACHER, it=data.TEACHER)
    case = world.hire("h1")
    away = substitute(world.app, Absence(data.TEACHER), administrator="admin")

    assert holders(world, case, Actor.PAY) == [data.PAY, data.TEACHER]
    assert end_substitution(world.app, away.id, by=data.TEACHER).ended == TODAY
    assert holders(world, case, Actor.PAY) == [data.TEACHER]
    assert world.actions("delegations")[-2:] == ["away", "substitution-ended"]
    with pytest.raises(Conflict):
        end_substitution(world.app, away.id)


def test_nobody_enters_or_ends_it_for_another(world: World) -> None:
    with pytest.raises(NotAllowed, match=data.HEAD_SOUTH):
        substitute(world.app, Absence(data.HEAD_NORTH, data.HEAD_SOUTH), by=data.HEAD_SOUTH)
    entered = substitute(world.app, Absence(data.HEAD_NORTH, data.HEAD_SOUTH))
    with pytest.raises(NotAllowed, match="can't end"):
        end_substitution(world.app, entered.id, by=data.HEAD_SOUTH)
    with pytest.raises(NotFound):
        end_substitution(world.app, "s-nothing")


def test_everything_wrong_is_named_at_once(world: World) -> None:
    wanted = Absence("nobody", "nobody", date(2026, 11, 3), date(2026, 11, 2), ("king",), ("nowhere",))
    with pytest.raises(BadInput) as refusal:
        substitute(world.app, wanted)
    assert [fault.rule for fault in refusal.value.faults] == [
        "unknown-person",
        "unknown-person",
        "oneself",
        "order",
        "over",
        "unknown-unit",
        "unknown-authority",
    ]
    assert list(list_substitutions(world.app, everything=True)) == []
