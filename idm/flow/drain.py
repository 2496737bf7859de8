"""Drain: work straight from the database, beside a server or without one, until only people, dates or open circuits are left."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from idm.errors import Unavailable
from idm.flow.advance import Advanced, advance
from idm.flow.sweep import sweep_once
from idm.flow.tend import tend
from idm.ports import App


@dataclass(frozen=True, slots=True)
class Drained:
    """What a drain did: lanes worked, and how many wait for an open circuit."""

    worked: int
    held_by_circuits: int


def drain(app: App, *, threads: int = 16, until_idle: bool = True, tell: Callable[[str], None] = lambda _: None) -> Drained:
    """Work everything that is ready; with `until_idle` also wait for retries, and for what others have claimed."""
    worked = 0
    busy: dict[Future[Advanced], tuple[str, str]] = {}
    # What was queued may have been for a server, or a drain, that has died. A run that two take up is claimed by one.
    app.store.requeue_all()
    with ThreadPoolExecutor(threads, thread_name_prefix="drain") as pool:
        while True:
            sweep_once(app)
            tend(app)
            taken = app.store.ready_runs({}, threads)
            for case, lane in taken:
                if (case, lane) not in busy.values():
                    busy[pool.submit(advance, app, case, lane)] = (case, lane)
            if busy:
                done, _ = wait(busy, timeout=0.2, return_when=FIRST_COMPLETED)
                for future in done:
                    del busy[future]
                    worked += future.result() in (Advanced.WORKED, Advanced.YIELDED)
                if done:
                    tell(f"{worked} lanes worked")
                continue
            if taken or not until_idle:
                if not until_idle and not taken:
                    return Drained(worked, 0)
                continue
            pause = _pause(app)
            if pause is None:
                return Drained(worked, circuits_waiting(app))
            time.sleep(pause)


def _pause(app: App) -> float | None:
    """Seconds to wait before there may be more to do; None if only people, dates or open circuits are left."""
    ready, claimed = app.store.busy()
    if ready or claimed:
        return 0.05
    machine = app.clock.machine()
    systems = app.policies.current().systems
    shut = {
        systems[system].lane or system for system, circuit in app.store.circuits().items() if circuit.is_open(machine) and system in systems
    }
    due = app.store.next_due(shut)
    if due is None:
        return None
    return min(max((due - machine).total_seconds(), 0.02), 1.0)


def circuits_waiting(app: App) -> int:
    """How many circuits are open now."""
    machine = app.clock.machine()
    return sum(circuit.is_open(machine) for circuit in app.store.circuits().values())


def demand_workable(app: App) -> None:
    """Raise `Unavailable` if no system is set up at all."""
    if not app.connectors:
        raise Unavailable("No target system is set up.", next_step="Add one to systems.yaml; `idm policy check` checks it.")
