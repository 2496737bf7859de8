"""The portal's doors in the database: sessions, links and sign-ins, each by the hash of its token."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, Select, select

from idm.domain.case import CaseState
from idm.domain.case_json import micros, moment
from idm.domain.invitations import Invitation, Pending
from idm.domain.sessions import Session, SessionKind
from idm.store import rows, schema
from idm.store.engine import Database
from idm.store.transaction import Transaction


class Doors:
    """The part of the store that knows who may come in."""

    database: Database

    def session(self, token_hash: str) -> Session | None:
        """See the protocol."""
        row = self._first(select(schema.sessions).where(schema.sessions.c.token_hash == token_hash))
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

    def invitation(self, token_hash: str) -> Invitation | None:
        """See the protocol."""
        row = self._first(_links().where(schema.invitations.c.token_hash == token_hash))
        return None if row is None else to_invitation(row)

    def invitations(self, case: str) -> Sequence[Invitation]:
        """See the protocol."""
        table = schema.invitations.c
        query = _links().where(table.case_id == case).order_by(table.made_at.desc(), table.id)
        with self.database.reading() as connection:
            return [to_invitation(row) for row in connection.execute(query).mappings()]

    def pending(self, token_hash: str) -> Pending | None:
        """See the protocol."""
        row = self._first(select(schema.pending).where(schema.pending.c.token_hash == token_hash))
        return None if row is None else to_pending(row)

    def take_try(self, pending: str) -> int | None:
        """See the protocol."""
        table = schema.pending
        taken = table.update().where(table.c.id == pending, table.c.tries > 0).values(tries=table.c.tries - 1)
        with self.database.writing() as connection:
            return connection.execute(taken.returning(table.c.tries)).scalar()

    def _first(self, query: Select[Any]) -> RowMapping | None:
        with self.database.reading() as connection:
            return connection.execute(query).mappings().first()


class DoorWrites(Transaction):
    """The part of a transaction that lets people in."""

    def add_session(self, session: Session, token_hash: str) -> None:
        """See the protocol."""
        table = schema.sessions
        self._connection.execute(table.delete().where(table.c.ends_at <= micros(session.opened_at)))
        self._connection.execute(table.insert().values(token_hash=token_hash, **session_values(session)))

    def end_sessions(self, ids: Collection[str]) -> set[str]:
        """See the protocol."""
        table = schema.sessions
        return set(self._connection.execute(table.delete().where(table.c.id.in_(ids)).returning(table.c.id)).scalars())

    def add_invitation(self, invitation: Invitation, token_hash: str) -> None:
        """See the protocol."""
        self._connection.execute(schema.invitations.insert().values(token_hash=token_hash, **invitation_values(invitation)))

    def spend_invitation(self, id: str, at: datetime) -> bool:
        """See the protocol."""
        table = schema.invitations
        unused = (table.c.id == id, table.c.spent_at.is_(None), table.c.revoked_at.is_(None))
        return self._connection.execute(table.update().where(*unused).values(spent_at=micros(at))).rowcount == 1

    def unspend_invitation(self, id: str) -> None:
        """See the protocol."""
        table = schema.invitations
        self._connection.execute(table.update().where(table.c.id == id).values(spent_at=None))

    def revoke_invitations(self, case: str, at: datetime) -> int:
        """See the protocol."""
        table = schema.invitations
        unused = (table.c.case_id == case, table.c.spent_at.is_(None), table.c.revoked_at.is_(None))
        return self._connection.execute(table.update().where(*unused).values(revoked_at=micros(at))).rowcount

    def add_pending(self, pending: Pending, token_hash: str, machine: datetime) -> None:
        """See the protocol."""
        table = schema.pending
        self._connection.execute(table.delete().where(table.c.ends_at <= micros(machine)))
        self._connection.execute(table.insert().values(token_hash=token_hash, **pending_values(pending)))

    def take_send(self, pending: str, code_hash: str, code_until: datetime) -> bool:
        """See the protocol."""
        table = schema.pending
        values = {"code_hash": code_hash, "code_until": micros(code_until), "sends": table.c.sends - 1}
        return self._connection.execute(table.update().where(table.c.id == pending, table.c.sends > 0).values(values)).rowcount == 1

    def give_send_back(self, pending: str) -> None:
        """See the protocol."""
        table = schema.pending
        self._connection.execute(table.update().where(table.c.id == pending).values(sends=table.c.sends + 1))

    def drop_pending(self, *, id: str = "", case: str = "") -> int:
        """See the protocol."""
        table = schema.pending
        which = table.c.id == id if id else table.c.case_id == case
        return self._connection.execute(table.delete().where(which)).rowcount


def _links() -> Select[Any]:
    """Links, each with the state of its case."""
    table = schema.invitations
    return select(table, schema.cases.c.state.label("case_state")).outerjoin(schema.cases, schema.cases.c.id == table.c.case_id)


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


def to_invitation(row: RowMapping) -> Invitation:
    """A row of `invitations` with the state of its case."""
    return Invitation(
        id=row["id"],
        case=row["case_id"],
        person=row["person_id"],
        made_at=moment(row["made_at"]),
        expires_at=moment(row["expires_at"]),
        by=row["made_by"],
        spent_at=rows.to_moment(row["spent_at"]),
        revoked_at=rows.to_moment(row["revoked_at"]),
        cancelled=row["case_state"] == CaseState.CANCELLED.value,
    )


def invitation_values(invitation: Invitation) -> dict[str, Any]:
    """An invitation's columns but for the hash of its token."""
    return {
        "id": invitation.id,
        "case_id": invitation.case,
        "person_id": invitation.person,
        "made_at": micros(invitation.made_at),
        "expires_at": micros(invitation.expires_at),
        "made_by": invitation.by,
        "spent_at": rows.to_micros(invitation.spent_at),
        "revoked_at": rows.to_micros(invitation.revoked_at),
    }


def to_pending(row: RowMapping) -> Pending:
    """A row of `pending`."""
    return Pending(
        id=row["id"],
        invitation=row["invitation_id"],
        case=row["case_id"],
        person=row["person_id"],
        code_hash=row["code_hash"],
        code_until=moment(row["code_until"]),
        ends_at=moment(row["ends_at"]),
        tries=row["tries"],
        sends=row["sends"],
    )


def pending_values(pending: Pending) -> dict[str, Any]:
    """The columns of a sign-in that waits but for the hash of its token."""
    return {
        "id": pending.id,
        "invitation_id": pending.invitation,
        "case_id": pending.case,
        "person_id": pending.person,
        "code_hash": pending.code_hash,
        "code_until": micros(pending.code_until),
        "ends_at": micros(pending.ends_at),
        "tries": pending.tries,
        "sends": pending.sends,
    }
