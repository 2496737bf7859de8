"""How an equipment order changes a case: it is placed, approved or returned, its lines are received, and a cancel takes it back. Pure.

A journey orders in up to four steps: somebody orders, the manager approves what is over the limit, a system is sent the lines, and their
receipt is confirmed. What an order doesn't need is passed over, with the reason.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from idm.domain import orders, transitions
from idm.domain.case import Approval, Case, StepState
from idm.domain.departures import pass_over, reopen
from idm.domain.journey import Graph, StepDef, StepKind, TaskKind
from idm.domain.orders import LineState, OrderLine
from idm.domain.plan import Owned

NOTHING_MORE = "nothing more was ordered, so nobody need approve it"
UNDER_LIMIT = "the order is under the limit, so nobody need approve it"
NOTHING_ORDERED = "nothing was ordered"
NOTHING_TO_CONFIRM = "every line is under the receipt limit and from a trusted supplier, so it is taken as received"


def place(case: Case, graph: Graph, step: str, lines: Sequence[OrderLine], approval: Approval, over: str, now: datetime) -> Case:
    """The case with `lines` ordered at `step` (none: nothing was ordered). `over`: why the manager must approve, or "".

    Lines that were proposed before, and not approved, are replaced; those that were sent stay.
    """
    sent = tuple(line for line in case.orders if line.state is not LineState.PROPOSED)
    placed = replace(case, orders=(*sent, *lines))
    after = transitions.decide(placed, graph, step, approval, now)
    answered = [each.id for each in _order_steps(graph) if each.id != step and after.steps[each.id].state is StepState.DONE]
    if answered:
        after = reopen(after, graph, answered, "", now)
    if not lines and not any(line.state in orders.SENT for line in sent):
        return pass_over(after, graph, _of(after, graph, step, NOTHING_ORDERED), now)
    if not over:
        after = replace(after, orders=orders.approved(after.orders))
        reason = UNDER_LIMIT if lines else NOTHING_MORE
        after = pass_over(after, graph, _of(after, graph, step, reason, TaskKind.APPROVE_ORDER), now)
    return _without_receipts(after, graph, step, now)


def approve(case: Case, graph: Graph, step: str, approval: Approval, now: datetime) -> Case:
    """The case with the proposed order approved at `step`, so that it goes."""
    return transitions.decide(replace(case, orders=orders.approved(case.orders)), graph, step, approval, now)


def _without_receipts(case: Case, graph: Graph, step: str, now: datetime) -> Case:
    wanted = any(line.confirm and line.state in (LineState.PROPOSED, LineState.ORDERED) for line in case.orders)
    return case if wanted else pass_over(case, graph, _of(case, graph, step, NOTHING_TO_CONFIRM, TaskKind.RECEIVE), now)


def _order_steps(graph: Graph) -> list[StepDef]:
    return [step for step in graph if step.task in (TaskKind.ORDER, TaskKind.APPROVE_ORDER, TaskKind.RECEIVE)]


def _of(case: Case, graph: Graph, ordered: str, reason: str, task: TaskKind | None = None) -> dict[str, str]:
    """The open steps of the order behind `ordered` (of that kind of task; None: all of them, and the sending), each with `reason`."""
    still_open = (StepState.PENDING, StepState.WAITING, StepState.READY)
    human = {step.id for step in _order_steps(graph)}
    sending = {step.id for step in graph if step.kind is StepKind.AUTOMATIC and human & set(step.needs)}
    passed = {id for id in human if graph[id].task is task} if task is not None else human | sending
    return {id: reason for id in passed if id != ordered and case.steps[id].state in still_open}


def receive(case: Case, graph: Graph, step: str, numbers: Collection[int], approval: Approval, now: datetime) -> Case:
    """The case with those lines received at the open `step`, which is done when no receipt is awaited any more."""
    transitions.demand_open(case, step)
    lines = case.orders
    for number in numbers:
        lines = orders.received(lines, number, approval.by, now)
    after = replace(case, orders=lines)
    return after if orders.awaited(lines) else transitions.decide(after, graph, step, approval, now)


def give_back(case: Case, number: int, by: str, now: datetime) -> Case:
    """The case with a line of its cancelled order returned."""
    return replace(case, orders=orders.returned(case.orders, number, by, now))


def take_back(case: Case, before: Case, graph: Graph, owned: Collection[Owned]) -> Case:
    """The cancelled `case` with its order taken back; `before` is it before the cancel, `owned` what idm made for its person.

    A line counts as sent if a posting of it is known, or an attempt at sending is in doubt: rather one line too many to look after.
    """
    if not case.orders:
        return case
    human = {step.id for step in _order_steps(graph)}
    sending = [step for step in graph if step.kind is StepKind.AUTOMATIC and human & set(step.needs)]
    doubtful = any(before.steps[step.id].state in transitions.DOUBTFUL for step in sending)
    known = {each.key for each in owned}
    sent = {line.number for line in case.orders if doubtful or orders.line_key(case.id, line.number) in known}
    return replace(case, orders=orders.cancelled(case.orders, sent))


def receipt_step(case: Case, graph: Graph) -> str | None:
    """The open step at which receipts are confirmed, if there is one."""
    return next((s.id for s in graph if s.task is TaskKind.RECEIVE and case.steps[s.id].state is StepState.WAITING), None)
