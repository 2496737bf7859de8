"""An installation on each database for the core's tests."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from idm.bootstrap import shipped
from idm.flow import circuits
from idm.policy_files import PolicyFolder
from idm.store.store import SqlStore
from tests.servers.postgres import PostgresServer
from tests.support.databases import copied, emptied, migrated, sqlite_url
from tests.support.world import World

DATABASES = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def shipped_policies(tmp_path_factory: pytest.TempPathFactory) -> PolicyFolder:
    """The shipped policies as an installation has them, read once for all tests."""
    folder = tmp_path_factory.mktemp("policies") / "policies"
    shutil.copytree(shipped("policies"), folder)
    return PolicyFolder(folder)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with tables and no rows."""
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite"
    migrated(sqlite_url(path))
    return path


@pytest.fixture(scope="session")
def postgres_tables(postgres: PostgresServer) -> Iterator[str]:
    """The URL of a PostgreSQL database with tables; whoever uses it empties it first."""
    url = postgres.new_database()
    yield migrated(url)
    postgres.drop_database(url)


@pytest.fixture
def sqlite_file(sqlite_template: Path, quick_folder: Path) -> Iterator[str]:
    """The URL of a SQLite file with tables and no rows, which is gone after the test."""
    yield copied(sqlite_template, quick_folder / "idm.sqlite")
    for file in quick_folder.iterdir():
        file.unlink()


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a database with tables and no rows: each test runs once on each kind of database."""
    if request.param == "sqlite":
        return str(request.getfixturevalue("sqlite_file"))
    return emptied(request.getfixturevalue("postgres_tables"))


@pytest.fixture
def new_world(database_url: str, tmp_path: Path, shipped_policies: PolicyFolder) -> Iterator[Callable[..., World]]:
    """Makes worlds on the test's database, with the municipality imported; closes them in the end."""
    made: list[World] = []

    def make(**options: Any) -> World:
        made.append(World(database_url, tmp_path, shipped_policies, **options))
        if len(made) == 1:
            made[0].import_municipality()
        return made[-1]

    yield make
    for world in made:
        world.close()


@pytest.fixture
def world(new_world: Callable[..., World]) -> World:
    """An installation on each database in turn, with the invented municipality."""
    return new_world()


@pytest.fixture
def lasting(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What this process read once it trusts from then on: what the database is asked doesn't depend on how fast the machine is."""
    monkeypatch.setattr(circuits, "_FRESH", math.inf)
    world.app = replace(world.app, trust=math.inf)


@pytest.fixture
def store(world: World) -> SqlStore:
    """The store of that installation."""
    return world.store
