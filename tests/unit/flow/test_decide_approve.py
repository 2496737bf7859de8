"""Approvals and payroll control: asked where policy says, with the reason, without private data, and returned to who owns the field."""

from __future__ import annotations

import dataclasses
import json
from decimal import Decimal
from typing import Any

import pytest

from idm.domain.approvals import AskedOf
from idm.domain.authority import Authority
from idm.domain.journey import Source
from idm.domain.matching import Match
from idm.errors import BadInput, Conflict, NotAllowed
from idm.flow.deciding import Decision
from idm.flow.delegate import delegate
from idm.flow.tasks import describe, do_task, task
from tests import data
from tests.support.world import World

CONTROLLER = data.HEAD_SOUTH
HERE = Source("approvals.yaml", 7, "x")


def ask(world: World, id: str, *rules: Match, percent: str = "0") -> None:
    policies = world.policies.current()
    asked = tuple(AskedOf(f"r{number}", rule, HERE) for number, rule in enumerate(rules))
    changed = dataclasses.replace(policies.approvals[id], asked=asked, sample_percent=Decimal(percent))
    world.policies.edit(approvals={**policies.approvals, id: changed})


def controlled(world: World, *rules: Match, percent: str = "0") -> str:
    """A hire that everybody has answered, where payroll control may be asked."""
    ask(world, "payroll_control", *rules, percent=percent)
    delegate(world.app, Authority.CONTROL, "town", [CONTROLLER])
    case = world.hire()
    world.people_act(case)
    return case


def shown(world: World, case: str, step: str = "payroll_control") -> dict[str, Any]:
    return describe(world.app, task(world.app, world.task_of(case, step)))


def record(world: World, case: str) -> Any:
    world.work()
    return world.targets["payroll"].held("record", world.case(case).employment)


def test_nobody_is_asked_by_the_shipped_policy(world: World) -> None:
    case = world.hire()
    world.people_act(case)

    assert {world.states(case)[step] for step in ("approve_whole", "payroll_control")} == {"done"}
    assert "approve_whole" not in world.case(case).approvals
    assert record(world, case) is not None


@pytest.mark.parametrize(
    "rule", [Match(units=("schools",)), Match(positions=("teacher",)), Match(amount_from=Decimal(1)), Match(agreements=("TEACH",))]
)
def test_control_is_asked_by_unit_position_amount_and_agreement_and_pay_waits_for_it(world: World, rule: Match) -> None:
    case = controlled(world, rule)

    assert world.states(case)["payroll_control"] == "waiting"
    assert record(world, case) is None
    world.do(case, "payroll_control", CONTROLLER, "approve")
    assert record(world, case) is not None


def test_an_amount_that_is_not_reached_asks_nobody(world: World) -> None:
    case = controlled(world, Match(amount_from=Decimal(10_000_000)))

    assert world.states(case)["payroll_control"] == "done"


@pytest.mark.parametrize(("percent", "state"), [("0", "done"), ("100", "waiting")])
def test_a_sample_of_none_or_all(world: World, percent: str, state: str) -> None:
    case = controlled(world, percent=percent)

    assert world.states(case)["payroll_control"] == state
    if state == "waiting":
        assert shown(world, case)["asked_because"].startswith("drawn at random: 100 %")


def test_the_task_says_by_which_rule_it_is_asked(world: World) -> None:
    case = controlled(world, Match(positions=("teacher",)))

    assert shown(world, case)["asked_because"] == "asked by rule payroll_control.r0 (approvals.yaml:7): position teacher"


def test_control_sees_pay_and_no_private_data(world: World) -> None:
    case = controlled(world, Match())
    person = world.store.person(world.case(case).person)
    assert person is not None

    text = json.dumps(shown(world, case))

    assert "TEACH" in text
    for secret in (person.cpr.reveal(), person.private_email.reveal(), person.mobile.reveal()):
        assert secret and secret not in text


def test_a_wrong_field_of_the_form_goes_back_to_the_pay_contact_and_control_is_asked_again(world: World) -> None:
    case = controlled(world, Match())

    world.do(case, "payroll_control", CONTROLLER, "return", "one step too high", {"field": "payroll.scale_step"})

    assert world.step(case, "payroll_form").reason == "payroll.scale_step: one step too high"
    assert world.states(case)["payroll_control"] == "pending"
    world.fill_payroll(case)
    assert world.states(case)["payroll_control"] == "waiting"
    assert record(world, case) is None
    world.do(case, "payroll_control", CONTROLLER, "approve")
    assert record(world, case) is not None


def test_nobody_approves_what_was_answered_anew_under_the_task_of_before(world: World) -> None:
    case = controlled(world, Match())
    looked_at = world.task_of(case, "payroll_control")
    world.do(case, "payroll_control", CONTROLLER, "return", "one step too high", {"field": "payroll.scale_step"})
    world.fill_payroll(case)

    with pytest.raises(Conflict):
        do_task(world.app, looked_at, CONTROLLER, Decision("approve"), "admin")

    assert world.states(case)["payroll_control"] == "waiting"
    assert world.task_of(case, "payroll_control") != looked_at


def test_a_wrong_document_goes_back_to_who_handed_it_in(world: World) -> None:
    case = controlled(world, Match())

    world.do(case, "payroll_control", CONTROLLER, "return", "of another person", {"field": "documents.seniority_proof"})

    states = world.states(case)
    assert (states["document-seniority_proof"], states["review-seniority_proof"]) == ("waiting", "pending")
    assert world.case(case).documents["seniority_proof"].reason.endswith("of another person")
    assert states["review-contract"] == "done"


def test_a_wrong_fact_of_the_hire_goes_back_to_the_manager(world: World) -> None:
    case = controlled(world, Match())

    world.do(case, "payroll_control", CONTROLLER, "return", "begins in February", {"field": "hire.start_date"})

    assert world.states(case)["appoint"] == "waiting"
    assert world.step(case, "appoint").reason == "hire.start_date: begins in February"


@pytest.mark.parametrize(
    ("values", "reason", "path"),
    [
        ({}, "wrong", "values.field"),
        ({"field": "payroll.nothing"}, "wrong", "values.field"),
        ({"field": "payroll.scale_step"}, " ", "reason"),
    ],
)
def test_a_return_names_a_field_that_is_there_and_its_reason(world: World, values: dict[str, str], reason: str, path: str) -> None:
    case = controlled(world, Match())
    before = world.case(case)

    with pytest.raises(BadInput) as refused:
        world.do(case, "payroll_control", CONTROLLER, "return", reason, values)

    assert [fault.path for fault in refused.value.faults] == [path]
    assert world.case(case) == before


def test_an_approval_takes_no_values(world: World) -> None:
    case = controlled(world, Match())

    with pytest.raises(BadInput):
        world.do(case, "payroll_control", CONTROLLER, "approve", values={"field": "payroll.scale_step"})


def test_only_who_holds_the_control_authority_controls(world: World) -> None:
    case = controlled(world, Match())

    with pytest.raises(NotAllowed):
        world.do(case, "payroll_control", data.PAY, "approve")


def rights_held(world: World, case: str) -> frozenset[str]:
    held = world.targets["ldap"].held("account", world.case(case).person)
    assert held is not None
    return held.entitlements


def test_the_managers_approval_of_the_whole_holds_pay_and_rights_back(world: World) -> None:
    ask(world, "manager_approval", Match(units=("school_north",)))
    case = world.hire()
    world.people_act(case)
    assert record(world, case) is None
    assert not rights_held(world, case)

    assert "rights" in shown(world, case, "approve_whole")["fields"][0]["choices"]
    world.do(case, "approve_whole", data.HEAD_NORTH, "return", "not the finance system", {"field": "rights"})
    assert world.states(case)["confirm_rights"] == "waiting"
    world.confirm_rights(case)
    world.do(case, "approve_whole", data.HEAD_NORTH, "approve")

    assert record(world, case) is not None
    assert rights_held(world, case)


def test_a_policy_that_has_gone_meanwhile_asks(world: World) -> None:
    ask(world, "payroll_control", Match(amount_from=Decimal(1)))
    delegate(world.app, Authority.CONTROL, "town", [CONTROLLER])
    case = world.hire()
    world.appoint(case)
    policies = world.policies.current()
    world.policies.edit(approvals={id: policy for id, policy in policies.approvals.items() if id != "payroll_control"})

    world.all_documents(case)
    world.fill_payroll(case)
    world.confirm_rights(case)

    assert world.states(case)["payroll_control"] == "waiting"
    assert "no 'payroll_control' any more" in shown(world, case)["asked_because"]
