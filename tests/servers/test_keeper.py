"""A family of processes is killed whole, also while it grows."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.servers.keeper import children, kill_family, started_at
from tests.waiting import wait_until

GROWS = "while :; do sleep 600 & sleep 0.001; done"


def session(pid: int) -> list[int]:
    """The processes that live in the session of `pid`."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == pid and started_at(int(path.parent.name)):
            found.append(int(path.parent.name))
    return found


def test_nothing_is_left_of_a_family_that_was_killed_while_it_grew() -> None:
    with subprocess.Popen(["sh", "-c", GROWS], start_new_session=True) as parent:
        wait_until(lambda: len(children(parent.pid)) > 5, message="it never grows")
        kill_family(parent.pid)
        assert session(parent.pid) == []


def test_a_process_that_is_gone_already_has_no_family() -> None:
    with subprocess.Popen(["true"]) as gone:
        wait_until(lambda: not started_at(gone.pid), message="it never ends")
        kill_family(gone.pid)
        assert gone.wait() == 0
