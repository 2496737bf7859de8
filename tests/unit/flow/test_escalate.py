from __future__ import annotations

import json
from datetime import date, timedelta
from functools import partial

import pytest

from idm.flow.board import Board
from idm.flow.escalate import nudge_all
from idm.flow.tasks import open_tasks
from tests import data
from tests.support.together import together
from tests.support.world import World
from tests.unit.flow.test_deadlines import move


def nudge(world: World, day: str) -> int:
    """What a sweep does on that day."""
    world.clock.set_day(date.fromisoformat(day))
    return nudge_all(world.app, Board(world.app))


def level(world: World, case: str, step: str = "appoint") -> int:
    return next(task.escalated for task in world.store.tasks(case=case, state="open") if task.step == step)


def told(world: World, case: str, action: str) -> list[str]:
    return [str(entry.payload) for entry in world.store.audit(case) if entry.action == action]


@pytest.fixture
def case(world: World) -> str:
    """A hire whose first task is due on Tuesday 8 December."""
    return world.hire()


@pytest.mark.parametrize(
    ("day", "reminded"),
    [("2026-12-03", 0), ("2026-12-04", 1), ("2026-12-07", 0), ("2026-12-08", 1), ("2026-12-09", 0), ("2026-12-10", 1)],
)
def test_a_task_is_reminded_of_on_policys_days(world: World, case: str, day: str, reminded: int) -> None:
    assert nudge(world, day) == reminded
    assert world.actions(case).count("reminded") == reminded
    assert nudge(world, day) == 0


def test_a_late_task_climbs_the_hierarchy_by_policys_days(world: World, case: str) -> None:
    levels = {}
    for days in range(1, 15):
        day = date(2026, 12, 8) + timedelta(days)
        if day.weekday() < 5:
            nudge(world, day.isoformat())
            levels[day.isoformat()] = level(world, case)
    # Two working days late on the 10th, three on the 11th, and one level more for each two.
    assert levels["2026-12-10"] == 0
    assert levels["2026-12-11"] == levels["2026-12-14"] == 1
    assert levels["2026-12-15"] == levels["2026-12-16"] == 2
    assert levels["2026-12-17"] == 3
    assert world.actions(case).count("escalated") == max(levels.values())


def test_the_next_manager_up_may_act_and_the_first_may_still(world: World, case: str) -> None:
    (row, may), *_ = open_tasks(world.app, case=case)
    assert [holder.person for holder in may] == [data.HEAD_NORTH]
    nudge(world, "2026-12-11")
    (row, may), *_ = open_tasks(world.app, case=case)
    assert row.escalated == 1
    assert [(holder.person, holder.escalated) for holder in may] == [(data.HEAD_NORTH, False), (data.DIRECTOR, True)]
    world.appoint(case, by=data.DIRECTOR)
    assert world.states(case)["appoint"] == "done"


def test_what_is_on_record_says_who_heard_of_it(world: World, case: str) -> None:
    nudge(world, "2026-12-11")
    (entry,) = told(world, case, "escalated")
    assert data.DIRECTOR in entry
    assert '"level":1' in entry.replace(" ", "")


def test_who_only_hears_of_it_is_not_said_to_be_able_to_do_it(world: World) -> None:
    world.delegate()
    case = world.hire()
    nudge(world, "2027-01-04")
    entries = [json.loads(entry.payload or "") for entry in world.store.audit(case) if entry.action == "escalated"]
    assert {"document-contract", "confirm_rights"} <= {entry["step"] for entry in entries}
    for entry in entries:
        may = {holder.person for row, may in open_tasks(world.app, case=case) if row.id == entry["task"] for holder in may}
        assert set(entry["to"]) <= may
        assert data.HEAD_NORTH in (*entry["told"], *may)


def test_many_sweepers_remind_and_escalate_once(world: World, case: str) -> None:
    world.clock.set_day(date(2026, 12, 15))  # five days late: a reminder's day, and two levels
    apps = [world.another_worker(f"worker-{number}") for number in range(5)]
    answers = together([partial(nudge_all, app, Board(app)) for app in apps])
    assert not [answer for answer in answers if isinstance(answer, Exception)], answers
    assert sum(answer for answer in answers if isinstance(answer, int)) == 2
    assert (world.actions(case).count("reminded"), world.actions(case).count("escalated")) == (1, 1)
    assert level(world, case) == 2


def test_a_clock_that_jumps_over_weeks_escalates_once_to_where_it_belongs(world: World, case: str) -> None:
    nudge(world, "2027-02-01")
    assert world.actions(case).count("escalated") == 1
    assert level(world, case) > 3
    nudge(world, "2027-02-01")
    assert world.actions(case).count("escalated") == 1


def test_a_task_that_was_done_is_left_alone(world: World, case: str) -> None:
    board = Board(world.app)
    world.appoint(case)
    world.clock.set_day(date(2026, 12, 8))
    assert nudge_all(world.app, board) == 0
    assert "reminded" not in world.actions(case)


def test_a_moved_start_stops_the_lateness(world: World, case: str) -> None:
    move(world, case, "2027-06-01")
    assert nudge(world, "2026-12-15") == 0


def test_the_new_hire_gets_one_reminder_a_day_for_all_papers(world: World, case: str) -> None:
    world.appoint(case)
    nudge(world, "2026-12-11")
    reminders = [notice for notice in world.store.notices(case=case) if notice.slug == "reminder"]
    assert [notice.person for notice in reminders] == [world.case(case).person]
    assert world.actions(case).count("reminded") > 1


def test_one_case_that_cannot_be_read_does_not_keep_others_from_being_seen(world: World, case: str) -> None:
    other = world.hire("h2")
    world.sql("update cases set journey_hash = 'lost' where id = :case", case=case)
    assert nudge(world, "2026-12-08") == 1
    assert world.actions(other)[-1] == "reminded"


@pytest.mark.parametrize("damaged", ["before the board was read", "since then"])
def test_a_case_that_cant_be_read_keeps_no_other_from_being_reminded(world: World, case: str, damaged: str) -> None:
    other = world.hire("h2")
    world.clock.set_day(date(2026, 12, 8))
    earlier = Board(world.app)
    world.sql("update cases set doc = '{' where id = :id", id=case)

    assert nudge_all(world.app, earlier if damaged == "since then" else Board(world.app)) == 1

    assert world.actions(other).count("reminded") == 1


def test_what_was_answered_since_the_board_was_read_is_not_reminded_of(world: World, case: str) -> None:
    world.clock.set_day(date(2026, 12, 8))
    board = Board(world.app)
    world.appoint(case)

    assert nudge_all(world.app, board) == 0
    assert "reminded" not in world.actions(case)
