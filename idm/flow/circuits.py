"""Circuits: a target that keeps failing is left alone for a while, by every process, and then tried by one."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime, timedelta

from idm.domain.policy import SystemPolicy
from idm.ports import App
from idm.rows import Circuit

_FRESH = 0.25
"""Seconds for which a process trusts what it read of the circuits, where it trusts anything for so long."""


def known(app: App) -> Mapping[str, Circuit]:
    """The circuits as this process read them a moment ago."""
    at, circuits = app.cache.get("circuits", (0.0, None))
    if circuits is None or time.monotonic() - at >= min(_FRESH, app.trust):
        circuits = app.store.circuits()
        app.cache["circuits"] = (time.monotonic(), circuits)
    found: Mapping[str, Circuit] = circuits
    return found


def shut(app: App, machine: datetime) -> dict[str, Circuit]:
    """The systems whose circuit is open now."""
    return {system: circuit for system, circuit in known(app).items() if circuit.is_open(machine)}


def may_call(app: App, system: str, policy: SystemPolicy, machine: datetime) -> Circuit | None:
    """None if the system may be called now (taking the one trial call if its time has come), else the circuit to wait for."""
    circuit = known(app).get(system)
    if circuit is None or circuit.open_until is None:
        return None
    if circuit.is_open(machine):
        return circuit
    until = machine + timedelta(seconds=policy.retry.cool_down)
    if app.store.take_probe(system, circuit.open_until, until):
        return None
    app.cache.pop("circuits", None)
    return Circuit(system, circuit.failures, until, circuit.reason)


def succeeded(app: App, system: str, policy: SystemPolicy) -> None:
    """The system answered: close its circuit if it had failures."""
    circuit = known(app).get(system)
    if circuit is None or circuit.failures == 0:
        return
    _record(app, system, policy, failed=False, reason="")


def failed(app: App, system: str, policy: SystemPolicy, reason: str) -> None:
    """The system didn't answer: count it, and open the circuit at the policy's number in a row."""
    _record(app, system, policy, failed=True, reason=reason)


def _record(app: App, system: str, policy: SystemPolicy, *, failed: bool, reason: str) -> None:
    machine = app.clock.machine()
    app.store.record_circuit(
        system,
        lane=policy.lane or system,
        failed=failed,
        threshold=policy.retry.circuit_failures,
        open_until=machine + timedelta(seconds=policy.retry.cool_down),
        reason=reason,
        machine=machine,
    )
    app.cache.pop("circuits", None)
