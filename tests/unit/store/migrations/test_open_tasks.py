"""What rows of open tasks say of who is named, who is beside and who is kept apart: kept by every write, and filled in for older ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from idm.domain.authority import Authority, Limits
from idm.domain.projection import Task
from idm.flow.delegate import delegate
from idm.flow.delegation_life import revoke
from idm.store.migrations.open_tasks import fill_in, fill_in_beside
from idm.store.schema import tasks
from tests import data
from tests.support.world import World


def named(world: World, case: str) -> dict[str, str]:
    """Who is named for each open task of a case."""
    return {row.step: row.named for row in world.store.tasks(case=case, state="open")}


def beside(world: World, by: str = "step") -> dict[str, str]:
    """Who is appointed beside whoever is named for each open task."""
    with world.database.reading() as connection:
        return {row[by]: row["beside"] or "" for row in connection.execute(select(tasks).where(tasks.c.state == "open")).mappings()}


def whole(world: World) -> list[Task]:
    return list(world.store.tasks(state="open"))


def test_contacts_of_a_case_are_named_for_tasks_open_then_and_later(world: World) -> None:
    case = world.hire()
    assert named(world, case) == {"appoint": ""}

    world.appoint(case)
    assert named(world, case)["confirm_rights"] == data.IT
    world.hand_in(case)
    assert named(world, case)["review-contract"] == data.PAY


def test_only_who_certainly_has_the_power_is_named(world: World) -> None:
    world.delegate()
    case = world.hire()

    def appoint(to: str, **more: Any) -> str:
        (made,) = delegate(world.app, Authority.IT, "school_north", [to], case=case, granter=data.HEAD_NORTH, **more)
        return made.id

    today = world.clock.today()
    appoint(data.TEACHER, until=today)
    appoint(data.TEACHER, since=today + timedelta(1))
    appoint(data.TEACHER, limits=Limits(kinds=("rights",)))
    assert named(world, case)["confirm_rights"] == ""
    sure, other = appoint(data.HEAD_SOUTH), appoint(data.PAY)
    assert named(world, case)["confirm_rights"] == data.HEAD_SOUTH
    revoke(world.app, sure)
    assert named(world, case)["confirm_rights"] == data.PAY
    revoke(world.app, other)
    assert named(world, case)["confirm_rights"] == ""


def test_the_manager_whom_the_event_names_is_named_unless_it_is_their_own_hire(world: World) -> None:
    assert named(world, world.hire("h1", manager=data.HEAD_SOUTH)) == {"appoint": data.HEAD_SOUTH}
    own = world.hire("h2", manager=data.HEAD_SOUTH, cpr=data.cpr(3))
    assert world.case(own).person == data.HEAD_SOUTH
    assert named(world, own) == {"appoint": ""}


def test_rows_from_before_are_filled_in_as_every_write_would(world: World) -> None:
    world.appoint(world.hire("h1"))
    world.hire("h2", manager=data.HEAD_SOUTH)
    wanted = whole(world)
    assert {row.named for row in wanted} >= {data.IT, data.HEAD_SOUTH, ""}
    first = wanted[0].case
    world.sql("update tasks set named = null, apart = null, due = null")

    with world.database.writing() as connection:
        fill_in(connection)

    found = whole(world)
    start = world.case(first).facts.start_date
    assert [replace(row, due=None) for row in found] == [replace(row, due=None) for row in wanted]
    assert {row.due for row in found if row.case == first} == {start}


def test_a_case_that_cannot_be_read_gives_no_names_and_stops_nothing(world: World) -> None:
    world.hire("h1", manager=data.HEAD_SOUTH)
    world.sql("update cases set doc = 'x'")
    world.sql("update tasks set named = null")

    with world.database.writing() as connection:
        fill_in(connection)

    assert [row.named for row in whole(world)] == [""]


def test_whoever_else_is_appointed_is_kept_beside_who_is_named(world: World) -> None:
    world.delegate()
    case = world.hire()

    def appoint(to: str, **more: object) -> str:
        (made,) = delegate(world.app, Authority.IT, "school_north", [to], case=case, granter=data.HEAD_NORTH, **more)  # type: ignore[arg-type]  # passed on
        return made.id

    limited = appoint(data.TEACHER, limits=Limits(kinds=("rights",)))
    assert (named(world, case)["confirm_rights"], beside(world)["confirm_rights"]) == ("", data.TEACHER)
    sure = appoint(data.PAY)
    assert (named(world, case)["confirm_rights"], beside(world)["confirm_rights"]) == (data.PAY, data.TEACHER)
    appoint(data.HEAD_SOUTH)
    assert (named(world, case)["confirm_rights"], beside(world)["confirm_rights"]) == (data.HEAD_SOUTH, "*")
    revoke(world.app, limited)
    assert beside(world)["confirm_rights"] == data.PAY
    revoke(world.app, sure)
    assert beside(world)["confirm_rights"] == ""


def test_who_is_beside_is_filled_in_for_rows_from_before_as_every_write_would(world: World) -> None:
    world.delegate()
    for number, contacts in enumerate(([data.IT], [data.IT, data.PAY], [data.IT, data.PAY, data.TEACHER])):
        delegate(world.app, Authority.IT, "school_north", contacts, case=world.hire(f"h{number}"), granter=data.HEAD_NORTH)
    wanted = beside(world, "id")
    assert set(wanted.values()) == {"", data.PAY, "*"}
    world.sql("update tasks set beside = null")

    with world.database.writing() as connection:
        fill_in_beside(connection)

    assert beside(world, "id") == wanted
