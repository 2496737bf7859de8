"""The portal's doors in the database: sessions by the hash of their token."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from idm.domain.case_json import micros, moment
from idm.domain.sessions import Session, SessionKind
from idm.store import schema
from idm.store.engine import Database


class Doors:
    """The part of the store that knows who is signed in."""

    database: Database

    def session(self, token_hash: str) -> Session | None:
        """See the protocol."""
        with self.database.reading() as connection:
            query = select(schema.sessions).where(schema.sessions.c.token_hash == token_hash)
            row = connection.execute(query).mappings().first()
        return None if row is None else to_session(row)

    def sessions(self, *, person: str = "", case: str = "") -> Sequence[Session]:
        """See the protocol."""
        table = schema.sessions.c
        query = select(schema.sessions).order_by(table.opened_at.desc(), table.id)
        for column, value in ((table.person_id, person), (table.case_id, case)):
            if value:
                query = query.where(column == value)
        with self.database.reading() as connection:
            return [to_session(row) for row in connection.execute(query).mappings()]

    def touch_session(self, id: str, machine: datetime) -> None:
        """See the protocol."""
        self._alter(id, seen_at=micros(machine))

    def say_language(self, id: str, language: str) -> None:
        """See the protocol."""
        self._alter(id, language=language)

    def _alter(self, id: str, **values: Any) -> None:
        with self.database.writing() as connection:
            connection.execute(schema.sessions.update().where(schema.sessions.c.id == id).values(values))

    def case_state(self, case: str) -> str:
        """See the protocol."""
        with self.database.reading() as connection:
            return connection.execute(select(schema.cases.c.state).where(schema.cases.c.id == case)).scalar() or ""


def add_session(connection: Connection, session: Session, token_hash: str) -> None:
    """Insert a session; delete those that nobody can use any more."""
    table = schema.sessions
    connection.execute(table.delete().where(table.c.ends_at <= micros(session.opened_at)))
    connection.execute(table.insert().values(token_hash=token_hash, **session_values(session)))


def to_session(row: RowMapping) -> Session:
    """A row of `sessions`."""
    return Session(
        id=row["id"],
        person=row["person_id"],
        kind=SessionKind(row["kind"]),
        case=row["case_id"],
        opened_at=moment(row["opened_at"]),
        seen_at=moment(row["seen_at"]),
        ends_at=moment(row["ends_at"]),
        language=row["language"],
        agent=row["agent"],
    )


def session_values(session: Session) -> dict[str, Any]:
    """A session's columns but for the hash of its token."""
    return {
        "id": session.id,
        "person_id": session.person,
        "kind": session.kind.value,
        "case_id": session.case,
        "opened_at": micros(session.opened_at),
        "seen_at": micros(session.seen_at),
        "ends_at": micros(session.ends_at),
        "language": session.language,
        "agent": session.agent,
    }
