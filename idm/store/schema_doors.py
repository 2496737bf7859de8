"""The tables of the portal's doors: who is signed in, the links to new hires, and sign-ins that wait for their code."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table

from idm.store.schema_base import metadata
from idm.store.schema_base import moment_column as _moment
from idm.store.schema_base import text_column as _text

sessions = Table(
    "sessions",
    metadata,
    _text("id", key=True),
    _text("token_hash"),
    _text("person_id"),
    _text("kind"),
    _text("case_id"),
    _moment("opened_at"),
    _moment("seen_at"),
    _moment("ends_at"),
    _text("language"),
    _text("agent"),
    Index(None, "token_hash", unique=True),
    Index(None, "person_id"),
    Index(None, "case_id"),
    Index(None, "ends_at"),
)

invitations = Table(
    "invitations",
    metadata,
    _text("id", key=True),
    _text("token_hash"),
    _text("case_id"),
    _text("person_id"),
    _moment("made_at"),
    _moment("expires_at"),
    _text("made_by"),
    _moment("spent_at", null=True),
    _moment("revoked_at", null=True),
    Index(None, "token_hash", unique=True),
    Index(None, "case_id"),
)

# Sign-ins that wait for their code.
pending = Table(
    "pending",
    metadata,
    _text("id", key=True),
    _text("token_hash"),
    _text("invitation_id"),
    _text("case_id"),
    _text("person_id"),
    _text("code_hash"),
    _moment("code_until"),
    _moment("ends_at"),
    Column("tries", Integer, nullable=False),
    Column("sends", Integer, nullable=False),
    Index(None, "token_hash", unique=True),
    Index(None, "case_id"),
    Index(None, "ends_at"),
)
