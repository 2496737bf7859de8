"""The runs, seen as queues: what the relay sends, what the sweeper takes up again, and the circuits of the targets."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select, text, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from idm.domain.case_json import micros
from idm.rows import Circuit
from idm.store import rows, schema
from idm.store.engine import Database
from idm.store.trouble import translated

_SETTLE_POSTGRESQL = text(
    "with same as (select id from cases where id = :case and version = :version for update),"
    " settled as (update runs set state = 'idle', due = cast(:due as bigint), queued_at = null from same"
    " where case_id = same.id and lane = :lane and state in ('ready', 'queued'))"
    " select id from same"
)


class Runs:
    """The store's queue half."""

    database: Database

    def settle_run(self, case: str, lane: str, version: int, due: datetime | None) -> bool:
        """See the protocol. The case's row is locked first, so that a change of the case can't slip in between."""
        values = {"case": case, "lane": lane, "version": version, "due": rows.to_micros(due)}
        if not self.database.sqlite:
            with self.database.reading() as connection:
                return connection.execute(_SETTLE_POSTGRESQL, values).first() is not None
        run = schema.runs.c
        with self.database.writing() as connection:
            found = connection.execute(select(schema.cases.c.version).where(schema.cases.c.id == case)).scalar()
            if found != version:
                return False
            condition = and_(run.case_id == case, run.lane == lane, run.state.in_(("ready", "queued")))
            connection.execute(update(schema.runs).where(condition).values(state="idle", due=values["due"], queued_at=None))
        return True

    def ready_runs(self, limits: Mapping[str, int], default_limit: int) -> Sequence[tuple[str, str]]:
        """See the protocol."""
        run = schema.runs.c
        with self.database.reading() as connection:
            counts = connection.execute(
                select(run.lane, run.state, func.count()).where(run.state.in_(("ready", "queued", "claimed"))).group_by(run.lane, run.state)
            ).all()
        ready = sorted({lane for lane, state, _ in counts if state == "ready"})
        flying: dict[str, int] = {}
        for lane, state, count in counts:
            if state != "ready":
                flying[lane] = flying.get(lane, 0) + count
        room = {lane: limits.get(lane, default_limit) - flying.get(lane, 0) for lane in ready}
        taken: list[tuple[str, str]] = []
        for lane, free in room.items():
            if free > 0:
                taken.extend(self._take(lane, free))
        return taken

    def _take(self, lane: str, count: int) -> Sequence[tuple[str, str]]:
        run = schema.runs.c
        query = (
            select(run.case_id).where(run.state == "ready", run.lane == lane).order_by(run.priority, run.case_id).limit(count)
        ).with_for_update(skip_locked=True)
        with self.database.writing() as connection:
            cases = list(connection.execute(query).scalars())
            if cases:
                condition = and_(run.case_id.in_(cases), run.lane == lane, run.state == "ready")
                connection.execute(update(schema.runs).where(condition).values(state="queued", queued_at=micros(datetime.now(UTC))))
        return [(case, lane) for case in cases]

    def has_ready(self) -> bool:
        """See the protocol."""
        run = schema.runs.c
        with self.database.reading() as connection:
            return connection.execute(select(run.case_id).where(run.state == "ready").limit(1)).first() is not None

    def unqueue(self, runs: Sequence[tuple[str, str]]) -> None:
        """See the protocol."""
        run = schema.runs.c
        if not runs:
            return
        condition = and_(tuple_(run.case_id, run.lane).in_(list(runs)), run.state == "queued")
        with self.database.writing() as connection:
            connection.execute(update(schema.runs).where(condition).values(state="ready", queued_at=None))

    def wake_due(self, machine: datetime, queued_before: datetime) -> int:
        """See the protocol."""
        run = schema.runs.c
        now = micros(machine)
        condition = or_(
            and_(run.state == "idle", run.due.is_not(None), run.due <= now),
            and_(run.state == "claimed", run.lease_until < now),
            and_(run.state == "queued", run.queued_at < micros(queued_before)),
        )
        with self.database.reading() as connection:
            if connection.execute(select(run.case_id).where(condition).limit(1)).first() is None:
                return 0
        with self.database.writing() as connection:
            count = connection.execute(update(schema.runs).where(condition).values(state="ready", due=None, queued_at=None)).rowcount
        self._woke()
        return count

    def claims(self) -> Sequence[tuple[str, str, str]]:
        """See the protocol."""
        run = schema.runs.c
        with self.database.reading() as connection:
            found = connection.execute(select(run.case_id, run.lane, run.owner).where(run.state == "claimed")).all()
        return [(case, lane, owner) for case, lane, owner in found]

    def renew(self, case: str, lane: str, epoch: int, owner: str, machine: datetime, lease: float) -> bool:
        """See the protocol. A claim that was given up for dead, but that nobody has taken, is taken up again."""
        run = schema.runs.c
        condition = and_(run.case_id == case, run.lane == lane, run.epoch == epoch)
        until = micros(machine + timedelta(seconds=lease))
        values = {"state": "claimed", "owner": owner, "lease_until": until, "due": None, "queued_at": None}
        with self.database.writing() as connection:
            return connection.execute(update(schema.runs).where(condition).values(**values)).rowcount == 1

    def release(self, case: str, lane: str, owner: str) -> None:
        """See the protocol."""
        run = schema.runs.c
        condition = and_(run.case_id == case, run.lane == lane, run.owner == owner, run.state == "claimed")
        with self.database.writing() as connection:
            connection.execute(update(schema.runs).where(condition).values(state="ready", lease_until=None, queued_at=None))
        self._woke()

    def requeue_all(self) -> None:
        """See the protocol."""
        with self.database.writing() as connection:
            connection.execute(update(schema.runs).where(schema.runs.c.state == "queued").values(state="ready", queued_at=None))
        self._woke()

    def next_due(self, but: Collection[str] = ()) -> datetime | None:
        """See the protocol."""
        run = schema.runs.c
        query = select(func.min(run.due)).where(run.state == "idle", run.lane.not_in(sorted(but)))
        with self.database.reading() as connection:
            return rows.to_moment(connection.execute(query).scalar())

    def busy(self) -> tuple[int, int]:
        """See the protocol."""
        run = schema.runs.c
        with self.database.reading() as connection:
            found = connection.execute(select(run.state, func.count()).group_by(run.state))
            counts: dict[str, int] = {row[0]: row[1] for row in found}
        return counts.get("ready", 0) + counts.get("queued", 0), counts.get("claimed", 0)

    def due_timers(self, now: datetime, limit: int = 100) -> Sequence[tuple[str, str]]:
        """See the protocol."""
        timer = schema.timers.c
        query = select(timer.case_id, timer.step).where(timer.due <= micros(now)).order_by(timer.due).limit(limit)
        with self.database.reading() as connection:
            return [(case, step) for case, step in connection.execute(query)]

    def circuits(self) -> Mapping[str, Circuit]:
        """See the protocol."""
        with self.database.reading() as connection:
            return {row["system"]: rows.to_circuit(row) for row in connection.execute(select(schema.circuits)).mappings()}

    def record_circuit(
        self, system: str, *, lane: str, failed: bool, threshold: int, open_until: datetime, reason: str, machine: datetime
    ) -> Circuit:
        """See the protocol."""
        table = schema.circuits.c
        with self.database.writing() as connection:
            row = connection.execute(select(schema.circuits).where(table.system == system).with_for_update()).mappings().first()
            failures = (row["failures"] if row else 0) + 1 if failed else 0
            values: dict[str, Any] = {
                "failures": failures,
                "open_until": micros(open_until) if failed and failures >= threshold else None,
                "reason": reason if failed else "",
            }
            if row is None:
                connection.execute(_insert_circuit(self.database.sqlite, {"system": system, **values}))
            else:
                connection.execute(update(schema.circuits).where(table.system == system).values(**values))
            closed = not failed and row is not None and row["open_until"] is not None
            if closed:
                self._wake_waiters(connection, lane, machine)
        if closed:
            self._woke()
        return Circuit(system, failures, rows.to_moment(values["open_until"]), values["reason"])

    def _wake_waiters(self, connection: Connection, lane: str, machine: datetime) -> None:
        """Let the lane's put-off runs look again: what waited for the circuit goes on, what waits for itself waits on."""
        run = schema.runs.c
        waiting = and_(run.lane == lane, run.state == "idle", run.due.is_not(None))
        connection.execute(update(schema.runs).where(waiting).values(due=micros(machine)))

    def take_probe(self, system: str, known: datetime, until: datetime) -> bool:
        """See the protocol."""
        table = schema.circuits.c
        condition = and_(table.system == system, table.open_until == micros(known))
        with self.database.writing() as connection:
            return connection.execute(update(schema.circuits).where(condition).values(open_until=micros(until))).rowcount == 1

    def _woke(self) -> None:
        self.database.ready.set()

    @contextmanager
    def lead(self, name: str) -> Iterator[bool]:
        """See the protocol. On SQLite the file's server lock sees to it; on PostgreSQL a session's advisory lock."""
        if self.database.sqlite:
            yield True
            return
        with translated(self.database.url), self.database.auto.connect() as connection:
            got = bool(connection.execute(select(func.pg_try_advisory_lock(func.hashtext(name)))).scalar())
            try:
                yield got
            finally:
                if got:
                    connection.execute(select(func.pg_advisory_unlock(func.hashtext(name))))


def _insert_circuit(on_sqlite: bool, values: dict[str, Any]) -> Any:
    statement = (sqlite.insert if on_sqlite else postgresql.insert)(schema.circuits).values(values)
    update_values = {name: value for name, value in values.items() if name != "system"}
    return statement.on_conflict_do_update(index_elements=["system"], set_=update_values)
