"""Departures in any order, for as long as time allows: the state machine of the tests, from one seed after the other, on both databases.

`python -m tests.campaign.departures [--minutes 60] [--examples 25] [--steps 30] [--first 0]`. The result is written to
docs/campaign.md, under its own heading.
"""

from __future__ import annotations

import argparse
import itertools
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from idm.bootstrap import shipped
from idm.policy_files import PolicyFolder
from tests.campaign.authority import write
from tests.servers.postgres import PostgresServer
from tests.support.databases import copied, emptied, migrated, sqlite_url
from tests.support.departures import Departures
from tests.support.world import World

HEADING = "## Departures from plan"
DATABASES = ("sqlite", "postgresql")


def main() -> int:
    """Try seeds until time is up; 1 if any did not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--examples", type=int, default=25, help="hires for each seed")
    parser.add_argument("--steps", type=int, default=30, help="the most that happens to one hire")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    chosen = parser.parse_args()
    ends = time.monotonic() + chosen.minutes * 60
    seeds: dict[str, list[int]] = {database: [] for database in DATABASES}
    faults: list[str] = []
    with _worlds() as make:
        for number in itertools.count(chosen.first):
            database = DATABASES[number % len(DATABASES)]
            found = _try(make[database], number, chosen.examples, chosen.steps)
            seeds[database].append(number)
            print(f"seed {number} ({database}): {found or 'held'}", file=sys.stderr)
            faults += [f"seed {number} ({database}): {found}"] if found else []
            if time.monotonic() >= ends:
                break
    write(section(seeds, chosen.examples, chosen.steps, faults), HEADING)
    return int(bool(faults))


def _try(make: Any, number: int, examples: int, steps: int) -> str:
    """What broke, on one line; nothing if all held."""

    class Machine(Departures):
        def teardown(self) -> None:
            try:
                super().teardown()
            finally:
                self.world.close()

    Machine.make = staticmethod(make)
    chosen: dict[str, Any] = {"suppress_health_check": list(HealthCheck), "deadline": None, "database": None}
    try:
        run_state_machine_as_test(seed(number)(Machine), settings=settings(max_examples=examples, stateful_step_count=steps, **chosen))
    except Exception as error:  # noqa: BLE001 - whatever broke is a finding, and the next seeds are tried all the same
        return " ".join(str(error).split())[:300] or type(error).__name__
    return ""


@contextmanager
def _worlds() -> Iterator[dict[str, Any]]:
    """How to make an empty installation on each database."""
    with tempfile.TemporaryDirectory(prefix="idm-campaign-") as name, PostgresServer() as server:
        root, numbers = Path(name), itertools.count()
        migrated(sqlite_url(root / "template.sqlite"))
        shutil.copytree(shipped("policies"), root / "policies")
        policies = PolicyFolder(root / "policies")
        tables = migrated(server.new_database())

        def make(database: str) -> World:
            folder = root / "world"
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            url = copied(root / "template.sqlite", folder / f"{next(numbers)}.sqlite") if database == "sqlite" else emptied(tables)
            made = World(url, folder, policies, pool=2)
            made.import_municipality()
            return made

        yield {database: lambda database=database: make(database) for database in DATABASES}


def section(seeds: dict[str, list[int]], examples: int, steps: int, faults: list[str]) -> str:
    """What docs/campaign.md says of it."""
    lines = [
        HEADING,
        "",
        "Hires are answered, worked and departed from in any order: the start moves in every state, unit, position, hours, name and",
        "CPR number change, hires are cancelled, also while a call is under way; targets are away, refuse or lose answers, workers die,",
        "contacts and managers leave, policies are edited, and the same person is hired elsewhere. No step may run before its needs,",
        "nothing unapproved may be delivered and nothing opened too early; what was foreseen must be what happens; in the end each hire",
        "is completed or has left nothing behind, and another convergence changes nothing.",
        "",
        "| database | seeds | hires | steps at most | held |",
        "|---|---|---|---|---|",
    ]
    for database, tried in seeds.items():
        broken = sum(f"({database})" in fault for fault in faults)
        held = "all" if not broken else f"all but {broken}"
        lines += [f"| {database} | {tried[0]}-{tried[-1]} | {len(tried) * examples} | {steps} | {held} |"] if tried else []
    return "\n".join([*lines, *([""] if faults else []), *(f"- {fault}" for fault in faults)]) + "\n"


if __name__ == "__main__":
    sys.exit(main())
