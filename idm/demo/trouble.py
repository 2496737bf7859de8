"""What goes wrong in the demo, on purpose: a killed server, a system that gives no answer, and one that is away for a while."""

from __future__ import annotations

import json

from idm.demo.hires import Hire
from idm.demo.stage import Stage
from idm.domain.case import StepState
from idm.flow.graphs import load
from idm.simulators import control


def kill_at_work(stage: Stage) -> list[tuple[str, str]]:
    """Kill the server with SIGKILL while it works: the lanes of cases that it held then."""
    owner = f":{stage.server.pid}:"

    def held() -> list[tuple[str, str]]:
        return [(case, lane) for case, lane, by in stage.app.store.claims() if owner in by]

    # The directory was told to be slow, so what the server does there is still under way when it is killed.
    stage.until(lambda: any(lane == "ldap" for _, lane in held()), "the server works on something")
    pid = stage.server.kill()
    caught = held()
    control.clear(stage.simulators, "ldap")
    stage.tell(f"kill -9 {pid}: the server is dead. It was at work on {len(caught)} lanes of cases ({_lanes(caught)})")
    return caught


def _lanes(caught: list[tuple[str, str]]) -> str:
    return ", ".join(sorted({lane for _, lane in caught})) or "none"


def check_recovered(stage: Stage, caught: list[tuple[str, str]]) -> None:
    """What the killed server was at has been taken up again and is done."""
    attempts: list[int] = []
    for case_id, lane in caught:
        case = load(stage.app, case_id).case
        attempts.extend(status.attempts for id, status in case.steps.items() if lane == _lane(id) and status.state is StepState.DONE)
    ok = bool(caught) and len(attempts) == len(caught) and all(attempts_made >= 2 for attempts_made in attempts)
    stage.tell(f"the {len(caught)} calls that the kill cut off were taken up again, and are done")
    detail = f"{len(caught)} calls were cut off; {sum(made >= 2 for made in attempts)} were taken up again and are done"
    stage.check("a kill -9 in the middle of work loses nothing", ok, detail)


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
