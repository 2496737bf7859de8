"""A case as one JSON document and back: short keys and no empty values, as it is written with every change."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

from idm.domain.case import Approval, Case, CaseState, Document, DocumentState, HireFacts, Step, StepState
from idm.domain.journey import Actor

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(value: datetime) -> int:
    """A moment as whole microseconds since 1970 (UTC): exact, and the same in both databases and in JSON."""
    return (value - EPOCH) // timedelta(microseconds=1)


def moment(value: int) -> datetime:
    """The moment that `micros` wrote."""
    return EPOCH + timedelta(microseconds=value)


def _moment(value: datetime | None) -> int | None:
    return None if value is None else micros(value)


def _time(value: int | None) -> datetime | None:
    return None if value is None else moment(value)


def encode(case: Case) -> str:
    """The document of `case`, without what has a column of its own (id, person, employment, version, state, chain head)."""
    facts = case.facts
    body: dict[str, Any] = {
        "journey": case.journey,
        "facts": {
            "unit": facts.unit,
            "position": facts.position,
            "start": facts.start_date.isoformat(),
            "end": facts.end_date.isoformat() if facts.end_date else None,
            "hours": facts.weekly_hours,
            "manager": facts.manager,
        },
        "wanted": [[kind, reviewer.value] for kind, reviewer in case.wanted],
        "steps": {key: _step(step) for key, step in case.steps.items()},
    }
    if case.approvals:
        body["approvals"] = {
            key: [a.by, a.authority, _moment(a.at), a.delegation, a.granted_by, a.administrator, a.named]
            for key, a in case.approvals.items()
        }
    if case.documents:
        body["documents"] = {kind: [d.state.value, d.id, d.name, d.reason] for kind, d in case.documents.items()}
    if case.values:
        body["values"] = {form: dict(values) for form, values in case.values.items()}
    if case.roles:
        body["roles"] = {role: {system: list(names) for system, names in given.items()} for role, given in case.roles.items()}
    if case.undo:
        body["undo"] = list(case.undo)
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def _step(step: Step) -> list[Any]:
    row: list[Any] = [step.state.value, _moment(step.since), step.attempts, step.round, _moment(step.until), step.reason]
    while row[-1] in (None, "") and len(row) > 4:
        row.pop()
    return row


def decode(
    text: str,
    *,
    id: str,
    person: str,
    employment: str,
    journey_hash: str,
    version: int,
    state: str,
    head: tuple[int, str],
) -> Case:
    """The case that `encode` wrote, with its columns put back."""
    body: dict[str, Any] = json.loads(text)
    facts = body["facts"]
    return Case(
        id=id,
        person=person,
        employment=employment,
        journey=body["journey"],
        journey_hash=journey_hash,
        facts=HireFacts(
            facts["unit"],
            facts["position"],
            date.fromisoformat(facts["start"]),
            date.fromisoformat(facts["end"]) if facts["end"] else None,
            facts["hours"],
            facts["manager"],
        ),
        wanted=tuple((kind, Actor(reviewer)) for kind, reviewer in body["wanted"]),
        steps={key: _to_step(row) for key, row in body["steps"].items()},
        state=CaseState(state),
        version=version,
        head=head,
        approvals={key: Approval(a[0], a[1], moment(a[2]), a[3], a[4], a[5], a[6]) for key, a in body.get("approvals", {}).items()},
        documents={kind: Document(DocumentState(d[0]), d[1], d[2], d[3]) for kind, d in body.get("documents", {}).items()},
        values=body.get("values", {}),
        roles={role: {system: tuple(names) for system, names in given.items()} for role, given in body.get("roles", {}).items()},
        undo=tuple(body.get("undo", ())),
    )


def _to_step(row: list[Any]) -> Step:
    state, since, attempts, round = row[:4]
    until = row[4] if len(row) > 4 else None
    reason = row[5] if len(row) > 5 else ""
    return Step(StepState(state), moment(since), attempts, round, _time(until), reason)
