"""Steering by an administrator: try a step again, cancel a case."""

from __future__ import annotations

from datetime import datetime

from idm.domain import transitions
from idm.domain.case import Case, StepState
from idm.domain.journey import Graph, StepKind
from idm.errors import BadInput, Conflict, Fault
from idm.flow.changing import Note, change, journey_of
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


def cancel(app: App, case: str, reason: str, administrator: str = "") -> Case:
    """Cancel a case: its tasks are withdrawn, and every system where it may have done something takes that back."""
    if not reason.strip():
        raise BadInput(
            "A cancel needs its reason.",
            faults=[Fault("reason", "required", "say why the hire is cancelled")],
            next_step="Give it in words.",
        )

    def mutate(before: Case, graph: Graph, now: datetime) -> tuple[Case, Note]:
        if before.state == "completed" and before.facts.start_date <= app.clock.today():
            raise Conflict("This hire is completed and has begun.", next_step="Ending an employment is a leaving, not a cancel.")
        systems = touched(before, graph)
        after = transitions.cancel(before, journey_of(app, before), systems, now)
        return after, Note(administrator or "administrator", "cancelled", {"reason": reason.strip(), "systems": list(systems)})

    return change(app, case, mutate)


def touched(case: Case, graph: Graph) -> tuple[str, ...]:
    """The systems in which the case has begun a step, so that something of it may be there."""
    return tuple(dict.fromkeys(step.system for step in graph if step.kind is StepKind.AUTOMATIC and case.steps[step.id].attempts > 0))
