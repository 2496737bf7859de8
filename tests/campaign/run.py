"""One run of the campaign: hires and people's acts in an order drawn from the seed, mishaps between them, and what must be true after."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from idm.flow.depart import Word, cancel
from idm.flow.verify import verify_audit
from tests import data
from tests.acceptance import people
from tests.acceptance.outcome import doubles, outcome
from tests.acceptance.stack import Stack
from tests.campaign.mishaps import draw, heal

FIRST_DAY = datetime(2027, 1, 4, 7, tzinfo=UTC)
HIRES = 4
ACTS: tuple[Callable[[Any, str], None], ...] = (people.appoint, people.hand_in, people.review, people.fill_in, people.confirm, people.check)


@dataclass(frozen=True, slots=True)
class Result:
    """What a run saw: its mishaps, and every way in which it did not end as it should (empty: it held)."""

    mishaps: tuple[str, ...]
    faults: tuple[str, ...]


def calm(stack: Stack) -> dict[str, Any]:
    """The outcome of one hire to which nothing happens: what every hire must come to."""
    case = stack.take([data.hire_event("calm")])[0]
    for act in ACTS:
        act(stack.app, case)
    stack.move_clock(FIRST_DAY)
    stack.wait_until_idle()
    return outcome(stack, case)


def run(stack: Stack, seed: int, reference: dict[str, Any]) -> Result:
    """Take hires through everything with mishaps, heal, and compare."""
    chance = random.Random(seed)
    cases = stack.take([data.hire_event(f"hire-{seed}-{number}") for number in range(HIRES)])
    cancelled = {case: chance.randint(1, len(ACTS)) for case in cases if chance.random() < 0.25}
    working = chance.choice([name for name in stack.programs if name != "web"])
    befallen: list[str] = []
    for case, act in _order(chance, cases, cancelled):
        if chance.random() < 0.4:
            mishap = draw(chance, working)
            befallen.append(mishap.name)
            mishap.befall(stack)
        act(stack.app, case)
    heal(stack)
    stack.wait_until_idle(120)
    stack.move_clock(FIRST_DAY)
    stack.wait_until_idle(120)
    return Result(tuple(befallen), tuple(_faults(stack, cases, cancelled, reference)))


def _order(chance: random.Random, cases: list[str], cancelled: dict[str, int]) -> Iterator[tuple[str, Callable[[Any, str], None]]]:
    """The acts of all cases, each case's own in their order, the cases mixed."""
    left = {case: list(ACTS[: cancelled.get(case, len(ACTS))]) for case in cases}
    for case in cancelled:
        left[case].append(_cancel)
    while left:
        case = chance.choice(list(left))
        yield case, left[case].pop(0)
        if not left[case]:
            del left[case]


def _cancel(app: Any, case: str) -> None:
    cancel(app, case, Word(reason="took another position"))


def _faults(stack: Stack, cases: list[str], cancelled: dict[str, int], reference: dict[str, Any]) -> Iterator[str]:
    for case in cases:
        if case in cancelled:
            left = stack.targets(case, ("ldap", "erp", "mailbox", "payroll"))
            if any(item["state"] == "enabled" or item["entitlements"] for items in left.values() for item in items):
                yield f"{case} was cancelled and left something behind"
            continue
        ended = outcome(stack, case)
        yield from (f"{case}: {part} differs" for part in reference if part != "effects" and ended[part] != reference[part])
    yield from (f"twice: {effect}" for effect in doubles(stack.journal()))
    yield from (f"audit: {fault}" for fault in verify_audit(stack.app).faults)
