"""Reads for lists: each takes one statement, and looks at no more rows than it answers, however many cases there are.

A person's tasks are looked for place by place, each in an index ordered by due date, and only the first few of each place are read.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, select, text

from idm.domain.authority import Delegation
from idm.domain.case import Case
from idm.domain.projection import Task
from idm.ports_lists import HireSearch, Search, Tally
from idm.store import rows, schema
from idm.store.among import among, listed, words
from idm.store.engine import Database
from idm.store.list_sql import hires_sql, hires_values, tasks_sql, tasks_values
from idm.store.powers import to_delegation


def _named(sqlite: bool) -> str:
    """Each value once, by as many steps in the index as there are values."""
    tasks = "tasks t indexed by ix_tasks_named" if sqlite else "tasks t"
    least = f"select min(t.named) from {tasks} where t.state = 'open' and t.named is not null"
    further = f"select ({least} and t.named > n.named) from n where n.named is not null"
    return f"with recursive n(named) as ({least} union all {further}) select named from n where named is not null"


class ListReads:
    """The part of the store that lists are made of."""

    database: Database

    def load_many(self, cases: Collection[str]) -> Mapping[str, Case]:
        """See the protocol."""
        return {row["id"]: rows.to_case(row) for row in self._rows(select(schema.cases), schema.cases.c.id, cases)}

    def names(self, people: Collection[str]) -> Mapping[str, str]:
        """See the protocol."""
        table = schema.people.c
        found = self._rows(select(table.id, table.given_name, table.family_name), table.id, people)
        return {row["id"]: f"{row['given_name']} {row['family_name']}".strip() for row in found}

    def open_tasks_of(self, cases: Collection[str]) -> Sequence[Task]:
        """See the protocol."""
        sqlite = self.database.sqlite
        tasks = "tasks t indexed by ix_tasks_case" if sqlite else "tasks t"
        statement = f"select t.* from {tasks} where t.state = 'open' and {words('t.case_id', 'cases', sqlite=sqlite)}"
        found = [rows.to_task(row) for row in self._run(statement, {"cases": listed(cases, sqlite=sqlite)})] if cases else []
        return sorted(found, key=lambda task: (task.due or date.max, task.id))

    def delegations_to(self, holders: Collection[str]) -> Sequence[Delegation]:
        """See the protocol."""
        table = schema.delegations.c
        return [to_delegation(row) for row in self._rows(select(schema.delegations).where(table.case_id == ""), table.to_person, holders)]

    def named_contacts(self) -> frozenset[str]:
        """See the protocol."""
        with self.database.reading() as connection:
            return frozenset(connection.execute(text(_named(self.database.sqlite))).scalars())

    def search_tasks(
        self, search: Search, *, unit: str = "", kind: str = "", after: tuple[str, str] = ("", ""), limit: int
    ) -> Sequence[Task]:
        """See the protocol."""
        sqlite = self.database.sqlite
        found = tasks_sql(search, unit=bool(unit), kind=bool(kind), after=any(after), sqlite=sqlite)
        statement = f"select t.* from ({found}) p join tasks t on t.id = p.id order by t.due, t.id"
        values = tasks_values(search, sqlite=sqlite, only_unit=unit) | {"unit": unit, "kind": kind, "limit": limit, "each": limit}
        values |= {"after_due": after[0], "after_id": after[1]}
        return [rows.to_task(row) for row in self._run(statement, values)]

    def tally_tasks(self, search: Search, today: date, limit: int, each: int) -> Sequence[Tally]:
        """See the protocol."""
        sqlite = self.database.sqlite
        found = tasks_sql(search, unit=False, kind=False, after=False, sqlite=sqlite)
        statement = (
            f"select t.unit, t.kind, count(*) as tasks, sum(case when t.due < :today then 1 else 0 end) as overdue"
            f" from ({found}) p join tasks t on t.id = p.id group by t.unit, t.kind"
        )
        values = tasks_values(search, sqlite=sqlite) | {"limit": limit, "each": each, "today": today.isoformat()}
        return [Tally(row["unit"], row["kind"], row["tasks"], row["overdue"]) for row in self._run(statement, values)]

    def search_hires(self, search: HireSearch, *, after: tuple[str, str] = ("", ""), limit: int) -> Sequence[Case]:
        """See the protocol."""
        sqlite = self.database.sqlite
        statement = hires_sql(search, after=any(after), sqlite=sqlite)
        values = hires_values(search, sqlite=sqlite) | {"limit": limit}
        values |= {"after_start": after[0], "after_id": after[1]}
        return [rows.to_case(row) for row in self._run(statement, values)]

    def count_open(self, places: Collection[tuple[str, str]], most: int) -> Mapping[tuple[str, str], int]:
        """See the protocol."""
        wanted, sqlite = sorted(set(places)), self.database.sqlite
        one = "select 1 from tasks t where t.state = 'open' and t.named is null and t.actor = g.actor and t.unit = g.unit limit :most"
        if sqlite:
            pairs = "(select json_extract(value, '$[0]') as actor, json_extract(value, '$[1]') as unit from json_each(:places))"
            values: dict[str, Any] = {"places": json.dumps(wanted)}
        else:
            pairs = "(select * from unnest(cast(:actors as text[]), cast(:units as text[])) as g(actor, unit))"
            values = {"actors": [actor for actor, _ in wanted], "units": [unit for _, unit in wanted]}
        statement = f"select g.actor, g.unit, (select count(*) from ({one}) o) as tasks from {pairs} g"
        return {(row["actor"], row["unit"]): row["tasks"] for row in self._run(statement, {**values, "most": most})}

    def _run(self, statement: str, values: Mapping[str, Any]) -> Sequence[Any]:
        with self.database.reading() as connection:
            return connection.execute(text(statement), dict(values)).mappings().all()

    def _rows(self, query: Select[Any], column: Any, values: Collection[str]) -> Sequence[Any]:
        """The rows whose column holds one of `values`; nothing is asked for none."""
        if not values:
            return []
        with self.database.reading() as connection:
            return connection.execute(query.where(among(column, values, sqlite=self.database.sqlite))).mappings().all()
