"""The action list of a person: the tasks, why them, the order, pages and filters."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from idm.domain.authority import Authority
from idm.domain.four_eyes import FourEyesRule
from idm.errors import BadInput
from idm.flow.access import give_access, take_access
from idm.flow.action_list import ActionPage, action_list
from idm.flow.delegate import delegate
from idm.flow.delegation_life import revoke
from idm.flow.substitute import Absence, substitute
from idm.flow.tasks import open_tasks
from tests import data
from tests.support.world import World


def ids(page: ActionPage) -> list[str]:
    return [item.task.id for item in page.items]


def every_page(world: World, person: str, limit: int = 2, **filters: str) -> list[str]:
    """The ids on all pages, one after the other."""
    found: list[str] = []
    page = action_list(world.app, person, limit=limit, **filters)
    for _ in range(1000):
        found += ids(page)
        if not page.next:
            return found
        page = action_list(world.app, person, limit=limit, after=page.next, **filters)
    raise AssertionError("the pages never end")


def slowly(world: World, person: str) -> set[str]:
    return {row.id for row, _ in open_tasks(world.app, person=person)}


def test_a_manager_sees_whom_and_what_it_is_about_and_why_it_is_them(world: World) -> None:
    case = world.hire()

    (item,) = action_list(world.app, data.HEAD_NORTH).items

    assert (item.case, item.kind, item.task.id) == (case, "appoint", world.task_of(case, "appoint"))
    assert item.person_name == world.store.names([world.case(case).person])[world.case(case).person] != ""
    assert (item.unit, item.unit_name, item.position_title) == ("school_north", "Nordskolen", "Lærer")
    assert item.start_date == date.fromisoformat(data.START)
    assert (item.holder.person, item.holder.basis) == (data.HEAD_NORTH, "manager of school_north")
    assert item.due == item.task.due is not None
    assert item.overdue_days == 0 and not item.short_notice


def test_a_filter_that_nothing_fits_is_still_among_those_to_choose_from(world: World) -> None:
    world.hire()

    page = action_list(world.app, data.HEAD_NORTH, unit="school_south", kind="rights")
    assert (list(page.items), page.units, page.kinds) == ([], {"school_south": 0}, {"rights": 0})
    assert page.unit_names == {"school_south": "Sydskolen"}

    page = action_list(world.app, data.HEAD_NORTH, unit="nowhere", kind="nothing")
    assert (list(page.items), page.units, page.kinds) == ([], {}, {})


def test_who_has_no_part_sees_nothing(world: World) -> None:
    world.hire()

    page = action_list(world.app, data.TEACHER)

    assert page == ActionPage(())
    assert action_list(world.app, "nobody") == ActionPage(())


def test_the_person_hired_sees_their_own(world: World) -> None:
    case = world.hire()
    world.appoint(case)

    page = action_list(world.app, world.case(case).person)

    assert {item.kind for item in page.items} >= {"document"}
    assert set(ids(page)) == slowly(world, world.case(case).person)
    assert {item.holder.ground.value for item in page.items} == {"hire"}


def test_contacts_of_a_case_a_unit_and_above_see_what_is_theirs(world: World) -> None:
    for_case = world.hire("h1")
    world.appoint(for_case)
    delegate(world.app, Authority.IT, "schools", [data.TEACHER])
    delegate(world.app, Authority.PAY, "town", [data.HEAD_SOUTH])
    of_unit = world.hire("h2", unit="school_south")

    for person in (data.PAY, data.IT, data.TEACHER, data.HEAD_SOUTH, data.HEAD_NORTH, data.DIRECTOR):
        assert set(every_page(world, person)) == slowly(world, person), person
    assert [item.case for item in action_list(world.app, data.IT).items] == [for_case]
    assert {item.case for item in action_list(world.app, data.TEACHER).items} == {of_unit}


def test_a_substitute_sees_it_in_place_of_the_manager(world: World) -> None:
    world.hire()
    substitute(world.app, Absence(data.HEAD_NORTH, data.TEACHER), administrator="admin")

    (item,) = action_list(world.app, data.TEACHER).items

    assert item.holder.substitute_for == (data.HEAD_NORTH,)
    assert ids(action_list(world.app, data.HEAD_NORTH)) == [item.task.id]


def test_what_was_escalated_is_seen_one_level_up(world: World) -> None:
    case = world.hire()
    assert action_list(world.app, data.DIRECTOR).items == ()
    with world.store.write() as writer:
        writer.escalate(world.task_of(case, "appoint"), 1)

    (item,) = action_list(world.app, data.DIRECTOR).items

    assert item.holder.escalated


def test_the_latest_come_first_and_are_counted(world: World) -> None:
    soon, late = world.hire("h1", start="2027-03-01"), world.hire("h2", start="2026-12-14")
    first = world.store.task(world.task_of(late, "appoint"))
    assert first is not None and first.due is not None
    world.clock.set_day(first.due + timedelta(days=7))

    page = action_list(world.app, data.HEAD_NORTH)

    assert [item.case for item in page.items] == [late, soon]
    assert [item.overdue_days for item in page.items] == [5, 0]
    assert (page.overdue, page.total) == (1, 2)


def test_pages_follow_each_other_and_filters_narrow(world: World) -> None:
    world.delegate()
    for number in range(3):
        world.hire(f"n{number}", start=f"2027-01-0{number + 4}")
        world.hire(f"s{number}", unit="school_south")

    whole = ids(action_list(world.app, data.IT))

    assert len(whole) == 6 and set(whole) == slowly(world, data.IT)
    assert every_page(world, data.IT, 1) == every_page(world, data.IT, 4) == whole
    page = action_list(world.app, data.IT, unit="school_north", limit=2)
    assert {item.unit for item in page.items} == {"school_north"}
    assert (page.units, page.total) == ({"school_north": 3, "school_south": 3}, 3)
    assert page.unit_names == {"school_north": "Nordskolen", "school_south": "Sydskolen"}
    assert page.kinds == {"rights": 3}
    assert len(every_page(world, data.IT, 2, unit="school_north")) == 3
    assert every_page(world, data.IT, 2, kind="review") == []
    assert len(every_page(world, data.IT, 2, kind="rights")) == 6


@pytest.mark.parametrize("wrong", ["x", "2026-13-01~c", "2026-11-23", "2026-11-23~", "~c"])
def test_a_cursor_that_no_page_gave_is_refused(world: World, wrong: str) -> None:
    with pytest.raises(BadInput, match="no such page"):
        action_list(world.app, data.HEAD_NORTH, after=wrong)


def test_a_second_pair_of_eyes_is_looked_for_farther_away(world: World) -> None:
    """Who looked first can't be the second: the task goes to the next one up, whom it doesn't wait for otherwise."""
    rule = FourEyesRule("rights", ("rights",))
    world.policies.edit(authority=replace(world.policies.current().authority, four_eyes=(rule,)))
    delegate(world.app, Authority.PAY, "town", [data.PAY])
    delegate(world.app, Authority.IT, "town", [data.TEACHER])
    delegate(world.app, Authority.IT, "school_north", [data.IT])
    case = world.hire()
    assert ids(action_list(world.app, data.TEACHER)) == []

    world.confirm_rights(case)

    (item,) = action_list(world.app, data.TEACHER).items
    assert item.task.id == world.task_of(case, "confirm_rights") and item.task.apart == data.IT
    assert item.task.id not in ids(action_list(world.app, data.IT))


def test_when_the_contact_of_a_case_is_gone_the_next_is_asked(world: World) -> None:
    case = world.hire()
    world.appoint(case)
    delegate(world.app, Authority.IT, "schools", [data.TEACHER])
    task = world.task_of(case, "confirm_rights")
    assert task not in ids(action_list(world.app, data.TEACHER))

    take_access(world.app, data.IT, "on leave", "admin")

    assert task in ids(action_list(world.app, data.TEACHER))
    for delegation in world.store.delegations(units=[], case=case):
        revoke(world.app, delegation.id)
    give_access(world.app, data.IT, "admin")
    found = world.store.task(task)
    assert found is not None and found.named == ""
    assert task in ids(action_list(world.app, data.TEACHER))
    assert task not in ids(action_list(world.app, data.IT))
