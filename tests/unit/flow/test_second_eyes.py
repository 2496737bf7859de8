from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from idm.domain.authority import Authority, Limits
from idm.domain.authority_powers import AuthorityPolicy
from idm.domain.four_eyes import FourEyesRule
from idm.domain.journey import Source
from idm.domain.matching import EVERYBODY, Match
from idm.errors import BadInput, Conflict, NotAllowed
from idm.flow.delegate import delegate
from idm.flow.substitute import Absence, substitute
from idm.flow.tasks import describe, task
from tests import data
from tests.support.world import World

SOURCE = Source("authority.yaml", 7, "h")
REVIEWS = FourEyesRule("papers", ("review",), source=SOURCE)


def two_pay_contacts(world: World, *rules: FourEyesRule, amounts: dict[str, str] | None = None) -> str:
    """A case whose pay contacts are two, under these rules; its contacts are appointed and its contract handed in."""
    case = world.hire("h1")
    world.do(case, "appoint", data.HEAD_NORTH, "appoint", values={"pay": [data.PAY, data.TEACHER], "it": [data.IT]})
    world.policies.edit(authority=AuthorityPolicy(four_eyes=rules, amounts=amounts or {}))
    world.hand_in(case)
    return case


def test_a_decision_counts_only_when_a_second_person_agrees(world: World) -> None:
    case = two_pay_contacts(world, REVIEWS)
    first = world.task_of(case, "review-contract")
    world.accept(case, "contract", by=data.PAY)

    assert world.states(case)["review-contract"] == "waiting"
    assert "review-contract" not in world.case(case).approvals
    assert task(world.app, first).state == "done"
    second = task(world.app, world.task_of(case, "review-contract"))
    assert second.reason == f"{data.PAY} decided; a second person must agree (papers)"
    told = describe(world.app, second)
    assert (told["decisions"], told["first"]["by"], told["first"]["decision"]) == (["agree", "disagree"], data.PAY, "accept")

    world.do(case, "review-contract", data.TEACHER, "agree")
    decided = world.case(case).approvals["review-contract"]
    assert (decided.by, decided.first) == (data.TEACHER, data.PAY)
    assert world.case(case).documents["contract"].state == "accepted"
    assert world.case(case).looks == {}
    assert world.actions(case)[-2:] == ["review-first-look", "review-agree"]
    kept = {row.action: row.by for row in world.store.decisions(case=case)}
    assert (kept["review-first-look"], kept["review-agree"]) == (data.PAY, data.TEACHER)


def test_nobody_is_both_pairs_of_eyes_not_even_as_a_substitute(world: World) -> None:
    case = two_pay_contacts(world, REVIEWS)
    substitute(world.app, Absence(data.TEACHER, data.PAY))
    world.accept(case, "contract", by=data.PAY)

    with pytest.raises(NotAllowed, match="first pair of eyes"):
        world.do(case, "review-contract", data.PAY, "agree")
    world.do(case, "review-contract", data.TEACHER, "agree")
    assert world.states(case)["review-contract"] == "done"


def test_who_disagrees_says_why_and_it_is_decided_anew(world: World) -> None:
    case = two_pay_contacts(world, REVIEWS)
    world.accept(case, "contract", by=data.PAY)
    with pytest.raises(BadInput):
        world.do(case, "review-contract", data.TEACHER, "disagree")
    with pytest.raises(BadInput):
        world.do(case, "review-contract", data.TEACHER, "accept")
    seconds = world.task_of(case, "review-contract")
    world.do(case, "review-contract", data.TEACHER, "disagree", "page 2 is missing")

    assert task(world.app, seconds).state == "done"
    assert world.step(case, "review-contract").reason == f"{data.TEACHER} disagrees: page 2 is missing"
    world.accept(case, "contract", by=data.TEACHER)
    world.do(case, "review-contract", data.PAY, "agree")
    assert world.case(case).approvals["review-contract"].first == data.TEACHER


def test_a_return_approves_nothing_and_takes_one_person(world: World) -> None:
    case = two_pay_contacts(world, REVIEWS)
    world.do(case, "review-contract", data.PAY, "return", "unsigned")
    assert world.states(case)["document-contract"] == "waiting"
    assert world.case(case).looks == {}


def test_a_document_that_is_replaced_meanwhile_is_looked_at_by_both_anew(world: World) -> None:
    case = two_pay_contacts(world, REVIEWS)
    world.accept(case, "contract", by=data.PAY)
    world.hand_in(case)

    world.accept(case, "contract", by=data.PAY)
    assert world.states(case)["review-contract"] == "waiting"
    world.do(case, "review-contract", data.TEACHER, "agree")
    assert world.states(case)["review-contract"] == "done"


def test_the_second_person_agrees_to_what_the_first_answered(world: World) -> None:
    case = world.hire("h1")
    world.policies.edit(authority=AuthorityPolicy(four_eyes=(FourEyesRule("appointing", ("appoint",), source=SOURCE),)))
    world.do(case, "appoint", data.HEAD_NORTH, "appoint", values={"pay": [data.PAY], "it": [data.IT]})
    assert world.store.delegations(case=case, units=()) == []

    world.do(case, "appoint", data.DIRECTOR, "agree")
    assert {row.to: row.granted_by for row in world.store.delegations(case=case, units=())} == {
        data.PAY: data.HEAD_NORTH,
        data.IT: data.HEAD_NORTH,
    }


def test_rules_hold_only_for_the_hires_that_they_mean(world: World) -> None:
    case = two_pay_contacts(world, FourEyesRule("nurses", ("review",), Match(positions=("nurse",)), SOURCE))
    world.accept(case, "contract", by=data.PAY)
    assert world.states(case)["review-contract"] == "done"


def test_an_amount_decides_who_may_and_whether_two_must(world: World) -> None:
    rule = FourEyesRule("steps", ("payroll",), Match(amount_from=Decimal(30)), SOURCE)
    delegate(world.app, Authority.PAY, "school_north", [data.TEACHER], limits=Limits(amount=Decimal(20)))
    world.delegate("town")
    case = world.hire("h1")
    world.policies.edit(authority=AuthorityPolicy(four_eyes=(rule,), amounts={"payroll": "scale_step"}))
    if world.states(case)["appoint"] == "waiting":
        world.do(case, "appoint", data.HEAD_NORTH, "appoint")
    for kind in list(world.case(case).documents):
        world.hand_in(case, kind)
        world.accept(case, kind, by=data.TEACHER)
    world.tell_personal(case)
    with pytest.raises(NotAllowed, match="only up to 20 kroner"):
        world.do(case, "payroll_form", data.TEACHER, "submit", values=data.payroll_values())
    world.fill_payroll(case)
    look = world.case(case).looks["payroll_form"]
    assert (look.approval.by, look.rule) == (data.PAY, "steps")
    delegate(world.app, Authority.PAY, "town", [data.HEAD_SOUTH])
    with pytest.raises(NotAllowed, match="only up to 20 kroner"):
        world.do(case, "payroll_form", data.TEACHER, "agree")
    world.do(case, "payroll_form", data.HEAD_SOUTH, "agree")
    assert world.case(case).values["payroll"]["scale_step"] == data.payroll_values()["scale_step"]


def test_what_changed_since_cannot_be_agreed_to(world: World) -> None:
    case = world.hire("h1")
    world.policies.edit(authority=AuthorityPolicy(four_eyes=(FourEyesRule("rights", ("rights",), source=SOURCE),)))
    world.do(case, "appoint", data.HEAD_NORTH, "appoint", values={"pay": [data.PAY], "it": [data.IT, data.TEACHER]})
    world.confirm_rights(case)
    world.policies.edit(role_rules=())
    with pytest.raises(Conflict, match="has changed since"):
        world.do(case, "confirm_rights", data.TEACHER, "agree")
    world.do(case, "confirm_rights", data.TEACHER, "disagree", "policy has changed")
    assert world.states(case)["confirm_rights"] == "waiting"


def test_a_delegation_alone_does_not_decide_what_two_persons_must(world: World) -> None:
    world.delegate("town")
    assert world.states(world.hire("h1"))["appoint"] == "done"
    world.policies.edit(authority=AuthorityPolicy(four_eyes=(FourEyesRule("both", ("appoint",), source=SOURCE),)))
    case = world.hire("h2")
    assert world.states(case)["appoint"] == "waiting"
    world.do(case, "appoint", data.HEAD_NORTH, "appoint")
    world.do(case, "appoint", data.DIRECTOR, "agree")
    assert world.states(case)["appoint"] == "done"


def test_the_total_of_an_order_decides_who_may_and_whether_two_must(world: World) -> None:
    equipment = world.policies.current().equipment
    item, price = "laptop", equipment.items["laptop"].price
    world.policies.edit(equipment=replace(equipment, ask=EVERYBODY))
    case = world.hire("h1")
    delegate(world.app, Authority.IT, "school_north", [data.TEACHER], case=case, limits=Limits(amount=price / 2))
    world.do(case, "appoint", data.HEAD_NORTH, "appoint", values={"pay": [data.PAY], "it": [data.IT, data.HEAD_SOUTH]})
    rule = FourEyesRule("dear", ("order",), Match(amount_from=price), SOURCE)
    world.policies.edit(authority=AuthorityPolicy(four_eyes=(rule,)))
    account = describe(world.app, task(world.app, world.task_of(case, "equipment")))["accounts"][0]
    lines = {"lines": [{"item": item, "quantity": 1, "account": account}]}

    with pytest.raises(NotAllowed, match="only up to"):
        world.do(case, "equipment", data.TEACHER, "order", values=lines)
    world.do(case, "equipment", data.IT, "order", values=lines)
    assert world.states(case)["equipment"] == "waiting"
    world.do(case, "equipment", data.HEAD_SOUTH, "agree")
    decided = world.case(case)
    assert decided.steps["equipment"].state == "done"
    assert (decided.approvals["equipment"].first, decided.orders[0].item) == (data.IT, item)
