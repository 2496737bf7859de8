"""The process that runs all embedded target systems, and the loopback port through which it is told what to do.

A request is one line of JSON, `{"token", "do", ...}`; so is the answer, `{"ok": true, ...}` or the error as JSON.
"""

from __future__ import annotations

import hmac
import json
import os
import signal
import socketserver
import threading
from pathlib import Path
from typing import Any

from idm.errors import BadInput, IdmError
from idm.simulators.erp import ROLES, erp
from idm.simulators.files import (
    SYSTEMS,
    journal_file,
    known,
    locked,
    reader_secret_file,
    secret_at,
    secret_file,
    settings,
    write_json,
)
from idm.simulators.ldap_server import LdapSimulator
from idm.simulators.mailbox import mailbox
from idm.simulators.payroll import payroll
from idm.simulators.personnel_file import personnel_file
from idm.simulators.service import Failures, Journal, Service


class Simulators:
    """All systems of one folder, as they run in this process."""

    def __init__(self, directory: Path) -> None:
        """Make ready to run what `directory` holds; nothing is opened yet."""
        self._directory = directory
        self._services: list[Service] = []
        self._journals: list[Journal] = []
        self.failures: dict[str, Failures] = {system: Failures() for system in SYSTEMS}

    def start(self) -> None:
        """Open every port and write down how it is reached. Raises `idm.errors.Unavailable`."""
        held = settings(self._directory)
        connections = {}
        for system in SYSTEMS:
            service = self._service(system, held)
            connections[system] = {"url": service.start()}
            self._services.append(service)
            if isinstance(service, LdapSimulator):
                connections[system] |= {
                    "bind_dn": service.writer_dn,
                    "people_dn": f"ou=people,{service.suffix}",
                    "groups_dn": f"ou=groups,{service.suffix}",
                    "reader_dn": service.reader_dn,
                }
        write_json(self._directory / "connections.json", connections)

    def stop(self) -> None:
        """Close every port and file."""
        for service in self._services:
            service.stop()
        for journal in self._journals:
            journal.close()

    def _service(self, system: str, held: dict[str, Any]) -> Service:
        directory, port, failures = self._directory, int(held["ports"][system]), self.failures[system]
        journal = Journal(journal_file(directory, system))
        self._journals.append(journal)
        secret = secret_at(secret_file(directory, system))
        reader_secret = secret_at(reader_secret_file(directory, system))
        match system:
            case "ldap":
                groups = tuple(held["groups"])
                return LdapSimulator(system, directory, port, journal, failures, secret=secret, reader_secret=reader_secret, groups=groups)
            case "payroll":
                return payroll(port, journal, failures, secret=secret, reader_secret=reader_secret)
            case "erp":
                roles = (*ROLES, *held["roles"])
                return erp(port, journal, failures, secret=secret, reader_secret=reader_secret, roles=roles)
            case "mailbox":
                return mailbox(port, journal, failures, secret=secret, reader_secret=reader_secret)
            case _:
                return personnel_file(directory / system, port, journal, failures, secret=secret, reader_secret=reader_secret)


class _Control(socketserver.ThreadingTCPServer):
    """Takes orders on a loopback port from whoever can read the token file."""

    daemon_threads = True

    def __init__(self, simulators: Simulators, token: str, stopping: threading.Event) -> None:
        super().__init__(("127.0.0.1", 0), _Order)
        self.simulators = simulators
        self.token = token
        self.stopping = stopping

    def obey(self, order: dict[str, Any]) -> dict[str, Any]:
        """Do what `order` says, and answer. Raises IdmError for an order that can't be done."""
        if not hmac.compare_digest(str(order.get("token", "")).encode(), self.token.encode()):
            raise BadInput("The token is wrong.")
        match order.get("do"):
            case "ping":
                pass
            case "stop":
                self.stopping.set()
            case "fail":
                failures = self.simulators.failures[known(str(order.get("system")))]
                failures.set(str(order.get("mode")), order.get("times"), float(order.get("seconds", 0)))
            case "clear":
                self.simulators.failures[known(str(order.get("system")))].clear()
            case other:
                raise BadInput(f"{other!r} is no order.")
        return {"ok": True, "pid": os.getpid()}


class _Order(socketserver.StreamRequestHandler):
    timeout = 10

    def handle(self) -> None:
        """Read one order, write one answer."""
        control = self.server
        if not isinstance(control, _Control):
            raise TypeError("an order comes through the control port")
        try:
            order = json.loads(self.rfile.readline(65536))
            answer = control.obey(order if isinstance(order, dict) else {})
        except IdmError as error:
            answer = error.as_json()
        except (ValueError, TypeError):
            answer = BadInput("The order can't be read.").as_json()
        self.wfile.write(json.dumps(answer).encode() + b"\n")


def run(directory: Path, on_ready: int | None = None) -> None:
    """Run all systems of `directory` until told to stop, by order or by SIGTERM or SIGINT.

    When all ports answer, a byte is written to the descriptor `on_ready`. Raises `idm.errors.Unavailable` if
    they run already or a port can't be had.
    """
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    # Not at once: whoever asks whether the systems run holds the lock for a moment.
    with locked(directory / "process.lock", 2):
        simulators = Simulators(directory)
        try:
            simulators.start()
            _serve(directory, simulators, stopping, on_ready)
        finally:
            simulators.stop()


def _serve(directory: Path, simulators: Simulators, stopping: threading.Event, on_ready: int | None) -> None:
    token = secret_at(directory / "control.token")
    with _Control(simulators, token, stopping) as control:
        threading.Thread(target=control.serve_forever, args=(0.05,), name="control", daemon=True).start()
        write_json(directory / "control.json", {"pid": os.getpid(), "port": control.server_address[1]})
        if on_ready is not None:
            os.write(on_ready, b"1")
            os.close(on_ready)
        stopping.wait()
        control.shutdown()
    (directory / "control.json").unlink(missing_ok=True)
