"""Notices, reminders and due dates in the database."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, func, or_, select

from idm.domain.case import Case
from idm.domain.case_json import micros, moment
from idm.domain.notices import DIGEST, Audience, Notice, NoticeState
from idm.errors import Damaged
from idm.store import rows, schema
from idm.store.engine import Database


class Notices:
    """The part of the store that knows what people are to be told."""

    database: Database

    def notices(self, *, state: str = "", person: str = "", case: str = "", limit: int = 1000) -> Sequence[Notice]:
        """See the protocol."""
        table = schema.notices.c
        query = select(schema.notices).order_by(table.written_at, table.id).limit(limit)
        for column, value in ((table.state, state), (table.person_id, person), (table.case_id, case)):
            if value:
                query = query.where(column == value)
        with self.database.reading() as connection:
            return [to_notice(row) for row in connection.execute(query).mappings()]

    def notice(self, id: str) -> Notice | None:
        """See the protocol."""
        with self.database.reading() as connection:
            row = connection.execute(select(schema.notices).where(schema.notices.c.id == id)).mappings().first()
        return None if row is None else to_notice(row)

    def notices_due(self, now: datetime, machine: datetime, limit: int = 100) -> Sequence[Notice]:
        """See the protocol."""
        table = schema.notices.c
        rested = or_(table.again_at.is_(None), table.again_at <= micros(machine))
        waiting = and_(table.state == NoticeState.WAITING.value, table.due_at <= micros(now), rested)
        left = and_(table.state == NoticeState.SENDING.value, rested)
        query = select(schema.notices).where(or_(waiting, left)).order_by(table.due_at, table.id).limit(limit)
        with self.database.reading() as connection:
            return [to_notice(row) for row in connection.execute(query).mappings()]

    def take_notice(self, notice: Notice, until: datetime) -> bool:
        """See the protocol."""
        values = {"state": NoticeState.SENDING.value, "attempts": notice.attempts + 1, "again_at": micros(until)}
        return self._move(notice.id, notice.state, notice.attempts, values)

    def postpone_notice(self, notice: Notice, due_at: datetime, reason: str = "") -> bool:
        """See the protocol."""
        values = {"state": NoticeState.WAITING.value, "due_at": micros(due_at), "again_at": None, "reason": reason}
        return self._move(notice.id, notice.state, notice.attempts, values)

    def last_digests(self) -> Mapping[str, datetime]:
        """See the protocol."""
        table = schema.notices.c
        sent = (table.slug == DIGEST, table.state == NoticeState.SENT.value)
        query = select(table.person_id, func.max(table.written_at)).where(*sent).group_by(table.person_id)
        with self.database.reading() as connection:
            return {person: moment(at) for person, at in connection.execute(query)}

    def _move(self, id: str, state: NoticeState, attempts: int, values: dict[str, Any]) -> bool:
        with self.database.writing() as connection:
            return move(connection, id, state, attempts, values)

    def open_cases(self) -> Mapping[str, Case]:
        """See the protocol."""
        with_open = select(schema.tasks.c.case_id).where(schema.tasks.c.state == "open")
        with self.database.reading() as connection:
            found = connection.execute(select(schema.cases).where(schema.cases.c.id.in_(with_open))).mappings().all()
        readable: dict[str, Case] = {}
        for row in found:
            with suppress(Damaged):
                readable[row["id"]] = rows.to_case(row)
        return readable

    def streams(self) -> Mapping[str, int]:
        """See the protocol."""
        with self.database.reading() as connection:
            # Who signs in and out changes nothing of powers or organisation, and there is a stream of it for each person.
            query = select(schema.streams.c.id, schema.streams.c.seq).where(schema.streams.c.id.not_like("sessions/%"))
            return {row.id: row.seq for row in connection.execute(query)}

    def redate(self, due: Mapping[str, date]) -> int:
        """See the protocol."""
        table = schema.tasks
        changed = 0
        with self.database.writing() as connection:
            for id, day in due.items():
                open_still = (table.c.id == id, table.c.state == "open")
                changed += connection.execute(table.update().where(*open_still).values(due=day.isoformat())).rowcount
        return changed


def move(connection: Connection, id: str, state: NoticeState, attempts: int, values: dict[str, Any]) -> bool:
    """Alter a notice that is as it was read: every taking raises `attempts`, so that nothing is altered on an old view."""
    table = schema.notices
    as_read = (table.c.id == id, table.c.state == state.value, table.c.attempts == attempts)
    return connection.execute(table.update().where(*as_read).values(values)).rowcount == 1


def to_notice(row: RowMapping) -> Notice:
    """A row of `notices`."""
    return Notice(
        key=row["key"],
        audience=Audience(row["audience"]),
        person=row["person_id"],
        slug=row["slug"],
        due_at=moment(row["due_at"]),
        written_at=moment(row["written_at"]),
        case=row["case_id"],
        context=json.loads(row["context"]),
        state=NoticeState(row["state"]),
        attempts=row["attempts"],
        sent_at=rows.to_moment(row["sent_at"]),
        again_at=rows.to_moment(row["again_at"]),
        reason=row["reason"],
    )


def notice_values(notice: Notice) -> dict[str, Any]:
    """The columns of a notice."""
    return {
        "id": notice.id,
        "key": notice.key,
        "audience": notice.audience.value,
        "person_id": notice.person,
        "slug": notice.slug,
        "case_id": notice.case,
        "context": json.dumps(notice.context, ensure_ascii=False, sort_keys=True),
        "written_at": micros(notice.written_at),
        "due_at": micros(notice.due_at),
        "state": notice.state.value,
        "attempts": notice.attempts,
        "sent_at": rows.to_micros(notice.sent_at),
        "again_at": rows.to_micros(notice.again_at),
        "reason": notice.reason,
    }
