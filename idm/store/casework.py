"""A case's change as one statement: the case's row by its version, and with it runs, tasks, timers, resources and audit entries.

On PostgreSQL it is one data-modifying statement, built once, so that a step costs one round trip. SQLite has no such
statement; there the same parts run one after the other in one immediate transaction.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, text

from idm.domain.audit import Entry
from idm.domain.case_json import encode, micros
from idm.domain.plan import Holding
from idm.domain.projection import Task
from idm.rows import Commit, Run
from idm.store.named import contact_named, contacts_beside
from idm.store.rows import to_iso, to_micros

_CASE = (
    "update cases set version = :b_version, state = :b_state, start_date = :b_start, unit = :b_unit, doc = :b_doc,"
    " head_seq = :b_head_seq, head_hash = :b_head_hash where id = :b_id and version = :b_expected"
)
_NEW_CASE = (
    "insert into cases (id, person_id, employment_id, unit, journey_hash, state, start_date, version, head_seq, head_hash, doc, created_at)"
    " values (:b_id, :b_person, :b_employment, :b_unit, :b_journey, :b_state, :b_start, :b_version, :b_head_seq, :b_head_hash,"
    " :b_doc, :b_created)"
)

_PARTS: dict[str, tuple[tuple[tuple[str, str], ...], tuple[str, ...]]] = {
    "runs": (
        (
            ("lane", "text"),
            ("state", "text"),
            ("epoch", "bigint"),
            ("owner", "text"),
            ("lease_until", "bigint"),
            ("due", "bigint"),
            ("queued_at", "bigint"),
            ("priority", "text"),
        ),
        ("case_id", "lane"),
    ),
    "audit": (
        (
            ("seq", "bigint"),
            ("at", "bigint"),
            ("actor", "text"),
            ("action", "text"),
            ("payload", "text"),
            ("salt", "text"),
            ("payload_hash", "text"),
            ("previous", "text"),
            ("hash", "text"),
            ("sealed", "boolean"),
        ),
        (),
    ),
    "tasks": (
        (
            ("id", "text"),
            ("step", "text"),
            ("kind", "text"),
            ("state", "text"),
            ("actor", "text"),
            ("unit", "text"),
            ("person_id", "text"),
            ("since", "bigint"),
            ("document", "text"),
            ("reason", "text"),
            ("due", "text"),
            ("named", "text"),
            ("beside", "text"),
            ("apart", "text"),
        ),
        ("id",),
    ),
    "timers": ((("step", "text"), ("due", "bigint")), ("case_id", "step")),
    "resources": (
        (
            ("system", "text"),
            ("kind", "text"),
            ("key", "text"),
            ("entitlement", "text"),
            ("person_id", "text"),
            ("employment_id", "text"),
            ("link", "text"),
            ("opened", "boolean"),
            ("gone", "boolean"),
        ),
        ("system", "kind", "key", "entitlement"),
    ),
}
_KEPT = {("tasks", "due"): "due = coalesce(excluded.due, tasks.due)"}
"""What a row keeps unless the commit says otherwise: a task that is over tells still when it was due."""
_CASE_COLUMN = {"runs": "case_id", "audit": "stream", "tasks": "case_id", "timers": "case_id", "resources": ""}


def _insert(table: str, select: str) -> str:
    columns, unique = _PARTS[table]
    owner = _CASE_COLUMN[table]
    names = ([owner] if owner else []) + [name for name, _ in columns]
    statement = f"insert into {table} ({', '.join(names)}) {select}"
    if unique:
        updated = [_KEPT.get((table, name), f"{name} = excluded.{name}") for name, _ in columns if name not in unique]
        statement += f" on conflict ({', '.join(unique)}) do update set " + ", ".join(updated)
    return statement


def _picked(table: str, name: str, field: str, case: str, *, sqlite: bool) -> str:
    """What a column is written from: the field of that name, and of a contact's task whoever the database knows to be appointed for it."""
    given = field.format(name)
    if table != "tasks" or name not in ("named", "beside"):
        return given
    of = {column: field.format(column) for column in ("actor", "unit", "since")} | {"hire": field.format("person_id")}
    if name == "beside":
        return contacts_beside(case=case, sqlite=sqlite, **of)
    return f"coalesce({given}, {contact_named(case=case, sqlite=sqlite, **of)})"


def _postgresql_statement(case: str) -> str:
    parts = [f"changed as ({case} returning id)"]
    for table, (columns, _) in _PARTS.items():
        record = ", ".join(f"{name} {type}" for name, type in columns)
        owner = "changed.id, " if _CASE_COLUMN[table] else ""
        select = (
            f"select {owner}{', '.join(_picked(table, name, 'part.{}', 'changed.id', sqlite=False) for name, _ in columns)}"
            f" from changed, jsonb_to_recordset(cast(:b_{table} as jsonb)) as part({record})"
        )
        parts.append(f"{table}_written as ({_insert(table, select)})")
    return f"with {', '.join(parts)} select id, case when :b_wake then pg_notify('idm_wake', '')::text end from changed"


def _sqlite_statement(table: str) -> str:
    columns, _ = _PARTS[table]
    owner = ":b_id, " if _CASE_COLUMN[table] else ""
    picked = ", ".join(_picked(table, name, "json_extract(part.value, '$.{}')", ":b_id", sqlite=True) for name, _ in columns)
    # The "where true" keeps SQLite's parser from reading "on conflict" as a join's condition.
    return _insert(table, f"select {owner}{picked} from json_each(:b_{table}) as part where true")


_ONE_CHANGE = text(_postgresql_statement(_CASE))
_ONE_NEW = text(_postgresql_statement(_NEW_CASE))
_SQLITE_CASE = text(_CASE)
_SQLITE_NEW = text(_NEW_CASE)
_SQLITE_PARTS = {table: text(_sqlite_statement(table)) for table in _PARTS}


def write(connection: Connection, commit: Commit, *, sqlite: bool) -> bool:
    """Write `commit` through `connection`; False, and nothing written, if the case's version has moved."""
    values = _values(commit)
    new = commit.expected is None
    if not sqlite:
        return connection.execute(_ONE_NEW if new else _ONE_CHANGE, values).first() is not None
    if connection.execute(_SQLITE_NEW if new else _SQLITE_CASE, values).rowcount != 1:
        return False
    for table, statement in _SQLITE_PARTS.items():
        if values[f"b_{table}"] != "[]":
            connection.execute(statement, {"b_id": commit.case.id, f"b_{table}": values[f"b_{table}"]})
    return True


def wakes(commit: Commit) -> bool:
    """Whether `commit` makes a run ready, so that the relay should look."""
    return any(run.state == "ready" for run in commit.runs)


def _values(commit: Commit) -> dict[str, Any]:
    case = commit.case
    priority = case.facts.start_date.isoformat()
    values: dict[str, Any] = {
        "b_id": case.id,
        "b_version": case.version,
        "b_state": case.state.value,
        "b_start": priority,
        "b_unit": case.facts.unit,
        "b_doc": encode(case),
        "b_head_seq": case.head[0],
        "b_head_hash": case.head[1],
        "b_wake": wakes(commit),
        "b_runs": _json([_run(run, priority) for run in commit.runs]),
        "b_audit": _json([entry_values(entry) for entry in commit.entries]),
        "b_tasks": _json([_task(task) for task in commit.tasks]),
        "b_timers": _json([{"step": step, "due": to_micros(due)} for step, due in commit.timers.items()]),
        "b_resources": _json([_resource(holding) for holding in commit.resources]),
    }
    if commit.expected is None:
        created = commit.entries[0].at if commit.entries else next(iter(case.steps.values())).since
        values |= {
            "b_person": case.person,
            "b_employment": case.employment,
            "b_journey": case.journey_hash,
            "b_created": micros(created),
        }
    else:
        values["b_expected"] = commit.expected
    return values


def _json(rows: Sequence[Any]) -> str:
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":")) if rows else "[]"


def _run(run: Run, priority: str) -> dict[str, Any]:
    return {
        "lane": run.lane,
        "state": run.state,
        "epoch": run.epoch,
        "owner": run.owner,
        "lease_until": to_micros(run.lease_until),
        "due": to_micros(run.due),
        "queued_at": None,
        "priority": priority,
    }


def entry_values(entry: Entry) -> dict[str, Any]:
    """An audit entry's columns but for its stream."""
    return {
        "seq": entry.seq,
        "at": micros(entry.at),
        "actor": entry.actor,
        "action": entry.action,
        "payload": entry.payload,
        "salt": entry.salt,
        "payload_hash": entry.payload_hash,
        "previous": entry.previous,
        "hash": entry.hash,
        "sealed": False,
    }


def _task(task: Task) -> dict[str, Any]:
    return {
        "id": task.id,
        "step": task.step,
        "kind": task.kind,
        "state": task.state,
        "actor": task.actor.value,
        "unit": task.unit,
        "person_id": task.person,
        "since": micros(task.since),
        "document": task.document,
        "reason": task.reason,
        "due": to_iso(task.due),
        "named": task.named or None,
        "apart": task.apart or None,
    }


def _resource(holding: Holding) -> dict[str, Any]:
    return {
        "system": holding.system,
        "kind": holding.kind,
        "key": holding.key,
        "entitlement": holding.entitlement,
        "person_id": holding.person,
        "employment_id": holding.employment,
        "link": holding.link,
        "opened": holding.opened,
        "gone": holding.gone,
    }
