from __future__ import annotations

from datetime import date, timedelta

import pytest

from idm.errors import BadInput, Conflict, NotAllowed, NotFound
from idm.flow import waiting
from idm.flow.depart import Word, cancel
from idm.flow.show import show_case
from tests import data
from tests.support.world import World


@pytest.fixture
def case(world: World) -> str:
    case = world.hire()
    world.appoint(case)
    return case


def in_days(world: World, days: int) -> date:
    return world.clock.today() + timedelta(days=days)


def wait(world: World, case: str, days: int = 7, reason: str = "awaiting_authority", person: str = data.HEAD_NORTH, task: str = "") -> None:
    waiting.wait(world.app, case, reason, in_days(world, days), person, task_id=task, administrator="root")


def dues(world: World, case: str) -> dict[str, date | None]:
    return {task.step: task.due for task in world.store.tasks(case=case, state="open")}


def test_a_case_that_waits_gets_later_due_dates_and_shows_it(world: World, case: str) -> None:
    before = dues(world, case)
    wait(world, case, days=7)
    after = dues(world, case)

    assert after.keys() == before.keys()
    assert all(due is not None and was is not None and due > was for due, was in ((after[step], before[step]) for step in before))
    shown = show_case(world.app, case)
    assert [(each["reason"], each["step"], each["runs"], each["working_days"]) for each in shown["pauses"]] == [
        ("awaiting_authority", None, True, 1)
    ]
    assert shown["waited_working_days"] == 1
    assert world.actions(case)[-1] == "waiting-began"


def test_only_the_task_named_waits(world: World, case: str) -> None:
    before = dues(world, case)
    wait(world, case, task=world.task_of(case, "confirm_rights"), person=data.IT, reason="equipment_delayed")
    after = dues(world, case)

    assert {step for step in before if before[step] != after[step]} == {"confirm_rights"}


def test_waiting_ends_by_itself_and_its_days_stay_told(world: World, case: str) -> None:
    wait(world, case, days=7)
    world.clock.set_day(in_days(world, 14))
    shown = show_case(world.app, case)

    assert [(each["runs"], each["ended"]) for each in shown["pauses"]] == [(False, None)]
    assert shown["waited_working_days"] == 6
    wait(world, case, days=2)
    assert len(show_case(world.app, case)["pauses"]) == 2


def test_resuming_early_gives_back_the_days_that_were_not_waited(world: World, case: str) -> None:
    before = dues(world, case)
    wait(world, case, days=14)
    waiting.resume(world.app, case, data.HEAD_NORTH, administrator="root")

    assert dues(world, case) == before
    assert world.actions(case)[-2:] == ["waiting-began", "waiting-ended"]
    with pytest.raises(Conflict, match="no waiting"):
        waiting.resume(world.app, case, data.HEAD_NORTH)


def test_who_may_and_for_how_long_policy_says(world: World, case: str) -> None:
    hire = world.case(case).person
    for person, reason in ((hire, "awaiting_authority"), (data.IT, "negotiation"), (data.HEAD_SOUTH, "awaiting_authority")):
        with pytest.raises(NotAllowed, match="may not let this case wait"):
            wait(world, case, reason=reason, person=person)
    with pytest.raises(BadInput) as unknown:
        wait(world, case, reason="no_mood")
    with pytest.raises(BadInput) as long:
        wait(world, case, days=61)
    with pytest.raises(BadInput) as past:
        wait(world, case, days=-1)
    assert [each.value.faults[0].rule for each in (unknown, long, past)] == ["unknown-reason", "too-long", "past"]
    with pytest.raises(NotFound):
        wait(world, case, person="nobody")
    wait(world, case, days=60)
    with pytest.raises(Conflict, match="waits already"):
        wait(world, case)
    with pytest.raises(NotAllowed):
        waiting.resume(world.app, case, data.HEAD_SOUTH)


def test_what_is_done_or_over_does_not_wait(world: World, case: str) -> None:
    task = world.task_of(case, "confirm_rights")
    world.confirm_rights(case)
    with pytest.raises(Conflict):
        wait(world, case, task=task)
    other = world.hire("h2")
    with pytest.raises(NotFound, match="belongs to case"):
        wait(world, other, task=task)
    cancel(world.app, case, Word(reason="withdrew"))
    with pytest.raises(Conflict):
        wait(world, case)
