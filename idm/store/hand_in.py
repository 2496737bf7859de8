"""Drafts of forms and pages of documents in the database, until they are handed in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from idm.domain.case import CaseState
from idm.domain.case_json import micros, moment
from idm.domain.journey import TaskKind
from idm.rows import Commit, PageRow
from idm.store import rows
from idm.store.engine import Database
from idm.store.schema import cases
from idm.store.schema_hand_in import drafts, pages
from idm.store.transaction import Transaction


class HandInReads:
    """The part of the store that knows what isn't handed in yet."""

    database: Database

    def draft(self, task: str, person: str) -> tuple[str, datetime] | None:
        """See the protocol."""
        query = select(drafts).where(drafts.c.task_id == task, drafts.c.person_id == person)
        with self.database.reading() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else (row["body"], moment(row["saved_at"]))

    def drop_idle_pages(self) -> int:
        """See the protocol."""
        over = select(cases.c.id).where(cases.c.state.in_([CaseState.COMPLETED.value, CaseState.CANCELLED.value]))
        if not self.pages_exist():
            return 0
        with self.database.writing() as connection:
            return connection.execute(pages.delete().where(pages.c.case_id.in_(over))).rowcount

    def pages_exist(self) -> bool:
        """Whether there is any page: mostly there is none, and then nothing need be locked."""
        with self.database.reading() as connection:
            return connection.execute(select(pages.c.id).limit(1)).first() is not None

    def pages(self, case: str, kind: str = "") -> Sequence[PageRow]:
        """See the protocol."""
        query = select(pages).where(pages.c.case_id == case).order_by(pages.c.kind, pages.c.place, pages.c.added_at, pages.c.id)
        if kind:
            query = query.where(pages.c.kind == kind)
        with self.database.reading() as connection:
            return [rows.to_page(row) for row in connection.execute(query).mappings()]


class HandInWrites(Transaction):
    """The part of a transaction that keeps what isn't handed in yet."""

    def put_draft(self, task: str, person: str, body: str, at: datetime) -> None:
        """See the protocol."""
        values = {"task_id": task, "person_id": person, "body": body, "saved_at": micros(at)}
        self._put(drafts, values, "task_id", "person_id")

    def drop_drafts(self, commit: Commit) -> None:
        """Forget the drafts of the forms that a commit closes."""
        if closed := closed_forms(commit):
            self._connection.execute(drafts.delete().where(drafts.c.task_id.in_(closed)))

    def add_page(self, page: PageRow) -> None:
        """See the protocol."""
        self._connection.execute(pages.insert().values(place=page.place, **rows.file_values(page)))

    def drop_page(self, id: str) -> bool:
        """See the protocol."""
        return self._connection.execute(pages.delete().where(pages.c.id == id)).rowcount == 1


def closed_forms(commit: Commit) -> list[str]:
    """The form tasks that a commit answers or withdraws."""
    return [task.id for task in commit.tasks if task.kind == TaskKind.FORM and task.state != "open"]
