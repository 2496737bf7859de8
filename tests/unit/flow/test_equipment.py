"""Equipment orders from the IT contact's answer to the ERP system, the receipt, and a cancel in each state of an order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from idm.connector import Refused, Unknown, Verb
from idm.domain.matching import EVERYBODY, Match
from idm.domain.orders import LineState
from idm.errors import BadInput, Conflict, NotAllowed, NotFound
from idm.flow.depart import Word, cancel, foresee_cancel
from idm.flow.equipment import give_back, ordered_lines, receive
from idm.flow.equipment_rules import favourites
from idm.flow.show import show_case
from idm.flow.tasks import describe, task
from tests import data
from tests.support.world import World

ACCOUNT = "3.22.01-4010"
SCREEN = {"item": "screen", "quantity": 2, "account": ACCOUNT}
CHAIR = {"item": "chair", "quantity": 1, "account": ACCOUNT}
LAPTOP = {"item": "laptop", "quantity": 1, "account": ACCOUNT}
HEADSET = {"item": "headset", "quantity": 1, "account": ACCOUNT}
STEPS = ("equipment", "approve_equipment", "order_equipment", "receive_equipment")


@pytest.fixture
def asked(world: World) -> World:
    """An installation whose IT contacts are asked for equipment in every hire."""
    world.policies.edit(equipment=replace(world.policies.current().equipment, ask=EVERYBODY))
    world.delegate()
    return world


def order(world: World, case: str, *lines: dict[str, Any]) -> None:
    world.do(case, "equipment", data.IT, "order", values={"lines": list(lines)})


def states(world: World, case: str) -> dict[str, str]:
    return {step: world.states(case)[step] for step in STEPS}


def lines(world: World, case: str) -> dict[int, str]:
    return {line.number: line.state.value for line in world.case(case).orders}


def take_back(world: World, case: str) -> None:
    cancel(world.app, case, Word(administrator="admin", reason="the hire fell through"))
    world.work()


def posted(world: World, kind: str) -> list[str]:
    return [done.key for done in world.targets["erp"].applied(Verb.POST) if done.kind == kind]


def test_nobody_is_asked_where_policy_doesnt_ask(world: World) -> None:
    world.delegate()
    case = world.hire()
    assert set(states(world, case).values()) == {"done"}
    assert "equipment.yaml" in world.step(case, "equipment").reason
    assert world.case(case).orders == ()
    assert world.step(case, "order_equipment").attempts == 0
    assert '"orders"' not in str(world.store.load(case))
    assert show_case(world.app, case)["orders"] == []


def test_who_is_asked_may_hang_on_facts_that_only_the_person_tells(world: World) -> None:
    world.delegate()
    world.policies.edit(equipment=replace(world.policies.current().equipment, ask=Match(citizenship=("SE",))))

    assert states(world, world.hire("dane"))["equipment"] == "done"
    assert states(world, world.hire("swede", citizenship="SE"))["equipment"] == "waiting"


def test_an_order_under_the_limit_goes_line_by_line_with_its_account(asked: World) -> None:
    case = asked.hire()
    order(asked, case, SCREEN, CHAIR)
    assert states(asked, case) == {
        "equipment": "done",
        "approve_equipment": "done",
        "order_equipment": "ready",
        "receive_equipment": "done",
    }
    asked.work()
    held = asked.targets["erp"].held("order", f"{case}.order.1")
    assert held is not None
    assert held.attributes == {
        "account": ACCOUNT,
        "item": "screen",
        "title": 'Skærm 27"',
        "quantity": "2",
        "price": "1795.00",
        "supplier": "nordic_it",
        "requester": data.IT,
        "employment": asked.case(case).employment,
        "unit": "school_north",
    }
    assert posted(asked, "order") == [f"{case}.order.1", f"{case}.order.2"]
    assert lines(asked, case) == {1: "ordered", 2: "ordered"}
    assert [line["receipt"] for line in show_case(asked.app, case)["orders"]] == ["not_needed", "not_needed"]


def test_nothing_is_ordered_and_nothing_is_called(asked: World) -> None:
    case = asked.hire()
    asked.do(case, "equipment", data.IT, "none")
    assert set(states(asked, case).values()) == {"done"}
    asked.work()
    assert posted(asked, "order") == []
    assert asked.step(case, "order_equipment").attempts == 0


def test_over_the_limit_the_order_waits_for_the_manager(asked: World) -> None:
    case = asked.hire()
    order(asked, case, LAPTOP, SCREEN, CHAIR, {"item": "phone", "account": ACCOUNT})
    asked.work()
    assert states(asked, case)["approve_equipment"] == "waiting"
    assert posted(asked, "order") == []
    assert set(lines(asked, case).values()) == {"proposed"}
    told = describe(asked.app, task(asked.app, asked.task_of(case, "approve_equipment")))
    assert "DKK 16,930.00" in told["asked_because"]
    assert told["total"] == "16930.00"
    with pytest.raises(NotAllowed):
        asked.do(case, "approve_equipment", data.IT, "approve")
    asked.do(case, "approve_equipment", data.HEAD_NORTH, "approve")
    asked.work()
    assert len(posted(asked, "order")) == 4
    assert states(asked, case)["receive_equipment"] == "waiting"
    assert {line.number for line in asked.case(case).orders if line.confirm} == {1}


def test_a_returned_order_goes_back_with_the_reason_and_comes_again(asked: World) -> None:
    case = asked.hire()
    order(asked, case, LAPTOP, CHAIR, SCREEN, {"item": "phone", "account": ACCOUNT})
    first = asked.task_of(case, "approve_equipment")
    with pytest.raises(BadInput):
        asked.do(case, "approve_equipment", data.HEAD_NORTH, "return")
    asked.do(case, "approve_equipment", data.HEAD_NORTH, "return", reason="No phone is needed.")
    again = task(asked.app, asked.task_of(case, "equipment"))
    assert again.reason == "No phone is needed."
    assert describe(asked.app, again)["example"]["values"]["lines"][3]["item"] == "phone"
    order(asked, case, CHAIR)
    asked.work()
    assert states(asked, case)["approve_equipment"] == "done"
    assert posted(asked, "order") == [f"{case}.order.1"]
    assert task(asked.app, first).state == "done"


@pytest.mark.parametrize(
    ("line", "path", "rule"),
    [
        ({"item": "boat"}, "values.lines[1].item", "unknown-item"),
        ({"item": "screen", "quantity": 1, "account": ACCOUNT}, "values.lines[1].quantity", "maximum"),
        ({"item": "chair"}, "values.lines[1].account", "required"),
        ({"item": "chair", "account": "1.22.33-4444"}, "values.lines[1].account", "account-not-allowed"),
        ({"item": "chair", "account": "5.30.27-4010"}, "values.lines[1].account", "account-not-allowed"),
        ({"item": "chair", "account": "4711"}, "values.lines[1].account", "form"),
        ({"item": "workstation", "account": ACCOUNT}, "values.lines[1].item", "not-for-this-hire"),
        ({"item": "chair", "quantity": 0, "account": ACCOUNT}, "values.lines[1].quantity", "quantity"),
        ({"item": "chair", "account": ACCOUNT, "colour": "red"}, "values.lines[1]", "unknown-field"),
        ("chair", "values.lines[1]", "line"),
    ],
)
def test_a_wrong_line_names_line_and_rule_and_orders_nothing(asked: World, line: Any, path: str, rule: str) -> None:
    case = asked.hire()
    with pytest.raises(BadInput) as refused:
        order(asked, case, SCREEN, line)
    assert [(fault.path, fault.rule) for fault in refused.value.faults] == [(path, rule)]
    assert asked.case(case).orders == ()
    assert states(asked, case)["equipment"] == "waiting"


def test_the_receipt_is_confirmed_line_by_line(asked: World) -> None:
    case = asked.hire()
    order(asked, case, LAPTOP, SCREEN)
    with pytest.raises(Conflict):
        receive(asked.app, case, 1, data.IT)
    asked.work()
    with pytest.raises(NotAllowed):
        receive(asked.app, case, 1, data.PAY)
    with pytest.raises(NotFound):
        receive(asked.app, case, 9, data.IT)
    receive(asked.app, case, 1, data.IT, "admin")
    assert lines(asked, case) == {1: "received", 2: "ordered"}
    assert states(asked, case)["receive_equipment"] == "done"
    with pytest.raises(Conflict):
        receive(asked.app, case, 1, data.IT)
    assert "equipment-received" in asked.actions(case)


def test_a_receipt_by_task_takes_those_that_are_named(asked: World) -> None:
    asked.policies.edit(equipment=replace(asked.policies.current().equipment, suppliers={}))
    case = asked.hire()
    order(asked, case, SCREEN, CHAIR)
    asked.work()
    with pytest.raises(BadInput):
        asked.do(case, "receive_equipment", data.IT, "receive", values={"lines": ["3"]})
    asked.do(case, "receive_equipment", data.IT, "receive", values={"lines": ["2"]})
    assert (lines(asked, case), states(asked, case)["receive_equipment"]) == ({1: "ordered", 2: "received"}, "waiting")
    asked.do(case, "receive_equipment", data.IT, "receive")
    assert (lines(asked, case), states(asked, case)["receive_equipment"]) == ({1: "received", 2: "received"}, "done")


def test_what_was_never_sent_is_withdrawn_with_the_hire(asked: World) -> None:
    proposed, unsent = asked.hire("h1"), asked.hire("h2")
    order(asked, proposed, LAPTOP, CHAIR, SCREEN, {"item": "phone", "account": ACCOUNT})
    order(asked, unsent, CHAIR)
    for case in (proposed, unsent):
        told = foresee_cancel(asked.app, case, Word(administrator="admin", reason="x"))
        assert "withdrawn" in next(each.words for each in told if each.what == "order-line")
        cancel(asked.app, case, Word(administrator="admin", reason="x"))
        assert set(lines(asked, case).values()) == {"withdrawn"}
    asked.work()
    assert posted(asked, "order") == posted(asked, "order_cancel") == []
    assert list(ordered_lines(asked.app, states=(LineState.TO_RETURN,))) == []


@pytest.mark.parametrize("confirmed", [False, True])
def test_what_was_sent_goes_back_and_is_reversed_once(asked: World, confirmed: bool) -> None:
    case = asked.hire()
    order(asked, case, LAPTOP, HEADSET)
    asked.work()
    if confirmed:
        receive(asked.app, case, 1, data.IT)
    take_back(asked, case)
    assert lines(asked, case) == {1: "to_return", 2: "kept"}
    assert posted(asked, "order_cancel") == [f"{case}.order.1"]
    reversed_ = asked.targets["erp"].held("order_cancel", f"{case}.order.1")
    assert reversed_ is not None
    assert reversed_.attributes["order"] == f"{case}.order.1"
    (left,) = ordered_lines(asked.app, states=(LineState.TO_RETURN,))
    assert (left.case.id, left.line.number) == (case, 1)
    with pytest.raises(NotAllowed):
        give_back(asked.app, case, 1, data.PAY)
    give_back(asked.app, case, 1, data.IT)
    asked.work()
    assert lines(asked, case) == {1: "returned", 2: "kept"}
    assert posted(asked, "order_cancel") == [f"{case}.order.1"]
    with pytest.raises(Conflict):
        give_back(asked.app, case, 2, data.IT)


@pytest.mark.parametrize("arrived", [True, False])
def test_an_order_in_doubt_is_looked_for_and_no_line_is_lost(asked: World, arrived: bool) -> None:
    case = asked.hire()
    asked.work()
    order(asked, case, SCREEN)
    asked.targets["erp"].trouble(Unknown("no answer"), after=arrived, verb=Verb.POST)
    asked.work()
    assert states(asked, case)["order_equipment"] == "unknown"
    cancel(asked.app, case, Word(administrator="admin", reason="x"))
    asked.work_on()
    assert lines(asked, case) == {1: "to_return"}
    assert posted(asked, "order") == ([f"{case}.order.1"] if arrived else [])
    assert posted(asked, "order_cancel") == ([f"{case}.order.1"] if arrived else [])


def test_of_an_order_sent_in_part_the_sent_line_goes_back(asked: World) -> None:
    case = asked.hire()
    asked.work()
    order(asked, case, SCREEN, CHAIR)

    def second_is_refused(change: Any) -> None:
        if change.kind == "order" and change.key.endswith(".2"):
            raise Refused("the account is closed for now")

    asked.targets["erp"].meanwhile, asked.targets["erp"].meanwhile_first = second_is_refused, True
    asked.work()
    assert states(asked, case)["order_equipment"] == "refused"
    take_back(asked, case)
    assert lines(asked, case) == {1: "to_return", 2: "withdrawn"}
    assert posted(asked, "order_cancel") == [f"{case}.order.1"]


def test_favourites_are_what_this_contact_ordered_last_else_those_of_policy(asked: World) -> None:
    policy = asked.policies.current().equipment
    usual = replace(policy.favourites[0], positions=("teacher",))
    asked.policies.edit(equipment=replace(policy, favourites=(usual,)))
    first, second, other = asked.hire("h1"), asked.hire("h2"), asked.hire("h3", position="pedagogue")
    policy = asked.policies.current().equipment
    proposed = favourites(asked.app, policy, asked.case(first), data.IT)
    assert [(line["item"], line["account"]) for line in proposed] == [("laptop", ACCOUNT), ("dock", ACCOUNT), ("screen", ACCOUNT)]
    order(asked, first, SCREEN)
    told = describe(asked.app, task(asked.app, asked.task_of(second, "equipment")))
    assert told["favourites"][data.IT] == [SCREEN]
    assert favourites(asked.app, policy, asked.case(other), data.IT) == []
    assert "workstation" not in {item["item"] for item in told["catalogue"]}


def test_the_list_is_by_unit_and_all_below(asked: World) -> None:
    case = asked.hire()
    order(asked, case, SCREEN)
    assert [each.case.id for each in ordered_lines(asked.app, unit="schools")] == [case]
    assert list(ordered_lines(asked.app, unit="care")) == []
