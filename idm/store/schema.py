"""The tables, once for SQLite and PostgreSQL. Moments are whole microseconds since 1970 (UTC), dates are ISO text.

A case is one document row; tasks, runs, timers, resources and audit entries are tables of their own, where people and sweepers query.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, text

from idm.store.schema_base import metadata
from idm.store.schema_base import moment_column as _moment
from idm.store.schema_base import text_column as _text
from idm.store.schema_doors import invitations, pending, sessions

__all__ = [
    "invitations",
    "metadata",
    "pending",
    "sessions",
]


def _partial(name: str, *columns: str, where: str) -> Index:
    """An index of the rows that `where` means; a query must say so in the very words for it to be used."""
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


settings = Table("settings", metadata, _text("name", key=True), _text("value"))

policies = Table("policies", metadata, _text("hash", key=True), _text("file"), _text("body"), _moment("taken_at"))

units = Table("units", metadata, _text("id", key=True), _text("name"), _text("parent", null=True), _text("manager"))

positions = Table("positions", metadata, _text("id", key=True), _text("title"))

people = Table(
    "people",
    metadata,
    _text("id", key=True),
    _text("cpr_index"),
    _text("cpr_encrypted"),
    _text("given_name"),
    _text("family_name"),
    _text("email"),
    _text("private_email"),
    _text("mobile"),
    _text("citizenship"),
    _text("username"),
    _text("address"),
    _text("language", null=True),
    Index(None, "cpr_index", unique=True),
)

employments = Table(
    "employments",
    metadata,
    _text("id", key=True),
    _text("person_id"),
    _text("unit"),
    _text("position"),
    _text("start_date"),
    _text("end_date", null=True),
    _text("weekly_hours"),
    _text("manager"),
    _text("case_id"),
    Index(None, "person_id"),
    Index(None, "manager"),
    Index(None, "unit"),
)

# What other systems call them: an id that stands for the one that idm goes by.
person_aliases = Table("person_aliases", metadata, _text("alias", key=True), _text("person_id"), Index(None, "person_id"))

employment_aliases = Table("employment_aliases", metadata, _text("alias", key=True), _text("employment_id"), Index(None, "employment_id"))

names = Table("names", metadata, _text("kind", key=True), _text("name", key=True), _text("person_id"), _moment("taken_at"))

name_numbers = Table(
    "name_numbers",
    metadata,
    _text("kind", key=True),
    _text("name", key=True),
    Column("number", BigInteger, nullable=False),
)

events = Table("events", metadata, _text("source", key=True), _text("id", key=True), _text("digest"), _text("case_id"), _moment("taken_at"))

cases = Table(
    "cases",
    metadata,
    _text("id", key=True),
    _text("person_id"),
    _text("employment_id"),
    _text("unit"),
    _text("journey_hash"),
    _text("state"),
    _text("start_date"),
    Column("version", BigInteger, nullable=False),
    Column("head_seq", BigInteger, nullable=False),
    _text("head_hash"),
    _text("doc"),
    _moment("created_at"),
    Index(None, "person_id"),
    Index(None, "employment_id"),
    Index(None, "state", "start_date"),
    Index("ix_cases_place", "unit", "state", "start_date", "id"),
)

runs = Table(
    "runs",
    metadata,
    _text("case_id", key=True),
    _text("lane", key=True),
    _text("state"),
    Column("epoch", BigInteger, nullable=False),
    _text("owner"),
    _moment("lease_until", null=True),
    _moment("due", null=True),
    _moment("queued_at", null=True),
    _text("priority"),
    Index(None, "state", "lane", "priority"),
    Index(None, "due"),
)

tasks = Table(
    "tasks",
    metadata,
    _text("id", key=True),
    _text("case_id"),
    _text("step"),
    _text("kind"),
    _text("state"),
    _text("actor"),
    _text("unit"),
    _text("person_id"),
    _moment("since"),
    _text("document"),
    _text("reason"),
    _text("due", null=True),
    Column("escalated", Integer, nullable=True),
    _text("named", null=True),
    _text("beside", null=True),
    _text("apart", null=True),
    Index(None, "case_id"),
    Index(None, "state", "unit"),
    Index(None, "state", "due"),
    # What a person's list is made of: see `lists`.
    _partial("ix_tasks_free", "actor", "unit", "due", "id", "kind", where="state = 'open' and named is null"),
    _partial("ix_tasks_escalated", "actor", "unit", "due", "id", where="state = 'open' and escalated > 0"),
    _partial("ix_tasks_named", "named", "due", "id", where="state = 'open' and named is not null"),
    _partial("ix_tasks_beside", "beside", "due", "id", where="state = 'open' and beside is not null"),
    _partial("ix_tasks_crowd", "case_id", "actor", "due", "id", where="state = 'open' and beside = '*'"),
    _partial("ix_tasks_hire", "person_id", "due", "id", where="state = 'open'"),
    _partial("ix_tasks_case", "case_id", "actor", "due", "id", where="state = 'open'"),
    _partial("ix_tasks_apart", "apart", where="state = 'open' and apart is not null"),
)

timers = Table(
    "timers",
    metadata,
    _text("case_id", key=True),
    _text("step", key=True),
    _moment("due", null=True),
    Index(None, "due"),
)

resources = Table(
    "resources",
    metadata,
    _text("system", key=True),
    _text("kind", key=True),
    _text("key", key=True),
    _text("entitlement", key=True),
    _text("person_id"),
    _text("employment_id"),
    _text("link"),
    Column("opened", Boolean, nullable=False),
    Column("gone", Boolean, nullable=False),
    Index(None, "person_id", "system"),
)

documents = Table(
    "documents",
    metadata,
    _text("id", key=True),
    _text("case_id"),
    _text("kind"),
    _text("name"),
    _text("media_type"),
    Column("size", BigInteger, nullable=False),
    _text("digest"),
    _text("vault_name"),
    _text("wrapped_key"),
    _text("added_by"),
    _moment("added_at"),
    Index(None, "case_id"),
)

delegations = Table(
    "delegations",
    metadata,
    _text("id", key=True),
    _text("authority"),
    _text("unit"),
    _text("to_person"),
    _text("granted_by"),
    _text("since"),
    _text("until", null=True),
    _text("case_id"),
    Column("revoked", Boolean, nullable=False),
    _text("limit_amount", null=True),
    _text("limit_units", null=True),
    _text("limit_kinds", null=True),
    _text("confirmed_on", null=True),
    _text("confirmed_by", null=True),
    Index(None, "unit"),
    Index(None, "case_id"),
    Index("ix_delegations_held", "to_person", "case_id", "authority", "revoked"),
    Index(None, "granted_by", "case_id"),
    Index(None, "confirmed_by"),
)

substitutions = Table(
    "substitutions",
    metadata,
    _text("id", key=True),
    _text("person_id"),
    _text("substitute"),
    _text("since"),
    _text("until", null=True),
    _text("authorities"),
    _text("units"),
    _text("entered_by"),
    _text("ended", null=True),
    Index(None, "person_id"),
)

access_marks = Table("access_marks", metadata, _text("person_id", key=True), _text("reason"), _text("marked_by"), _moment("at"))

decisions = Table(
    "decisions",
    metadata,
    _text("task_id", key=True),
    _text("case_id"),
    _text("action"),
    _moment("at"),
    _text("person_id"),
    _text("authority"),
    _text("via"),
    _text("delegation"),
    _text("place_of"),
    Index(None, "case_id"),
    Index(None, "delegation"),
    Index(None, "place_of", "at"),
    Index(None, "person_id", "at"),
)

streams = Table("streams", metadata, _text("id", key=True), Column("seq", BigInteger, nullable=False), _text("hash"))

audit = Table(
    "audit",
    metadata,
    _text("stream", key=True),
    Column("seq", BigInteger, primary_key=True),
    _moment("at"),
    _text("actor"),
    _text("action"),
    _text("payload", null=True),
    _text("salt", null=True),
    _text("payload_hash"),
    _text("previous"),
    _text("hash"),
    Column("sealed", Boolean, nullable=False),
    Index("ix_audit_unsealed", "stream", "seq", sqlite_where=text("not sealed"), postgresql_where=text("not sealed")),
)

seals = Table(
    "seals",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    _moment("at"),
    _text("key"),
    Column("heads", BigInteger, nullable=False),
    _text("digest"),
    _text("previous"),
    _text("mac"),
)

sealed_heads = Table(
    "sealed_heads",
    metadata,
    _text("stream", key=True),
    Column("seq", BigInteger, primary_key=True),
    _text("hash"),
    Column("seal", BigInteger, nullable=False),
    Index(None, "seal"),
)

comments = Table(
    "comments",
    metadata,
    _text("id", key=True),
    _text("case_id"),
    _text("author"),
    _text("administrator"),
    _moment("at"),
    Column("to_hire", Boolean, nullable=False),
    # The text and what its digest in the audit was salted with go together when it is erased.
    _text("body", null=True),
    _text("salt", null=True),
    Index(None, "case_id", "at"),
)

circuits = Table(
    "circuits",
    metadata,
    _text("system", key=True),
    Column("failures", Integer, nullable=False),
    _moment("open_until", null=True),
    _text("reason"),
)

notices = Table(
    "notices",
    metadata,
    _text("id", key=True),
    _text("key"),
    _text("audience"),
    _text("person_id"),
    _text("slug"),
    _text("case_id"),
    _text("context"),
    _moment("written_at"),
    _moment("due_at"),
    _text("state"),
    Column("attempts", Integer, nullable=False),
    _moment("sent_at", null=True),
    _moment("again_at", null=True),
    _text("reason"),
    Index(None, "state", "due_at"),
    Index(None, "person_id", "state"),
    Index(None, "case_id"),
)

reminders = Table(
    "reminders",
    metadata,
    _text("task_id", key=True),
    Column("level", Integer, primary_key=True, autoincrement=False),
    _text("day", key=True),
)
