"""Who is kept apart from a step by what they did in the case before: the first pair of eyes, and who made the order to be approved."""

from __future__ import annotations

from idm.domain.case import Case
from idm.domain.four_eyes import seen_by
from idm.domain.journey import StepDef, TaskKind
from idm.domain.orders import LineState

SEVERAL = "*"
"""How several persons kept apart are written where there is room for one."""


def ordered_by(case: Case, step: StepDef) -> frozenset[str]:
    """Who made the order that `step` approves: whoever ordered a line, and both pairs of eyes where two were asked. Nobody otherwise."""
    if step.task is not TaskKind.APPROVE_ORDER:
        return frozenset()
    made = [case.approvals[need] for need in step.needs if need in case.approvals]
    persons = {line.by for line in case.orders if line.state is LineState.PROPOSED}
    return frozenset((persons | {approval.by for approval in made} | {approval.first for approval in made}) - {""})


def kept_apart(case: Case, step: StepDef) -> str:
    """The one person who is kept apart from `step`; "" for nobody, `SEVERAL` for more than one."""
    if not case.looks and step.task is not TaskKind.APPROVE_ORDER:
        return ""
    persons = seen_by(case, step.id) | ordered_by(case, step)
    return SEVERAL if len(persons) > 1 else next(iter(persons), "")
