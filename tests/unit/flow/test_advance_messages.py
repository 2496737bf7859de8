"""Every message delivered three times, in any order and by several workers: everything ends as with one each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idm.connector import Observed
from idm.flow.advance import advance
from idm.flow.verify import verify_audit
from tests import data
from tests.support.databases import emptied
from tests.support.target import Done
from tests.support.together import together
from tests.support.world import World

HIRES = (("h1", "teacher", "school_north"), ("h2", "substitute_teacher", "school_south"), ("h3", "teacher", "school_north"))


@dataclass(frozen=True)
class Ended:
    """How a run of the scenario ended: everything but who did it and when."""

    states: dict[str, dict[str, str]]
    tasks: list[tuple[str, str]]
    held: dict[str, dict[tuple[str, str], tuple[object, ...]]]
    effects: dict[str, Counter[Done]]
    owned: list[tuple[object, ...]]


def deliver(world: World, threads: int, times: int, seed: int) -> None:
    """Deliver the messages of what is ready, each so many times, mixed up over so many workers; then what follows from it."""
    random = Random(seed)
    workers = [world.another_worker(f"worker-{number}") for number in range(threads)]
    while taken := world.store.ready_runs({}, 100):
        messages = [run for run in taken for _ in range(times)]
        random.shuffle(messages)
        shares = [messages[number::threads] for number in range(threads)]

        def work(number: int, shares: list[list[tuple[str, str]]] = shares) -> None:
            for case, lane in shares[number]:
                advance(workers[number], case, lane)

        failed = [answer for answer in together([partial(work, n) for n in range(threads)]) if answer is not None]
        assert failed == []


def play(world: World, threads: int = 1, times: int = 1, seed: int = 0) -> Ended:
    """Three hires, one of them of the same person twice, from event to open accounts."""
    world.delegate()
    cases = [
        world.hire(id, position=position, unit=unit, cpr=data.cpr(700 + index // 2)) for index, (id, position, unit) in enumerate(HIRES)
    ]
    for case in cases:
        world.confirm_rights(case)
    deliver(world, threads, times, seed)
    for case in cases:
        world.all_documents(case)
        world.fill_payroll(case)
    deliver(world, threads, times, seed + 1)
    world.arrive()
    deliver(world, threads, times, seed + 2)
    assert verify_audit(world.app).faults == ()
    return Ended(
        {case: world.states(case) for case in cases},
        sorted((task.id, task.state) for task in world.store.tasks()),
        {system: {key: bare(record) for key, record in target.everything.items()} for system, target in world.targets.items()},
        {system: Counter(target.applied()) for system, target in world.targets.items()},
        sorted(
            (owned.system, owned.kind, owned.key, sorted(owned.entitlements), owned.opened, owned.gone)
            for person in {world.case(case).person for case in cases}
            for owned in world.store.owned(person)
        ),
    )


def bare(record: Observed) -> tuple[object, ...]:
    return record.state, tuple(sorted((name, str(value)) for name, value in record.attributes.items())), tuple(sorted(record.entitlements))


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_three_messages_do_what_one_does(new_world: Callable[..., World], database_url: str) -> None:
    def fresh() -> World:
        world = new_world()
        emptied(database_url)
        world.import_municipality()
        return world

    once = play(fresh())

    @settings(max_examples=3, deadline=None)
    @given(seed=st.integers(0, 10**6), threads=st.sampled_from([2, 4]))
    def delivered(seed: int, threads: int) -> None:
        assert play(fresh(), threads, 3, seed) == once

    delivered()
