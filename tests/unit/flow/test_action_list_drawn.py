"""The action list holds the very tasks that asking everybody about every task gives, in organisations drawn from seeds."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest

from idm.flow.action_list import action_list
from idm.flow.tasks import open_tasks
from idm.policy_files import PolicyFolder
from tests.support.crowd import settle
from tests.support.databases import emptied
from tests.support.world import World

COUNT, FEWER = 25, 8
"""How many organisations are drawn; fewer on PostgreSQL, where emptying the database takes as long as everything else."""


def on_all_pages(world: World, person: str, limit: int) -> list[str]:
    """The ids of a person's tasks, page after page."""
    found, after = [], ""
    for _ in range(1000):
        page = action_list(world.app, person, limit=limit, after=after)
        found += [item.task.id for item in page.items]
        after = page.next
        if not after:
            return found
    raise AssertionError("the pages never end")


@pytest.fixture
def empty(database_url: str, tmp_path: Path, shipped_policies: PolicyFolder) -> Callable[[], World]:
    """Makes worlds on the test's database, emptied each time."""

    def make() -> World:
        return World(emptied(database_url), tmp_path, shipped_policies)

    return make


def test_every_page_together_is_what_each_person_may_act_on(empty: Callable[[], World], database_url: str) -> None:
    wrong: list[str] = []
    met: Counter[str] = Counter()
    sqlite = "sqlite" in database_url
    for seed in range(COUNT if sqlite else FEWER):
        world = empty()
        people = settle(world, seed)
        mine: dict[str, set[str]] = defaultdict(set)
        for row, holders in open_tasks(world.app):
            for holder in holders:
                mine[holder.person].add(row.id)
                met.update(
                    {holder.via, holder.ground.value, "escalated" if holder.escalated else "near", "apart" if row.apart else "alone"}
                )
                met.update({"named" if row.named else "nobody named", row.actor.value})
        for person in people:
            found = on_all_pages(world, person, 1 + seed % 4)
            if set(found) != mine[person] or len(found) != len(set(found)):
                wrong.append(f"seed {seed}, {person}: lacks {sorted(mine[person] - set(found))}, has {sorted(set(found) - mine[person])}")
        world.close()
    assert wrong == []
    if not sqlite:
        return
    wanted = {
        "own",
        "team",
        "substitute",
        "backup",
        "case",
        "named",
        "unit",
        "manager",
        "hire",
        "escalated",
        "apart",
        "control",
        "nobody named",
    }
    assert wanted - {name for name, count in met.items() if count >= 3} == set()
