from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from idm.errors import Unavailable
from idm.flow.advance import advance
from idm.flow.relay import relay, relay_once
from idm.store.store import SqlStore
from tests.support.world import World
from tests.waiting import wait_until


def in_state(world: World, state: str) -> list[tuple[str, str]]:
    with world.database.reading() as connection:
        found = connection.exec_driver_sql("select case_id, lane, state from runs").all()
    return sorted((case, lane) for case, lane, now in found if now == state)


@pytest.fixture
def cases(world: World) -> list[str]:
    world.delegate()
    return [world.hire(f"h{number}", start=f"2027-0{6 - number}-01") for number in range(4)]


def limit(world: World, lane: str, most: int) -> None:
    world.policies.edit_system(lane, lambda system: replace(system, lane_limit=most))


def test_each_ready_lane_gets_one_message(world: World, cases: list[str]) -> None:
    assert relay_once(world.app) == 12
    assert sorted(world.outbox.sent) == sorted((case, lane) for case in cases for lane in ("ldap", "erp", "mailbox"))
    assert in_state(world, "queued") == sorted(world.outbox.sent)
    assert relay_once(world.app) == 0


def test_each_lane_keeps_few_in_flight_nearest_start_date_first(world: World, cases: list[str]) -> None:
    limit(world, "ldap", 2)
    relay_once(world.app)
    assert [case for case, lane in world.outbox.sent if lane == "ldap"] == [cases[3], cases[2]]
    assert len([case for case, lane in world.outbox.sent if lane == "erp"]) == 4
    relay_once(world.app)
    assert len([case for case, lane in world.outbox.sent if lane == "ldap"]) == 2

    advance(world.app, cases[3], "ldap")
    relay_once(world.app)
    assert [case for case, lane in world.outbox.sent if lane == "ldap"] == [cases[3], cases[2], cases[1]]


def test_a_claimed_lane_counts_as_in_flight(world: World, cases: list[str]) -> None:
    limit(world, "ldap", 1)
    world.sql("update runs set state = 'claimed', owner = 'other' where lane = 'ldap' and case_id = :case", case=cases[3])
    relay_once(world.app)
    assert [case for case, lane in world.outbox.sent if lane == "ldap"] == []


def test_what_cannot_be_sent_is_ready_again(world: World, cases: list[str]) -> None:
    world.outbox.away = True
    with pytest.raises(Unavailable):
        relay_once(world.app)
    assert len(in_state(world, "ready")) == 12
    world.outbox.away = False
    assert relay_once(world.app) == 12


def test_a_relay_that_begins_sends_again_what_an_earlier_one_had_sent(world: World, cases: list[str]) -> None:
    relay_once(world.app)
    world.outbox.sent.clear()
    stopping = threading.Event()
    faults: list[str] = []
    thread = threading.Thread(target=relay, args=(world.app, stopping.is_set, lambda error: faults.append(error.message)))
    thread.start()
    try:
        wait_until(lambda: len(world.outbox.sent) == 12)
        late = world.hire("late")
        wait_until(lambda: (late, "ldap") in world.outbox.sent)
        world.outbox.away = True
        later = world.hire("later")
        wait_until(lambda: faults)
        world.outbox.away = False
        wait_until(lambda: (later, "ldap") in world.outbox.sent)
    finally:
        stopping.set()
        world.database.ready.set()
        thread.join(10)
    assert not thread.is_alive()
    assert set(faults) == {"The broker is away."}


def test_a_relay_stands_by_while_another_leads(world: World, cases: list[str]) -> None:
    """On SQLite the server lock keeps a second one away before it comes so far; so the lock is taken here by hand."""

    class Second(SqlStore):
        """The store of a process that isn't the first."""

        @contextmanager
        def lead(self, name: str) -> Iterator[bool]:
            yield False

    looks = iter([False, False, True, True])
    relay(replace(world.app, store=Second(world.database, world.keys.decrypt)), lambda: next(looks), lambda error: None)
    assert world.outbox.sent == []
    assert list(looks) == [True]
