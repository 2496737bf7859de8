"""One target slow, one down for a while, fifty hires: nobody else waits for them, and all complete."""

from __future__ import annotations

from typing import Any

from idm.simulators import control
from tests import data
from tests.acceptance import people
from tests.acceptance.conftest import MakeStack
from tests.acceptance.outcome import doubles
from tests.acceptance.stack import Stack
from tests.waiting import wait_until

HIRES = 50
SLOW, DOWN, WELL = "mailbox", "erp", "ldap"
SECONDS_SLOW = 100.0
"""Longer than all others' work takes; it ends when the target is told to work as usual again."""


def one_at_a_time(systems: dict[str, Any]) -> None:
    systems["systems"][SLOW]["lane_limit"] = 1


def created(stack: Stack, system: str) -> list[str]:
    """When each record of the system was made, in order."""
    return sorted(entry["at"] for entry in stack.journal(system) if entry["op"] == "create" and entry["result"] == "applied")


def states(stack: Stack, step: str) -> list[str]:
    """The state of that step in every case."""
    loaded = [stack.app.store.load(row.id) for row in stack.app.store.list_cases(limit=HIRES)]
    return [case.case.steps[step].state.value for case in loaded if case is not None]


def waits_for_the_broken(stack: Stack) -> dict[str, Any] | None:
    """A step as `idm case show` has it that waits for the circuit of the target that is down."""
    for row in stack.app.store.list_cases(limit=HIRES):
        profile = next(step for step in stack.case(row.id)["steps"] if step["id"] == "profile")
        if profile["state"] == "waiting":
            return dict(profile)
    return None


def test_a_slow_and_a_broken_target_hold_up_nobody_else(make_stack: MakeStack) -> None:
    stack = make_stack(deadline_seconds=SECONDS_SLOW * 2, lease_seconds=SECONDS_SLOW * 3)
    stack.change_policy("systems.yaml", one_at_a_time)
    people.stand_in(stack.open().app)
    control.fail(stack.simulators, SLOW, "slow", seconds=SECONDS_SLOW)
    control.fail(stack.simulators, DOWN, "down")
    stack.start()
    stack.take([data.hire_event(f"hire-{number}") for number in range(HIRES)])

    wait_until(lambda: states(stack, "account") == ["done"] * HIRES, 90.0, "the accounts were not made")
    assert len(created(stack, WELL)) == HIRES
    assert created(stack, SLOW) == [], "the others were done before the slow one's first hire"
    assert created(stack, DOWN) == []
    profile = wait_until(lambda: waits_for_the_broken(stack), 30.0, "no open circuit shows")
    assert profile["waits_for"]["kind"] == "target"
    assert profile["waits_for"]["ids"] == [DOWN]
    assert DOWN in profile["reason"]

    control.clear(stack.simulators, DOWN)
    wait_until(lambda: states(stack, "profile") == ["done"] * HIRES, 90.0, "the profiles were not made")
    control.clear(stack.simulators, SLOW)
    stack.wait_until_idle()
    assert states(stack, "mailbox") == ["done"] * HIRES
    assert len(created(stack, SLOW)) == HIRES
    assert max(created(stack, WELL)) < created(stack, SLOW)[1]
    assert doubles(stack.journal()) == []
