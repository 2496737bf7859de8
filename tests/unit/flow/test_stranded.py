from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from idm.domain.authority import Authority
from idm.flow.board import Board
from idm.flow.delegate import delegate
from idm.flow.organisation import import_organisation
from idm.flow.stranded import note_stranded, stranded
from tests import data
from tests.support.world import World


def found(world: World) -> dict[str, tuple[str, tuple[str, ...]]]:
    return {each.card.task.step: (each.why, each.told) for each in stranded(world.app)}


def manager(world: World, unit: str, person: str) -> None:
    """The organisation is imported with another manager of a unit."""
    known = world.store.organisation().units[unit]
    import_organisation(world.app, [replace(known, manager=person)], [], [], [], "test")


def leave(world: World, person: str) -> None:
    """Somebody's last employment has ended."""
    world.sql("update employments set end_date = '2026-11-20' where person_id = :person", person=person)


def test_nothing_is_stranded_as_long_as_somebody_can_act(world: World) -> None:
    case = world.hire()
    assert found(world) == {}
    world.appoint(case)
    assert found(world) == {}


def test_a_vacant_unit_is_no_dead_end_while_one_above_has_a_manager(world: World) -> None:
    world.hire(unit="care")
    assert found(world) == {}


def test_a_tree_without_any_manager_strands_the_first_task(world: World) -> None:
    world.hire(unit="care")
    manager(world, "town", "")
    assert found(world) == {"appoint": ("nobody holds the manager authority for care or a unit above it", ())}


def test_a_manager_who_left_is_passed_over_and_the_only_one_strands(world: World) -> None:
    world.hire(unit="care")
    leave(world, data.DIRECTOR)
    ((why, told),) = found(world).values()
    assert "left on 2026-11-20" in why
    assert told == ()


def test_contacts_who_left_strand_their_tasks_and_the_manager_hears_of_it(world: World) -> None:
    case = world.hire()
    world.appoint(case)
    leave(world, data.IT)
    why, told = found(world)["confirm_rights"]
    assert "left on 2026-11-20" in why
    assert told == (data.HEAD_NORTH,)
    delegate(world.app, Authority.IT, "school_north", [data.PAY])
    assert "confirm_rights" not in found(world)


def test_a_holder_without_access_strands(world: World) -> None:
    case = world.hire()
    world.appoint(case)
    with world.store.write() as writer:
        writer.put_access(data.IT, "the account is locked", "admin", world.clock.now())
    assert "no access: the account is locked" in found(world)["confirm_rights"][0]


def test_a_holder_who_does_not_exist_strands(world: World) -> None:
    world.hire(unit="care")
    world.sql("update units set manager = 'nobody_at_all' where manager <> ''")
    ((why, _),) = found(world).values()
    assert "there is no such person" in why


def test_policy_says_who_hears_when_no_manager_is_left(world: World) -> None:
    world.hire(unit="care")
    manager(world, "town", "")
    policy = world.policies.current().deadlines
    world.policies.edit(deadlines=replace(policy, stranded=replace(policy.stranded, tell=(data.IT, "gone_too"))))
    assert found(world)["appoint"][1] == (data.IT,)


def test_a_stranded_task_is_on_record_once(world: World) -> None:
    case = world.hire(unit="care")
    manager(world, "town", "")
    assert note_stranded(world.app, Board(world.app)) == 1
    assert note_stranded(world.another_worker(), Board(world.app)) == 0
    world.clock.set_day(date(2026, 11, 25))
    assert note_stranded(world.app, Board(world.app)) == 0
    assert world.actions(case).count("stranded") == 1


def test_a_new_manager_sees_what_waited_for_the_old_one_and_hears_of_it(world: World) -> None:
    case = world.hire()
    manager(world, "school_north", data.HEAD_SOUTH)
    world.do(case, "appoint", data.HEAD_SOUTH, "appoint", values={"pay": data.PAY, "it": data.IT})
    (news,) = world.store.notices(person=data.HEAD_SOUTH)
    assert (news.slug, news.context) == ("managed", {"unit": "school_north"})


def test_an_import_that_changes_no_manager_tells_nobody(world: World) -> None:
    world.import_municipality()
    assert not world.store.notices()


@pytest.mark.parametrize("gone", [data.PAY, data.IT])
def test_only_the_tasks_of_who_left_are_stranded(world: World, gone: str) -> None:
    case = world.hire()
    world.appoint(case)
    world.hand_in(case)
    leave(world, gone)
    steps = {task.step for task in world.store.tasks(case=case, state="open") if task.actor.value == gone.removesuffix("_officer")}
    assert set(found(world)) == steps != set()
