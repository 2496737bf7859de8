"""Day one: which steps decide whether everything is open on the first day of work, and which of them put that at risk."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from idm.domain.case import Case, StepState
from idm.domain.journey import OPENING, Graph, StepDef, StepKind

_STUCK = (StepState.RETRY, StepState.UNKNOWN, StepState.WAITING)
"""Where an automatic step is that a target holds up."""


def opens(step: StepDef) -> bool:
    """Whether a step opens something for the person hired."""
    return step.kind is StepKind.AUTOMATIC and OPENING in step.resources


def decides_day_one(graph: Graph) -> frozenset[str]:
    """The steps that decide whether day one is met: those that open something, and all that those need."""
    found: set[str] = set()
    left = [step.id for step in graph if opens(step)]
    while left:
        id = left.pop()
        if id not in found:
            found.add(id)
            left.extend(graph[id].needs)
    return frozenset(found)


def missing_for_day_one(case: Case, graph: Graph) -> frozenset[str]:
    """The steps that day one still waits for; without those about papers that are waived, or whose old paper holds until the new one."""
    found: set[str] = set()
    left = [step for step in graph if opens(step) and case.steps[step.id].state is not StepState.DONE]
    while left:
        step = left.pop()
        if step.id not in found:
            found.add(step.id)
            left.extend(graph[need] for need in step.needs if not case.met(need, step, graph))
    return frozenset(found)


def at_risk(case: Case, graph: Graph, today: date, dues: Mapping[str, date]) -> tuple[str, ...]:
    """The steps that put day one at risk, in the graph's order; none if it is safe, or the case is over. True of a hire if any.

    `dues` are the due dates of the open tasks by step. A step puts day one at risk if a target refused it, if its task is overdue or
    needn't be done before the first day, or if that day has come and it is still missing.
    """
    if case.over:
        return ()
    missing = missing_for_day_one(case, graph)
    return tuple(step.id for step in graph if step.id in missing and _endangers(case, step, today, dues.get(step.id)))


def _endangers(case: Case, step: StepDef, today: date, due: date | None) -> bool:
    state, start = case.steps[step.id].state, case.facts.start_date
    if state is StepState.REFUSED:
        return True
    if step.kind is StepKind.TIMER or state is StepState.WITHDRAWN:
        return False
    if step.kind is StepKind.HUMAN:
        late = due is not None and state is StepState.WAITING and (due < today or due >= start)
        return late or today >= start
    # From midnight on, the first day is the very time at which what opens runs; only what is held up endangers it.
    return today > start or (today == start and state in _STUCK)
