"""Show: a case as people and scripts see it, with what each step waits for, since when and why."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from idm.domain.case import Case, Step, StepState
from idm.domain.grants import PLAIN
from idm.domain.journey import StepDef, StepKind
from idm.domain.projection import task_id
from idm.domain.timers import falls
from idm.flow.comments import comment_shown, comments_of
from idm.flow.deadlines import lateness
from idm.flow.documents import document_states
from idm.flow.equipment_rules import line_json
from idm.flow.graphs import graph_of, load
from idm.flow.powers import PowersNow
from idm.flow.waiting import pauses_shown, waited_days
from idm.ports import App


def show_case(app: App, id: str) -> dict[str, Any]:
    """The case in the outside contract's shape. So many statements, however many steps and tasks it has."""
    case = load(app, id).case
    graph = graph_of(app, case)
    person = app.store.person(case.person)
    rows, late = app.store.tasks(case=id), lateness(app)
    powers = PowersNow(app)
    powers.read(cases=[case])
    levels = {row.step: row.escalated for row in rows if row.state == "open"}
    return {
        "id": case.id,
        "employment": case.employment,
        "person": case.person,
        "person_name": person.full_name if person is not None else "",
        "unit": case.facts.unit,
        "position": case.facts.position,
        "journey": {"name": case.journey, "hash": case.journey_hash},
        "version": case.version,
        "start_date": case.facts.start_date.isoformat(),
        "end_date": case.facts.end_date.isoformat() if case.facts.end_date else None,
        "weekly_hours": case.facts.weekly_hours,
        "state": case.state.value,
        "short_notice": case.short_notice,
        "steps": [_step(powers, case, step, levels.get(step.id, 0)) for step in graph],
        "tasks": [
            {
                "id": row.id,
                "step": row.step,
                "kind": row.kind,
                "state": row.state,
                "since": _when(row.since),
                "due": row.due.isoformat() if row.due is not None else None,
                "overdue": late.of(row),
            }
            for row in rows
        ],
        "documents": document_states(case),
        "orders": [line_json(line) for line in case.orders],
        "rights": [{"role": role, **case.grants.get(role, PLAIN).as_json()} for role in case.roles],
        "pauses": pauses_shown(app, case),
        "waited_working_days": waited_days(app, case),
        "comments": [comment_shown(comment) for comment in comments_of(app, case.id)],
    }


def _step(powers: PowersNow, case: Case, step: StepDef, escalated: int) -> dict[str, Any]:
    status = case.steps[step.id]
    return {
        "id": step.id,
        "kind": step.kind.value,
        "system": step.system or None,
        "needs": list(step.needs),
        "state": status.state.value,
        "attempts": status.attempts,
        "waits_for": waits_for(powers, case, step, status, escalated),
        "since": _when(status.since),
        "reason": status.reason,
        "task": task_id(case.id, step.id, status.round) if step.kind is StepKind.HUMAN and status.state is StepState.WAITING else None,
    }


def waits_for(powers: PowersNow, case: Case, step: StepDef, status: Step, escalated: int = 0) -> dict[str, Any] | None:
    """What a step waits for: persons (their ids), a target (its name, until when), or a date; None if it waits for nothing."""
    if status.state in (StepState.DONE, StepState.WITHDRAWN, StepState.RUNNING, StepState.READY, StepState.PENDING):
        return None
    if step.kind is StepKind.HUMAN and step.actor is not None:
        return {"kind": "person", "ids": [holder.person for holder in powers.holders(case, step.actor, step, escalated)], "until": None}
    if step.kind is StepKind.TIMER:
        moment = falls(case, step.until)
        return {"kind": "date", "ids": [], "until": _when(moment) if moment else None}
    if status.state is StepState.REFUSED:
        return {"kind": "person", "ids": [], "until": None}
    return {"kind": "target", "ids": [step.system], "until": _when(status.until) if status.until else None}


def _when(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
