"""The database as flows see it: reads, writes that commit together, and the runs as queues."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Protocol

from idm.domain.audit import Entry
from idm.domain.case import Case
from idm.domain.comments import Comment
from idm.domain.people import Employment, Organisation, Person, Position, Unit
from idm.domain.plan import Owned
from idm.domain.projection import Task
from idm.ports_audit import AuditStore
from idm.ports_doors import DoorStore, DoorWriter
from idm.ports_hand_in import HandInStore, HandInWriter
from idm.ports_lists import ListStore
from idm.ports_notices import NoticeStore, NoticeWriter
from idm.ports_powers import PowerStore, PowerWriter
from idm.rows import CaseRow, Circuit, Commit, DocumentRow, EventRow, Loaded


class NameTaken(Exception):
    """A user name or address was reserved by someone else in the meantime; nothing was written."""


class Duplicate(Exception):
    """A row that must be the only one exists already (an event, a person by CPR); nothing was written."""


class Writer(PowerWriter, NoticeWriter, DoorWriter, HandInWriter, Protocol):
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

    def employments_of(self, person: str) -> set[str]:
        """The ids of a person's employments, as they are once `put_person` has locked the person against other writers."""
        ...

    def put_person_alias(self, alias: str, person: str) -> None:
        """Let `alias`, an id that another system gave, mean the person `person`."""
        ...

    def put_employment_alias(self, alias: str, employment: str) -> None:
        """Let `alias`, an id that another system gave, mean the employment `employment`."""
        ...

    def lock_person(self, person: str) -> None:
        """Let no other writer lock this person until this transaction ends; wait for one that has."""
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

    def next_number(self, kind: str, name: str) -> int:
        """The number to try behind a name that is taken: 2 at first, then one more each time it is asked."""
        ...

    def add_document(self, document: DocumentRow) -> None:
        """Add a stored document."""
        ...

    def put_comment(self, comment: Comment) -> None:
        """Add a comment, or write one over by its id."""
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


class Store(AuditStore, PowerStore, NoticeStore, DoorStore, ListStore, HandInStore, Protocol):
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

    def cases_of(self, person: str, but: str = "") -> Sequence[Case]:
        """Every case of a person, without the case `but`."""
        ...

    def list_cases(self, *, state: str = "", unit: str = "", person: str = "", employment: str = "", limit: int = 200) -> Sequence[CaseRow]:
        """Cases as rows, newest start date last, filtered by what isn't empty."""
        ...

    def cases_with_orders(self, case: str = "", state: str = "") -> Sequence[Case]:
        """Every case in which equipment was ordered, by start date; only `case`, or those in a state, if given."""
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

    def people_by_cpr(self, cpr_indexes: Collection[str]) -> Mapping[str, str]:
        """Blind index -> person id, of those that are known."""
        ...

    def person_ids(self, ids: Collection[str]) -> Mapping[str, str]:
        """Each of `ids` that a person goes by, their own or another system's -> the person's own id."""
        ...

    def people_called(self, *, username: str = "", email: str = "") -> Collection[str]:
        """The ids of who has that user name, or that e-mail at work (told of them, or reserved by idm), however it is capitalised."""
        ...

    def find_people(self, asked: Sequence[tuple[str, Collection[str]]], *, today: date, limit: int) -> Sequence[str]:
        """The ids of those employed `today`, by name, no more than `limit`, whom everything fits that is asked for: of each pair a
        word of theirs (see `idm.domain.search_words`) begins with the first, or they work in one of the units of the second.
        None if nothing is asked for; nobody whose access was taken."""
        ...

    def employment_ids(self, ids: Collection[str]) -> Mapping[str, str]:
        """Each of `ids` that an employment goes by, its own or another system's -> its own id."""
        ...

    def person_aliases(self, people: Collection[str]) -> Mapping[str, Sequence[str]]:
        """Person -> the ids that other systems give them, of those who have any."""
        ...

    def employments_by_person(self, people: Collection[str]) -> Mapping[str, Sequence[Employment]]:
        """Person -> employments, oldest first, of those who have any."""
        ...

    def list_people(self, *, units: Collection[str] | None = None, after: str = "", limit: int = 200) -> Sequence[Person]:
        """People by id, beginning after the id `after`; with `units` those who have an employment in one of them."""
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

    def documents(self, case: str) -> Sequence[DocumentRow]:
        """A case's stored documents."""
        ...

    def document(self, id: str) -> DocumentRow | None:
        """A stored document."""
        ...

    def comments(self, case: str) -> Sequence[Comment]:
        """A case's comments, oldest first."""
        ...

    def questions(self) -> Sequence[Comment]:
        """The newest comment of each person hired that nobody has answered so that they see it, oldest first; of no cancelled case."""
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

    def record_circuit(
        self, system: str, *, lane: str, failed: bool, threshold: int, open_until: datetime, reason: str, machine: datetime
    ) -> Circuit:
        """Count a failure (opening the circuit at `threshold` in a row) or a success (closing it, and waking who waits in `lane`)."""
        ...

    def take_probe(self, system: str, known: datetime, until: datetime) -> bool:
        """Take the one trial call of a circuit whose time is over (`known`), shutting it to others `until`; False if another did."""
        ...

    def settle_run(self, case: str, lane: str, version: int, due: datetime | None) -> bool:
        """Set a queued or ready lane idle, if the case is still at `version`; False if it has moved."""
        ...

    def ready_runs(self, limits: Mapping[str, int], default_limit: int) -> Sequence[tuple[str, str]]:
        """Turn ready runs to queued, nearest start date first, keeping at most the limit of each lane in flight; (case, lane) each."""
        ...

    def has_ready(self) -> bool:
        """Whether any run is ready and not queued: a lane has more to do than may be in flight."""
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

    def renew(self, case: str, lane: str, epoch: int, owner: str, machine: datetime, lease: float) -> bool:
        """Let the claim of `epoch` hold for `lease` seconds from `machine` on; False if the lane was claimed by another since."""
        ...

    def release(self, case: str, lane: str, owner: str) -> None:
        """Turn a run that a dead `owner` holds to ready."""
        ...

    def requeue_all(self) -> None:
        """Turn every queued run to ready: the broker has lost its messages."""
        ...

    def next_due(self, but: Collection[str] = ()) -> datetime | None:
        """The earliest machine time at which an idle run is due, if any, in every lane but those."""
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
