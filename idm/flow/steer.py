"""Steering by an administrator: try a step again."""

from __future__ import annotations

from datetime import datetime

from idm.domain import transitions
from idm.domain.case import Case, StepState
from idm.domain.journey import Graph, StepKind
from idm.errors import Conflict
from idm.flow.changing import Note, change
from idm.ports import App


def retry(app: App, case: str, step: str = "", administrator: str = "") -> Case:
    """Try a refused or put-off step again at once; without `step`, every one of the case."""

    def mutate(before: Case, graph: Graph, now: datetime) -> tuple[Case, Note]:
        steps = [step] if step else _stuck(before, graph)
        if not steps:
            raise Conflict("No step of this case is refused or put off.", next_step="`idm case show` says what it waits for.")
        after = before
        for each in steps:
            after = transitions.again(after, graph, each, now)
        return after, Note(administrator or "administrator", "retried", {"steps": steps})

    return change(app, case, mutate)


def _stuck(case: Case, graph: Graph) -> list[str]:
    states = (StepState.REFUSED, StepState.RETRY, StepState.UNKNOWN, StepState.WAITING)
    return [step.id for step in graph if step.kind is StepKind.AUTOMATIC and case.steps[step.id].state in states]
