"""The tables of what isn't handed in yet: drafts of forms, and pages of documents."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from idm.store.schema import metadata

drafts = Table(
    "drafts",
    metadata,
    Column("task_id", Text, primary_key=True),
    Column("person_id", Text, primary_key=True),
    # The answers so far, encrypted.
    Column("body", Text, nullable=False),
    Column("saved_at", BigInteger, nullable=False),
)

pages = Table(
    "pages",
    metadata,
    Column("id", Text, primary_key=True),
    Column("case_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("place", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("digest", Text, nullable=False),
    Column("vault_name", Text, nullable=False),
    Column("wrapped_key", Text, nullable=False),
    Column("added_by", Text, nullable=False),
    Column("added_at", BigInteger, nullable=False),
    Index(None, "case_id", "kind", "place"),
)
