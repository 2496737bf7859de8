"""The portal over a small installation."""

from __future__ import annotations

import pytest

from tests.support.portal import Portal
from tests.support.world import World


@pytest.fixture
def portal(world: World) -> Portal:
    """The portal of the test's world: a municipality with standing delegations."""
    world.import_municipality()
    world.delegate()
    return Portal(world)
