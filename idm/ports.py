"""What the flows need from outside, as protocols, and the plain rows that cross these doors.

The store, the vault, the publisher and the clock implement them; bootstrap wires them into one `App`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, BinaryIO, Protocol

from idm.connector import Connector
from idm.domain.audit import Entry
from idm.domain.authority import Delegation
from idm.domain.case import Case
from idm.domain.journey import Journey
from idm.domain.people import Employment, Organisation, Person, Position, Unit
from idm.domain.plan import Owned
from idm.domain.policy import Policies
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
    timers: Mapping[str, datetime | None] = field(default_factory=dict)
    resources: tuple[Owned, ...] = ()


@dataclass(frozen=True, slots=True)
class EventRow:
    """A hire event that was taken: its digest (keyed, so that nothing can be guessed from it) and the case it became."""

    source: str
    id: str
    digest: str
    case: str


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A stored document: where its bytes lie in the vault and the key that opens them, wrapped."""

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
class CaseRow:
    """A case as a list shows it."""

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


class NameTaken(Exception):
    """A user name or address was reserved by someone else in the meantime; nothing was written."""


class Duplicate(Exception):
    """A row that must be the only one exists already (an event, a person by CPR); nothing was written."""


class Writer(Protocol):
    """Writes that commit together. Leaving the block without an exception commits; with one, nothing is written."""

    def add_event(self, event: EventRow, taken_at: datetime) -> None:
        """Record an event; raises `Duplicate` if (source, id) is there."""
        ...

    def put_person(self, person: Person, cpr_index: str, cpr_encrypted: str) -> None:
        """Write a person over, or new; raises `Duplicate` if another has that CPR."""
        ...

    def put_employment(self, employment: Employment) -> None:
        """Write an employment over, or new."""
        ...

    def put_unit(self, unit: Unit) -> None:
        """Write a unit over, or new."""
        ...

    def put_position(self, position: Position) -> None:
        """Write a position over, or new."""
        ...

    def reserve_name(self, kind: str, name: str, person: str, at: datetime) -> None:
        """Reserve a user name or address for ever; raises `NameTaken`."""
        ...

    def add_delegation(self, delegation: Delegation) -> None:
        """Add a delegation."""
        ...

    def add_document(self, document: DocumentRow) -> None:
        """Add a stored document."""
        ...

    def put_policy(self, hash: str, file: str, text: str, at: datetime) -> None:
        """Keep a policy file's text under its content hash; a known hash changes nothing."""
        ...

    def commit_case(self, commit: Commit) -> bool:
        """Write a case's change; False, and nothing of it, if its version has moved."""
        ...

    def append(self, stream: str, make: Callable[[tuple[int, str]], Entry]) -> None:
        """Append an audit entry to a stream that isn't a case, locking its head; `make` builds it from that head."""
        ...

    def put_setting(self, name: str, value: str) -> None:
        """Write a setting of the installation (its kind, its clock) over, or new."""
        ...


class Store(Protocol):
    """The database. Reads are short and see committed data; writes go through `write` or the one-statement `commit`."""

    def write(self) -> AbstractContextManager[Writer]:
        """A transaction."""
        ...

    def commit(self, commit: Commit) -> bool:
        """`Writer.commit_case` in a transaction of its own: one statement where the database allows."""
        ...

    def load(self, case: str) -> Loaded | None:
        """A case with its runs, or None."""
        ...

    def cases_of(self, person: str) -> Sequence[Case]:
        """Every case of a person."""
        ...

    def list_cases(self, *, state: str = "", unit: str = "", person: str = "", employment: str = "", limit: int = 200) -> Sequence[CaseRow]:
        """Cases as rows, newest start date last, filtered by what isn't empty."""
        ...

    def tasks(self, *, case: str = "", state: str = "", limit: int = 1000) -> Sequence[Task]:
        """Tasks, oldest first."""
        ...

    def task(self, id: str) -> Task | None:
        """A task by id."""
        ...

    def event(self, source: str, id: str) -> EventRow | None:
        """An event that was taken."""
        ...

    def person(self, id: str) -> Person | None:
        """A person, with the CPR decrypted."""
        ...

    def people(self, ids: Collection[str]) -> Mapping[str, Person]:
        """Several persons by id; unknown ids are absent."""
        ...

    def person_by_cpr(self, cpr_index: str) -> Person | None:
        """The person with that blind index."""
        ...

    def employment(self, id: str) -> Employment | None:
        """An employment."""
        ...

    def employments(self, person: str) -> Sequence[Employment]:
        """A person's employments."""
        ...

    def organisation(self) -> Organisation:
        """Units and positions."""
        ...

    def delegations(self, *, units: Collection[str] | None = None, case: str = "") -> Sequence[Delegation]:
        """Delegations for any of `units` (None: all) or for `case`."""
        ...

    def documents(self, case: str) -> Sequence[DocumentRow]:
        """A case's stored documents."""
        ...

    def document(self, id: str) -> DocumentRow | None:
        """A stored document."""
        ...

    def vault_names(self) -> set[str]:
        """The names of all vault files that a document row knows."""
        ...

    def owned(self, person: str, system: str = "") -> Sequence[Owned]:
        """What idm has made for a person, in one system or all."""
        ...

    def circuits(self) -> Mapping[str, Circuit]:
        """The circuits by system; a system without a row is closed."""
        ...

    def record_circuit(self, system: str, *, failed: bool, threshold: int, open_until: datetime, reason: str, machine: datetime) -> Circuit:
        """Count a failure (opening the circuit at `threshold` in a row) or a success (closing it, and waking who waits)."""
        ...

    def settle_run(self, case: str, lane: str, version: int, due: datetime | None) -> bool:
        """Set a queued or ready lane idle, if the case is still at `version`; False if it has moved."""
        ...

    def ready_runs(self, limits: Mapping[str, int], default_limit: int) -> Sequence[tuple[str, str]]:
        """Turn ready runs to queued, nearest start date first, keeping at most the limit of each lane in flight; (case, lane) each."""
        ...

    def unqueue(self, runs: Sequence[tuple[str, str]]) -> None:
        """Turn queued runs back to ready: their message could not be sent."""
        ...

    def wake_due(self, machine: datetime, queued_before: datetime) -> int:
        """Turn to ready: idle runs that are due, claims whose lease has run out, and runs queued before that time. How many."""
        ...

    def claims(self) -> Sequence[tuple[str, str, str]]:
        """The claimed runs: (case, lane, owner)."""
        ...

    def release(self, case: str, lane: str, owner: str) -> None:
        """Turn a run that a dead `owner` holds to ready."""
        ...

    def requeue_all(self) -> None:
        """Turn every queued run to ready: the broker has lost its messages."""
        ...

    def next_due(self) -> datetime | None:
        """The earliest machine time at which an idle run is due, if any."""
        ...

    def busy(self) -> tuple[int, int]:
        """How many runs are ready or queued, and how many claimed."""
        ...

    def due_timers(self, now: datetime, limit: int = 100) -> Sequence[tuple[str, str]]:
        """Timers that have fallen at business time `now`: (case, step)."""
        ...

    def audit(self, stream: str = "", limit: int = 100000) -> Sequence[Entry]:
        """Audit entries in order, of one stream or all."""
        ...

    def heads(self) -> Mapping[str, tuple[int, str]]:
        """The head that each stream's own row remembers."""
        ...

    def policy_text(self, hash: str) -> tuple[str, str] | None:
        """The file name and text of a policy file by content hash."""
        ...

    def settings(self) -> Mapping[str, str]:
        """The settings of the installation."""
        ...

    def wait(self, seconds: float) -> None:
        """Wait until some run became ready (as far as this process can tell) or the time is over."""
        ...

    def lead(self, name: str) -> AbstractContextManager[bool]:
        """Try to be the only process that does `name`; True if it is, until the block is left."""
        ...


class Clock(Protocol):
    """Two times: business time, which a demo may move, and machine time, which is always real. Both aware, UTC."""

    def now(self) -> datetime:
        """Business time."""
        ...

    def today(self) -> date:
        """The business date in Denmark."""
        ...

    def machine(self) -> datetime:
        """Machine time."""
        ...


class Publisher(Protocol):
    """Tells workers that lanes of cases have work."""

    def publish(self, runs: Sequence[tuple[str, str]]) -> None:
        """Send one message per (case, lane), confirmed by the broker; raises `Unavailable` if it can't."""
        ...


class PolicySource(Protocol):
    """The policies in force."""

    def current(self) -> Policies:
        """The set in force."""
        ...

    def texts(self) -> Mapping[str, tuple[str, str]]:
        """File -> (hash, text) of the set in force."""
        ...

    def journey_from_text(self, text: str, file: str) -> Journey:
        """A journey rebuilt from its stored text."""
        ...


class Keys(Protocol):
    """The installation's keys, as far as flows use them."""

    def blind_index(self, purpose: str, value: str) -> str:
        """A keyed hash, hex, that lets equal values be found without telling them."""
        ...

    def encrypt(self, text: str) -> str:
        """Text encrypted for the database."""
        ...


class StoredFile(Protocol):
    """What the vault answers when it has taken a file."""

    @property
    def name(self) -> str:
        """Its random name in the vault."""
        ...

    @property
    def size(self) -> int:
        """Its size in bytes."""
        ...

    @property
    def digest(self) -> str:
        """A keyed digest of its content."""
        ...

    @property
    def wrapped_key(self) -> str:
        """The key that opens it, wrapped by the master key."""
        ...


class DocumentVault(Protocol):
    """Documents, encrypted."""

    def put(self, document_id: str, source: BinaryIO, limit: int) -> StoredFile:
        """Encrypt and keep; raises `BadInput` over `limit` bytes, `Unavailable` if the disk can't take it."""
        ...

    def open(self, document_id: str, name: str, wrapped_key: str) -> BinaryIO:
        """The decrypted bytes as a stream."""
        ...

    def destroy(self, name: str) -> None:
        """Remove it."""
        ...


class Checked(Protocol):
    """What the check of an upload found."""

    @property
    def media_type(self) -> str:
        """The media type that it really is."""
        ...


@dataclass(frozen=True, slots=True)
class App:
    """Everything a flow works with. Made by bootstrap; tests make it with the same function.

    `owner` names this process in claims, so that another can tell whether it lives; `lease` and machine times are in seconds.
    `alive(owner)` is False only if that process is known to be dead. `random(n)` gives n random bytes.
    """

    store: Store
    clock: Clock
    policies: PolicySource
    connectors: Mapping[str, Connector]
    keys: Keys
    vault: DocumentVault
    check_document: Callable[..., Checked]
    publisher: Publisher
    random: Callable[[int], bytes]
    alive: Callable[[str], bool]
    owner: str
    lease: float = 60.0
    yield_after: float = 20.0
    jitter: Callable[[], float] = lambda: 0.5
    extras: Mapping[str, Any] = field(default_factory=dict)
