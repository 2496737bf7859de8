"""A case as one JSON document and back: short keys and no empty values, as it is written with every change."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

from idm.domain import orders, pauses
from idm.domain.case import Approval, Case, CaseState, Document, DocumentState, HireFacts, Step, StepState
from idm.domain.four_eyes import FirstLook
from idm.domain.grants import pack, unpack_all
from idm.domain.journey import Actor, Paper

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
        "wanted": [_paper(paper) for paper in case.wanted],
        "steps": {key: _step(step) for key, step in case.steps.items()},
    }
    if case.approvals:
        body["approvals"] = {key: _approval(approval) for key, approval in case.approvals.items()}
    if case.documents:
        body["documents"] = {kind: _document(document) for kind, document in case.documents.items()}
    if case.values:
        body["values"] = {form: dict(values) for form, values in case.values.items()}
    if case.sealed:
        body["sealed"] = dict(case.sealed)
    if case.roles:
        body["roles"] = {role: {system: list(names) for system, names in given.items()} for role, given in case.roles.items()}
    if case.undo:
        body["undo"] = list(case.undo)
    if case.grants:
        body["grants"] = {role: pack(grant) for role, grant in case.grants.items()}
    if case.rights_seen:
        body["rights_seen"] = case.rights_seen.isoformat()
    if case.revised:
        body["revised"] = list(case.revised)
    if case.short_notice:
        body["short"] = True
    if case.pauses:
        body["pauses"] = [pauses.pack(pause) for pause in case.pauses]
    if case.orders:
        body["orders"] = [orders.pack(line) for line in case.orders]
    if case.waived:
        body["waived"] = list(case.waived)
    if case.told_at is not None:
        body["told_at"] = micros(case.told_at)
    if case.doubted:
        body["doubted"] = {system: list(rights) for system, rights in case.doubted.items()}
    if case.looks:
        body["looks"] = {key: [_approval(k.approval), k.round, k.decision, dict(k.values), k.rule] for key, k in case.looks.items()}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def _approval(approval: Approval) -> list[Any]:
    a = approval
    row: list[Any] = [a.by, a.authority, _moment(a.at), a.delegation, a.granted_by, a.administrator, a.named]
    return [*row, a.via, a.place_of, a.first] if a.via or a.place_of or a.first else row


def _to_approval(row: list[Any]) -> Approval:
    return Approval(row[0], row[1], moment(row[2]), *row[3:])


def _paper(paper: Paper) -> list[Any]:
    row: list[Any] = [paper.kind, paper.reviewer.value]
    if paper == Paper(paper.kind, paper.reviewer):
        return row
    return [*row, list(paper.blocks), paper.provider.value, list(paper.steps), paper.lapses, paper.watch, paper.waive]


def _to_paper(row: list[Any]) -> Paper:
    paper = Paper(row[0], Actor(row[1]))
    return paper if len(row) == 2 else Paper(row[0], Actor(row[1]), tuple(row[2]), Actor(row[3]), tuple(row[4]), *row[5:])


def _document(document: Document) -> list[Any]:
    row: list[Any] = [document.state.value, document.id, document.name, document.reason]
    return [*row, document.expires.isoformat()] if document.expires is not None else row


def _to_document(row: list[Any]) -> Document:
    return Document(DocumentState(row[0]), row[1], row[2], row[3], date.fromisoformat(row[4]) if len(row) > 4 else None)


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
        wanted=tuple(_to_paper(row) for row in body["wanted"]),
        steps={key: _to_step(row) for key, row in body["steps"].items()},
        state=CaseState(state),
        version=version,
        head=head,
        approvals={key: _to_approval(row) for key, row in body.get("approvals", {}).items()},
        documents={kind: _to_document(row) for kind, row in body.get("documents", {}).items()},
        values=body.get("values", {}),
        sealed=body.get("sealed", {}),
        roles={role: {system: tuple(names) for system, names in given.items()} for role, given in body.get("roles", {}).items()},
        undo=tuple(body.get("undo", ())),
        pauses=tuple(pauses.unpack(row) for row in body.get("pauses", ())),
        revised=tuple(body.get("revised", ())),
        grants=unpack_all(body["grants"]) if "grants" in body else {},
        rights_seen=date.fromisoformat(body["rights_seen"]) if "rights_seen" in body else None,
        waived=tuple(body.get("waived", ())),
        short_notice=body.get("short", False),
        told_at=_time(body.get("told_at")),
        orders=orders.unpack_all(body.get("orders", ())),
        doubted={system: tuple(rights) for system, rights in body.get("doubted", {}).items()},
        looks={key: FirstLook(_to_approval(row[0]), *row[1:]) for key, row in body.get("looks", {}).items()},
    )


def _to_step(row: list[Any]) -> Step:
    state, since, attempts, round = row[:4]
    until = row[4] if len(row) > 4 else None
    reason = row[5] if len(row) > 5 else ""
    return Step(StepState(state), moment(since), attempts, round, _time(until), reason)
