"""Which units somebody manages today, and where they may start hires."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event

from idm.domain.access_policy import AccessPolicy, StartRule
from idm.errors import NotFound
from idm.flow.access import take_access
from idm.flow.delegate import manages
from idm.flow.managing import demand_startable, managed_units, startable
from idm.flow.substitute import Absence, substitute
from tests import data
from tests.support.world import World

EVERYWHERE = {"town", "town_hall", "schools", "school_north", "school_south", "daycare", "care"}


def test_a_manager_manages_the_unit_and_all_below_it(world: World) -> None:
    assert managed_units(world.app, data.DIRECTOR) == EVERYWHERE
    assert managed_units(world.app, data.HEAD_NORTH) == {"school_north"}
    assert managed_units(world.app, data.PAY) == managed_units(world.app, "nobody") == frozenset()


def test_a_substitute_manages_in_their_place_also_through_another(world: World) -> None:
    today = world.clock.today()
    substitute(world.app, Absence(data.HEAD_NORTH, data.HEAD_SOUTH, until=today + timedelta(days=5)))
    substitute(world.app, Absence(data.HEAD_SOUTH, data.TEACHER, until=today + timedelta(days=5)))
    substitute(world.app, Absence(data.DIRECTOR, data.IT, since=today + timedelta(days=2)))

    assert managed_units(world.app, data.TEACHER) == {"school_north", "school_south"}
    assert managed_units(world.app, data.HEAD_SOUTH) == {"school_north", "school_south"}
    assert managed_units(world.app, data.IT) == frozenset(), "not yet"
    world.clock.set_day(today + timedelta(days=6))
    assert managed_units(world.app, data.TEACHER) == frozenset()
    assert managed_units(world.app, data.IT) == EVERYWHERE


def test_a_substitute_for_one_authority_or_some_units_manages_no_more_than_that(world: World) -> None:
    substitute(world.app, Absence(data.HEAD_NORTH, data.TEACHER, authorities=("pay",)))
    substitute(world.app, Absence(data.DIRECTOR, data.IT, authorities=("manager",), units=("schools",)))

    assert managed_units(world.app, data.TEACHER) == frozenset()
    assert managed_units(world.app, data.IT) == {"schools", "school_north", "school_south"}


def test_who_has_left_or_has_no_access_manages_nothing(world: World) -> None:
    take_access(world.app, data.HEAD_NORTH, "ill", "root")
    world.sql("update employments set end_date = '2026-01-31' where person_id = :id", id=data.HEAD_SOUTH)

    assert managed_units(world.app, data.HEAD_NORTH) == managed_units(world.app, data.HEAD_SOUTH) == frozenset()
    assert not startable(world.app, data.HEAD_NORTH)


def test_who_manages_here_may_delegate_there(world: World) -> None:
    substitute(world.app, Absence(data.HEAD_NORTH, data.HEAD_SOUTH))
    substitute(world.app, Absence(data.DIRECTOR, data.TEACHER, authorities=("manager",), units=("schools", "care")))
    tree = world.store.organisation()

    for person in (data.DIRECTOR, data.HEAD_NORTH, data.HEAD_SOUTH, data.TEACHER, data.PAY):
        assert managed_units(world.app, person) == {unit for unit in tree.units if manages(world.app, person, unit, tree)}, person


def test_the_questions_are_the_same_however_many_units_there_are(world: World) -> None:
    statements: list[str] = []
    event.listen(world.database.engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    counts = []
    for number in (0, 40):
        for each in range(number):
            world.sql(
                "insert into units (id, name, parent, manager) values (:id, 'X', 'schools', :head)", id=f"x{each}", head=data.HEAD_NORTH
            )
        statements.clear()
        managed_units(world.app, data.HEAD_NORTH)
        counts.append(sum("select" in each.lower() for each in statements))
    assert counts[0] == counts[1] < 6


def test_hires_are_started_where_policy_lets_them(world: World) -> None:
    world.policies.edit(
        access=AccessPolicy(
            starts=(StartRule("managers", units=("schools",)), StartRule("helpers", (data.PAY,), ("care",), ("student_worker",)))
        )
    )
    demand_startable(world.app, data.HEAD_NORTH, "school_north", "teacher")
    demand_startable(world.app, data.PAY, "care", "student_worker")
    assert {unit for unit, _ in startable(world.app, data.DIRECTOR)} == {"schools", "school_north", "school_south"}
    for person, unit, position in (
        (data.HEAD_NORTH, "school_south", "teacher"),
        (data.HEAD_NORTH, "nowhere", "teacher"),
        (data.HEAD_NORTH, "school_north", "astronaut"),
        (data.DIRECTOR, "daycare", "pedagogue"),
        (data.PAY, "care", "nurse"),
        (data.IT, "care", "nurse"),
    ):
        with pytest.raises(NotFound, match=r"no unit '.*' with a position '.*' in which you can start"):
            demand_startable(world.app, person, unit, position)
