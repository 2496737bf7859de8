"""The running simulators, one process for the whole session, and each of their systems as a target."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from idm.simulators import control
from tests.contract.targets import GROUPS, Target, simulated

SIMULATED = ("payroll", "erp", "mailbox", "personnel_file")


@pytest.fixture(scope="session")
def simulators(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of simulators that run."""
    folder = tmp_path_factory.mktemp("simulators")
    control.start(folder, groups=GROUPS)
    yield folder
    control.stop(folder)


@pytest.fixture(params=SIMULATED)
def simulated_target(request: pytest.FixtureRequest, simulators: Path) -> Iterator[Target]:
    """Each simulated system; it works as usual again afterwards."""
    system: str = request.param
    yield simulated(simulators, system)
    control.clear(simulators, system)


@pytest.fixture(params=SIMULATED)
def target(request: pytest.FixtureRequest, simulators: Path) -> Target:
    """Each system that a connector can be tried on."""
    return simulated(simulators, request.param)


@pytest.fixture
def unused_port() -> int:
    """A port of this machine at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
