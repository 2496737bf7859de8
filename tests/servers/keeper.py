"""A small process that outlives the tests by a moment, to end their servers and remove their folders.

The test process holds the other end of a pipe and says over it what to keep watch on. When the pipe closes, because
the tests ended, crashed or were killed with -9, everything still on the list is ended and removed. No test run
can leave a server behind, however it goes.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path

from tests.waiting import wait_until

SECONDS_TO_STOP = 30.0


def started_at(pid: int) -> str:
    """When process `pid` started, in the kernel's ticks; "" if it is gone. Tells a process from a later one of the same id."""
    try:
        state, *fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (OSError, ValueError):
        return ""
    return "" if state == "Z" else fields[18]


def _gone(pid: int, start: str) -> bool:
    return not start or started_at(pid) != start


def children(pid: int) -> list[int]:
    """The process ids of the direct children of `pid`."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def kill_family(pid: int) -> None:
    """Kill `pid` and everything it had started with SIGKILL, as a power cut would: all at once; and wait until all of it is gone.

    Each is held still before its children are looked for, so that it can't start another meanwhile that nobody kills.
    """
    family = [(pid, started_at(pid))]
    for member, start in family:
        with suppress(ProcessLookupError):
            os.kill(member, signal.SIGSTOP)
        wait_until(partial(_still, member, start), SECONDS_TO_STOP, f"process {member} goes on")
        family.extend((child, started_at(child)) for child in children(member))
    for member, _ in family:
        with suppress(ProcessLookupError):
            os.kill(member, signal.SIGKILL)
    for member, start in family:
        wait_until(partial(_gone, member, start), SECONDS_TO_STOP, f"process {member} doesn't end")


def _still(pid: int, start: str) -> bool:
    """Whether the process has been stopped, or is gone."""
    return _gone(pid, start) or _state(pid) in ("T", "t", "Z", "")


def _state(pid: int) -> str:
    """The letter of proc(5) for what a process does; "" if it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return ""


class Keeper:
    """The tests' end of the pipe."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.servers.keeper"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            cwd=Path(__file__).parents[2],
            env={name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")},
            start_new_session=True,
            text=True,
        )

    def watch(self, pid: int) -> None:
        """End process `pid`, and what it started, if the tests don't."""
        self._say(f"watch {pid} {started_at(pid)}")

    def watch_folder(self, folder: Path) -> None:
        """Remove `folder` if the tests don't."""
        self._say(f"folder {folder}")

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()


_keepers: dict[int, Keeper] = {}


def keeper() -> Keeper:
    """This process's keeper, started at first use."""
    # By process id: a forked child must not write into its parent's pipe.
    if os.getpid() not in _keepers:
        _keepers[os.getpid()] = Keeper()
    return _keepers[os.getpid()]


def main() -> None:
    """Listen until the pipe closes, then end and remove everything on the list, the newest first."""
    processes: list[tuple[int, str]] = []
    folders: list[Path] = []
    for line in sys.stdin:
        verb, _, rest = line.rstrip("\n").partition(" ")
        if verb == "watch":
            pid, _, start = rest.partition(" ")
            processes.append((int(pid), start))
        else:
            folders.append(Path(rest))
    for pid, start in reversed(processes):
        if start and started_at(pid) == start:
            # One that doesn't end is no reason to leave the others.
            with suppress(AssertionError):
                kill_family(pid)
                wait_until(partial(_gone, pid, start), SECONDS_TO_STOP)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
