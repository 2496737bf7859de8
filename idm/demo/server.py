"""The demo's server: the product's own `idm serve` in a process of its own, which can be killed and started again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import idm
from idm.demo.waiting import until
from idm.errors import Unavailable
from idm.simulators.files import free_ports

START_SECONDS = 30.0
STOP_SECONDS = 20.0

LOG = "serve.log"
"""The file in the demo's folder that takes what the server says."""


def command(*arguments: str) -> list[str]:
    """How this very idm's command line is called, installed or not."""
    return [sys.executable, "-m", "cli", *arguments]


def surroundings(home: Path) -> dict[str, str]:
    """The environment for idm's commands: none of the caller's settings, so that no other installation is ever reached."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("IDM_")}
    path = os.pathsep.join(filter(None, (str(Path(idm.__file__).parents[1]), os.environ.get("PYTHONPATH"))))
    return {**kept, "IDM_HOME": str(home), "PYTHONPATH": path, "PYTHONUNBUFFERED": "1"}


def run_command(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one of idm's own commands on the installation in `home`, to its end."""
    return subprocess.run(command(*arguments), env=surroundings(home), capture_output=True, text=True, timeout=60, check=False)


class Server:
    """`idm serve` on a free port of this machine."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._process: subprocess.Popen[bytes] | None = None
        # It is killed and started again: its port mustn't be one that an outgoing connection takes meanwhile.
        self._port = free_ports(1)[0]
        self.url = f"http://127.0.0.1:{self._port}"

    @property
    def pid(self) -> int:
        """The running process; 0 if there is none."""
        return self._process.pid if self._process is not None and self._process.poll() is None else 0

    def launch(self) -> None:
        """Start it, without waiting."""
        log = (self._home / LOG).open("ab")
        with log:
            self._process = subprocess.Popen(
                command("serve"),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**surroundings(self._home), "IDM_HOST": "127.0.0.1", "IDM_PORT": str(self._port)},
                # A Ctrl-C is for the demo, which then stops its server in order.
                start_new_session=True,
            )

    def wait_ready(self) -> None:
        """Wait until it takes events. Raises Unavailable, with what it said, if it ends or doesn't come."""
        until(lambda: self._ended() or self._ready(), START_SECONDS, "the server answers", each=0.05)
        if self._ended():
            said = (self._home / LOG).read_text(errors="replace").strip().splitlines()
            raise Unavailable(f"The server ended: {said[-1] if said else 'it said nothing'}", next_step=f"Read {self._home / LOG}.")

    def kill(self) -> int:
        """End it with SIGKILL, as a power cut would; its process number."""
        if self._process is None:
            raise Unavailable("The server doesn't run.")
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.wait()
        return self._process.pid

    def stop(self) -> None:
        """Ask it to end, and see that it does."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def post(self, events: Any, token: str) -> tuple[int, dict[str, Any]]:
        """`POST /events` with one event or several: the status and the answer's JSON. Raises Unavailable if it can't be reached."""
        kind = "application/cloudevents-batch+json" if isinstance(events, list) else "application/cloudevents+json"
        try:
            return self._ask("POST", "/events", json.dumps(events), {"Content-Type": kind, "Authorization": f"Bearer {token}"}, 30)
        except (OSError, HTTPException, ValueError) as error:
            raise Unavailable(f"The server at {self.url} can't be reached.", next_step=f"Read {self._home / LOG}.") from error

    def _ended(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def _ready(self) -> bool:
        try:
            return self._ask("GET", "/readyz", None, {}, 5)[0] == 200
        except (OSError, HTTPException, ValueError):
            return False

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str], seconds: float) -> tuple[int, dict[str, Any]]:
        with closing(HTTPConnection("127.0.0.1", self._port, timeout=seconds)) as connection:
            connection.request(method, path, body.encode() if body is not None else None, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
