"""The decisions of an equipment order: what is ordered, the manager's approval of what is over the limit, and its receipt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from idm.domain import orders, transitions
from idm.domain.case import Case
from idm.domain.equipment import as_lines
from idm.domain.journey import Actor, StepDef
from idm.domain.ordering import approve, place
from idm.domain.ordering import receive as received
from idm.domain.orders import LineState
from idm.errors import BadInput, Fault
from idm.flow.deciding import Act, Made, demand_decision, demand_only, demand_reason, named
from idm.flow.equipment_rules import catalogue, favourites, hire_of, line_json
from idm.flow.powers import PowersNow
from idm.ports import App

_NEXT = "`idm task show` lists what may be ordered and on which account; nothing was ordered."


def order(act: Act) -> Made:
    """Order lines, or nothing. Raises `BadInput` with every fault by line and rule."""
    decision = demand_decision(act.answer, "order", "none")
    if decision == "none":
        demand_only(act)
        after = place(act.case, act.graph, act.step.id, (), named(act.approval, []), "", act.now)
        return after, {"decision": decision}, ()
    demand_only(act, "lines")
    policy = act.app.policies.current().equipment
    hire = hire_of(act.app, act.case)
    before = [line for line in act.case.orders if line.state in orders.SENT]
    lines, faults = as_lines(policy, hire, act.values.get("lines"), act.approval.by, act.now, before)
    if faults:
        raise BadInput(f"The order breaks {len(faults)} rule(s).", faults=faults, next_step=_NEXT)
    over = policy.over_limit(hire, lines, before)
    told = [line_json(line) for line in lines]
    what = [orders.pack(line) for line in lines]
    after = place(act.case, act.graph, act.step.id, lines, named(act.approval, what), over[1] if over else "", act.now)
    payload = {"decision": decision, "lines": told, "total": str(orders.total(lines))}
    return after, {**payload, "over_limit": over[1]} if over else payload, ()


def approve_order(act: Act) -> Made:
    """Approve the order, so that it goes, or return it to the IT contact with the reason."""
    decision = demand_decision(act.answer, "approve", "return")
    demand_only(act)
    proposed = [line for line in act.case.orders if line.state is LineState.PROPOSED]
    payload = {"decision": decision, "lines": [line.number for line in proposed], "total": str(orders.total(proposed))}
    if decision == "approve":
        what = [orders.pack(line) for line in proposed]
        return approve(act.case, act.graph, act.step.id, named(act.approval, what), act.now), payload, ()
    reason = demand_reason(act, "A return needs its reason.", "say what is wrong with the order, in words for the IT contact")
    return transitions.send_back(act.case, act.graph, act.step.id, reason, act.now), {**payload, "reason": reason}, ()


def receive(act: Act) -> Made:
    """Confirm that lines came: those that are named, else all that are awaited."""
    decision = demand_decision(act.answer, "receive")
    demand_only(act, "lines")
    due = [line.number for line in orders.awaited(act.case.orders)]
    given = act.values.get("lines")
    numbers = due if given is None else _numbers(given)
    if numbers is None or not numbers or not set(numbers) <= set(due):
        words = f"name lines whose receipt is awaited: {', '.join(str(number) for number in due)}"
        raise BadInput("The receipt can't be confirmed like this.", faults=[Fault("values.lines", "lines", words)], next_step=_NEXT_RECEIVE)
    after = received(act.case, act.graph, act.step.id, numbers, act.approval, act.now)
    return after, {"decision": decision, "lines": numbers}, ()


_NEXT_RECEIVE = "`idm task show` lists what is awaited; nothing was saved."


def _numbers(given: object) -> list[int] | None:
    values = given if isinstance(given, list | tuple) else [given]
    texts = [str(value) for value in values if isinstance(value, str | int) and not isinstance(value, bool)]
    if len(texts) != len(values) or not all(text.isascii() and text.isdigit() and len(text) < 6 for text in texts):
        return None
    return list(dict.fromkeys(int(text) for text in texts))


def describe_order(app: App, case: Case, step: StepDef) -> Mapping[str, Any]:
    """What may be ordered and on which accounts, what is proposed, and what an earlier round of the order held."""
    policy = app.policies.current().equipment
    may = PowersNow(app).holders(case, Actor.IT, step)
    proposed = [line for line in case.orders if line.state is LineState.PROPOSED]
    usual = {holder.person: favourites(app, policy, case, holder.person) for holder in may}
    first = next(iter(usual.values()), []) if usual else favourites(app, policy, case, "")
    lines = [{"item": line.item, "quantity": line.quantity, "account": line.account} for line in proposed] or first
    example: dict[str, Any] = {"decision": "order", "values": {"lines": lines}} if lines else {"decision": "none"}
    return {
        "decisions": ["order", "none"],
        "fields": [],
        "catalogue": catalogue(app, case),
        "accounts": list(policy.accounts_for(hire_of(app, case).unit_path)),
        "favourites": usual,
        "ordered": [line_json(line) for line in case.orders],
        "example": example,
    }


def describe_approval(app: App, case: Case, step: StepDef) -> Mapping[str, Any]:
    """What is to be approved, what it costs, and why somebody must."""
    proposed = [line for line in case.orders if line.state is LineState.PROPOSED]
    return {
        "decisions": ["approve", "return"],
        "fields": [],
        "asked_because": case.steps[step.id].reason,
        "ordered": [line_json(line) for line in proposed],
        "total": str(orders.total(proposed)),
        "example": {"decision": "approve"},
    }


def describe_receipt(app: App, case: Case, step: StepDef) -> Mapping[str, Any]:
    """Which lines are awaited."""
    awaited = orders.awaited(case.orders)
    return {
        "decisions": ["receive"],
        "fields": [],
        "ordered": [line_json(line) for line in awaited],
        "example": {"decision": "receive", "values": {"lines": [str(line.number) for line in awaited]}},
    }
