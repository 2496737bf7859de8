from __future__ import annotations

import os
import subprocess
import sys

import pytest

from idm.process import alive, own_name


def changed(name: str, **parts: str) -> str:
    """A process's name with some of its parts replaced."""
    boot, pid, started = name.split(":")
    machine, _, boot_id = boot.partition("/")
    return f"{parts.get('machine', machine)}/{parts.get('boot', boot_id)}:{parts.get('pid', pid)}:{parts.get('started', started)}"


def test_this_process_lives_and_keeps_its_name() -> None:
    assert own_name() == own_name()
    assert str(os.getpid()) in own_name()
    assert alive(own_name())


def test_a_process_that_ended_is_dead() -> None:
    code = "from idm.process import own_name; print(own_name(), flush=True); input()"
    child = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None and child.stdin is not None
    with child:
        name = child.stdout.readline().strip()
        assert name != own_name()
        assert alive(name)
        child.stdin.close()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert not alive(name), "it has ended, though nobody has collected its exit code yet"
    assert not alive(name)


def test_another_process_under_the_same_number_is_not_it() -> None:
    assert not alive(changed(own_name(), started="1"))


def test_a_restart_of_the_machine_ended_all_its_processes() -> None:
    assert not alive(changed(own_name(), boot="00000000"))


def test_of_another_machine_nothing_is_known() -> None:
    assert alive(changed(own_name(), machine="elsewhere"))
    assert alive(changed(own_name(), machine="elsewhere", pid="1", started="1"))


@pytest.mark.parametrize("name", ["worker-2", "a:b", "a:b:c", "", "elsewhere/x:12:"])
def test_a_name_that_says_nothing_may_live(name: str) -> None:
    assert alive(name)
