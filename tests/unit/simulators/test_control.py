"""The process of the simulators, handled as the command line handles it."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from idm.errors import BadInput, NotFound, Unavailable
from idm.simulators import control
from idm.simulators.files import SYSTEMS, read_json


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "simulators"
    control.stop(tmp_path / "simulators")


def test_started_by_many_at_once_they_run_once_and_answer(folder: Path) -> None:
    with ThreadPoolExecutor(4) as starters:
        answers = list(starters.map(lambda _: control.start(folder, groups=("staff",)), range(4)))
    assert answers == [answers[0]] * 4
    assert [status.system for status in answers[0]] == list(SYSTEMS)
    for status in answers[0]:
        assert status.running
        port = int(status.url.rsplit(":", 1)[1])
        socket.create_connection(("127.0.0.1", port), timeout=30).close()
    assert os.getsid(answers[0][0].pid or 0) != os.getsid(0)


def test_secrets_are_for_the_owner_alone_and_have_no_line_end(folder: Path) -> None:
    for status in control.start(folder):
        shown = status.as_json()
        assert set(shown) == {"system", "url", "pid", "running", "secret_file"} | ({"reader_dn"} if status.system == "ldap" else set())
        for path in (Path(shown["secret_file"]), folder / f"{status.system}.secret"):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            assert path.read_text().strip() == path.read_text() != ""
    for path in folder.glob("*.sqlite"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_stopped_and_started_they_have_the_same_addresses(folder: Path) -> None:
    before = control.start(folder)
    connections = {system: control.connection(folder, system) for system in SYSTEMS}
    control.stop(folder)
    control.stop(folder)
    assert [(status.running, status.pid) for status in control.status(folder)] == [(False, None)] * 5
    assert {system: control.connection(folder, system) for system in SYSTEMS} == connections
    assert [status.url for status in control.start(folder)] == [status.url for status in before]
    assert set(connections["ldap"]) == {"url", "bind_dn", "people_dn", "groups_dn"}
    assert set(connections["erp"]) == {"url"}


def test_more_groups_start_them_anew_and_the_same_do_not(folder: Path) -> None:
    first = control.start(folder, groups=("staff",))
    assert control.start(folder, groups=()) == first
    second = control.start(folder, groups=("schools",), roles=("auditor",))
    assert second[0].pid != first[0].pid
    held = read_json(folder / "settings.json")
    assert (held["groups"], held["roles"]) == (["schools", "staff"], ["auditor"])


def test_orders_that_can_not_be_followed(folder: Path) -> None:
    assert control.status(folder) == []
    assert control.journal(folder) == []
    with pytest.raises(Unavailable) as away:
        control.fail(folder, "erp", "slow")
    assert "start" in away.value.next_step
    with pytest.raises(Unavailable):
        control.clear(folder, "erp")
    with pytest.raises(NotFound):
        control.connection(folder, "erp")
    with pytest.raises(NotFound, match="nonsense"):
        control.connection(folder, "nonsense")
    with pytest.raises(NotFound, match="nonsense"):
        control.clear(folder, "nonsense")
    with pytest.raises(NotFound, match="nonsense"):
        control.journal(folder, "nonsense")
    control.start(folder)
    with pytest.raises(BadInput) as refused:
        control.fail(folder, "erp", "sleepy", times=0)
    assert {fault.path for fault in refused.value.faults} == {"mode", "times"}
    control.fail(folder, "erp", "slow", times=1, seconds=0)
    control.clear(folder, "erp")


def test_a_port_that_another_has_taken_is_said_with_what_to_do(folder: Path) -> None:
    port = int(next(status.url for status in control.start(folder) if status.system == "erp").rsplit(":", 1)[1])
    control.stop(folder)
    with socket.create_server(("127.0.0.1", port)):
        with pytest.raises(Unavailable, match=str(port)) as error:
            control.start(folder)
        assert error.value.next_step
    assert all(status.running for status in control.start(folder))


def test_the_module_says_how_it_is_used() -> None:
    done = subprocess.run([sys.executable, "-m", "idm.simulators"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "DIRECTORY" in done.stderr
