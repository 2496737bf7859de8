"""Finding people by the beginnings of their names: words kept with each person, looked up in an index."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, delete, insert, select, text

from idm.domain.people import Person
from idm.domain.search_words import words_of
from idm.store.among import listed, words
from idm.store.engine import Database
from idm.store.schema_search import person_words

LAST = "\U0010ffff"
"""What no word goes on with: all that begin with a word are from it to it and this."""
_HERE = "e.start_date <= :today and (e.end_date is null or e.end_date >= :today)"


class PeopleSearch:
    """The part of the store that finds people by parts of what they are called."""

    database: Database

    def find_people(self, asked: Sequence[tuple[str, Collection[str]]], *, today: date, limit: int) -> Sequence[str]:
        """See the protocol."""
        if not asked:
            return []
        statement, values = people_sql(asked, sqlite=self.database.sqlite)
        with self.database.reading() as connection:
            return connection.execute(text(statement), {**values, "today": today.isoformat(), "limit": limit}).scalars().all()


def people_sql(asked: Sequence[tuple[str, Collection[str]]], *, sqlite: bool) -> tuple[str, dict[str, Any]]:
    """The statement that finds whom everything fits that is asked for, and its parameters but `today` and `limit`."""
    values: dict[str, Any] = {}
    for at, (word, units) in enumerate(asked):
        values |= {f"from{at}": word, f"to{at}": word + LAST}
        values |= {f"units{at}": listed(units, sqlite=sqlite)} if units else {}
    fitting = " intersect ".join(_one(at, bool(units), sqlite) for at, (_, units) in enumerate(asked))
    statement = (
        f"select p.id from people p where p.id in ({fitting})"
        f" and exists (select 1 from employments e where e.person_id = p.id and {_HERE})"
        " and not exists (select 1 from access_marks m where m.person_id = p.id)"
        " order by p.given_name, p.family_name, p.id limit :limit"
    )
    return statement, values


def _one(at: int, units: bool, sqlite: bool) -> str:
    """Who has a word that begins as the one asked for, or works in one of its units."""
    found = f"select w.person_id from person_words w where w.word >= :from{at} and w.word < :to{at}"
    if units:
        found += f" union select e.person_id from employments e where {words('e.unit', f'units{at}', sqlite=sqlite)} and {_HERE}"
    return f"select person_id from ({found}) p{at}"


def keep_words(connection: Connection, person: Person) -> None:
    """Let somebody be found by what they are called now."""
    table = person_words.c
    wanted = words_of(person)
    held = set(connection.execute(select(table.word).where(table.person_id == person.id)).scalars())
    if held - wanted:
        connection.execute(delete(person_words).where(table.person_id == person.id, table.word.in_(sorted(held - wanted))))
    if wanted - held:
        connection.execute(insert(person_words), [{"word": word, "person_id": person.id} for word in sorted(wanted - held)])
