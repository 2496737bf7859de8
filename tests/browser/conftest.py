"""A browser, and the portal of a small installation on SQLite for it to look at."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from idm.bootstrap import shipped
from idm.policy_files import PolicyFolder
from tests import data
from tests.pictures.stage import Stage
from tests.support.browser import Served, chromium
from tests.support.databases import migrated, sqlite_url
from tests.support.portal import Portal
from tests.support.world import World

__all__ = ["chromium"]


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """The portal of a municipality with standing delegations; one for each module, so its tests leave no trace or expect them."""
    folder = tmp_path_factory.mktemp("installation")
    shutil.copytree(shipped("policies"), folder / "policies")
    access = folder / "policies" / "access.yaml"
    access.write_text(f"payroll_staff: [{data.PAY}]\n{access.read_text()}")
    world = World(migrated(sqlite_url(folder / "idm.sqlite")), folder, PolicyFolder(folder / "policies"))
    world.import_municipality()
    world.delegate()
    yield Portal(world)
    world.close()


@pytest.fixture(scope="module")
def served(portal: Portal) -> Iterator[Served]:
    """That portal behind a real socket."""
    with Served(portal.asgi) as served:
        yield served


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The installation of the scenes; whoever changes something does it with a hire of their own."""
    made = Stage(tmp_path_factory.mktemp("stage"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def scenes_at(stage: Stage) -> Iterator[str]:
    """Where the scenes' portal is served."""
    with Served(stage.portal.asgi) as served:
        yield served.url
