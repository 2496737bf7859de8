"""Fixtures that every test may use: real servers, an empty database, an empty virtual host."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from idm.simulators import files
from tests import skips
from tests.servers import NotInstalled
from tests.servers.keeper import keeper
from tests.servers.ports import free_ports
from tests.servers.postgres import PostgresServer
from tests.servers.rabbitmq import RabbitServer

ROOM = 512 * 1024 * 1024
"""Bytes of memory that must be free for files of tests: far more than their databases take."""


def pytest_configure() -> None:
    """Forget the caller's idm settings, so that no test reaches a real installation; let no busy machine fail a property test."""
    settings.register_profile("idm", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("idm")
    for name in [name for name in os.environ if name.startswith("IDM_")]:
        del os.environ[name]
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # A shell ignores it for what it starts in the background, and every program would inherit that; here some are interrupted.
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def simulators_ports() -> Iterator[None]:
    """Simulators that a test process starts get ports that stay their own, as all servers of tests do, while they come and go."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(files, "free_ports", free_ports)
        yield


@pytest.fixture(scope="session")
def quick_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty folder, in memory if there is room, for databases that end with their test; whoever uses it empties it again."""
    memory = Path("/dev/shm")
    if not memory.is_dir() or shutil.disk_usage(memory).free < ROOM:
        yield tmp_path_factory.mktemp("quick")
        return
    folder = Path(tempfile.mkdtemp(prefix="idm-test-", dir=memory))
    keeper().watch_folder(folder)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A running PostgreSQL, one for each test process."""
    try:
        server = PostgresServer(survives_power_cuts=False)
    except NotInstalled as reason:
        pytest.skip(str(reason))
    with server:
        yield server


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """The URL of an empty PostgreSQL database, dropped after the test."""
    url = postgres.new_database()
    yield url
    postgres.drop_database(url)


@pytest.fixture(scope="session")
def rabbitmq() -> Iterator[RabbitServer]:
    """A running RabbitMQ node, one for each test process: a test may kill it without disturbing others."""
    try:
        server = RabbitServer()
    except NotInstalled as reason:
        pytest.skip(str(reason))
    with server:
        yield server


@pytest.fixture
def rabbitmq_url(rabbitmq: RabbitServer) -> Iterator[str]:
    """The URL of an empty RabbitMQ virtual host, dropped after the test."""
    url = rabbitmq.new_vhost()
    yield url
    rabbitmq.drop_vhost(url)


def _skipped(config: pytest.Config) -> list[str]:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    return skips.reasons(reporter.stats.get("skipped", [])) if reporter else []


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where everything can be installed, a skipped test is a failure."""
    if hasattr(session.config, "workerinput"):
        return
    lines = _skipped(session.config)
    skips.remember(lines)
    if lines and skips.must_run_everything() and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what was not tested here, and how to get it."""
    for line in _skipped(config):
        failed = skips.must_run_everything()
        terminalreporter.write_line(f"{'FAILED, because ' if failed else ''}{line}", red=failed, yellow=not failed)
