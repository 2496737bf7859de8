from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from idm.domain.case import Case
from idm.errors import BadInput
from idm.flow.payroll import funnel_of, monthly_amount, place_of
from idm.flow.tasks import describe, task
from tests import data
from tests.support.payroll import built, with_rows
from tests.support.world import World


def ready(world: World, **event: Any) -> str:
    """A hire whose payroll form is open."""
    case = world.hire(**event)
    world.appoint(case)
    world.all_documents(case)
    return case


def shown(world: World, case: str, **given: Any) -> dict[str, Any]:
    return describe(world.app, task(world.app, world.task_of(case, "payroll_form")), given)


def field(told: dict[str, Any], id: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in told["fields"] if each["id"] == id)
    return found


def refused(world: World, case: str, **changes: Any) -> list[tuple[str, str]]:
    with pytest.raises(BadInput) as refusal:
        world.do(case, "payroll_form", data.PAY, "submit", values=data.payroll_values(**changes))
    return [(fault.path, fault.rule) for fault in refusal.value.faults]


def test_the_place_is_what_the_case_knows(world: World) -> None:
    place = place_of(world.app, world.case(ready(world)))

    assert place.unit_path == ("school_north", "schools", "town")
    assert (place.position, place.weekly_hours, place.start_date.isoformat()) == ("teacher", Decimal(37), data.START)
    assert place.born is not None
    assert place.papers["seniority_proof"] == world.clock.today()


def test_a_form_shows_what_is_left_and_what_is_settled(world: World) -> None:
    told = shown(world, ready(world))

    assert field(told, "pay_class")["choices"] == ["TEACH-1"]
    assert field(told, "pay_class")["proposed"] == "TEACH-1"
    assert field(told, "pay_class")["options"][0]["titles"]["en"] == "Teacher"
    assert field(told, "seniority_date")["proposed"] == field(told, "scale_step")["proposed"] == "", "the proof says which"
    assert field(told, "seniority_date")["ranges"][0]["high"] == data.START
    assert (told["on"], told["refusals"], told["monthly_amount"]) == (data.START, [], None)


def test_answers_so_far_narrow_what_is_shown_and_nothing_is_saved(world: World) -> None:
    case = ready(world)
    told = shown(world, case, scale_step=35, seniority_date="2026-01-04", colour="red")

    assert field(told, "scale_step")["refused"]["rule"].startswith("payroll/experience.csv:")
    assert field(told, "scale_step")["choices"] == ["31", "32"]
    assert [fault["path"] for fault in told["refusals"]] == ["values.colour", "values.scale_step"]
    assert shown(world, case, scale_step=35, seniority_date="2020-08-01", occupation_rate=1)["monthly_amount"] == "36601.00"
    assert "payroll" not in world.case(case).values


def test_what_the_funnel_refuses_is_not_saved_and_every_rule_is_named(world: World) -> None:
    case = ready(world)

    found = refused(world, case, scale_step="38", pension_code="P10")
    assert [path for path, _ in found] == ["values.scale_step", "values.pension_code"]
    assert all(rule.startswith("payroll/") for _, rule in found)
    assert "payroll" not in world.case(case).values


def test_cost_centre_and_supplements_may_be_left_out_and_the_only_cost_centre_is_filled_in(world: World) -> None:
    case = ready(world)
    filled = world.do(case, "payroll_form", data.PAY, values={**data.payroll_values(), "supplements": ["TEACH-MENT", "TEACH-UV"]})

    assert filled.values["payroll"] == data.payroll_values(cost_centre="210100", supplements="TEACH-MENT TEACH-UV")
    assert monthly_amount(world.app, filled) == Decimal("39351.00")


def test_a_cost_centre_must_be_chosen_where_there_are_several(world: World) -> None:
    case = ready(world)
    world.policies.edit(payroll=built(with_rows("institutions", "0210,school_north,210200,Nordskolen,North,2015-01-01,")))

    assert refused(world, case) == [("values.cost_centre", "payroll/institutions.csv:5")]
    world.fill_payroll(case, cost_centre="210200")


def test_no_agreement_means_no_creation(world: World) -> None:
    case = ready(world)
    world.policies.edit(payroll=built(with_rows("allowed", without=",teacher,")))

    assert ("values.agreement", "payroll/allowed.csv") in refused(world, case)
    told = shown(world, case)
    assert field(told, "agreement")["choices"] == []
    assert "nothing can be created" in field(told, "agreement")["refused"]["message"]


def test_missing_seniority_papers_give_the_starting_step(world: World) -> None:
    case = world.case(ready(world))
    assert not funnel_of(world.app, case, data.payroll_values()).refusals
    unproved: Case = replace(case, documents={kind: doc for kind, doc in case.documents.items() if kind != "seniority_proof"})
    refusals = funnel_of(world.app, unproved, data.payroll_values()).refusals

    assert [refusal.field for refusal in refusals] == ["scale_step"]
    assert "only the starting step of class TEACH-1 can be given: 31" in refusals[0].message


def test_the_tables_are_read_at_the_first_day(world: World) -> None:
    tables = built(with_rows("classes", "TEACH-1,TEACH,L,T,main,31,40,seniority_proof,2015-01-01,2027-01-03", without="TEACH-1,"))
    case = ready(world)
    world.policies.edit(payroll=tables)

    assert ("values.agreement", "payroll/classes.csv:39") in refused(world, case)


def test_pay_is_unknown_before_the_form_is_filled_in(world: World) -> None:
    case = ready(world)
    assert monthly_amount(world.app, world.case(case)) is None
    world.fill_payroll(case)
    assert monthly_amount(world.app, world.case(case)) == Decimal("36601.00")
