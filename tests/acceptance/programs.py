"""idm's own programs as processes of a test: started, watched over, ended, killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.servers.keeper import keeper
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]
SECONDS_TO_BEGIN, SECONDS_TO_END = 120.0, 30.0
"""How long a program may take on a machine that has a lot of other things to do."""
UP = "Ctrl-C stops it."
"""What a server or worker says once it ends in order when it is asked to; before, the request kills it."""


class Program:
    """One running `idm` command, its output in a file."""

    def __init__(self, arguments: Sequence[str], settings: Mapping[str, str], log: Path) -> None:
        """Start it with `settings` as its environment beside the test's own."""
        self.log = log
        with log.open("ab") as output:
            self._said_before = output.tell()
            self.process = subprocess.Popen(
                [sys.executable, "-m", "cli", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=log.parent,
                env={**os.environ, "PYTHONPATH": str(ROOT), **settings},
            )
        keeper().watch(self.process.pid)

    @property
    def ended(self) -> bool:
        """Whether it has ended."""
        return self.process.poll() is not None

    def wait_up(self) -> None:
        """Wait until a server or worker says that it is up; fails, with the end of its output, if it ends instead."""
        wait_until(lambda: self.ended or UP in self.said, SECONDS_TO_BEGIN, f"it is not up; its output is in {self.log.name}")
        assert UP in self.said, self.tail()

    def stop(self, seconds: float = SECONDS_TO_END) -> int:
        """Ask a server or worker to end, as an administrator would, and wait; its exit code. Fails if it takes longer than `seconds`."""
        self.wait_up()
        self.process.send_signal(signal.SIGTERM)
        return self.wait(seconds)

    def wait(self, seconds: float) -> int:
        """Its exit code once it ended (-9: killed); fails, with the end of its output, if it takes longer than `seconds`."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"it did not end within {seconds:g} s; its output:\n{self.tail()}") from None

    def kill(self) -> None:
        """Kill it with -9 and wait until it is gone."""
        if not self.ended:
            self.process.kill()
        self.process.wait()

    @property
    def said(self) -> str:
        """What this program printed; the log may hold what another said before."""
        return self.log.read_bytes()[self._said_before :].decode(errors="replace")

    def tail(self) -> str:
        """The last 3,000 characters that it printed."""
        return self.said[-3000:]
