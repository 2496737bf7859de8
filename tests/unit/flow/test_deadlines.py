from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from functools import partial
from typing import Any

import pytest

from idm.domain.case import Case
from idm.domain.deadlines import DueRule
from idm.domain.journey import Graph, Source
from idm.flow.changing import Note, change
from idm.flow.deadlines import lateness, recount
from tests import data
from tests.support.together import together
from tests.support.world import World


def dues(world: World, case: str, state: str = "open") -> dict[str, date | None]:
    return {task.step: task.due for task in world.store.tasks(case=case, state=state)}


def move(world: World, case: str, day: str) -> Case:
    """The start date moves, whoever moved it."""

    def mutate(before: Case, graph: Graph, now: datetime) -> tuple[Case, Note]:
        return replace(before, facts=replace(before.facts, start_date=date.fromisoformat(day))), Note("test", "moved", {})

    return change(world.app, case, mutate)


def edit(world: World, **changes: Any) -> None:
    """Other deadlines come into force."""
    policy = replace(world.policies.current().deadlines, **changes, source=Source("deadlines.yaml", 1, repr(sorted(changes))))
    world.policies.edit(deadlines=policy)


def test_a_task_is_due_from_the_moment_it_opens(world: World) -> None:
    case = world.hire()
    assert dues(world, case) == {"appoint": date(2026, 12, 8)}
    world.appoint(case)
    found = dues(world, case)
    assert found["document-contract"] == date(2026, 12, 11)
    assert found["confirm_rights"] == date(2026, 12, 22)


def test_a_task_that_is_done_tells_still_when_it_was_due(world: World) -> None:
    case = world.hire()
    world.appoint(case)
    assert dues(world, case, "done")["appoint"] == date(2026, 12, 8)


def test_when_the_start_moves_every_open_task_moves(world: World) -> None:
    case = world.hire()
    world.appoint(case)
    before = dues(world, case)
    move(world, case, "2027-03-01")
    after = dues(world, case)
    assert after.keys() == before.keys()
    assert all(due is not None and was is not None and due > was for due, was in ((after[step], before[step]) for step in before))
    assert after["document-contract"] == date(2027, 2, 11)
    assert dues(world, case, "done")["appoint"] == date(2026, 12, 8)


@pytest.mark.parametrize(("start", "short"), [("2026-12-07", False), ("2026-12-04", True), ("2026-11-23", True), ("2026-11-02", True)])
def test_a_hire_told_of_late_is_at_short_notice(world: World, start: str, short: bool) -> None:
    case = world.hire(start=start)
    assert world.case(case).short_notice is short
    assert dues(world, case)["appoint"] == (date(2026, 11, 24) if short else date(2026, 11, 25))


def test_short_notice_follows_the_start_date(world: World) -> None:
    case = world.hire(start="2026-12-01")
    assert not move(world, case, "2027-03-01").short_notice
    assert dues(world, case)["appoint"] == date(2027, 2, 8)
    assert move(world, case, "2026-11-30").short_notice
    assert dues(world, case)["appoint"] == date(2026, 11, 24)


def test_waiting_for_days_does_not_make_a_hire_one_at_short_notice(world: World) -> None:
    case = world.hire()
    world.clock.set_day(date(2026, 12, 30))
    world.appoint(case)
    assert not world.case(case).short_notice


def test_a_change_of_policy_moves_due_dates(world: World) -> None:
    case = world.hire()
    assert recount(world.app) == 0
    edit(world, rules=(DueRule("everything_else", 20, 1),))
    assert recount(world.app) == 1
    assert dues(world, case)["appoint"] == date(2026, 12, 1)
    assert recount(world.app) == 0
    assert recount(world.another_worker()) == 0


def test_a_closing_day_more_moves_due_dates(world: World) -> None:
    case = world.hire()
    recount(world.app)
    edit(world, closing_days=frozenset({date(2026, 12, 8)}))
    assert recount(world.app) == 1
    assert dues(world, case)["appoint"] == date(2026, 12, 7)


def test_many_processes_count_anew_to_the_same_dates(world: World) -> None:
    case = world.hire()
    recount(world.app)
    edit(world, rules=(DueRule("everything_else", 20, 1),))
    apps = [world.another_worker(f"worker-{number}") for number in range(4)]
    answers = together([partial(recount, app) for app in apps])
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert dues(world, case)["appoint"] == date(2026, 12, 1)


def test_a_paper_is_due_when_its_own_rule_needs_it_if_that_is_sooner(world: World) -> None:
    documents = world.policies.current().documents
    world.policies.edit(documents={**documents, "contract": replace(documents["contract"], needed_by=-31)})
    case = world.hire()
    world.appoint(case)
    assert dues(world, case)["document-contract"] == date(2026, 12, 4)
    assert dues(world, case)["document-diploma"] == date(2026, 12, 11)


def test_a_paper_that_ends_is_due_by_the_day_it_ends(world: World) -> None:
    case = world.hire()
    world.appoint(case)

    def renew(before: Case, graph: Graph, now: datetime) -> tuple[Case, Note]:
        document = replace(before.documents["contract"], expires=date(2027, 6, 30))
        return replace(before, documents={**before.documents, "contract": document}), Note("test", "renewed", {})

    change(world.app, case, renew)
    move(world, case, "2027-01-05")
    assert dues(world, case)["document-contract"] == date(2027, 6, 14)


def test_how_late_and_in_what_order(world: World) -> None:
    early, late = world.hire("h1"), world.hire("h2", start="2026-12-01")
    world.clock.set_day(date(2026, 12, 10))
    tasks = [world.store.tasks(case=case)[0] for case in (early, late)]
    how = lateness(world.app)
    assert [how.of(task) for task in tasks] == [2, 12]
    assert [task.case for task in sorted(tasks, key=how.order)] == [late, early]
    assert how.of(replace(tasks[0], state="done")) == 0


def test_tasks_from_before_there_were_due_dates_get_one(world: World) -> None:
    case = world.hire()
    world.sql("update tasks set due = null, escalated = null")
    assert recount(world.app) == 1
    assert dues(world, case) == {"appoint": date(2026, 12, 8)}
    assert data.START == "2027-01-04"
