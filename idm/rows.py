"""The plain rows that cross the store's door: runs, commits, events, documents, circuits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from idm.domain.audit import Entry
from idm.domain.case import Case
from idm.domain.notices import Notice
from idm.domain.plan import Holding
from idm.domain.projection import Task


@dataclass(frozen=True, slots=True)
class Run:
    """The claim on one lane of one case. `state`: idle, ready (for a message), queued (message sent), claimed.

    `epoch` is the fencing token: it grows by one with each claim. `due` is when an idle lane has work again. Times are machine time.
    """

    lane: str
    state: str = "idle"
    epoch: int = 0
    owner: str = ""
    lease_until: datetime | None = None
    due: datetime | None = None

    def held(self, machine: datetime) -> bool:
        """Whether someone holds it and their lease runs."""
        return self.state == "claimed" and self.lease_until is not None and self.lease_until > machine


@dataclass(frozen=True, slots=True)
class Loaded:
    """A case with its runs, as they were together at one version."""

    case: Case
    runs: Mapping[str, Run]


@dataclass(frozen=True, slots=True)
class Commit:
    """One change of one case, all of it in one transaction. `expected` is the version it started from, None for a new case.

    `timers` maps a timer step to when it falls, None once it has. `resources` are rows to write over.
    """

    case: Case
    expected: int | None
    entries: tuple[Entry, ...]
    runs: tuple[Run, ...] = ()
    tasks: tuple[Task, ...] = ()
    notices: tuple[Notice, ...] = ()
    timers: Mapping[str, datetime | None] = field(default_factory=dict)
    resources: tuple[Holding, ...] = ()


@dataclass(frozen=True, slots=True)
class EventRow:
    """A hire event that was taken: its digest (keyed, so that nothing can be guessed from it) and the case it became."""

    source: str
    id: str
    digest: str
    case: str


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file in the vault that came for a case: where its bytes lie, and the key that opens them, wrapped."""

    id: str
    case: str
    kind: str
    name: str
    media_type: str
    size: int
    digest: str
    vault_name: str
    wrapped_key: str = field(repr=False)
    added_by: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class DocumentRow(StoredFile):
    """A document that was handed in."""


@dataclass(frozen=True, slots=True)
class PageRow(StoredFile):
    """A page of a document of a kind that isn't handed in yet, a file of its own; `place` orders the pages."""

    place: int


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case as a list shows it; `refused` are the steps that a person must look at."""

    id: str
    person: str
    person_name: str
    employment: str
    unit: str
    journey: str
    state: str
    version: int
    start_date: date
    created_at: datetime
    refused: tuple[str, ...] = ()
    short_notice: bool = False


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """By which power a task was decided: who did, as which authority, how they came to act (`via`), by which delegation, in whose place."""

    task: str
    case: str
    action: str
    at: datetime
    by: str
    authority: str
    via: str
    delegation: str = ""
    place_of: str = ""


@dataclass(frozen=True, slots=True)
class Circuit:
    """A target's circuit: `failures` in a row, and machine time until which it is open (None: closed)."""

    system: str
    failures: int = 0
    open_until: datetime | None = None
    reason: str = ""

    def is_open(self, machine: datetime) -> bool:
        """Whether calls must wait."""
        return self.open_until is not None and self.open_until > machine
