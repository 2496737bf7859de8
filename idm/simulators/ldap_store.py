"""The directory's entries in a file: one SQLite row an entry, written before a write is answered."""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping

from idm.simulators.ldap_entry import Entry, Step
from idm.simulators.ldap_matching import normal, normal_dn
from idm.simulators.ldap_rules import attribute_type
from idm.simulators.ldap_schema import Schema

_TABLE = """
create table if not exists ldap_entry (
    seq integer primary key autoincrement,
    id text not null unique,
    dn text not null,
    attributes text not null
)
"""
_PUT = """
insert into ldap_entry (id, dn, attributes) values (?, ?, ?)
on conflict (id) do update set dn = excluded.dn, attributes = excluded.attributes
"""


def prepare(db: sqlite3.Connection) -> None:
    """Make the table if there is none."""
    db.execute(_TABLE)


def save(db: sqlite3.Connection, steps: Iterable[Step]) -> None:
    """Write the steps of one write, inside the caller's transaction."""
    for step in steps:
        if step.after is not None:
            db.execute(_PUT, (step.after.id, step.after.dn, _as_text(step.after)))
        elif step.before is not None:
            db.execute("delete from ldap_entry where id = ?", (step.before.id,))


def load(db: sqlite3.Connection, schema: Schema) -> Iterator[Entry]:
    """All entries, oldest first."""
    for entry_id, dn, attributes in db.execute("select id, dn, attributes from ldap_entry order by seq"):
        values: dict[str, Mapping[bytes, bytes]] = {}
        for name, kept in json.loads(attributes).items():
            kind = attribute_type(schema, name)
            raw = [value.encode() if isinstance(value, str) else base64.b64decode(value[0]) for value in kept]
            values[name] = {normal(schema, kind, value): value for value in raw}
        yield Entry(entry_id, dn, normal_dn(schema, dn), values)


def _as_text(entry: Entry) -> str:
    """The values as JSON: text as it is, other bytes as a list of one text in base 64."""
    return json.dumps({name: [_as_json(value) for value in kept.values()] for name, kept in entry.values.items()}, ensure_ascii=False)


def _as_json(value: bytes) -> str | list[str]:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return [base64.b64encode(value).decode("ascii")]
