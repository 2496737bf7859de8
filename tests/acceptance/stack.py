"""A whole installation with its real processes, on SQLite with the in-memory broker or on PostgreSQL with RabbitMQ."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from idm.bootstrap import Installation, open_installation
from idm.flow.organisation import import_organisation
from idm.flow.show import show_case
from idm.flow.targets import show_target
from idm.initialise import initialise
from idm.inputs.organisation import read_organisation
from idm.policy_files import entitlements, load
from idm.ports import App
from idm.settings import Settings, read_settings
from idm.simulators import control
from idm.taking import take_batch
from tests import data
from tests.acceptance.programs import SECONDS_TO_END, Program
from tests.servers.ports import free_port
from tests.support.business_time import begin
from tests.waiting import wait_until

SYSTEMS = ("ldap", "payroll", "erp", "mailbox", "personnel_file")
QUICK_RETRY = {"first": 0.1, "factor": 2, "most": 0.5, "circuit_failures": 5, "cool_down": 0.5}
"""How failures are met in tests: seconds, and failures in a row that open a circuit."""


class Stack:
    """An installation of kind test in a folder of its own, its simulators, and its servers as processes."""

    def __init__(self, folder: Path, *, database_url: str = "", broker_url: str = "memory://", **settings: Any) -> None:
        """Make the installation; `settings` beside the quick ones. Nothing runs yet: `open` it, then `start`."""
        self.home = folder / "home"
        self.distributed = not broker_url.startswith("memory:")
        self.settings: Settings = read_settings(
            home=self.home,
            database_url=database_url,
            broker_url=broker_url,
            port=free_port(),
            **{"lease_seconds": 3.0, "deadline_seconds": 2.0, "sweep_seconds": 0.1, **settings},
        )
        initialise(self.settings, "test")
        begin(self.settings)
        self.programs: dict[str, Program] = {}
        self._installation: Installation | None = None
        self.change_policy("systems.yaml", _retry_quickly)

    def change_policy(self, file: str, change: Any) -> None:
        """Write a policy file anew, as `change` makes it from its content."""
        path = self.home / "policies" / file
        content = yaml.safe_load(path.read_text())
        change(content)
        path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True))

    def open(self) -> Stack:
        """Start the simulators, open the installation in this process too, and import the organisation."""
        self.start_simulators()
        self._installation = open_installation(self.settings, pool=4)
        text = json.dumps(data.organisation())
        read = read_organisation(text, self.app.clock.today())
        import_organisation(self.app, read.units, read.positions, read.people, read.employments, "test")
        return self

    def start_simulators(self) -> None:
        """Have the target systems run."""
        policies = load(self.home / "policies")
        control.start(self.simulators, groups=entitlements(policies, "ldap"), roles=entitlements(policies, "erp"))

    @property
    def simulators(self) -> Path:
        """The folder of the target systems."""
        return self.home / "simulators"

    @property
    def installation(self) -> Installation:
        """The installation as this process opened it."""
        assert self._installation is not None, "open the stack first"
        return self._installation

    @property
    def app(self) -> App:
        """What flows need, in this process."""
        return self.installation.app

    # Processes

    def start(self) -> None:
        """Start the servers: one for all, or the web and two workers; and wait until events can be taken and are worked."""
        if self.distributed:
            self.launch("web", "serve", "--web-only")
            workers = [self.launch("worker-1", "worker"), self.launch("worker-2", "worker")]
            self.wait_ready("web")
            for worker in workers:
                worker.wait_up()
        else:
            self.launch("server", "serve")
            self.wait_ready("server")

    def launch(self, name: str, *arguments: str, fault: str = "") -> Program:
        """Start one `idm` process by name, with a fault point armed or none."""
        environment = {
            f"IDM_{key.upper()}": str(value)
            for key, value in self.settings.model_dump().items()
            if value not in ("", 0, 0.0) and key != "fault"
        }
        program = Program(arguments, {**environment, **({"IDM_FAULT": fault} if fault else {})}, self.home / f"{name}.log")
        self.programs[name] = program
        return program

    def wait_ready(self, name: str) -> None:
        """Wait until the web server `name` says that it is ready."""

        program = self.programs[name]
        wait_until(lambda: program.ended or self.unready() == "", 120.0, f"{name} did not become ready")
        assert not program.ended, program.tail()

    def unready(self) -> str:
        """Why the web server isn't ready; "" if it is."""
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=10):
                return ""
        except urllib.error.HTTPError as error:
            return error.read().decode()
        except OSError as error:
            return str(error)

    def stop(self) -> dict[str, int]:
        """Ask every server to end and wait for them; their exit codes. Fails if one takes longer than half a minute."""
        running = {name: program for name, program in self.programs.items() if not program.ended}
        for program in running.values():
            # One that isn't up yet would be killed by the request, and answer with another exit code.
            program.wait_up()
        for program in running.values():
            program.process.terminate()
        codes = {name: program.wait(SECONDS_TO_END) for name, program in running.items()}
        self.programs.clear()
        return codes

    def kill(self, name: str) -> None:
        """Kill one server with -9."""
        self.programs.pop(name).kill()

    def close(self) -> None:
        """Kill what still runs, stop the simulators, and give the database back."""
        for program in self.programs.values():
            program.kill()
        if self._installation is not None:
            self._installation.close()
        control.stop(self.simulators)

    def output(self) -> str:
        """Everything that the servers have printed."""
        return "".join(log.read_text(errors="replace") for log in sorted(self.home.glob("*.log")))

    # Events, people's time, and waiting

    @property
    def url(self) -> str:
        """Where the web server answers."""
        return f"http://{self.settings.host}:{self.settings.port}"

    def post(self, events: object) -> tuple[int, dict[str, Any]]:
        """POST events; the status and the answer."""
        token = (self.home / "keys" / "events.token").read_text().strip()
        request = urllib.request.Request(
            f"{self.url}/events",
            json.dumps(events).encode(),
            {"content-type": "application/cloudevents-batch+json", "authorization": f"Bearer {token}"},
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return int(answer.status), json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def take(self, events: Sequence[Mapping[str, Any]]) -> list[str]:
        """Have the server take new events; their cases, in order."""
        status, answer = self.post(list(events))
        assert status == 202, answer
        return [item["case"] for item in answer["items"]]

    def take_here(self, events: Sequence[Mapping[str, Any]]) -> list[str]:
        """Take new events in this process, without a server; their cases, in order."""
        receipts = take_batch(self.app, json.dumps(list(events)))
        assert all(receipt.outcome == "created" for receipt in receipts), receipts
        return [receipt.case for receipt in receipts]

    def move_clock(self, to: datetime) -> None:
        """Let business time go on from `to`."""
        offset = (to - self.app.clock.machine()) / timedelta(seconds=1)
        with self.app.store.write() as writer:
            writer.put_setting("clock_offset", str(offset))
        self.installation.clock.forget()

    def wait_until_idle(self, timeout: float = 120.0) -> None:
        """Wait until only people and dates are left: nothing to work, claimed, put off or fallen."""

        store = self.app.store

        def idle() -> bool:
            # Work moves between these while they are asked, so the first is asked again.
            at_rest = not store.due_timers(self.app.clock.now()) and store.busy() == (0, 0) and store.next_due() is None
            return at_rest and store.busy() == (0, 0)

        try:
            wait_until(idle, timeout, "idm is not done")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.unfinished()}\n{self.output()[-3000:]}") from None

    def unfinished(self) -> str:
        """The automatic steps that aren't done, with their reasons."""
        return "\n".join(
            f"{case['id']} {step['id']} {step['state']} {step['reason']}"
            for case in self.cases()
            for step in case["steps"]
            if step["kind"] == "automatic" and step["state"] not in ("done", "pending", "withdrawn")
        )

    # What there is

    def case(self, id: str) -> dict[str, Any]:
        """One case as `idm case show` has it."""
        return show_case(self.app, id)

    def cases(self) -> list[dict[str, Any]]:
        """Every case."""
        return [self.case(row.id) for row in self.app.store.list_cases(limit=1000)]

    def states(self, case: str) -> dict[str, str]:
        """The state of each step of a case."""
        return {step["id"]: step["state"] for step in self.case(case)["steps"]}

    def targets(self, case: str, systems: Iterable[str] = SYSTEMS) -> dict[str, list[dict[str, Any]]]:
        """What each system holds of a case, read now."""
        return {system: show_target(self.app, system, case) for system in systems}

    def journal(self, system: str | None = None) -> list[dict[str, Any]]:
        """What the simulators were asked for."""
        return control.journal(self.simulators, system)

    def mails(self, slug: str = "") -> list[str]:
        """The mails that were sent, as text; only those of one kind, if `slug` names it."""
        texts = [path.read_text() for path in sorted((self.home / "mails").glob("*.eml"))]
        return [text for text in texts if f"X-Idm-Template: {slug}" in text]


def _retry_quickly(systems: dict[str, Any]) -> None:
    for system in systems["systems"].values():
        system["retry"] = dict(QUICK_RETRY)
