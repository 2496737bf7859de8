"""The running simulators, one process for the whole session, and each of their systems as a target."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from idm.simulators import control
from tests.contract.targets import GROUPS, Target, openldap, simulated
from tests.servers import NotInstalled
from tests.servers.keeper import keeper
from tests.servers.openldap import OpenLdapServer
from tests.servers.ports import free_port

SIMULATED = ("ldap", "payroll", "erp", "mailbox", "personnel_file")


@pytest.fixture(scope="session")
def simulators(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of simulators that run."""
    folder = tmp_path_factory.mktemp("simulators")
    pid = control.start(folder, groups=GROUPS)[0].pid
    assert pid
    keeper().watch(pid)
    yield folder
    control.stop(folder)


@pytest.fixture(params=SIMULATED)
def simulated_target(request: pytest.FixtureRequest, simulators: Path) -> Iterator[Target]:
    """Each simulated system; it works as usual again afterwards."""
    system: str = request.param
    with closing(simulated(simulators, system)) as target:
        yield target
    control.clear(simulators, system)


@pytest.fixture(scope="session")
def real_directory() -> Iterator[OpenLdapServer]:
    """A real OpenLDAP server."""
    try:
        server = OpenLdapServer(GROUPS)
    except NotInstalled as reason:
        pytest.skip(str(reason))
    with server:
        yield server


@pytest.fixture(params=(*SIMULATED, "openldap"))
def target(request: pytest.FixtureRequest, simulators: Path) -> Iterator[Target]:
    """Each system that a connector can be tried on."""
    real = request.param == "openldap"
    with closing(openldap(request.getfixturevalue("real_directory")) if real else simulated(simulators, request.param)) as target:
        yield target


@pytest.fixture
def unused_port() -> int:
    """A port of this machine at which nobody listens."""
    return free_port()
