"""A circuit that stays open makes no work: what waits for it is woken when it may close, and a drain comes to its end."""

from __future__ import annotations

import threading
from dataclasses import replace

from idm.connector import Retry
from idm.domain.policy import RetryPolicy, SystemPolicy
from idm.flow.drain import drain
from idm.flow.sweep import sweep_once
from tests.support.world import World


def impatient(system: SystemPolicy) -> SystemPolicy:
    """It opens its circuit at the first failure, for half a minute."""
    return replace(system, retry=RetryPolicy(first=1, factor=1, most=1, circuit_failures=1, cool_down=30))


def two_waiting(world: World) -> tuple[str, str]:
    """Two hires that wait for the mailbox system, whose trial call has just failed once more; the one that tries and the other."""
    world.policies.edit_system("mailbox", impatient)
    mailbox = world.targets["mailbox"]
    mailbox.trouble(Retry("it is away"), times=100)
    cases = [world.hire(f"h{number}") for number in range(3)]
    for case in cases:
        world.appoint(case)
    world.work()
    world.clock.pass_seconds(5)
    sweep_once(world.app)
    world.app.cache.clear()
    world.work()
    world.clock.pass_seconds(26)
    world.app.cache.clear()
    sweep_once(world.app)
    world.work()
    assert world.store.circuits()["mailbox"].is_open(world.clock.machine())
    return cases[0], cases[1]


def test_what_waits_for_an_open_circuit_is_not_woken_again_and_again(world: World) -> None:
    two_waiting(world)
    world.clock.pass_seconds(2)
    woken = []
    for _ in range(5):
        world.app.cache.clear()
        woken.append(sweep_once(world.app))
        world.work()
    assert woken[2:] == [0, 0, 0]


def test_a_drain_ends_while_a_circuit_is_open(world: World) -> None:
    two_waiting(world)
    world.clock.pass_seconds(2)
    ended = threading.Thread(target=drain, args=(world.app,), kwargs={"threads": 2}, daemon=True)
    ended.start()
    ended.join(60)
    assert not ended.is_alive()
