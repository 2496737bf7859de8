from __future__ import annotations

from datetime import timedelta

import pytest

from idm.flow.graphs import load
from idm.rows import Run
from idm.store.engine import Database
from idm.store.store import SqlStore
from tests.support.together import together
from tests.support.world import World


@pytest.fixture
def case(world: World) -> str:
    case = world.hire()
    world.appoint(case)
    return case


def run(world: World, case: str, lane: str = "ldap") -> Run:
    return load(world.app, case).runs[lane]


def test_a_lane_is_settled_only_at_the_version_that_was_looked_at(world: World, case: str) -> None:
    version = world.case(case).version
    due = world.clock.machine() + timedelta(seconds=9)
    assert world.store.settle_run(case, "ldap", version - 1, None) is False
    assert run(world, case).state == "ready"
    assert world.store.settle_run(case, "ldap", version, due) is True
    assert (run(world, case).state, run(world, case).due) == ("idle", due)
    assert world.store.settle_run("c-gone", "ldap", 1, None) is False


def test_settling_leaves_a_claim_alone(world: World, case: str) -> None:
    world.sql("update runs set state = 'claimed', owner = 'w' where lane = 'ldap'")
    assert world.store.settle_run(case, "ldap", world.case(case).version, None) is True
    assert run(world, case).state == "claimed"


def test_of_a_settling_and_a_change_at_once_no_wake_up_is_lost(world: World, case: str) -> None:
    """Whoever comes first: either the settling sees that the case moved, or the change makes the lane ready after it."""
    world.work()
    for _ in range(10):
        world.sql("update runs set state = 'queued' where lane = 'ldap'")
        version = world.case(case).version

        def settle(version: int = version) -> bool:
            return world.store.settle_run(case, "ldap", version, None)

        def move() -> bool:
            world.sql("update cases set version = version + 1")
            return True

        answers = together([settle, move])
        assert answers[1] is True
        assert run(world, case).state == ("idle" if answers[0] is True else "queued")


def test_ready_lanes_are_taken_once_by_many(world: World) -> None:
    world.delegate()
    cases = [world.hire(f"h{number}") for number in range(5)]
    taken = together([lambda: world.store.ready_runs({}, 100)] * 4)

    runs = [each for part in taken if not isinstance(part, Exception) for each in part]
    assert sorted(runs) == sorted((case, lane) for case in cases for lane in ("ldap", "erp", "mailbox"))
    assert world.store.busy() == (15, 0)
    world.store.unqueue(runs[:3])
    world.store.unqueue([])
    assert sorted(world.store.ready_runs({}, 100)) == sorted(runs[:3])
    world.store.requeue_all()
    assert len(world.store.ready_runs({"ldap": 1, "erp": 0}, 100)) == 6


def test_due_lanes_are_told_but_for_those_left_out(world: World, case: str) -> None:
    machine = world.clock.machine()
    for lane, seconds in (("ldap", 5), ("erp", 9)):
        due = int((machine + timedelta(seconds=seconds)).timestamp() * 1_000_000)
        world.sql("update runs set state = 'idle', due = :due where lane = :lane", due=due, lane=lane)
    first, second = world.store.next_due(), world.store.next_due(["ldap"])
    assert first is not None and second is not None
    assert timedelta(seconds=3.9) < second - first < timedelta(seconds=4.1)
    assert world.store.wake_due(machine, machine - timedelta(hours=1)) == 0
    assert world.store.wake_due(machine + timedelta(seconds=6), machine - timedelta(hours=1)) == 1
    assert (run(world, case).state, run(world, case, "erp").state) == ("ready", "idle")


def test_only_the_claim_of_that_owner_is_released(world: World, case: str) -> None:
    world.sql("update runs set state = 'claimed', owner = 'a', epoch = 3 where lane = 'ldap'")
    world.store.release(case, "ldap", "b")
    assert run(world, case).state == "claimed"
    world.store.release(case, "ldap", "a")
    assert (run(world, case).state, run(world, case).epoch) == ("ready", 3)


def test_a_claim_is_renewed_by_whoever_claimed_last(world: World, case: str) -> None:
    machine = world.clock.machine()
    lease = int((machine + timedelta(seconds=5)).timestamp() * 1_000_000)
    world.sql("update runs set state = 'claimed', owner = 'a', epoch = 3, lease_until = :lease where lane = 'ldap'", lease=lease)

    assert world.store.renew(case, "ldap", 3, "a", machine, 60) is True
    assert run(world, case).lease_until == machine + timedelta(seconds=60)
    assert world.store.renew(case, "ldap", 2, "a", machine, 90) is False
    assert world.store.renew(case, "ldap", 4, "a", machine, 90) is False
    assert run(world, case).lease_until == machine + timedelta(seconds=60)


def test_a_circuit_counts_opens_closes_and_wakes_its_lane(world: World, case: str) -> None:
    machine = world.clock.machine()
    until = machine + timedelta(seconds=30)
    world.work()
    due = int((machine + timedelta(hours=1)).timestamp() * 1_000_000)
    world.sql("update runs set due = :due where lane in ('ldap', 'erp')", due=due)

    def record(failed: bool) -> tuple[int, bool]:
        circuit = world.store.record_circuit(
            "ldap", lane="ldap", failed=failed, threshold=2, open_until=until, reason="away", machine=machine
        )
        assert world.store.circuits()["ldap"] == circuit
        return circuit.failures, circuit.is_open(machine)

    assert [record(True), record(True), record(True)] == [(1, False), (2, True), (3, True)]
    assert record(False) == (0, False)
    assert run(world, case).due == machine
    assert run(world, case, "erp").due != machine


def test_many_failures_at_once_are_all_counted(world: World) -> None:
    machine = world.clock.machine()

    def fail() -> object:
        return world.store.record_circuit("erp", lane="erp", failed=True, threshold=99, open_until=machine, reason="away", machine=machine)

    fail()
    answers = together([fail] * 6)
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert world.store.circuits()["erp"].failures == 7


def test_one_alone_takes_the_trial_call(world: World) -> None:
    machine = world.clock.machine()
    world.store.record_circuit("erp", lane="erp", failed=True, threshold=1, open_until=machine, reason="away", machine=machine)
    later = machine + timedelta(seconds=30)
    answers = together([lambda: world.store.take_probe("erp", machine, later)] * 6)

    assert answers.count(True) == 1
    assert world.store.circuits()["erp"].open_until == later
    assert world.store.take_probe("never failed", machine, later) is False


def test_one_leads_at_a_time_on_postgresql_and_sqlites_server_lock_sees_to_it_there(world: World, database_url: str) -> None:
    other = SqlStore(Database(database_url, 2), world.keys.decrypt)
    try:
        with world.store.lead("relay") as first, other.lead("relay") as second, other.lead("another") as third:
            assert (first, second, third) == (True, world.database.sqlite, True)
        with other.lead("relay") as again:
            assert again is True
    finally:
        other.close()
