"""A case: one run of a journey for one person and one employment. Data only; `transitions` says how it changes."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache

from idm.domain.four_eyes import FirstLook
from idm.domain.grants import Grant
from idm.domain.journey import START, Graph, Journey, Paper, StepDef, StepKind, expand
from idm.domain.orders import OrderLine
from idm.domain.pauses import Pause


class StepState(enum.StrEnum):
    """Where a step is. `waiting` waits for a person, a date or a target whose circuit is open."""

    PENDING = "pending"
    READY = "ready"
    RUNNING = "running"
    WAITING = "waiting"
    RETRY = "retry"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    DONE = "done"
    WITHDRAWN = "withdrawn"


class CaseState(enum.StrEnum):
    """Whether machines work on a case, it waits (for people, dates or targets), or it is over."""

    RUNNING = "running"
    WAITING = "waiting"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class DocumentState(enum.StrEnum):
    """Where a wanted document is."""

    WANTED = "wanted"
    HANDED_IN = "handed_in"
    ACCEPTED = "accepted"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Step:
    """How far one step of a case is.

    `since` is business time; `until` is when a retry is due (machine time) or a timer falls (business time). `attempts` counts
    calls begun. `round` counts how often a human step was opened. `reason` says in words why it is where it is.
    """

    state: StepState
    since: datetime
    attempts: int = 0
    round: int = 1
    until: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Approval:
    """A decision that approved facts: who made it, by which authority, through which delegation on whose word, and who typed it.

    `named` is the digest of what was approved, so that a later change doesn't pass under an old approval. `via` says how they came to
    act, if not by a power of their own: `team`, `backup` or `substitute`; `place_of` is whom they substitute; `first` was the first pair
    of eyes, where two were asked.
    """

    by: str
    authority: str
    at: datetime
    delegation: str = ""
    granted_by: str = ""
    administrator: str = ""
    named: str = ""
    via: str = ""
    place_of: str = ""
    first: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A wanted document: its state, the stored document's id and file name once handed in, the reason if it was returned, its last day."""

    state: DocumentState
    id: str = ""
    name: str = ""
    reason: str = ""
    expires: date | None = None


@dataclass(frozen=True, slots=True)
class HireFacts:
    """What the hire event says of the employment."""

    unit: str
    position: str
    start_date: date
    end_date: date | None = None
    weekly_hours: str = ""
    manager: str = ""


class _Pinned:
    """A journey that hashes by its content hash and name, so that a graph made before is found quickly."""

    __slots__ = ("_key", "journey")

    def __init__(self, journey: Journey) -> None:
        self.journey = journey
        self._key = (journey.hash, journey.name)

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Pinned) and (self.journey is other.journey or self.journey == other.journey)


@lru_cache(maxsize=512)
def _graph(pinned: _Pinned, wanted: tuple[Paper, ...], undo: tuple[str, ...], revised: tuple[str, ...]) -> Graph:
    return expand(pinned.journey, wanted, undo, revised)


@dataclass(frozen=True, slots=True)
class Case:
    """The whole state of a case, kept as one document. `version` grows by one with every change; `head` ends its audit chain.

    `wanted` pins the documents and checks; `undo` names the systems in which a cancelled case takes back its work, `revised` those that
    a change of facts brings into line; `waived` the papers that pay no longer waits for, as they are late; `told_at` the time that the
    newest event about the hire bears. `grants` are the terms of the confirmed roles; `rights_seen` the day up to which those that begin
    or end were worked. `short_notice`: idm learned of the start date too late for the ordinary deadlines.
    `pauses`: the periods in which it, or a task of it, waited with good reason. `sealed`: by form, its confidential answers, encrypted.
    `doubted`: by system, rights that an attempt of which nobody heard may have granted, though they are confirmed no more.
    """

    id: str
    person: str
    employment: str
    journey: str
    journey_hash: str
    facts: HireFacts
    wanted: tuple[Paper, ...]
    steps: Mapping[str, Step]
    state: CaseState = CaseState.RUNNING
    version: int = 0
    head: tuple[int, str] = (0, "")
    approvals: Mapping[str, Approval] = field(default_factory=dict)
    documents: Mapping[str, Document] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    roles: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    undo: tuple[str, ...] = ()
    revised: tuple[str, ...] = ()
    waived: tuple[str, ...] = ()
    told_at: datetime | None = None
    grants: Mapping[str, Grant] = field(default_factory=dict)
    rights_seen: date | None = None
    looks: Mapping[str, FirstLook] = field(default_factory=dict)
    short_notice: bool = False
    orders: tuple[OrderLine, ...] = ()
    pauses: tuple[Pause, ...] = ()
    sealed: Mapping[str, str] = field(default_factory=dict)
    doubted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def graph(self, journey: Journey) -> Graph:
        """The task graph of this case, from the journey that it pinned."""
        return _graph(_Pinned(journey), self.wanted, self.undo, self.revised)

    def approved(self, name: str, graph: Graph) -> tuple[Approval, ...] | None:
        """The approvals of the facts called `name`; None unless every deciding step of this case has been done.

        A step that policy passed over decided nothing, and a paper that is waived isn't waited for; so there may be no approval at all.
        """
        steps = graph.approving(name)
        if steps is None:
            return None
        steps = tuple(step for step in steps if graph[step].document not in self.waived)
        if any(not self._done(graph[step]) or (step not in self.approvals and not graph[step].asked_by) for step in steps):
            return None
        return tuple(self.approvals[step] for step in steps if step in self.approvals)

    def possible_rights(self, system: str) -> set[str]:
        """The rights in `system` that may have been granted: those confirmed last, also while they are decided anew, and `doubted`."""
        return {right for given in self.roles.values() for right in given.get(system, ())} | {*self.doubted.get(system, ())}

    def cleared(self, graph: Graph) -> bool:
        """Whether every paper that blocks the first day is in order."""
        papers = (step for step in graph if START in step.blocks and step.kind is StepKind.HUMAN and step.document not in self.waived)
        return all(self._done(step) for step in papers)

    def _done(self, step: StepDef) -> bool:
        """Whether a step is done, or was, for a document that is being renewed before it ends."""
        return self._renewed(step.document) or self.steps[step.id].state is StepState.DONE

    def _renewed(self, kind: str) -> bool:
        """Whether a document is being renewed whose old one was accepted and covers the start: that one holds until the new one does."""
        document = self.documents.get(kind)
        if document is None or document.expires is None or document.state is DocumentState.ACCEPTED:
            return False
        return document.expires >= self.facts.start_date

    def met(self, need: str, step: StepDef, graph: Graph) -> bool:
        """Whether `step` need not wait for its `need` any more: it is done, or about a paper that is waived, or that is being renewed."""
        if self.steps[need].state is StepState.DONE:
            return True
        paper = graph[need].document
        return bool(paper) and step.document != paper and (paper in self.waived or self._renewed(paper))

    @property
    def over(self) -> bool:
        """Whether nothing more will be asked of people: completed or cancelled."""
        return self.state in (CaseState.COMPLETED, CaseState.CANCELLED)
