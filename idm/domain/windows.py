"""Rights with a first or last day: what a case does when one begins or ends by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from idm.domain.case import Case, CaseState, StepState
from idm.domain.grants import borders
from idm.domain.journey import RIGHTS, Graph
from idm.domain.transitions import settle


def cross(case: Case, graph: Graph, day: date, now: datetime) -> Case:
    """The case on a day on which rights begin or end: what grants and revokes them is worked again. The same case if that was done."""
    if case.state is CaseState.CANCELLED or day not in borders(case.grants.values(), case.rights_seen):
        return case
    steps = dict(case.steps)
    for step in graph:
        status = steps[step.id]
        if RIGHTS not in step.resources:
            continue
        if status.state is StepState.DONE:
            steps[step.id] = replace(status, state=StepState.PENDING, since=now, round=status.round + 1, until=None, reason="")
        elif status.state in (StepState.RUNNING, StepState.UNKNOWN):
            # Under way by yesterday's rights: a newer round has it worked once more.
            steps[step.id] = replace(status, round=status.round + 1)
    state = CaseState.WAITING if case.state is CaseState.COMPLETED else case.state
    return settle(replace(case, steps=steps, rights_seen=day, state=state), graph, now)
