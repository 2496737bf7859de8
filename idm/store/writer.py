"""Writes that commit together: people, organisation, events, delegations, documents, and a case's change among them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import IntegrityError

from idm.domain.audit import GENESIS, Entry
from idm.domain.authority import Delegation
from idm.domain.authority_powers import Substitution
from idm.domain.case_json import micros
from idm.domain.comments import Comment
from idm.domain.notices import Notice, NoticeState
from idm.domain.people import Employment, Person, Position, Unit
from idm.ports_store import Duplicate, NameTaken
from idm.rows import Commit, DecisionRow, DocumentRow, EventRow
from idm.store import casework, powers, rows, schema
from idm.store.doors import DoorWrites
from idm.store.hand_in import HandInWrites
from idm.store.named import renaming
from idm.store.notices import move, notice_values
from idm.store.people_search import keep_words


class SqlWriter(DoorWrites, HandInWrites):
    """`idm.ports.Writer` on one open transaction."""

    def __init__(self, connection: Connection, *, sqlite: bool) -> None:
        super().__init__(connection, sqlite=sqlite)
        self.woke = False

    def add_event(self, event: EventRow, taken_at: datetime) -> None:
        """See the protocol."""
        values = {"source": event.source, "id": event.id, "digest": event.digest, "case_id": event.case, "taken_at": micros(taken_at)}
        if not self._add(schema.events, values):
            raise Duplicate("event")

    def put_person(self, person: Person, cpr_index: str, cpr_encrypted: str) -> None:
        """See the protocol."""
        values = {
            "id": person.id,
            "cpr_index": cpr_index,
            "cpr_encrypted": cpr_encrypted,
            "given_name": person.given_name,
            "family_name": person.family_name,
            "email": person.email,
            "private_email": person.private_email.reveal(),
            "mobile": person.mobile.reveal(),
            "citizenship": person.citizenship,
            "username": person.username,
            "address": person.address,
            "language": person.language,
        }
        try:
            self._put(schema.people, values, "id")
        except IntegrityError:
            raise Duplicate("person") from None
        keep_words(self._connection, person)

    def put_employment(self, employment: Employment) -> None:
        """See the protocol."""
        values = {
            "id": employment.id,
            "person_id": employment.person,
            "unit": employment.unit,
            "position": employment.position,
            "start_date": employment.start_date.isoformat(),
            "end_date": rows.to_iso(employment.end_date),
            "weekly_hours": employment.weekly_hours,
            "manager": employment.manager,
            "case_id": employment.case,
        }
        self._put(schema.employments, values, "id")

    def employments_of(self, person: str) -> set[str]:
        """See the protocol."""
        table = schema.employments.c
        return set(self._connection.execute(select(table.id).where(table.person_id == person)).scalars())

    def lock_person(self, person: str) -> None:
        """See the protocol. SQLite has one writer at a time anyway."""
        self._connection.execute(select(schema.people.c.id).where(schema.people.c.id == person).with_for_update())

    def put_person_alias(self, alias: str, person: str) -> None:
        """See the protocol."""
        self._put(schema.person_aliases, {"alias": alias, "person_id": person}, "alias")

    def put_employment_alias(self, alias: str, employment: str) -> None:
        """See the protocol."""
        self._put(schema.employment_aliases, {"alias": alias, "employment_id": employment}, "alias")

    def put_unit(self, unit: Unit) -> None:
        """See the protocol."""
        self._put(schema.units, {"id": unit.id, "name": unit.name, "parent": unit.parent, "manager": unit.manager}, "id")

    def put_position(self, position: Position) -> None:
        """See the protocol."""
        self._put(schema.positions, {"id": position.id, "title": position.title}, "id")

    def reserve_name(self, kind: str, name: str, person: str, at: datetime) -> None:
        """See the protocol."""
        if not self._add(schema.names, {"kind": kind, "name": name, "person_id": person, "taken_at": micros(at)}):
            raise NameTaken(kind)

    def next_number(self, kind: str, name: str) -> int:
        """See the protocol."""
        table = schema.name_numbers
        statement = self._insert(table, {"kind": kind, "name": name, "number": 2})
        raised = statement.on_conflict_do_update(index_elements=["kind", "name"], set_={"number": table.c.number + 1})
        return int(self._connection.execute(raised.returning(table.c.number)).scalar_one())

    def add_delegation(self, delegation: Delegation) -> None:
        """See the protocol."""
        self._put(schema.delegations, powers.delegation_values(delegation), "id")
        if delegation.case:
            self._connection.execute(renaming(sqlite=self._sqlite), {"case": delegation.case, "actor": delegation.authority.value})

    def put_substitution(self, substitution: Substitution) -> None:
        """See the protocol."""
        self._put(schema.substitutions, powers.substitution_values(substitution), "id")

    def put_access(self, person: str, reason: str, by: str, at: datetime) -> None:
        """See the protocol."""
        if reason:
            self._put(schema.access_marks, {"person_id": person, "reason": reason, "marked_by": by, "at": micros(at)}, "person_id")
        else:
            self._connection.execute(schema.access_marks.delete().where(schema.access_marks.c.person_id == person))

    def add_decision(self, decision: DecisionRow) -> None:
        """See the protocol."""
        self._put(schema.decisions, powers.decision_values(decision), "task_id")

    def add_document(self, document: DocumentRow) -> None:
        """See the protocol."""
        self._connection.execute(self._insert(schema.documents, rows.file_values(document)))

    def put_comment(self, comment: Comment) -> None:
        """See the protocol."""
        self._put(schema.comments, rows.comment_values(comment), "id")

    def put_policy(self, hash: str, file: str, text: str, at: datetime) -> None:
        """See the protocol."""
        self._add(schema.policies, {"hash": hash, "file": file, "body": text, "taken_at": micros(at)})

    def commit_case(self, commit: Commit) -> bool:
        """See the protocol."""
        self.woke = self.woke or casework.wakes(commit)
        written = casework.write(self._connection, commit, sqlite=self._sqlite)
        if written:
            for notice in commit.notices:
                self.add_notice(notice)
            self.drop_drafts(commit)
        return written

    def add_notice(self, notice: Notice) -> bool:
        """See the protocol."""
        return self._add(schema.notices, notice_values(notice))

    def end_notice(
        self, notice: Notice, state: NoticeState, *, at: datetime | None = None, again_at: datetime | None = None, reason: str = ""
    ) -> bool:
        """See the protocol."""
        values = {
            "state": state.value,
            "sent_at": rows.to_micros(at),
            "again_at": rows.to_micros(again_at),
            "reason": reason,
        }
        return move(self._connection, notice.id, NoticeState.SENDING, notice.attempts + 1, values)

    def settle_notice(self, notice: Notice, state: NoticeState, due_at: datetime) -> bool:
        """See the protocol."""
        values = {"state": state.value, "due_at": micros(due_at), "again_at": None, "reason": ""}
        return move(self._connection, notice.id, notice.state, notice.attempts, values)

    def read_news(self, notices: Sequence[str], at: datetime) -> None:
        """See the protocol."""
        table = schema.notices
        as_news = (table.c.id.in_(notices), table.c.state == NoticeState.NEWS.value)
        self._connection.execute(table.update().where(*as_news).values(state=NoticeState.SENT.value, sent_at=micros(at)))

    def add_reminder(self, task: str, level: int, day: date) -> bool:
        """See the protocol."""
        return self._add(schema.reminders, {"task_id": task, "level": level, "day": day.isoformat()})

    def escalate(self, task: str, level: int) -> None:
        """See the protocol."""
        table = schema.tasks
        lower = (table.c.id == task, table.c.state == "open", func.coalesce(table.c.escalated, 0) < level)
        self._connection.execute(table.update().where(*lower).values(escalated=level))

    def append(self, stream: str, make: Callable[[tuple[int, str]], Entry]) -> None:
        """See the protocol."""
        self._add(schema.streams, {"id": stream, "seq": 0, "hash": GENESIS})
        query = select(schema.streams.c.seq, schema.streams.c.hash).where(schema.streams.c.id == stream).with_for_update()
        seq, hash = self._connection.execute(query).one()
        entry = make((seq, hash))
        self._connection.execute(self._insert(schema.audit, {"stream": stream, **casework.entry_values(entry)}))
        self._connection.execute(schema.streams.update().where(schema.streams.c.id == stream).values(seq=entry.seq, hash=entry.hash))

    def put_setting(self, name: str, value: str) -> None:
        """See the protocol."""
        self._put(schema.settings, {"name": name, "value": value}, "name")

    def notify(self) -> None:
        """Tell the relay of other processes, on PostgreSQL, when the transaction commits."""
        if not self._sqlite:
            self._connection.execute(select(func.pg_notify("idm_wake", "")))
