"""What goes wrong in the demo, on purpose: a killed server, a system that gives no answer, and one that is away for a while."""

from __future__ import annotations

import json

from idm.demo.hires import Hire
from idm.demo.stage import Stage
from idm.domain.case import StepState
from idm.flow.graphs import load
from idm.simulators import control


def kill_at_work(stage: Stage) -> list[tuple[str, str]]:
    """Kill the server with SIGKILL while it works: the cases and steps of the calls that were under way then."""
    owner = f":{stage.server.pid}:"

    def under_way() -> list[tuple[str, str]]:
        # A lane may be held for a moment longer than its call took: what is recorded already wasn't cut off.
        held = [(case, lane) for case, lane, by in stage.app.store.claims() if owner in by]
        return [
            (case, step)
            for case, lane in held
            for step, status in load(stage.app, case).case.steps.items()
            if _lane(step) == lane and status.state is StepState.RUNNING
        ]

    # The directory was told to be slow, so what the server does there is still under way when it is killed.
    stage.until(lambda: any(_lane(step) == "ldap" for _, step in under_way()), "the server works on something")
    pid = stage.server.kill()
    caught = under_way()
    control.clear(stage.simulators, "ldap")
    lanes = ", ".join(sorted({_lane(step) for _, step in caught})) or "none"
    stage.tell(f"kill -9 {pid}: the server is dead. It was at work on {len(caught)} lanes of cases ({lanes})")
    return caught


def check_recovered(stage: Stage, caught: list[tuple[str, str]]) -> None:
    """What the killed server was at has been taken up again and is done."""
    found = [load(stage.app, case).case.steps[step] for case, step in caught]
    again = sum(status.state is StepState.DONE and status.attempts >= 2 for status in found)
    stage.tell(f"the {len(caught)} calls that the kill cut off were taken up again, and are done")
    detail = f"{len(caught)} calls were cut off; {again} were taken up again and are done"
    stage.check("a kill -9 in the middle of work loses nothing", bool(caught) and again == len(caught), detail)


def _lane(step: str) -> str:
    """The lane of the steps that a case begins with."""
    return {"account": "ldap", "profile": "erp", "mailbox": "mailbox"}.get(step, "")


def check_unanswered(stage: Stage) -> None:
    """The ERP system did one thing and never answered: idm looked before it wrote again, so it is there once."""
    doubtful = stage.until(lambda: _unanswered(stage), "a call without an answer has been looked after")
    creations = [entry for entry in control.journal(stage.simulators, "erp") if entry["op"] == "create" and entry["result"] == "applied"]
    keys = [entry["key"] for entry in creations]
    ok = len(keys) == len(set(keys))
    stage.tell("the ERP system made a profile and gave no answer; idm looked before it wrote again, and it is there once")
    detail = f"{doubtful} call without an answer; {len(keys)} profiles made, each once"
    stage.check("no answer from a target makes nothing twice", ok, detail)


def _unanswered(stage: Stage) -> int:
    """How many profiles were written without an answer, and are there in spite of that."""
    return sum(
        entry.action == "step-unknown"
        and json.loads(entry.payload or "{}").get("step") == "profile"
        and load(stage.app, case).case.steps["profile"].state is StepState.DONE
        for case in stage.cases.values()
        for entry in stage.app.store.audit(case)
    )


def payroll_goes_away(stage: Stage) -> None:
    """Nobody can reach the payroll system any more."""
    control.fail(stage.simulators, "payroll", "down")
    stage.tell("the payroll system goes down")


def check_isolated(stage: Stage, hires: tuple[Hire, ...]) -> None:
    """While payroll is away its circuit opens, its steps wait and say so, and every other system goes on."""
    stage.until(lambda: _circuit_is_open(stage), "the circuit of payroll opens")
    others = ("account", "profile", "mailbox", "file", "directory_rights", "erp_rights", "welcome")
    stage.until(lambda: all(stage.done(hire, *others) for hire in hires), "every other system is done")
    waiting = [stage.case(hire).steps["record"] for hire in hires]
    reason = next((status.reason for status in waiting if status.reason), "")
    ok = all(status.state is not StepState.DONE for status in waiting) and bool(reason)
    stage.tell(f"all other systems have gone on meanwhile; {len(waiting)} payroll records wait: {reason}")
    stage.check("a target that is away stops nobody else", ok, f"{len(waiting)} records waited for payroll, everything else was done")


def payroll_comes_back(stage: Stage, hires: tuple[Hire, ...]) -> None:
    """Payroll answers again, and idm finds out by itself."""
    control.clear(stage.simulators, "payroll")
    stage.tell("the payroll system comes back; nobody has to do anything")
    stage.until(lambda: all(stage.done(hire, "record") for hire in hires), "all payroll records are made")
    stage.until(lambda: not _failing(stage), "the circuit of payroll closes")
    stage.check("a target that comes back is found by itself", True, f"{len(hires)} payroll records made, the circuit is closed")


def _circuit_is_open(stage: Stage) -> bool:
    circuit = stage.app.store.circuits().get("payroll")
    return circuit is not None and circuit.open_until is not None


def _failing(stage: Stage) -> bool:
    circuit = stage.app.store.circuits().get("payroll")
    return circuit is not None and (circuit.failures > 0 or circuit.open_until is not None)
