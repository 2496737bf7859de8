"""The folder of the simulators: which file holds what, and how the running process and its callers share it.

<system>.journal.sqlite journal, and for the systems behind HTTP also the records
<system>.secret         idm's own credential, which may write      (mode 0600, no line end)
<system>.reader.secret  the reader's credential                    (mode 0600, no line end)
settings.json           ports, LDAP groups and ERP roles; made once, so that a restart has the same
connections.json        how each system is reached: url, and for LDAP bind_dn, people_dn, groups_dn, reader_dn
control.json            pid and port of the running process        control.token  the token it asks for
process.lock            held by the process as long as it lives    start.lock  held by who starts it
simulators.log          what the process says when it can't go on
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import socket
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from idm.errors import NotFound, Unavailable

SYSTEMS = ("ldap", "payroll", "erp", "mailbox", "personnel_file")
"""The embedded target systems, by the names the outside contract gives them."""


def journal_file(directory: Path, system: str) -> Path:
    """The SQLite file of the system's journal."""
    return directory / f"{system}.journal.sqlite"


def secret_file(directory: Path, system: str) -> Path:
    """The file of idm's own credential."""
    return directory / f"{system}.secret"


def reader_secret_file(directory: Path, system: str) -> Path:
    """The file of the reader's credential."""
    return directory / f"{system}.reader.secret"


def known(system: str) -> str:
    """`system`, if there is one of that name. Raises NotFound."""
    if system not in SYSTEMS:
        raise NotFound(f"There is no simulated system {system!r}.", next_step=f"Name one of: {', '.join(SYSTEMS)}.")
    return system


def secret_at(path: Path) -> str:
    """The secret in the file `path`, made at random if there is none yet."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text()
    with os.fdopen(descriptor, "w") as file:
        secret = secrets.token_urlsafe(24)
        file.write(secret)
    return secret


def write_json(path: Path, value: Any) -> None:
    """Put `value` into `path` at one stroke: a reader sees the old or the new text, never half of one."""
    descriptor, name = tempfile.mkstemp(prefix=path.name, dir=path.parent)
    with os.fdopen(descriptor, "w") as file:
        json.dump(value, file, indent=1)
    Path(name).replace(path)


def read_json(path: Path) -> dict[str, Any]:
    """The JSON object in `path`; an empty one if there is no such file."""
    try:
        value = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    return value if isinstance(value, dict) else {}


def settings(directory: Path, groups: Iterable[str] = (), roles: Iterable[str] = ()) -> dict[str, Any]:
    """The settings of `directory`, with a port for every system; `groups` and `roles` are added to those it has."""
    held = read_json(directory / "settings.json")
    wanted = {
        "ports": held.get("ports") or dict(zip(SYSTEMS, free_ports(len(SYSTEMS)), strict=True)),
        "groups": sorted({*held.get("groups", ()), *groups}),
        "roles": sorted({*held.get("roles", ()), *roles}),
    }
    if wanted != held:
        write_json(directory / "settings.json", wanted)
    return wanted


def free_ports(count: int) -> list[int]:
    """Ports of this machine that nobody has now, outside the range from which systems choose for outgoing connections."""
    found: list[int] = []
    while len(found) < count:
        port = 20000 + secrets.randbelow(12000)
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as candidate:
            try:
                candidate.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in found:
            found.append(port)
    return found


@contextmanager
def locked(path: Path, seconds: float) -> Iterator[None]:
    """Hold the lock file `path`; wait at most `seconds` for it. Raises Unavailable."""
    with path.open("a") as file:
        deadline = time.monotonic() + seconds
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise Unavailable(
                        f"Another process has held {path.name} for {seconds:g} seconds.",
                        next_step="Wait for the other idm command that starts or stops the simulators, or end it; then try again.",
                    ) from None
                time.sleep(0.02)
        yield
