"""How the command line and the tests handle the embedded target systems: start, stop, status, failures, journal.

The systems live in a process of their own, which outlives whoever started it.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from idm.errors import BadInput, Fault, NotFound, Unavailable
from idm.simulators.files import SYSTEMS, journal_file, known, locked, read_json, reader_secret_file, settings
from idm.simulators.service import Entry

START_SECONDS = 30.0
STOP_SECONDS = 10.0

_START_THEM = "Start the simulators: idm simulators start."
_KINDS_OF_ERROR = {kind.code: kind for kind in (BadInput, NotFound, Unavailable)}


@dataclass(frozen=True, slots=True)
class Status:
    """One embedded system: where it answers, in which process, and the reader's credential to look into it with."""

    system: str
    url: str
    pid: int | None
    running: bool
    secret_file: Path
    reader_dn: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The status as the outside contract has it."""
        shown: dict[str, Any] = {"system": self.system, "url": self.url, "pid": self.pid, "running": self.running}
        if self.reader_dn is not None:
            shown["reader_dn"] = self.reader_dn
        return {**shown, "secret_file": str(self.secret_file)}


def start(directory: Path, *, groups: Sequence[str] = (), roles: Sequence[str] = ()) -> list[Status]:
    """Have all systems of `directory` run, and answer when every port does. Done already is done.

    `groups` are made in the directory service and `roles` known to the ERP system, beside those it has by itself; the
    systems are started anew if these are more than it was started with. Raises Unavailable.
    """
    directory = directory.absolute()
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    with locked(directory / "start.lock", START_SECONDS + STOP_SECONDS):
        before = read_json(directory / "settings.json")
        wanted = settings(directory, groups, roles)
        if _pid(directory) is not None and wanted != before:
            _stop(directory)
        if _pid(directory) is None:
            _launch(directory)
    return status(directory)


def stop(directory: Path) -> None:
    """End the systems of `directory`; what they hold stays. That they don't run is no error. Raises Unavailable."""
    directory = directory.absolute()
    if not (directory / "process.lock").exists():
        return
    with locked(directory / "start.lock", START_SECONDS + STOP_SECONDS):
        _stop(directory)


def status(directory: Path) -> list[Status]:
    """Every system of `directory`; none if there never were any."""
    directory = directory.absolute()
    connections = read_json(directory / "connections.json")
    pid = _pid(directory) if connections else None
    return [
        Status(
            system=system,
            url=connections[system]["url"],
            pid=pid,
            running=pid is not None,
            secret_file=reader_secret_file(directory, system),
            reader_dn=connections[system].get("reader_dn"),
        )
        for system in SYSTEMS
        if system in connections
    ]


def connection(directory: Path, system: str) -> dict[str, str]:
    """How idm reaches `system`: its url, and for LDAP bind_dn, people_dn and groups_dn. Raises NotFound if it never ran."""
    held = read_json(directory / "connections.json").get(known(system))
    if held is None:
        raise NotFound(f"The simulated {system} has never run in {directory}.", next_step=_START_THEM)
    return {name: value for name, value in held.items() if name != "reader_dn"}


def fail(directory: Path, system: str, mode: str, times: int | None = None, seconds: float = 5.0) -> None:
    """Have `system` fail: `times` times, or until `clear` if None. `seconds` is how long a slow operation takes.

    Raises NotFound, BadInput for a mode or number it doesn't know, Unavailable if the systems don't run.
    """
    _order(directory, {"do": "fail", "system": known(system), "mode": mode, "times": times, "seconds": seconds})


def clear(directory: Path, system: str) -> None:
    """Have `system` work as usual again. Raises NotFound, or Unavailable if the systems don't run."""
    _order(directory, {"do": "clear", "system": known(system)})


def journal(directory: Path, system: str | None = None) -> list[dict[str, Any]]:
    """Every effect that `system` (None: every system) was asked for, oldest first, as the outside contract has it.

    Read from the files: the systems needn't run. Raises NotFound.
    """
    entries = [
        entry.as_json(name)
        for name in ([known(system)] if system else SYSTEMS)
        if (path := journal_file(directory, name)).exists()
        for entry in _entries(path)
    ]
    return sorted(entries, key=lambda entry: (entry["at"], entry["seq"])) if system is None else entries


def _entries(path: Path) -> list[Entry]:
    with contextlib.closing(sqlite3.connect(path, timeout=10)) as db:
        return [Entry(*row) for row in db.execute("select seq, at, op, key, effect_key, result from journal order by seq")]


def _launch(directory: Path) -> None:
    log = directory / "simulators.log"
    # The package may lie in a checkout that only this process has on its path.
    path = os.pathsep.join(filter(None, (str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH"))))
    with log.open("wb") as output:
        launcher = subprocess.Popen(
            [sys.executable, "-m", "idm.simulators", str(directory), "--detach"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=directory,
            env={**os.environ, "PYTHONPATH": path},
        )
        try:
            code = launcher.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            launcher.kill()
            launcher.wait()
            code = -1
    if code != 0 or _pid(directory) is None:
        said = log.read_text(errors="replace").strip().splitlines()
        raise Unavailable(
            f"The simulators did not start: {said[-1] if said else f'no answer within {START_SECONDS:g} seconds.'}",
            next_step=f"Read {log}, mend what it says, and start them again.",
        )


def _stop(directory: Path) -> None:
    held = read_json(directory / "control.json")
    with contextlib.suppress(Unavailable):
        _order(directory, {"do": "stop"})
    if not _ended(directory, STOP_SECONDS) and isinstance(held.get("pid"), int):
        # It holds the lock of this folder, so the number in the file is its own.
        with contextlib.suppress(ProcessLookupError):
            os.kill(held["pid"], signal.SIGKILL)
        if not _ended(directory, STOP_SECONDS):
            raise Unavailable("The simulators don't end.", next_step=f"End process {held['pid']} by hand.")


def _ended(directory: Path, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    with (directory / "process.lock").open("a") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            except BlockingIOError:
                if time.monotonic() > deadline:
                    return False
                time.sleep(0.02)


def _pid(directory: Path) -> int | None:
    """The process that runs the systems, if it answers."""
    try:
        return int(_order(directory, {"do": "ping"})["pid"])
    except Unavailable:
        return None


def _order(directory: Path, order: dict[str, Any]) -> dict[str, Any]:
    control = read_json(directory / "control.json")
    if not control or _ended(directory, 0):
        raise Unavailable(f"No simulators run in {directory}.", next_step=_START_THEM)
    try:
        token = (directory / "control.token").read_text()
        with socket.create_connection(("127.0.0.1", control["port"]), timeout=5) as wire:
            wire.sendall(json.dumps({"token": token, **order}).encode() + b"\n")
            answer: dict[str, Any] = json.loads(wire.makefile("rb").readline(65536))
    except (OSError, ValueError) as error:
        # After a kill -9 the file still names a port, which may have become somebody else's.
        raise Unavailable(f"The simulators of {directory} don't answer.", next_step=_START_THEM) from error
    if "error" in answer:
        _raise(answer["error"])
    return answer


def _raise(error: dict[str, Any]) -> None:
    faults = [Fault(**fault) for fault in error["faults"]]
    raise _KINDS_OF_ERROR.get(error["code"], Unavailable)(error["message"], faults=faults, next_step=error["next"])
