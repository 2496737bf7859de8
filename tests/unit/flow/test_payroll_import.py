from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import cast

import pytest

from idm.errors import Unavailable
from idm.flow.payroll_import import STREAM, take_table
from idm.flow.verify import verify_audit
from idm.ports import App
from idm.ports_store import Store, Writer
from tests.support.world import World


def take(app: App, put_in_place: Callable[[], Callable[[], None]]) -> None:
    take_table(
        app,
        table="classes",
        file="payroll/classes.csv",
        text="new",
        hash="h-new",
        before="h-old",
        counts={"added": 1, "ended": 1, "changed": 0, "removed": 0},
        put_in_place=put_in_place,
        by="pay_officer",
        administrator="root",
    )


def placing(done: list[str]) -> Callable[[], Callable[[], None]]:
    """Puts a file in place, and says so in `done`."""

    def place() -> Callable[[], None]:
        done.append("placed")
        return lambda: done.append("undone")

    return place


def test_who_took_which_table_is_written_down_and_the_text_kept(world: World) -> None:
    done: list[str] = []
    take(world.app, placing(done))

    (entry,) = world.store.audit(STREAM)
    assert (entry.actor, entry.action, done) == ("pay_officer", "table-taken", ["placed"])
    assert json.loads(entry.payload or "") == {
        "table": "classes",
        "file": "payroll/classes.csv",
        "hash": "h-new",
        "before": "h-old",
        "added": 1,
        "ended": 1,
        "changed": 0,
        "removed": 0,
        "administrator": "root",
    }
    assert world.store.policy_text("h-new") == ("payroll/classes.csv", "new")
    assert verify_audit(world.app).faults == ()


def test_nothing_is_written_down_if_the_file_cannot_be_put_in_place(world: World) -> None:
    def full() -> Callable[[], None]:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        take(world.app, full)
    assert world.store.audit(STREAM) == []
    assert world.store.policy_text("h-new") is None


class LosingStore:
    """The store, whose database goes away when a transaction is to be committed."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @contextmanager
    def write(self) -> Iterator[Writer]:
        with self._store.write() as writer:
            yield writer
            raise Unavailable("The database is gone.")


def test_the_former_file_comes_back_if_it_cannot_be_written_down(world: World) -> None:
    done: list[str] = []
    losing = replace(world.app, store=cast(Store, LosingStore(world.store)))

    with pytest.raises(Unavailable):
        take(losing, placing(done))
    assert done == ["placed", "undone"]
    assert world.store.audit(STREAM) == []
