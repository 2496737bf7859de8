"""An approval of the whole: the manager's, or payroll control's. What is wrong goes back to whoever owns the wrong data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from idm.domain import transitions
from idm.domain.case import Case, StepState
from idm.domain.departures import reopen
from idm.domain.journey import Graph, StepDef, StepKind, TaskKind
from idm.errors import BadInput, Fault
from idm.flow.deciding import Act, Made, demand_decision, demand_only, demand_reason, named
from idm.flow.graphs import graph_of
from idm.ports import App

_OF_THE_HIRE = ("unit", "position", "start_date", "end_date", "weekly_hours", "manager")


def decide(act: Act) -> Made:
    """Approve, or return one field with a reason: to who filled in the form, handed in the document, or vouched for the hire."""
    decision = demand_decision(act.answer, "approve", "return")
    if decision == "approve":
        demand_only(act)
        what = {"facts": act.case.facts, "values": act.case.values, "roles": act.case.roles}
        return transitions.decide(act.case, act.graph, act.step.id, named(act.approval, what), act.now), {"decision": decision}, ()
    demand_only(act, "field")
    owners = fields(act.case, act.graph, act.step)
    field = str(act.values.get("field", ""))
    if field not in owners:
        raise BadInput(
            "A return names the field that is wrong.",
            faults=[Fault("values.field", "unknown-field", f"one of: {', '.join(owners)}")],
            next_step="`idm task show` lists the fields; nothing was saved.",
        )
    reason = demand_reason(act, "A return needs its reason.", "say what is wrong, in words for the person who mends it")
    after = reopen(act.case, act.graph, (owners[field],), f"{field}: {reason}", act.now)
    return after, {"decision": decision, "field": field, "reason": reason, "to": owners[field]}, ()


def fields(case: Case, graph: Graph, step: StepDef) -> dict[str, str]:
    """Every field that can be returned, with the step whose owner mends it; only of steps that were decided before this one."""
    done = [
        other for other in graph if other.kind is StepKind.HUMAN and other.id != step.id and case.steps[other.id].state is StepState.DONE
    ]
    found: dict[str, str] = {}
    for other in done:
        match other.task:
            case TaskKind.APPOINT:
                found |= {f"hire.{name}": other.id for name in _OF_THE_HIRE}
            case TaskKind.FORM:
                found |= {f"{other.form}.{name}": other.id for name in case.values.get(other.form, {})}
            case TaskKind.DOCUMENT:
                found[f"documents.{other.document}"] = other.id
            case TaskKind.RIGHTS:
                found["rights"] = other.id
            case _:
                continue
    return found


def describe(app: App, case: Case, step: StepDef) -> Mapping[str, Any]:
    """What is approved, and the fields that can be returned: only what the decision needs, no private data."""
    from_form = {form: dict(values) for form, values in case.values.items()}
    facts = case.facts
    return {
        "decisions": ["approve", "return"],
        "asked_because": case.steps[step.id].reason,
        "hire": {
            "unit": facts.unit,
            "position": facts.position,
            "start_date": facts.start_date.isoformat(),
            "end_date": facts.end_date.isoformat() if facts.end_date else None,
            "weekly_hours": facts.weekly_hours,
        },
        "values": from_form,
        "documents": {kind: document.state.value for kind, document in case.documents.items()},
        "fields": [{"id": "field", "type": "choice", "required": False, "choices": list(fields(case, graph_of(app, case), step))}],
        "example": {"decision": "approve"},
    }
