"""Counts the statements that the database is asked, so that tests can hold a page to a fixed number of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from idm.store.engine import Database

_NO_QUESTION = ("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA", "SHOW", "SET")


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """Every statement that `database` is asked within the block, in order; what opens and ends transactions isn't among them."""
    asked: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        if not statement.lstrip().upper().startswith(_NO_QUESTION):
            asked.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
