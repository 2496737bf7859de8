"""The portal over a small installation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.openid import OpenIdProvider
from tests.support.openid_login import Here
from tests.support.portal import Portal
from tests.support.world import World


@pytest.fixture
def database_url(sqlite_file: str) -> str:
    """Pages hold no rule of a database: the flows that they call are tried on both."""
    return sqlite_file


@pytest.fixture
def portal(world: World) -> Portal:
    """The portal of the test's world: a municipality with standing delegations."""
    world.delegate()
    return Portal(world)


@pytest.fixture
def provider() -> Iterator[OpenIdProvider]:
    """An OpenID provider that does everything right."""
    with OpenIdProvider() as found:
        yield found


@pytest.fixture
def here(provider: OpenIdProvider, tmp_path: Path) -> Here:
    """Our side of a login at that provider."""
    return Here(provider, tmp_path / "here")
