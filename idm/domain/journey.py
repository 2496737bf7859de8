"""Journeys: the declared task graph of a kind of case, and its expansion into the graph of one case."""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple


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
    APPROVE = "approve"
    CONSENT = "consent"
    ORDERED = "ordered"
    RECEIVED = "received"
    ASSESS = "assess"
    ORDER = "order"
    APPROVE_ORDER = "approve_order"
    RECEIVE = "receive"


class Actor(enum.StrEnum):
    """Who may do a human step. `reviewer` and `provider` stand for whom the kind of document or check names."""

    MANAGER = "manager"
    HIRE = "hire"
    PAY = "pay"
    IT = "it"
    CONTROL = "control"
    REVIEWER = "reviewer"
    PROVIDER = "provider"


OPENING = "opening"
"""The scope of a step that may open (enable) what is gated by a date."""
RIGHTS = "rights"
"""The scope of a step that grants and revokes entitlements."""


PAY, START = "pay", "start"
"""What a paper can block until it is accepted: the pay record, the first day (nothing is opened)."""

DOCUMENT, CHECK = "document", "check"
"""What a journey can have steps for each of."""


class Paper(NamedTuple):
    """What a case wants seen before or around the start: a document, or (with `steps`) a check that is a process of its own.

    `reviewer` judges it and `provider` hands it in, or orders it. `blocks`: what waits for it (`pay`, `start`; nothing: it only warns).
    `steps`: which of a check's tasks it has (consent, ordered, received, assess). Days: a consent `lapses` so many after it was given,
    a document that ends is asked for anew `watch` before, and from `waive` before the start the pay waits no longer (None: it does).
    """

    kind: str
    reviewer: Actor
    blocks: tuple[str, ...] = (PAY,)
    provider: Actor = Actor.HIRE
    steps: tuple[str, ...] = ()
    lapses: int = 0
    watch: int = 0
    waive: int | None = None

    @property
    def sort(self) -> str:
        """Whether it is a document or a check."""
        return CHECK if self.steps else DOCUMENT

    def has(self, step: StepDef) -> bool:
        """Whether `step`, declared for each of its sort, exists for it."""
        return step.for_each == self.sort and (not self.steps or (step.task is not None and step.task.value in self.steps))


@dataclass(frozen=True, slots=True)
class StepDef:
    """One declared step. Fields that don't belong to its kind stay empty.

    `needs`: steps that must be done before; `review@pay` means those reviews that block the pay. `approves`: the names of the facts
    that its decision approves. `resources`: what an automatic step converges in its `system`: kinds of record, or `rights`, or
    `opening`. `for_each`: makes one step per kind of document, or of check. `returns_to`: the step a return opens again. `until`: the
    date fact that a timer waits for. `by_itself`: done at once where standing delegations cover it. `asked_by`: the approval policy
    that says whether it is asked in this case; one that isn't asked is passed over. `document` and `blocks`: of the expanded step,
    its kind of paper and what waits for that.
    """

    id: str
    kind: StepKind
    needs: tuple[str, ...] = ()
    task: TaskKind | None = None
    actor: Actor | None = None
    form: str = ""
    approves: tuple[str, ...] = ()
    for_each: str = ""
    document: str = ""
    blocks: tuple[str, ...] = ()
    asked_by: str = ""
    returns_to: str = ""
    by_itself: bool = False
    system: str = ""
    resources: tuple[str, ...] = ()
    until: str = ""
    lane: str = ""
    source: Source = Source()


@dataclass(frozen=True, slots=True)
class Journey:
    """A declared journey: its name, the event type that starts it, its steps in order of declaration, its content hash.

    `asks_again`: the names of facts of the employment, each with the human steps that are asked again when it changes.
    """

    name: str
    event: str
    steps: tuple[StepDef, ...]
    source: Source = Source()
    asks_again: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def hash(self) -> str:
        """The content hash of the file that declares it; a case pins this one."""
        return self.source.hash

    def asked_again(self, facts: Collection[str]) -> set[str]:
        """The human steps that are asked again when those facts change."""
        return {step for fact, steps in self.asks_again if fact in facts for step in steps}


@dataclass(frozen=True, slots=True)
class Graph:
    """The task graph of one case: concrete steps by id, in an order where every step follows its needs."""

    steps: Mapping[str, StepDef]
    followers: Mapping[str, tuple[str, ...]]
    declared: frozenset[str] = frozenset()
    optional: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[StepDef]:
        """The steps in topological order."""
        return iter(self.steps.values())

    def __getitem__(self, step: str) -> StepDef:
        """The step by its id; KeyError if the case has none such."""
        return self.steps[step]

    def approving(self, name: str) -> tuple[str, ...] | None:
        """The ids of the steps whose decisions together approve the facts called `name`; None if the journey has no such step at all.

        Of papers, only those count that the pay waits for. None of them may be left in this case: then nobody need be asked.
        """
        if name not in self.declared:
            return None
        return tuple(step.id for step in self if name in step.approves and (not step.document or PAY in step.blocks))


UNDO, REVISE = "undo", "revise"


def undo_id(system: str) -> str:
    """The id of the step that takes back what a cancelled case did in `system`."""
    return f"{UNDO}-{system}"


def revise_id(system: str) -> str:
    """The id of the step that brings into line what `system` holds already, after facts of the case changed."""
    return f"{REVISE}-{system}"


def split_need(need: str) -> tuple[str, str]:
    """A need as (step, effect): `review@pay` is the reviews that block the pay, `review` all of them."""
    step, _, effect = need.partition("@")
    return step, effect


@lru_cache(maxsize=512)
def expand(journey: Journey, papers: tuple[Paper, ...], undo: tuple[str, ...] = (), revised: tuple[str, ...] = ()) -> Graph:
    """The graph of one case: a step per kind of paper where the journey says so, and an undo or revise step per system named.

    Undo and revise steps need nothing: a cancel or a change works at once.
    """
    by_id = {step.id: step for step in journey.steps}

    def instead(need: str, paper: Paper | None) -> list[str]:
        id, effect = split_need(need)
        step = by_id[id]
        if not step.for_each:
            return [id]
        same = paper is not None and paper.sort == step.for_each
        fitting = [each for each in papers if each.sort == step.for_each and (each is paper or not same)]
        fitting = [each for each in fitting if not effect or effect in each.blocks]
        found: list[str] = []
        for each in fitting:
            found += [f"{id}-{each.kind}"] if each.has(step) else [earlier for need in step.needs for earlier in instead(need, each)]
        if not fitting:
            # No such paper is wanted: who needs this step waits for what it would have waited for, else it could begin at once.
            inherited = [f"{need}@{effect}" if effect and by_id[need].for_each else need for need in step.needs]
            found = [earlier for need in inherited for earlier in instead(need, paper)]
        return found

    concrete: list[StepDef] = []
    for step in journey.steps:
        for paper in papers if step.for_each else (None,):
            if paper is not None and not paper.has(step):
                continue
            needs = tuple(dict.fromkeys(earlier for need in step.needs for earlier in instead(need, paper)))
            made = replace(step, needs=needs, lane=step.lane or step.system)
            concrete.append(made if paper is None else _for_paper(made, paper))
    lanes = {step.system: step.lane for step in concrete if step.system}
    for systems, id in ((undo, undo_id), (revised, revise_id)):
        concrete += [StepDef(id(name), StepKind.AUTOMATIC, system=name, lane=lanes.get(name, name)) for name in systems]
    ordered = in_order(concrete)
    followers: dict[str, list[str]] = {step.id: [] for step in ordered}
    for step in ordered:
        for need in step.needs:
            followers[need].append(step.id)
    return Graph(
        {step.id: step for step in ordered},
        {key: tuple(value) for key, value in followers.items()},
        frozenset(name for step in journey.steps for name in step.approves),
        tuple(step.id for step in ordered if step.asked_by),
    )


def _for_paper(step: StepDef, paper: Paper) -> StepDef:
    actors = {Actor.REVIEWER: paper.reviewer, Actor.PROVIDER: paper.provider}
    return replace(
        step,
        id=f"{step.id}-{paper.kind}",
        document=paper.kind,
        blocks=paper.blocks,
        actor=actors.get(step.actor, step.actor) if step.actor is not None else None,
        returns_to=f"{step.returns_to}-{paper.kind}" if step.returns_to else "",
    )


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
