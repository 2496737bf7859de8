"""What must hold of a journey's graph by itself: known needs, no cycles, returns that lead back to what was done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from idm.domain.journey import Journey, in_order, split_need
from idm.errors import Fault


def bare(needs: Iterable[str]) -> tuple[str, ...]:
    """The needs as step ids, without what they restrict them to."""
    return tuple(split_need(need)[0] for need in needs)


def graph_faults(journey: Journey) -> list[Fault]:
    """Faults of the graph itself: unknown needs, cycles (naming the steps on them), returns to nowhere, nothing to start with."""
    faults: list[Fault] = []
    journey = replace(journey, steps=tuple(replace(step, needs=bare(step.needs)) for step in journey.steps))
    known = {step.id for step in journey.steps}
    for step in journey.steps:
        where = f"{step.source.file}:{step.source.line}"
        faults.extend(
            Fault(where, "unknown-step", f"step '{step.id}' needs '{need}', which this journey does not declare")
            for need in step.needs
            if need not in known
        )
        if step.returns_to and step.returns_to not in known:
            faults.append(Fault(where, "unknown-step", f"step '{step.id}' returns to '{step.returns_to}', which is not declared"))
        elif step.returns_to and step.returns_to not in step.needs:
            faults.append(Fault(where, "return", f"step '{step.id}' returns to '{step.returns_to}' but does not need it"))
    if faults:
        return faults
    reachable = {step.id for step in in_order(journey.steps)}
    for step in journey.steps:
        if step.id not in reachable:
            cycle = _cycle_through(journey, step.id)
            words = f"is on the cycle {' -> '.join(cycle)}" if cycle else "can't be reached, as it needs a step on a cycle"
            faults.append(Fault(f"{step.source.file}:{step.source.line}", "cycle" if cycle else "unreachable", f"step '{step.id}' {words}"))
    return faults


def _cycle_through(journey: Journey, start: str) -> list[str]:
    """The shortest way along needs from `start` back to itself, or an empty list."""
    needs = {step.id: step.needs for step in journey.steps}
    paths = [[start]]
    seen: set[str] = set()
    while paths:
        path = paths.pop(0)
        for need in needs[path[-1]]:
            if need == start:
                return [*path, start]
            if need not in seen:
                seen.add(need)
                paths.append([*path, need])
    return []
