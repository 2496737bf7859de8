"""Departures in any order, at any moment, on both databases."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from idm.policy_files import PolicyFolder
from tests.support.databases import copied, emptied
from tests.support.departures import Departures
from tests.support.world import World


@pytest.mark.timeout(600)  # a busy machine must not cut an example off in its middle
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_whatever_departs_from_plan_nothing_comes_too_early_and_nothing_is_left_behind(
    database: str, request: pytest.FixtureRequest, tmp_path: Path, shipped_policies: PolicyFolder
) -> None:
    numbers = itertools.count()

    def world() -> World:
        folder = tmp_path / str(next(numbers))
        folder.mkdir()
        if database == "sqlite":
            url = copied(request.getfixturevalue("sqlite_template"), folder / "idm.sqlite")
        else:
            url = emptied(request.getfixturevalue("postgres_tables"))
        made = World(url, folder, shipped_policies, pool=2)
        made.import_municipality()
        return made

    class Machine(Departures):
        make = staticmethod(world)

        def teardown(self) -> None:
            try:
                super().teardown()
            finally:
                self.world.close()

    chosen: dict[str, Any] = {"suppress_health_check": list(HealthCheck), "deadline": None, "phases": (Phase.explicit, Phase.generate)}
    run_state_machine_as_test(Machine, settings=settings(max_examples=15 if database == "sqlite" else 6, stateful_step_count=18, **chosen))
