"""Measure the portal's lists and the case page in a municipality with few cases and with many, and print how they compare.

Run as `python -m tests.bench.portal [--cases 100 100000] [--databases sqlite postgresql]`, or `make bench-portal`.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import NamedTuple

from idm.bootstrap import shipped
from idm.flow.action_list import action_list, delegated, did
from idm.flow.case_page import case_page
from idm.flow.history import history
from idm.flow.overview import hires
from idm.flow.relations import relations_of
from idm.flow.show import show_case
from idm.policy_files import PolicyFolder
from tests import data
from tests.bench.municipality import build
from tests.servers.postgres import PostgresServer
from tests.support.databases import migrated, sqlite_url
from tests.support.queries import statements
from tests.support.world import World

PEOPLE = {
    "manager of one unit": "m-own",
    "pay contact of one unit": "pay-own",
    "manager of a department": "m-d1",
    "substitute of such a one": "m-d4",
    "pay contact appointed case by case": "pay-d1",
    "IT contact of everything": "it-town",
    "director": data.DIRECTOR,
    "central back-up": "back-1",
    "new employee": "h-000001",
    "nobody in particular": data.TEACHER,
}
CASE = "k-000002"
ROWS = 20
"""How long the pages are that are asked for: as many tasks and hires as there are for most of them with few cases, too."""


class Row(NamedTuple):
    """One line of the table: medians in milliseconds, and of each size how many statements were made and items answered."""

    name: str
    ms_few: float
    ms_many: float
    few: tuple[int, int]
    many: tuple[int, int]


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, nargs=2, default=[100, 100_000])
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"], choices=["sqlite", "postgresql"])
    parser.add_argument("--times", type=int, default=11)
    chosen = parser.parse_args()
    for kind in chosen.databases:
        with ExitStack() as stack:
            home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="idm-bench-")))
            server = stack.enter_context(PostgresServer()) if kind == "postgresql" else None
            worlds = []
            for cases in chosen.cases:
                folder = home / str(cases)
                folder.mkdir()
                url = server.new_database() if server is not None else sqlite_url(folder / "idm.sqlite")
                worlds.append(_world(migrated(url), folder, cases))
                stack.callback(worlds[-1].close)
            _print(kind, chosen.cases, [_measured(worlds[0], worlds[1], name, chosen.times) for name in _questions(worlds[0])])


def _world(url: str, folder: Path, cases: int) -> World:
    shutil.copytree(shipped("policies"), folder / "policies")
    world = World(url, folder, PolicyFolder(folder / "policies"))
    began = time.monotonic()
    build(world, cases)
    print(f"{cases} cases made in {time.monotonic() - began:.0f} s", flush=True)
    return world


def _tasks(world: World, person: str) -> int:
    return len(action_list(world.app, person, limit=ROWS).items)


def _hires(world: World, person: str) -> int:
    return len(hires(world.app, person, limit=ROWS).items)


def _questions(world: World) -> dict[str, Callable[[], int]]:
    app = world.app
    found: dict[str, Callable[[], int]] = {}
    for name, person in PEOPLE.items():
        found[f"action list: {name}"] = partial(_tasks, world, person)
    for name, person in list(PEOPLE.items())[:-2]:
        found[f"overview: {name}"] = partial(_hires, world, person)
    found["action list, one kind: IT contact of everything"] = lambda: len(action_list(app, "it-town", kind="rights", limit=ROWS).items)
    found["overview, one unit: director"] = lambda: len(hires(app, data.DIRECTOR, unit="own", limit=ROWS).items)
    found["overview, by name: director"] = lambda: len(hires(app, data.DIRECTOR, text=" 42", limit=ROWS).items)
    found["what I decided: pay contact"] = lambda: len(did(app, "pay-d1", limit=ROWS).items)
    found["what I granted: director"] = lambda: len(delegated(app, data.DIRECTOR))

    def page() -> int:
        case = world.case(CASE)
        return len(case_page(app, case, "m-own", relations_of(app, "m-own", case), "da").papers)

    found["case page: manager"] = page
    found["case as scripts see it"] = lambda: len(show_case(app, CASE)["steps"])
    found["history"] = lambda: len(history(app, CASE)["days"])
    return found


def _measured(few: World, many: World, name: str, times: int) -> Row:
    """Both in turn, so that a machine whose speed drifts is fair to both."""
    asked = [(world, _questions(world)[name]) for world in (few, many)]
    counted: list[tuple[int, int]] = []
    for world, question in asked:
        question()
        with statements(world.database) as made:
            items = question()
        counted.append((len(made), items))
    spent: list[list[float]] = [[], []]
    for _ in range(times):
        for at, (_, question) in enumerate(asked):
            began = time.perf_counter()
            question()
            spent[at].append((time.perf_counter() - began) * 1000)
    return Row(name, statistics.median(spent[0]), statistics.median(spent[1]), counted[0], counted[1])


def _print(kind: str, cases: list[int], found: list[Row]) -> None:
    print(f"\n{kind}\n\n| | ms with {cases[0]} | ms with {cases[1]} | ratio | statements | items |\n|---|---|---|---|---|---|")
    for row in found:
        asked = {row.few[0], row.many[0]}
        statements_made = " / ".join(str(each) for each in sorted(asked))
        shown = f"{row.ms_few:.1f} | {row.ms_many:.1f} | {row.ms_many / row.ms_few:.1f} | {statements_made}"
        print(f"| {row.name} | {shown} | {row.few[1]} / {row.many[1]} |", flush=True)


if __name__ == "__main__":
    main()
