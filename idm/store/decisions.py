"""Reads of what was decided and granted, for those who did."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select, text

from idm.domain.case_json import micros
from idm.ports_lists import Decided, Granted
from idm.store import schema
from idm.store.engine import Database
from idm.store.powers import to_decision, to_delegation
from idm.store.rows import to_moment

_GRANTED = (
    "select d.*, (select count(*) from decisions x where x.delegation = d.id) as done,"
    " (select max(x.at) from decisions x where x.delegation = d.id) as last_at,"
    " (select c.state from cases c where c.id = d.case_id) as case_state from delegations d where d.id in"
    " (select id from (select id, case_id, since from delegations where granted_by = :person"
    " union select id, case_id, since from delegations where confirmed_by = :person) mine"
    " order by case when case_id = '' then 0 else 1 end, since desc, id limit :limit)"
    " order by case when d.case_id = '' then 0 else 1 end, d.since desc, d.id"
)


class DecisionReads:
    """The part of the store that knows what somebody decided, and what was decided by what they granted."""

    database: Database

    def decided(self, person: str, *, before: tuple[datetime, str] | None = None, limit: int) -> Sequence[Decided]:
        """See the protocol."""
        table = schema.decisions.c
        parts = []
        for whose in (table.person_id, table.place_of):
            part = select(schema.decisions).where(whose == person)
            if before is not None:
                at, task = micros(before[0]), before[1]
                part = part.where(or_(table.at < at, (table.at == at) & (table.task_id > task)))
            newest = part.order_by(table.at.desc(), table.task_id).limit(limit).subquery()
            parts.append(select(newest))
        found = parts[0].union(parts[1]).subquery()
        tasks, cases = schema.tasks.c, schema.cases.c
        query = (
            select(found, tasks.kind, tasks.document, cases.person_id.label("hire"), cases.unit)
            .outerjoin(schema.tasks, tasks.id == found.c.task_id)
            .outerjoin(schema.cases, cases.id == found.c.case_id)
            .order_by(found.c.at.desc(), found.c.task_id)
            .limit(limit)
        )
        with self.database.reading() as connection:
            rows = connection.execute(query).mappings().all()
        return [Decided(to_decision(row), row["kind"] or "", row["document"] or "", row["hire"] or "", row["unit"] or "") for row in rows]

    def granted_by(self, person: str, limit: int) -> Sequence[Granted]:
        """See the protocol."""
        with self.database.reading() as connection:
            rows = connection.execute(text(_GRANTED), {"person": person, "limit": limit}).mappings().all()
        over = ("completed", "cancelled")
        return [Granted(to_delegation(row), row["done"], to_moment(row["last_at"]), row["case_state"] in over) for row in rows]
