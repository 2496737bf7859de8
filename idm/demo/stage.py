"""The stage: the demo's installation and server, what was found so far, and how lines reach the spectator."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from idm.bootstrap import Installation
from idm.demo.dates import Dates
from idm.demo.expected import Ending, Outcome
from idm.demo.hires import STORY, Hire
from idm.demo.server import LOG, Server, run_command
from idm.demo.waiting import until
from idm.domain.case import Case, CaseState, StepState
from idm.domain.journey import StepKind
from idm.domain.timers import HOME
from idm.errors import CheckFailed, Fault, IdmError
from idm.flow.graphs import graph_of, load
from idm.ports import App

PATIENCE = 40.0
"""Seconds that the demo waits for something that usually takes one or two: this machine may be busy with other things."""
_RESTING = (StepState.DONE, StepState.WITHDRAWN, StepState.PENDING)


@dataclass
class Stage:
    """What every act of the demo works with.

    `cases` and `persons`: what idm called the case and person of each event that was taken, by the event's number. `ended`: what became of
    each event.
    """

    home: Path
    installation: Installation
    server: Server
    dates: Dates
    hires: tuple[Hire, ...]
    tell_line: Callable[[str], None]
    started: float
    administrator: str
    events: list[dict[str, Any]] = field(default_factory=list)
    cases: dict[int, str] = field(default_factory=dict)
    persons: dict[int, str] = field(default_factory=dict)
    checks: list[dict[str, Any]] = field(default_factory=list)
    ended: dict[int, Outcome] = field(default_factory=dict)

    @property
    def app(self) -> App:
        """What flows work with."""
        return self.installation.app

    @property
    def simulators(self) -> Path:
        """The folder of the simulated systems."""
        return self.home / "simulators"

    @property
    def taken(self) -> tuple[Hire, ...]:
        """The hires that a case came of."""
        return tuple(hire for hire in self.hires if hire.taken)

    @property
    def told(self) -> tuple[Hire, ...]:
        """Those of them that are told of one by one."""
        return tuple(hire for hire in self.taken if hire.number <= STORY)

    @property
    def others(self) -> tuple[Hire, ...]:
        """Those of them that are told of together."""
        return tuple(hire for hire in self.taken if hire.number > STORY)

    def hire(self, number: int) -> Hire:
        """The hire of that number."""
        return self.hires[number - 1]

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
        return load(self.app, self.cases[hire.number]).case

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
                    yield Fault(f"hire-{hire:02d}.{step.id}", status.state.value, status.reason or f"attempt {status.attempts}")

    def done(self, hire: Hire, *steps: str) -> bool:
        """Whether all those steps of the hire's case are done."""
        found = self.case(hire).steps
        return all(found[step].state is StepState.DONE for step in steps)

    def settled(self, hire: Hire) -> bool:
        """Whether nothing of the hire's case is under way: each automatic step is done, withdrawn or its turn hasn't come."""
        case = self.case(hire)
        return all(case.steps[step.id].state in _RESTING for step in graph_of(self.app, case) if step.kind is StepKind.AUTOMATIC)

    def over(self, hire: Hire) -> bool:
        """Whether all that idm can do in the hire's case is done: it is over, or it waits for a person, and nothing is under way."""
        case = self.case(hire)
        wanted = {Ending.CANCELLED: CaseState.CANCELLED, Ending.WAITING: CaseState.WAITING}.get(hire.expected.ends, CaseState.COMPLETED)
        return case.state is wanted and self.settled(hire)

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
