"""The table of words that people are found by."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, Text
from sqlalchemy.dialects import postgresql

from idm.store.schema import metadata

BY_LETTERS = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
"""Text ordered letter by letter, whatever the database's language: all words that begin alike stand together."""

person_words = Table(
    "person_words",
    metadata,
    Column("word", BY_LETTERS, primary_key=True),
    Column("person_id", Text, primary_key=True),
    Index(None, "person_id"),
)
