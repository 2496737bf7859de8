"""What equipment policy says for one hire: whether it is asked, what may be ordered, and what is proposed."""

from __future__ import annotations

from typing import Any

from idm.domain.approvals import Verdict
from idm.domain.case import Case
from idm.domain.equipment import EquipmentPolicy
from idm.domain.journey import StepDef, TaskKind
from idm.domain.matching import Circumstances, groups_of
from idm.domain.orders import SENT, LineState, OrderLine, awaited
from idm.domain.people import Person
from idm.domain.policy import Policies
from idm.errors import NotFound
from idm.flow.circumstances import circumstances_of
from idm.flow.facts import organisation
from idm.ports import App

ASKED_BY = "equipment"
"""What a step names under `asked_by` for equipment.yaml to say whether it is asked."""
_EASY = {"positions", "units", "groups", "temporary"}
"""Criteria that a case answers by itself, without the person and their other employments being read."""
_LOOK_BACK = 50
"""How many of an IT contact's newest decisions are looked through for what they ordered last."""


def hire_of(app: App, case: Case) -> Circumstances:
    """What equipment rules may ask about the hire of a case."""
    person = app.store.person(case.person)
    if person is None:
        raise NotFound(f"Person {case.person} isn't in the database.")
    return circumstances_of(app, case, person, app.policies.current())


def verdict(app: App, case: Case, step: StepDef, person: Person | None, *, opened: bool) -> Verdict | None:
    """Whether a step of an equipment order is asked in this hire, and why; None if that can't be told before it opens."""
    policies = app.policies.current()
    policy = policies.equipment
    place = f"{policy.source.file or 'equipment.yaml'}:{policy.source.line or 1}"
    if not _asked(app, case, policies, person):
        if _goes_on(case, step):
            return Verdict(True, f"what was ordered before is kept, though no more is asked for in this hire ({place})")
        return Verdict(False, f"equipment isn't asked for in this hire ({place})")
    if step.task is TaskKind.ORDER and case.orders:
        return Verdict(True, f"the hire has changed; what was ordered stays ordered, and what is missing now is added ({place})")
    if not opened:
        return None
    if step.task is TaskKind.APPROVE_ORDER:
        proposed = [line for line in case.orders if line.state is LineState.PROPOSED]
        over = policy.over_limit(hire_of(app, case), proposed, [line for line in case.orders if line.state in SENT])
        limit = over[0].source if over else policy.source
        return Verdict(True, f"{over[1] if over else 'policy asked it when the order was made'} ({limit.file}:{limit.line})")
    return Verdict(True, f"equipment is asked for in this hire ({place})")


def _goes_on(case: Case, step: StepDef) -> bool:
    """Whether a step is needed for what was ordered before, whatever policy says of new orders."""
    match step.task:
        case TaskKind.ORDER:
            return False
        case TaskKind.APPROVE_ORDER:
            return any(line.state is LineState.PROPOSED for line in case.orders)
        case TaskKind.RECEIVE:
            return bool(awaited(case.orders))
        case _:
            return any(line.state in SENT for line in case.orders)


def _asked(app: App, case: Case, policies: Policies, person: Person | None) -> bool:
    ask = policies.equipment.ask
    if ask is None:
        return False
    if set(ask.asked()) <= _EASY:
        path = tuple(unit.id for unit in organisation(app).path(case.facts.unit))
        groups = groups_of(policies.groups, case.facts.position, path)
        return ask.fits(Circumstances(case.facts.position, path, case.facts.start_date, case.facts.end_date, groups=groups))
    known = person or app.store.person(case.person)
    return known is not None and ask.fits(circumstances_of(app, case, known, policies))


def favourites(app: App, policy: EquipmentPolicy, case: Case, person: str) -> list[dict[str, Any]]:
    """What is proposed: what `person` last ordered for somebody in this position, else what policy proposes; only what is allowed still."""
    hire = hire_of(app, case)
    allowed = {item.id: item for item in policy.for_hire(hire)}
    accounts = policy.accounts_for(hire.unit_path)
    last = _last_order(app, case, person)
    wanted = [(line.item, line.quantity, line.account) for line in last] or [
        (item, count, "") for item, count in policy.favourites_for(case.facts.position).items()
    ]
    found = []
    for id, quantity, account in wanted:
        if id in allowed:
            item = allowed[id]
            known = next((number for number in (account, item.account, *accounts) if number in accounts), "")
            found.append({"item": id, "quantity": min(quantity, item.maximum), "account": known})
    return found


def _last_order(app: App, case: Case, person: str) -> tuple[OrderLine, ...]:
    for decision in app.store.decisions(by=person, limit=_LOOK_BACK) if person else ():
        if decision.action == "order-order" and decision.case != case.id:
            loaded = app.store.load(decision.case)
            if loaded is not None and loaded.case.facts.position == case.facts.position:
                return tuple(line for line in loaded.case.orders if line.by == person or line.state is not LineState.PROPOSED)
    return ()


def catalogue(app: App, case: Case | None = None) -> list[dict[str, Any]]:
    """The catalogue, or what of it may be ordered for one hire, with the accounts that may be used there."""
    policy = app.policies.current().equipment
    hire = hire_of(app, case) if case is not None else None
    items = policy.for_hire(hire) if hire is not None else tuple(policy.items.values())
    accounts = list(policy.accounts_for(hire.unit_path)) if hire is not None else []
    return [
        {
            "item": item.id,
            "titles": dict(item.titles),
            "price": str(item.price),
            "supplier": item.supplier,
            "account": item.account or None,
            "accounts": accounts,
            "maximum": item.maximum,
            "returnable": item.returnable,
            "only_for": list(item.match.asks()),
            "file": item.source.file,
            "line": item.source.line,
        }
        for item in items
    ]


def line_json(line: OrderLine) -> dict[str, Any]:
    """An order line in the outside contract's shape; amounts in kroner with a point."""
    return {
        "line": line.number,
        "item": line.item,
        "title": line.title,
        "quantity": line.quantity,
        "account": line.account,
        "price": str(line.price),
        "amount": str(line.amount),
        "supplier": line.supplier,
        "returnable": line.returnable,
        "state": line.state.value,
        "receipt": line.receipt,
        "by": line.by,
        "at": line.at.isoformat(timespec="seconds"),
    }
