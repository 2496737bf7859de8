"""What a target's refusal does to a case: whoever gave it what it refused is asked again, if idm knows where that came from. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from idm.domain import orders, transitions
from idm.domain.case import Case, StepState
from idm.domain.journey import Graph, TaskKind


def refused(
    case: Case, graph: Graph, step: str, reason: str, now: datetime, form: str, owned: Collection[str], round: int | None = None
) -> Case:
    """The case with the running `step` refused. `form`: the form that what was refused stood in, `orders.FACTS` for an order, or "".

    `owned` are the keys of what idm made: lines of an order among them stay ordered, the others are proposed again, for the new order to
    replace.
    """
    asked = None
    if form == orders.FACTS:
        asked = next((need for need in graph[step].needs if graph[need].task is TaskKind.ORDER), None)
    after = transitions.refuse(case, graph, step, reason, now, form, round, asked=asked)
    if asked is None or after.steps[asked].state is not StepState.WAITING:
        return after
    sent = {line.number for line in case.orders if orders.line_key(case.id, line.number) in owned}
    return replace(after, orders=orders.proposed_again(after.orders, sent))
