"""Mishaps, drawn from a seed: processes killed at fault points or at any moment, targets that fail, messages lost."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from idm.errors import Unavailable
from idm.flow.sweep import sweep_once
from idm.simulators import control
from tests.acceptance.stack import SYSTEMS, Stack

POINTS = (
    "claim.before-commit",
    "claim.after-commit",
    "call.before",
    "call.between-changes",
    "call.after",
    "outcome.before-commit",
    "outcome.after-commit",
    "relay.before-publish",
    "relay.after-publish",
    "sweep.before-commit",
)
"""The fault points that a working process passes by itself; those of intake and tasks belong to the process of a person."""


ARGUMENTS = {"server": ("serve",), "web": ("serve", "--web-only"), "worker-1": ("worker",), "worker-2": ("worker",)}
"""How each process of a stack is started."""


@dataclass(frozen=True, slots=True)
class Mishap:
    """What goes wrong, in words, and how to make it so."""

    name: str
    befall: Callable[[Stack], None]


def draw(chance: random.Random, working: str) -> Mishap:
    """A mishap for a stack whose working process is called `working`."""
    match chance.choice(("point", "kill", "target", "target", "simulators", "requeue")):
        case "point":
            point, count = chance.choice(POINTS), chance.randint(1, 12)
            return Mishap(f"{working} dies at {point}:{count}", lambda stack: _restart(stack, working, f"{point}:{count}"))
        case "kill":
            return Mishap(f"{working} is killed", lambda stack: _restart(stack, working, ""))
        case "simulators":
            return Mishap("the targets are restarted", _restart_simulators)
        case "requeue":
            return Mishap("every message in flight is sent again", lambda stack: stack.app.store.requeue_all())
        case _:
            system, mode = chance.choice(SYSTEMS), chance.choice(("timeout-before", "timeout-after", "down", "slow"))
            times = chance.randint(1, 4)
            return Mishap(f"{system}: {mode} x {times}", lambda stack: _fail(stack, system, mode, times))


def _restart(stack: Stack, name: str, fault: str) -> None:
    stack.kill(name)
    stack.launch(name, *ARGUMENTS[name], fault=fault)


def _restart_simulators(stack: Stack) -> None:
    control.stop(stack.simulators)
    stack.start_simulators()


def _fail(stack: Stack, system: str, mode: str, times: int) -> None:
    with suppress(Unavailable):
        control.fail(stack.simulators, system, mode, times, 0.3)


def heal(stack: Stack) -> None:
    """Let every target work again, and have every process run without an armed fault."""
    stack.start_simulators()
    for system in SYSTEMS:
        control.clear(stack.simulators, system)
    for name in list(stack.programs):
        _restart(stack, name, "")
    sweep_once(stack.app)
