from __future__ import annotations

from dataclasses import replace

import pytest

from idm.connector import Refused, Retry
from idm.domain.policy import RetryPolicy
from idm.errors import Unavailable
from idm.flow.drain import circuits_waiting, demand_workable, drain
from tests.support.world import World


@pytest.fixture
def cases(world: World) -> list[str]:
    world.clock.ticking = True
    world.delegate()
    return [world.hire(f"h{number}") for number in range(3)]


def test_a_drain_works_until_only_people_and_dates_are_left(world: World, cases: list[str]) -> None:
    told: list[str] = []
    drained = drain(world.app, threads=4, tell=told.append)

    assert (drained.worked, drained.held_by_circuits) == (9, 0)
    assert told[-1] == "9 lanes worked"
    assert [world.states(case)["account"] for case in cases] == ["done"] * 3
    assert drain(world.app).worked == 0


def test_a_drain_waits_for_retries(world: World, cases: list[str]) -> None:
    world.targets["erp"].trouble(Retry("busy", after=0.3, down=False), times=2)
    drain(world.app)
    assert [world.states(case)["profile"] for case in cases] == ["done"] * 3


def test_a_drain_that_does_not_wait_leaves_retries_for_later(world: World, cases: list[str]) -> None:
    world.targets["erp"].trouble(Retry("busy", after=60, down=False), times=1)
    assert drain(world.app, until_idle=False).worked == 9
    assert sorted(world.states(case)["profile"] for case in cases) == ["done", "done", "retry"]


def test_a_drain_returns_when_only_an_open_circuit_is_left(world: World, cases: list[str]) -> None:
    world.policies.edit_system("erp", lambda system: replace(system, retry=RetryPolicy(0.01, 1, 0.01, 2, 60)))
    world.targets["erp"].trouble(Retry("away"), times=99)
    world.targets["ldap"].trouble(Refused("no"))
    drained = drain(world.app, threads=2)

    assert drained.held_by_circuits == circuits_waiting(world.app) == 1
    assert {world.states(case)["profile"] for case in cases} <= {"retry", "waiting"}
    assert [world.states(case)["mailbox"] for case in cases] == ["done"] * 3
    assert sorted(world.states(case)["account"] for case in cases) == ["done", "done", "refused"]


def test_a_drain_waits_for_what_another_holds_until_its_lease_is_over(world: World, cases: list[str]) -> None:
    until = int(world.clock.machine().timestamp() * 1_000_000) + 400_000
    world.sql(
        "update runs set state = 'claimed', owner = 'elsewhere', epoch = 5, lease_until = :until where lane = 'erp' and case_id = :case",
        until=until,
        case=cases[0],
    )
    drain(world.app)
    assert world.states(cases[0])["profile"] == "done"


def test_without_any_system_there_is_nothing_to_work(world: World) -> None:
    demand_workable(world.app)
    with pytest.raises(Unavailable, match="No target system"):
        demand_workable(replace(world.app, connectors={}))
