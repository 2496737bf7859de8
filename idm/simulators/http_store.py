"""Records of one system behind HTTP: kinds with their rules, kept in the SQLite file that also holds the journal.

So a record and the journal's entry about it are committed together, and both outlive a `kill -9`.
"""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from idm.simulators.http_fields import Field, FieldFault
from idm.simulators.service import Journal

STATES = ("disabled", "enabled", "ended")

_SCHEMA = """
create table if not exists record (
    seq integer primary key autoincrement,
    link text not null unique,
    kind text not null,
    key text not null,
    state text not null,
    created_by text not null,
    attributes text not null,
    entitlements text not null
);
create unique index if not exists record_key on record (kind, key) where key <> '';
create table if not exists taken (
    kind text not null,
    name text not null,
    value text not null,
    link text not null,
    primary key (kind, name, value)
);
create index if not exists taken_link on taken (link);
"""


_FIND = {
    "link": "select link, kind, key, state, created_by, attributes, entitlements from record where kind = ? and link = ?",
    "key": "select link, kind, key, state, created_by, attributes, entitlements from record where kind = ? and key = ? and key <> ''",
    "effect": "select link, kind, key, state, created_by, attributes, entitlements from record"
    " where kind = ? and created_by = ? and key = ''",
}


class Problem(Exception):
    """A request that isn't done: the HTTP status, a code for programs, words for people, and every wrong field."""

    def __init__(self, status: int, code: str, message: str, faults: Sequence[FieldFault] = ()) -> None:
        self.status = status
        self.code = code
        self.message = message
        self.faults = tuple(faults)
        super().__init__(message)

    def as_json(self) -> dict[str, object]:
        """The body of the answer."""
        return {"error": {"code": self.code, "message": self.message}, "faults": [fault.as_json() for fault in self.faults]}


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its link (an UUID that never changes), idm's key ("" if idm didn't make it), state and content."""

    link: str
    kind: str
    key: str
    state: str
    created_by: str
    attributes: Mapping[str, str]
    entitlements: frozenset[str]

    def as_json(self) -> dict[str, object]:
        """The record as it is answered; `created_by` stays inside."""
        return {
            "link": self.link,
            "kind": self.kind,
            "key": self.key or None,
            "state": self.state,
            "attributes": dict(self.attributes),
            "entitlements": sorted(self.entitlements),
        }


def _no_rules(_: Mapping[str, str]) -> list[FieldFault]:
    return []


def _no_objection(_: Record) -> str | None:
    return None


def _as_it_is(record: Record) -> Record:
    return record


@dataclass(frozen=True, slots=True)
class Kind:
    """The rules of one kind of record.

    `unique`: sets of fields of which no two records may hold the same, compared without regard to case. `rules`: checks that
    concern several fields. `opens_at_once`: the state of a record whose creation doesn't say. `revived_by_create`: whether
    a creation opens an ended record again; else it conflicts. `keeps`: why a record can't be deleted, or None.
    `close`: what ending does besides the state.
    """

    name: str
    fields: Mapping[str, Field]
    unique: Sequence[tuple[str, ...]] = ()
    rules: Callable[[Mapping[str, str]], list[FieldFault]] = _no_rules
    entitlements: frozenset[str] = frozenset()
    opens_at_once: bool = False
    revived_by_create: bool = True
    keeps: Callable[[Record], str | None] = _no_objection
    close: Callable[[Record], Record] = _as_it_is
    posting: bool = False


class Store:
    """The records of one system. Every method belongs inside `journal.transaction()` if it changes something."""

    def __init__(self, journal: Journal) -> None:
        """Use the journal's file; the tables are made if there are none."""
        self._journal = journal
        with journal.transaction() as db:
            for statement in _SCHEMA.split(";"):
                db.execute(statement)

    def by_link(self, kind: str, link: str) -> Record | None:
        """The record with this link, or None."""
        return self._one(kind, "link", link)

    def by_key(self, kind: str, key: str) -> Record | None:
        """The record with this key of idm's, or None. No record has the empty key."""
        return self._one(kind, "key", key) if key else None

    def by_effect(self, kind: str, effect_key: str) -> Record | None:
        """The record without a key of idm's that this effect made, or None."""
        return self._one(kind, "effect", effect_key)

    def page(self, kind: str, after: int, limit: int) -> tuple[list[Record], int | None]:
        """At most `limit` records of `kind` behind position `after`, and the position to go on from, None at the end."""
        with self._journal.transaction() as db:
            rows = db.execute(
                "select link, kind, key, state, created_by, attributes, entitlements, seq"
                " from record where kind = ? and seq > ? order by seq limit ?",
                (kind, after, limit + 1),
            ).fetchall()
        more = len(rows) > limit
        return [_record(row[:-1]) for row in rows[:limit]], rows[limit - 1][-1] if more else None

    def add(self, kind: Kind, key: str, state: str, effect_key: str, attributes: Mapping[str, str]) -> Record:
        """A new record. Raises Problem 409 if a unique value is taken."""
        record = Record(str(uuid.uuid4()), kind.name, key, state, effect_key, _without_empty(attributes), frozenset())
        with self._journal.transaction() as db:
            self._take_values(db, kind, record)
            db.execute(
                "insert into record (link, kind, key, state, created_by, attributes, entitlements) values (?, ?, ?, ?, ?, ?, ?)",
                (record.link, record.kind, record.key, record.state, record.created_by, *_texts(record)),
            )
        return record

    def put(self, kind: Kind, record: Record) -> Record:
        """Keep `record` as it is now, in the place of what has its link. Raises Problem 409 if a unique value is taken."""
        record = replace(record, attributes=_without_empty(record.attributes))
        with self._journal.transaction() as db:
            db.execute("delete from taken where link = ?", (record.link,))
            self._take_values(db, kind, record)
            db.execute(
                "update record set state = ?, created_by = ?, attributes = ?, entitlements = ? where link = ?",
                (record.state, record.created_by, *_texts(record), record.link),
            )
        return record

    def remove(self, record: Record) -> None:
        """Forget the record and what it held."""
        with self._journal.transaction() as db:
            db.execute("delete from taken where link = ?", (record.link,))
            db.execute("delete from record where link = ?", (record.link,))

    def _one(self, kind: str, by: str, value: str) -> Record | None:
        with self._journal.transaction() as db:
            row = db.execute(_FIND[by], (kind, value)).fetchone()
        return _record(row) if row else None

    @staticmethod
    def _take_values(db: sqlite3.Connection, kind: Kind, record: Record) -> None:
        for names in kind.unique:
            parts = [record.attributes.get(name, "").casefold() for name in names]
            if not any(parts):
                continue
            held = (kind.name, "+".join(names), json.dumps(parts))
            if db.execute("select 1 from taken where kind = ? and name = ? and value = ?", held).fetchone():
                what = " and ".join(names)
                fault = FieldFault(names[-1], "unique", f"another {kind.name} has this {what}")
                raise Problem(409, "conflict", f"There is another {kind.name} with the same {what}.", [fault])
            db.execute("insert into taken (kind, name, value, link) values (?, ?, ?, ?)", (*held, record.link))


def _without_empty(attributes: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in attributes.items() if value != ""}


def _texts(record: Record) -> tuple[str, str]:
    return json.dumps(dict(record.attributes)), json.dumps(sorted(record.entitlements))


def _record(row: Sequence[str]) -> Record:
    link, kind, key, state, created_by, attributes, entitlements = row
    return Record(link, kind, key, state, created_by, json.loads(attributes), frozenset(json.loads(entitlements)))
