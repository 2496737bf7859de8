"""Any single thing that somebody without the key does to the sealed part of the audit is found, whatever was written before."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from sqlalchemy import select

from idm.domain import audit
from idm.flow.seal import seal_audit
from idm.flow.verify import verify_audit
from idm.store import schema
from tests.support.tampering import entries, found, put, rewritten, with_seals
from tests.support.world import World

STREAMS = ("c-1", "c-2", "delegations")
TABLES = (schema.audit, schema.streams, schema.seals, schema.sealed_heads)

Rows = dict[str, list[dict[str, Any]]]


def kept(world: World) -> Rows:
    with world.database.reading() as connection:
        return {table.name: [dict(row) for row in connection.execute(select(table)).mappings()] for table in TABLES}


def put_back(world: World, rows: Rows) -> None:
    with world.database.writing() as connection:
        for table in TABLES:
            connection.execute(table.delete())
            if rows[table.name]:
                connection.execute(table.insert(), rows[table.name])


class Tampering(RuleBasedStateMachine):
    """Streams grow and are sealed; now and then somebody alters what was sealed, and it is put right again."""

    world: World
    folder: Path

    def __init__(self) -> None:
        super().__init__()
        put_back(self.world, {table.name: [] for table in TABLES})
        shutil.rmtree(self.folder / "anchor", ignore_errors=True)
        self.sealed: dict[str, int] = {}
        self.length: dict[str, int] = {}
        self.older: Rows | None = None

    @rule(stream=st.sampled_from(STREAMS), count=st.integers(1, 3))
    def grow(self, stream: str, count: int) -> None:
        now = self.world.clock.now()
        for _ in range(count):
            with self.world.store.write() as writer:
                number = self.length[stream] = self.length.get(stream, 0) + 1

                def entry(head: tuple[int, str], number: int = number) -> audit.Entry:
                    return audit.chain(stream, head, now, f"p{number}", "acted", {"number": number}, f"salt{number}")

                writer.append(stream, entry)

    @rule(keep=st.booleans())
    def seal(self, keep: bool) -> None:
        if keep and self.older is None and self.sealed:
            self.older = kept(self.world)
        before = self.world.store.newest_seal().number
        seal_audit(self.world.app)
        if self.world.store.newest_seal().number == before:
            self.older = None
        self.sealed = dict(self.length)

    @rule()
    def sound(self) -> None:
        assert found(self.world) == []
        assert verify_audit(self.world.app).unsealed == sum(self.length.values()) - sum(self.sealed.values())

    def tampered(self, act: Callable[[], None]) -> None:
        rows = kept(self.world)
        act()
        assert found(self.world) != []
        put_back(self.world, rows)

    def sql(self, statement: str, **values: Any) -> None:
        self.tampered(lambda: self.world.sql(statement, **values))

    @precondition(lambda self: self.sealed)
    @rule(data=st.data())
    def alter_an_entry(self, data: st.DataObject) -> None:
        stream, seq = self.one(data)
        column = data.draw(st.sampled_from(["actor", "action", "payload", "salt", "payload_hash", "previous", "hash"]))
        self.sql(f"update audit set {column} = 'x' where stream = :stream and seq = :seq", stream=stream, seq=seq)  # noqa: S608 - names of ours

    @precondition(lambda self: self.sealed)
    @rule(data=st.data(), by=st.sampled_from([-1, 1, 1_000_000]))
    def alter_a_moment(self, data: st.DataObject, by: int) -> None:
        stream, seq = self.one(data)
        self.sql("update audit set at = at + :by where stream = :stream and seq = :seq", by=by, stream=stream, seq=seq)

    @precondition(lambda self: self.sealed)
    @rule(data=st.data())
    def remove_an_entry(self, data: st.DataObject) -> None:
        stream, seq = self.one(data)
        self.sql("delete from audit where stream = :stream and seq = :seq", stream=stream, seq=seq)

    @precondition(lambda self: self.sealed)
    @rule(data=st.data())
    def rebuild_a_stream(self, data: st.DataObject) -> None:
        stream, seq = self.one(data)
        old = entries(self.world, stream)
        how = data.draw(st.sampled_from(["changed", "shorter", "without", "twice", "swapped"]))
        new = {
            "changed": lambda: rewritten(old, seq),
            "shorter": lambda: old[: seq - 1],
            "without": lambda: rewritten([*old[: seq - 1], *old[seq:]], 0),
            "twice": lambda: rewritten([*old[:seq], *old[seq - 1 :]], 0),
            "swapped": lambda: rewritten([*old[: seq - 1], *old[seq - 1 : seq + 1][::-1], *old[seq + 1 :]], seq),
        }[how]()
        # An unmarked addition behind the last sealed entry can't be told from what idm itself has written since.
        marked = how == "twice" or data.draw(st.booleans())
        self.tampered(lambda: put(self.world, stream, new, sealed=marked))

    @precondition(lambda self: self.sealed)
    @rule(data=st.data())
    def remove_a_stream(self, data: st.DataObject) -> None:
        stream, _ = self.one(data)

        def act() -> None:
            self.world.sql("delete from audit where stream = :stream", stream=stream)
            self.world.sql("delete from streams where id = :stream", stream=stream)

        self.tampered(act)

    @precondition(lambda self: self.sealed)
    @rule(data=st.data())
    def move_to_another_stream(self, data: st.DataObject) -> None:
        stream, seq = self.one(data)
        self.sql("update audit set stream = 'c-9' where stream = :stream and seq = :seq", stream=stream, seq=seq)

    @precondition(lambda self: self.sealed)
    @rule(data=st.data())
    def alter_a_seal(self, data: st.DataObject) -> None:
        number = data.draw(st.integers(1, self.world.store.newest_seal().number))
        column = data.draw(
            st.sampled_from(["key = 'x'", "digest = 'x'", "previous = 'x'", "mac = 'x'", "at = at + 1", "heads = heads + 1"])
        )
        self.sql(f"update seals set {column} where number = :number", number=number)  # noqa: S608 - names of ours

    @precondition(lambda self: self.sealed)
    @rule(data=st.data())
    def cut_seals(self, data: st.DataObject) -> None:
        first = data.draw(st.integers(1, self.world.store.newest_seal().number))
        only = data.draw(st.booleans())
        heads = data.draw(st.booleans())

        def act() -> None:
            condition = "= :first" if only else ">= :first"
            self.world.sql(f"delete from seals where number {condition}", first=first)  # noqa: S608 - names of ours
            if heads:
                self.world.sql(f"delete from sealed_heads where seal {condition}", first=first)  # noqa: S608 - names of ours

        self.tampered(act)

    @precondition(lambda self: self.sealed)
    @rule(data=st.data())
    def alter_a_sealed_head(self, data: st.DataObject) -> None:
        head = data.draw(st.sampled_from(kept(self.world)["sealed_heads"]))
        what = data.draw(
            st.sampled_from(["update sealed_heads set hash = 'x'", "update sealed_heads set seal = seal + 1", "delete from sealed_heads"])
        )
        self.sql(f"{what} where stream = :stream and seq = :seq", stream=head["stream"], seq=head["seq"])

    @precondition(lambda self: self.older is not None)
    @rule()
    def restore_an_older_database(self) -> None:
        assert self.older is not None
        older = self.older
        self.tampered(lambda: put_back(self.world, older))

    def one(self, data: st.DataObject) -> tuple[str, int]:
        """A sealed entry: its stream and number."""
        stream = data.draw(st.sampled_from(sorted(self.sealed)))
        return stream, data.draw(st.integers(1, self.sealed[stream]))


def test_any_single_tampering_is_found(new_world: Callable[..., World], tmp_path: Path) -> None:
    class Here(Tampering):
        world = with_seals(new_world(), tmp_path)
        folder = tmp_path

    run_state_machine_as_test(
        Here, settings=settings(max_examples=12, stateful_step_count=15, suppress_health_check=list(HealthCheck), deadline=None)
    )
