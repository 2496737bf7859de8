"""The stage: the demo's installation and server, what was found so far, and how lines reach the spectator."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from idm.bootstrap import Installation
from idm.demo.hires import Dates, Hire
from idm.demo.server import LOG, Server, run_command
from idm.demo.waiting import until
from idm.domain.case import Case, CaseState, StepState
from idm.domain.journey import StepKind
from idm.domain.projection import HOME
from idm.errors import CheckFailed, Fault, IdmError
from idm.flow.changing import graph_of, load
from idm.ports import App

PATIENCE = 40.0
"""Seconds that the demo waits for something that usually takes one or two: this machine may be busy with other things."""
_RESTING = (StepState.DONE, StepState.WITHDRAWN, StepState.PENDING)


@dataclass
class Stage:
    """What every act of the demo works with. `cases` and `persons`: what idm called each good event's case and person."""

    home: Path
    installation: Installation
    server: Server
    dates: Dates
    tell_line: Callable[[str], None]
    started: float
    administrator: str
    events: list[dict[str, Any]] = field(default_factory=list)
    cases: dict[str, str] = field(default_factory=dict)
    persons: dict[str, str] = field(default_factory=dict)
    checks: list[dict[str, Any]] = field(default_factory=list)

    @property
    def app(self) -> App:
        """What flows work with."""
        return self.installation.app

    @property
    def simulators(self) -> Path:
        """The folder of the simulated systems."""
        return self.home / "simulators"

    def head(self, text: str) -> None:
        """Announce an act, with the seconds that have passed."""
        self.tell_line("")
        self.tell_line(f"[{time.monotonic() - self.started:4.1f} s] {text}")

    def tell(self, text: str) -> None:
        """Say what happens."""
        self.tell_line(f"    {text}")

    def check(self, name: str, ok: bool, detail: str) -> None:
        """Put a finding on record; one that isn't as it should be is said at once."""
        self.checks.append({"name": name, "ok": bool(ok), "detail": detail})
        if not ok:
            self.tell(f"NOT AS IT SHOULD BE: {name}: {detail}")

    def case(self, hire: Hire) -> Case:
        """The hire's case as it is now."""
        return load(self.app, self.cases[hire.id]).case

    def until(self, condition: Callable[[], Any], what: str) -> Any:
        """Wait for `condition`, with patience. Raises CheckFailed that says what is still under way, and why."""
        try:
            return until(condition, PATIENCE, what)
        except CheckFailed as error:
            raise CheckFailed(error.message, faults=list(self._under_way()), next_step=f"Read {self.home / LOG}.") from error

    def _under_way(self) -> Iterator[Fault]:
        """Each automatic step that isn't done though its turn has come."""
        for hire, id in self.cases.items():
            case = load(self.app, id).case
            for step in graph_of(self.app, case):
                status = case.steps[step.id]
                if step.kind is StepKind.AUTOMATIC and status.state not in _RESTING:
                    yield Fault(f"{hire}.{step.id}", status.state.value, status.reason or f"attempt {status.attempts}")

    def done(self, hire: Hire, *steps: str) -> bool:
        """Whether all those steps of the hire's case are done."""
        found = self.case(hire).steps
        return all(found[step].state is StepState.DONE for step in steps)

    def settled(self, hire: Hire) -> bool:
        """Whether nothing of the hire's case is under way: each automatic step is done, withdrawn or its turn hasn't come."""
        case = self.case(hire)
        return all(case.steps[step.id].state in _RESTING for step in graph_of(self.app, case) if step.kind is StepKind.AUTOMATIC)

    def over(self, hire: Hire) -> bool:
        """Whether the hire's case has ended as it should: completed, or cancelled with everything taken back."""
        case = self.case(hire)
        return case.state is (CaseState.CANCELLED if hire.cancelled else CaseState.COMPLETED) and self.settled(hire)

    def name_of(self, person: str) -> str:
        """A person's full name."""
        found = self.app.store.person(person)
        return found.full_name if found is not None else person

    def set_clock(self, moment: datetime) -> None:
        """Move the installation's clock forward to `moment`, by idm's own command; it goes on ticking from there."""
        done = run_command(self.home, "clock", "set", f"{moment.astimezone(HOME):%Y-%m-%dT%H:%M}")
        if done.returncode != 0:
            raise IdmError(f"`idm clock set` failed: {done.stderr.strip()}")
        self.installation.clock.forget()
