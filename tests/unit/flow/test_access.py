from __future__ import annotations

from datetime import date

import pytest

from idm.domain.authority_powers import AuthorityPolicy, Backup
from idm.domain.journey import Actor
from idm.errors import BadInput, Conflict, NotAllowed, NotFound
from idm.flow.access import give_access, take_access
from idm.flow.tasks import actors
from tests import data
from tests.support.world import World


def managers(world: World, case: str) -> list[str]:
    return [holder.person for holder in actors(world.app, world.case(case), Actor.MANAGER)]


def test_who_has_no_access_is_not_asked_until_they_have_it_again(world: World) -> None:
    case = world.hire("h1")
    assert take_access(world.app, data.HEAD_NORTH, " account \n locked ", "admin") == data.HEAD_NORTH

    assert managers(world, case) == [data.DIRECTOR]
    (mark,) = world.store.without_access().items()
    assert (mark[0], mark[1][:2]) == (data.HEAD_NORTH, ("account locked", "admin"))
    with pytest.raises(NotAllowed, match="has no access: account locked"):
        world.appoint(case)
    give_access(world.app, data.HEAD_NORTH, "admin")
    assert managers(world, case) == [data.HEAD_NORTH]
    assert world.actions("delegations") == ["access-taken", "access-given"]
    with pytest.raises(Conflict):
        give_access(world.app, data.HEAD_NORTH, "admin")


def test_a_reason_and_a_known_person_are_needed(world: World) -> None:
    with pytest.raises(BadInput):
        take_access(world.app, data.HEAD_NORTH, "  ", "admin")
    with pytest.raises(NotFound):
        take_access(world.app, "nobody", "gone", "admin")


def test_who_left_is_passed_over_for_the_next_level_and_at_last_the_back_up(world: World) -> None:
    case = world.hire("h1")
    world.sql("update employments set end_date = '2026-11-22' where person_id = :person", person=data.HEAD_NORTH)
    assert managers(world, case) == [data.DIRECTOR]
    world.sql("update employments set end_date = '2026-11-22' where person_id = :person", person=data.DIRECTOR)
    assert managers(world, case) == []
    world.policies.edit(authority=AuthorityPolicy((Backup("m", "manager", (data.HEAD_SOUTH,)),)))
    assert managers(world, case) == [data.HEAD_SOUTH]
    world.appoint(case, by=data.HEAD_SOUTH)
    assert world.case(case).approvals["appoint"].via == "backup"


def test_a_person_of_two_employments_has_left_with_the_last(world: World) -> None:
    case = world.hire("h1")
    world.sql("update employments set end_date = '2026-11-22' where person_id = :person", person=data.HEAD_NORTH)
    world.sql(
        "insert into employments (id, person_id, unit, position, start_date, weekly_hours, manager, case_id)"
        " values ('e-2', :person, 'schools', 'school_head', '2020-01-01', '', '', '')",
        person=data.HEAD_NORTH,
    )
    assert managers(world, case) == [data.HEAD_NORTH]
    assert world.store.person_states([data.HEAD_NORTH])[data.HEAD_NORTH].last_day is None
    assert world.store.person_states()[data.PAY].first_day == date(2015, 8, 1)
