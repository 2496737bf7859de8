from __future__ import annotations

from dataclasses import replace

from idm.flow.task_head import TaskHead, task_head
from tests import data
from tests.support.world import World


def head(world: World, case: str, step: str, person: str) -> TaskHead:
    task = world.store.task(world.task_of(case, step))
    assert task is not None
    return task_head(world.app, world.case(case), task, person, "en")


def test_a_task_came_back_only_if_it_was_asked_before(world: World) -> None:
    world.import_municipality()
    world.delegate()
    case = world.hire("h1")
    assert head(world, case, "document-diploma", data.PAY).returned == ""
    world.hand_in(case, "diploma")

    world.do(case, "review-diploma", data.PAY, "return", "A page is missing.")

    assert head(world, case, "document-diploma", data.PAY).returned == "A page is missing."


def test_why_policy_asks_for_a_task_is_no_return(world: World) -> None:
    world.import_municipality()
    world.delegate()
    case = world.case(world.hire("h2"))
    asked = replace(case.steps["confirm_rights"], reason="asked by the rule 'heads'")
    task = world.store.task(world.task_of(case.id, "confirm_rights"))
    assert task is not None

    found = task_head(world.app, replace(case, steps={**case.steps, "confirm_rights": asked}), task, data.IT, "en")

    assert found.returned == ""


def test_who_looks_again_at_a_paper_reads_why_it_was_returned_before(world: World) -> None:
    world.import_municipality()
    world.delegate()
    case = world.hire("h3")
    world.hand_in(case, "diploma")
    assert head(world, case, "review-diploma", data.PAY).earlier is None
    world.do(case, "review-diploma", data.PAY, "return", "A page is missing.")
    world.hand_in(case, "diploma")

    found = head(world, case, "review-diploma", data.PAY)

    assert found.returned == "" and found.earlier is not None
    assert (found.earlier.by, found.earlier.reason) == (data.PAY, "A page is missing.") and found.earlier.by_name
