"""Seals in the database, and reads of the whole audit in one snapshot, page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import groupby

from sqlalchemy import Connection, RowMapping, func, select, text, union_all
from sqlalchemy.dialects import postgresql, sqlite

from idm.domain.audit import GENESIS, Entry
from idm.domain.case_json import micros, moment
from idm.domain.seals import NOTHING, Anchored, Seal, SealedHead
from idm.ports_audit import AuditSnapshot
from idm.store import rows, schema
from idm.store.engine import Database
from idm.store.trouble import translated

_PAGE = 500
"""Streams, or seals, that are read together."""

_UNSEALED = text("not sealed")
"""Written as in the index, or SQLite would not use it."""

_ONE_SEALER = text("select pg_advisory_xact_lock(hashtext('idm-seal'))")


class Seals:
    """The sealing half of the store."""

    database: Database

    def newest_seal(self) -> Anchored:
        """See the protocol."""
        with self.database.reading() as connection:
            return _newest(connection)

    def seal(self, make: Callable[[Anchored, Sequence[SealedHead]], Seal], limit: int) -> Seal | None:
        """See the protocol."""
        with self.database.writing() as connection:
            if not self.database.sqlite:
                connection.execute(_ONE_SEALER)
            found = _to_seal(connection, limit)
            if not found:
                return None
            table = schema.sealed_heads
            last = _newest(connection)
            number = last.number + 1
            insert = (sqlite if self.database.sqlite else postgresql).insert(table)
            new = [
                head
                for head in found
                if connection.execute(
                    insert.values(seal=number, stream=head.stream, seq=head.seq, hash=head.hash)
                    .on_conflict_do_nothing()
                    .returning(table.c.seq)
                ).first()
            ]
            made = make(last, new)
            connection.execute(schema.seals.insert().values(_seal_values(made)))
            audit = schema.audit.c
            for head in found:
                older = (audit.stream == head.stream) & (audit.seq <= head.seq)
                connection.execute(schema.audit.update().where(older, _UNSEALED).values(sealed=True))
            return made

    @contextmanager
    def audit_snapshot(self) -> Iterator[AuditSnapshot]:
        """See the protocol."""
        if self.database.sqlite:
            with self.database.reading() as connection:
                yield _Snapshot(connection)
            return
        with translated(self.database.url), self.database.engine.connect() as plain:
            connection = plain.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                # A look at everything may take as long as it takes; it locks nothing.
                connection.execute(text("set local statement_timeout = 0"))
                connection.execute(text("set local idle_in_transaction_session_timeout = 0"))
                yield _Snapshot(connection)


def _newest(connection: Connection) -> Anchored:
    table = schema.seals.c
    row = connection.execute(select(table.number, table.mac).order_by(table.number.desc()).limit(1)).first()
    return NOTHING if row is None else Anchored(row.number, row.mac)


def _to_seal(connection: Connection, limit: int) -> list[SealedHead]:
    """The newest entry of each stream that has unsealed ones: found by their mark, so that none is passed over that commits late."""
    audit = schema.audit.c
    newest = (
        select(audit.stream, func.max(audit.seq).label("seq"))
        .where(_UNSEALED)
        .group_by(audit.stream)
        .order_by(audit.stream)
        .limit(limit)
        .subquery()
    )
    query = select(audit.stream, audit.seq, audit.hash).join(newest, (newest.c.stream == audit.stream) & (newest.c.seq == audit.seq))
    return [SealedHead(row.stream, row.seq, row.hash) for row in connection.execute(query)]


def _seal_values(seal: Seal) -> dict[str, object]:
    return {
        "number": seal.number,
        "at": micros(seal.at),
        "key": seal.key,
        "heads": seal.heads,
        "digest": seal.digest,
        "previous": seal.previous,
        "mac": seal.mac,
    }


def _to_seal_row(row: RowMapping) -> Seal:
    return Seal(row["number"], moment(row["at"]), row["key"], row["heads"], row["digest"], row["previous"], row["mac"])


class _Snapshot:
    """`idm.ports_audit.AuditSnapshot` on one open transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def streams(self, only: str = "") -> Iterator[tuple[str, tuple[int, str], Mapping[int, str]]]:
        """See the protocol."""
        cases, streams = schema.cases.c, schema.streams.c
        heads = union_all(select(cases.id, cases.head_seq.label("seq"), cases.head_hash.label("hash")), select(schema.streams)).subquery()
        if only:
            row = self._connection.execute(select(heads.c.seq, heads.c.hash).where(heads.c.id == only)).first()
            yield only, (0, GENESIS) if row is None else (row.seq, row.hash), self._sealed([only]).get(only, {})
            return
        for source in (select(cases.id, cases.head_seq, cases.head_hash), select(streams.id, streams.seq, streams.hash)):
            key, after = source.selected_columns[0], ""
            while page := self._connection.execute(source.where(key > after).order_by(key).limit(_PAGE)).all():
                sealed = self._sealed([row[0] for row in page])
                for id, seq, hash in page:
                    yield id, (seq, hash), sealed.get(id, {})
                after = page[-1][0]
        yield from self._headless()

    def _headless(self) -> Iterator[tuple[str, tuple[int, str], Mapping[int, str]]]:
        """Streams that have entries or sealed heads, and no row that remembers a head."""
        cases, streams = schema.cases.c, schema.streams.c
        names: set[str] = set()
        for table in (schema.audit, schema.sealed_heads):
            without = (
                ~select(cases.id).where(cases.id == table.c.stream).exists()
                & ~select(streams.id).where(streams.id == table.c.stream).exists()
            )
            names |= set(self._connection.execute(select(table.c.stream).where(without).distinct()).scalars())
        ordered = sorted(names)
        for start in range(0, len(ordered), _PAGE):
            page = ordered[start : start + _PAGE]
            sealed = self._sealed(page)
            for name in page:
                yield name, (0, GENESIS), sealed.get(name, {})

    def _sealed(self, streams: Sequence[str]) -> dict[str, dict[int, str]]:
        table = schema.sealed_heads.c
        found: dict[str, dict[int, str]] = {}
        for row in self._connection.execute(select(table.stream, table.seq, table.hash).where(table.stream.in_(streams))):
            found.setdefault(row.stream, {})[row.seq] = row.hash
        return found

    def entries(self, stream: str) -> Iterable[tuple[Entry, bool]]:
        """See the protocol."""
        table, after = schema.audit.c, None
        while True:
            query = select(schema.audit).where(table.stream == stream).order_by(table.seq).limit(2 * _PAGE)
            page = self._connection.execute(query if after is None else query.where(table.seq > after)).mappings().all()
            for row in page:
                yield rows.to_entry(row), row["sealed"]
            if len(page) < 2 * _PAGE:
                return
            after = page[-1]["seq"]

    def seals(self) -> Iterator[tuple[Seal, Sequence[SealedHead]]]:
        """See the protocol."""
        table, heads, after = schema.seals.c, schema.sealed_heads.c, None
        while True:
            query = select(schema.seals).order_by(table.number).limit(_PAGE)
            page = [
                _to_seal_row(row)
                for row in self._connection.execute(query if after is None else query.where(table.number > after)).mappings()
            ]
            if not page:
                return
            covered = select(schema.sealed_heads).where(heads.seal >= page[0].number, heads.seal <= page[-1].number).order_by(heads.seal)
            by_seal = {
                number: [SealedHead(row.stream, row.seq, row.hash) for row in group]
                for number, group in groupby(self._connection.execute(covered), key=lambda row: row.seal)
            }
            for seal in page:
                yield seal, by_seal.get(seal.number, [])
            after = page[-1].number

    def seal_count(self) -> int:
        """See the protocol."""
        return int(self._connection.execute(select(func.count()).select_from(schema.seals)).scalar_one())

    def strays(self) -> Sequence[int]:
        """See the protocol."""
        heads = schema.sealed_heads.c
        without = ~select(schema.seals.c.number).where(schema.seals.c.number == heads.seal).exists()
        return sorted(self._connection.execute(select(heads.seal).where(without).distinct()).scalars())

    def unsealed(self, stream: str = "") -> tuple[int, datetime | None]:
        """See the protocol."""
        table = schema.audit.c
        query = select(func.count(), func.min(table.at)).where(_UNSEALED)
        count, oldest = self._connection.execute(query.where(table.stream == stream) if stream else query).one()
        return count, rows.to_moment(oldest)
