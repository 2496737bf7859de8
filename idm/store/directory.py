"""The directory of people: by CPR number, by the ids that other systems give them, and page by page."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Select, Table, func, or_, select

from idm.domain.people import Employment, Person
from idm.store import rows, schema
from idm.store.engine import Database

_AT_ONCE = 500
"""How many values one statement asks for: both databases limit the parameters of a statement."""


class Directory:
    """The part of the store that knows people by more than their id."""

    database: Database
    _decrypt: Callable[[str], str]

    def people_by_cpr(self, cpr_indexes: Collection[str]) -> Mapping[str, str]:
        """See the protocol."""
        table = schema.people.c
        return self._pairs(select(table.cpr_index, table.id), table.cpr_index, cpr_indexes)

    def person_ids(self, ids: Collection[str]) -> Mapping[str, str]:
        """See the protocol."""
        return self._resolved(ids, schema.people, schema.person_aliases, schema.person_aliases.c.person_id)

    def people_called(self, *, username: str = "", email: str = "") -> Collection[str]:
        """See the protocol. There is no index: only signing in asks, and reading every name takes milliseconds."""
        table = schema.people.c
        wanted = ((table.username, username), (table.email, email), (table.address, email))
        named = [func.lower(column) == value.lower() for column, value in wanted if value]
        if not named:
            return set()
        with self.database.reading() as connection:
            return set(connection.execute(select(table.id).where(or_(*named))).scalars())

    def employment_ids(self, ids: Collection[str]) -> Mapping[str, str]:
        """See the protocol."""
        return self._resolved(ids, schema.employments, schema.employment_aliases, schema.employment_aliases.c.employment_id)

    def person_aliases(self, people: Collection[str]) -> Mapping[str, Sequence[str]]:
        """See the protocol."""
        table = schema.person_aliases.c
        found: dict[str, list[str]] = {}
        for alias, person in self._pairs(select(table.alias, table.person_id), table.person_id, people).items():
            found.setdefault(person, []).append(alias)
        return {person: sorted(aliases) for person, aliases in found.items()}

    def employments_by_person(self, people: Collection[str]) -> Mapping[str, Sequence[Employment]]:
        """See the protocol."""
        table = schema.employments
        found: dict[str, list[Employment]] = {}
        with self.database.reading() as connection:
            for part in _parts(people):
                query = select(table).where(table.c.person_id.in_(part)).order_by(table.c.start_date, table.c.id)
                for row in connection.execute(query).mappings():
                    found.setdefault(row["person_id"], []).append(rows.to_employment(row))
        return found

    def list_people(self, *, units: Collection[str] | None = None, after: str = "", limit: int = 200) -> Sequence[Person]:
        """See the protocol."""
        table, held = schema.people, schema.employments.c
        query: Select[Any] = select(table).where(table.c.id > after).order_by(table.c.id).limit(limit)
        if units is not None:
            query = query.where(table.c.id.in_(select(held.person_id).where(held.unit.in_(sorted(units)))))
        with self.database.reading() as connection:
            return [rows.to_person(row, self._decrypt) for row in connection.execute(query).mappings()]

    def _resolved(self, ids: Collection[str], table: Table, aliases: Table, to: Column[str]) -> dict[str, str]:
        """Each id that is known -> the one that idm goes by."""
        found = self._pairs(select(aliases.c.alias, to), aliases.c.alias, ids)
        return {**found, **self._pairs(select(table.c.id, table.c.id.label("same")), table.c.id, ids)}

    def _pairs(self, query: Select[str, str], column: Column[str], values: Collection[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        with self.database.reading() as connection:
            for part in _parts(values):
                for key, value in connection.execute(query.where(column.in_(part))):
                    found[key] = value
        return found


def _parts(values: Collection[str]) -> Iterator[list[str]]:
    wanted = sorted(set(values))
    for start in range(0, len(wanted), _AT_ONCE):
        yield wanted[start : start + _AT_ONCE]
