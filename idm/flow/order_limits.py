"""What an equipment order comes to beside the limit over which a manager approves it, and who that is once it is placed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from idm.domain.case import Case
from idm.domain.journey import Actor, TaskKind
from idm.domain.orders import SENT, LineState, total
from idm.flow.equipment_rules import hire_of
from idm.flow.graphs import graph_of, load
from idm.flow.powers import PowersNow
from idm.ports import App


@dataclass(frozen=True, slots=True)
class OrderStands:
    """Kroner of an order that is being made: its total with what was ordered `before`, and the limits for the whole and for a line."""

    total: Decimal
    before: Decimal
    total_over: Decimal | None
    line_over: Decimal | None
    over: bool


def order_stands(app: App, case: Case, wanted: Mapping[str, int]) -> OrderStands:
    """What `wanted` (item ids with quantities) would come to in a hire, and whether its manager would be asked."""
    policy = app.policies.current().equipment
    amounts = [policy.items[item].price * quantity for item, quantity in wanted.items() if item in policy.items]
    before = total([line for line in case.orders if line.state in SENT])
    whole = before + sum(amounts, Decimal(0))
    limit = policy.limit_for(replace(hire_of(app, case), amount=whole))
    whole_limit, line_limit = (limit.total_over, limit.line_over) if limit is not None else (None, None)
    over = (whole_limit is not None and whole > whole_limit) or (line_limit is not None and any(each > line_limit for each in amounts))
    return OrderStands(whole, before, whole_limit, line_limit, bool(amounts) and over)


def approvers_of(app: App, case: str) -> tuple[str, ...]:
    """Ids of the persons of whom one must approve the order that a case holds now; none if it goes without."""
    held = load(app, case).case
    if all(line.state is not LineState.PROPOSED for line in held.orders):
        return ()
    asked = [step for step in graph_of(app, held) if step.task is TaskKind.APPROVE_ORDER]
    holders = [holder for step in asked for holder in PowersNow(app).holders(held, step.actor or Actor.MANAGER, step)]
    return tuple(dict.fromkeys(holder.person for holder in holders))
