"""Journeys: the declared task graph of a kind of case, and its expansion into the graph of one case."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from idm.errors import Fault


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule stands: policy file (relative to the policies folder), line from 1, content hash of the file."""

    file: str = ""
    line: int = 0
    hash: str = ""


class StepKind(enum.StrEnum):
    """Who works a step: a person, a connector, or the calendar."""

    HUMAN = "human"
    AUTOMATIC = "automatic"
    TIMER = "timer"


class TaskKind(enum.StrEnum):
    """What a human step asks of its person."""

    APPOINT = "appoint"
    DOCUMENT = "document"
    REVIEW = "review"
    FORM = "form"
    RIGHTS = "rights"


class Actor(enum.StrEnum):
    """Who may do a human step. `reviewer` is the pay or IT contact, as the kind of document says."""

    MANAGER = "manager"
    HIRE = "hire"
    PAY = "pay"
    IT = "it"
    REVIEWER = "reviewer"


OPENING = "opening"
"""The scope of a step that may open (enable) what is gated by a date."""
RIGHTS = "rights"
"""The scope of a step that grants and revokes entitlements."""


@dataclass(frozen=True, slots=True)
class StepDef:
    """One declared step. Fields that don't belong to its kind stay empty.

    `needs`: steps that must be done before. `approves`: the name of the facts that its decision approves.
    `resources`: what an automatic step converges in its `system`: kinds of record, or `rights`, or `opening`.
    `for_each`: "document" makes one step per kind of document. `returns_to`: the step a return opens again.
    `until`: the date fact that a timer waits for. `by_itself`: done at once where standing delegations cover it.
    """

    id: str
    kind: StepKind
    needs: tuple[str, ...] = ()
    task: TaskKind | None = None
    actor: Actor | None = None
    form: str = ""
    approves: str = ""
    for_each: str = ""
    document: str = ""
    returns_to: str = ""
    by_itself: bool = False
    system: str = ""
    resources: tuple[str, ...] = ()
    until: str = ""
    lane: str = ""
    source: Source = Source()


@dataclass(frozen=True, slots=True)
class Journey:
    """A declared journey: its name, the event type that starts it, its steps in order of declaration, its content hash."""

    name: str
    event: str
    steps: tuple[StepDef, ...]
    source: Source = Source()

    @property
    def hash(self) -> str:
        """The content hash of the file that declares it; a case pins this one."""
        return self.source.hash


@dataclass(frozen=True, slots=True)
class Graph:
    """The task graph of one case: concrete steps by id, in an order where every step follows its needs."""

    steps: Mapping[str, StepDef]
    followers: Mapping[str, tuple[str, ...]]

    def __iter__(self) -> Iterator[StepDef]:
        """The steps in topological order."""
        return iter(self.steps.values())

    def __getitem__(self, step: str) -> StepDef:
        """The step by its id; KeyError if the case has none such."""
        return self.steps[step]

    def approving(self, name: str) -> tuple[str, ...]:
        """The ids of the steps whose decisions together approve the facts called `name`."""
        return tuple(step.id for step in self if step.approves == name)


UNDO = "undo"


def undo_id(system: str) -> str:
    """The id of the step that takes back what a cancelled case did in `system`."""
    return f"{UNDO}-{system}"


@lru_cache(maxsize=512)
def expand(journey: Journey, documents: tuple[tuple[str, Actor], ...], undo: tuple[str, ...] = ()) -> Graph:
    """The graph of one case: a step per kind of document where the journey says so, and an undo step per system in `undo`.

    `documents` are the wanted kinds with their reviewers. Undo steps need nothing: a cancel works at once.
    """
    by_id = {step.id: step for step in journey.steps}

    def instead(step: StepDef) -> tuple[str, ...]:
        if not step.for_each:
            return (step.id,)
        if documents:
            return tuple(f"{step.id}-{kind}" for kind, _ in documents)
        # No document is wanted: who needs this step waits for what it would have waited for, else it could begin at once.
        return tuple(dict.fromkeys(earlier for need in step.needs for earlier in instead(by_id[need])))

    ids = {step.id: instead(step) for step in journey.steps}
    per_document = {step.id for step in journey.steps if step.for_each}
    concrete: list[StepDef] = []
    for step in journey.steps:
        if not step.for_each:
            needs = tuple(dict.fromkeys(expanded for need in step.needs for expanded in ids[need]))
            concrete.append(replace(step, needs=needs, lane=step.lane or step.system))
            continue
        for kind, reviewer in documents:
            needs = tuple(expanded for need in step.needs for expanded in ((f"{need}-{kind}",) if need in per_document else ids[need]))
            concrete.append(
                replace(
                    step,
                    id=f"{step.id}-{kind}",
                    needs=needs,
                    document=kind,
                    actor=reviewer if step.actor is Actor.REVIEWER else step.actor,
                    returns_to=f"{step.returns_to}-{kind}" if step.returns_to else "",
                    lane=step.lane or step.system,
                )
            )
    lanes = {step.system: step.lane for step in concrete if step.system}
    concrete.extend(StepDef(id=undo_id(system), kind=StepKind.AUTOMATIC, system=system, lane=lanes.get(system, system)) for system in undo)
    ordered = in_order(concrete)
    followers: dict[str, list[str]] = {step.id: [] for step in ordered}
    for step in ordered:
        for need in step.needs:
            followers[need].append(step.id)
    return Graph({step.id: step for step in ordered}, {key: tuple(value) for key, value in followers.items()})


def in_order(steps: Sequence[StepDef]) -> list[StepDef]:
    """The steps so that each follows its needs, else in the order given. Steps on a cycle are left out."""
    done: set[str] = set()
    ordered: list[StepDef] = []
    left = list(steps)
    while True:
        ready = [step for step in left if all(need in done for need in step.needs)]
        if not ready:
            return ordered
        ordered.extend(ready)
        done.update(step.id for step in ready)
        left = [step for step in left if step.id not in done]


def graph_faults(journey: Journey) -> list[Fault]:
    """Faults of the graph itself: unknown needs, cycles (naming the steps on them), returns to nowhere, nothing to start with."""
    faults: list[Fault] = []
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
