from __future__ import annotations

import pytest

from idm.connector import Refused
from idm.domain.payroll_tables import PayrollTables
from idm.flow.payroll_recheck import DELIVERED, OPEN, RECHECKED, SUBMITTED, concerned, recheck, recheck_if_changed
from idm.flow.sweep import sweep_once
from tests import data
from tests.support.payroll import built, with_rows
from tests.support.world import World

ENDED = "TEACH-1,TEACH,Lærer,Teacher,main,31,40,seniority_proof,2015-01-01,2027-03-31"
NEW = "TEACH-5,TEACH,Lærer,Teacher,main,32,42,seniority_proof,2027-04-01,"


def april() -> PayrollTables:
    """From April on there is another class for teachers."""
    return built(with_rows("classes", ENDED, NEW, without="TEACH-1,") | with_rows("allowed", ",teacher,TEACH,TEACH-5,,,2027-04-01,"))


def form_open(world: World, id: str = "h1", start: str = "2027-04-01") -> str:
    case = world.hire(id, start=start)
    world.appoint(case)
    world.all_documents(case)
    return case


def submitted(world: World, id: str = "h1", start: str = "2027-04-01") -> str:
    case = form_open(world, id, start)
    world.fill_payroll(case)
    return case


def test_a_form_that_is_not_submitted_sees_the_tables_as_they_are_now(world: World) -> None:
    case = form_open(world)
    found = concerned(world.app, april())
    assert [(each.case, each.stage, each.effect, each.faults) for each in found] == [(case, OPEN, "other-choices", ())]

    world.policies.edit(payroll=april())
    assert recheck(world.app) == []
    assert world.states(case)["payroll_form"] == "waiting"
    world.fill_payroll(case, pay_class="TEACH-5")


def test_a_submitted_form_that_no_longer_holds_is_asked_again_with_the_reason(world: World) -> None:
    case, unconcerned = submitted(world), submitted(world, "h2", "2027-03-31")
    assert [(each.case, each.stage, each.effect) for each in concerned(world.app, april())] == [(case, SUBMITTED, "asked-again")]
    world.policies.edit(payroll=april())

    assert recheck_if_changed(world.app) == 1
    row = world.store.task(world.task_of(case, "payroll_form"))
    assert row is not None
    assert row.reason.startswith("The payroll tables have changed: pay class TEACH-1 isn't valid on 2027-04-01: it ended on 2027-03-31")
    assert "form-asked-again" in world.actions(case)
    assert world.states(case)["record"] == "pending"
    assert world.states(unconcerned)["payroll_form"] == "done"

    world.fill_payroll(case, pay_class="TEACH-5")
    assert world.states(case)["payroll_form"] == "done"
    assert world.targets["payroll"].everything == {}


def test_what_payroll_holds_already_is_only_told_of(world: World) -> None:
    case = submitted(world)
    world.work()
    assert world.states(case)["record"] == "done"
    world.policies.edit(payroll=april())

    assert [(each.case, each.stage, each.effect) for each in recheck(world.app)] == [(case, DELIVERED, "told")]
    assert world.states(case)["payroll_form"] == "done"


def test_a_form_whose_delivery_was_put_off_is_asked_again_too(world: World) -> None:
    case = submitted(world)
    world.targets["payroll"].trouble(Refused("the system is being closed for the year"))
    world.work()
    assert world.states(case)["record"] == "refused"
    world.policies.edit(payroll=april())

    assert recheck_if_changed(world.app) == 1
    assert world.states(case)["payroll_form"] == "waiting"
    world.fill_payroll(case, pay_class="TEACH-5")
    world.work()
    assert world.states(case)["record"] == "done"


def test_the_sweeper_looks_once_for_each_change_of_the_tables(world: World) -> None:
    sweep_once(world.app)
    first = world.store.settings()[RECHECKED]
    case = submitted(world)
    version = world.case(case).version
    sweep_once(world.app)
    assert world.case(case).version == version

    world.policies.edit(payroll=april())
    sweep_once(world.app)
    assert world.states(case)["payroll_form"] == "waiting"
    assert world.store.settings()[RECHECKED] not in ("", first)
    asked = world.case(case).version
    sweep_once(world.another_worker())
    assert world.case(case).version == asked


def test_two_sweepers_at_once_ask_once(world: World) -> None:
    case = submitted(world)
    world.policies.edit(payroll=april())
    recheck(world.app)
    recheck(world.another_worker())

    assert world.actions(case).count("form-asked-again") == 1


@pytest.mark.parametrize("end", ["cancelled", "begun"])
def test_cases_that_are_over_are_left_alone(world: World, end: str) -> None:
    case = submitted(world, start="2027-04-01") if end == "cancelled" else world.whole_hire()
    if end == "cancelled":
        world.sql("update cases set state = 'cancelled' where id = :id", id=case)
    elif world.case(case).state != "completed":
        world.sql("update cases set state = 'completed' where id = :id", id=case)
    assert concerned(world.app, built(with_rows("allowed", without=",teacher,"))) == []


def test_tables_without_a_choice_name_the_cases_that_would_have_none(world: World) -> None:
    case = form_open(world)
    found = concerned(world.app, built(with_rows("allowed", without=",teacher,")))

    assert [(each.case, each.effect, [fault.path for fault in each.faults]) for each in found] == [
        (case, "no-choice", ["values.agreement"])
    ]
    assert found[0].as_json()["start_date"] == "2027-04-01"
    assert data.TEACHER not in str(found[0].as_json())
