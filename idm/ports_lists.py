"""What lists for people are made of, as flows see it in the database: every answer takes one statement, and no more rows than it tells."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from idm.domain.authority import Delegation
from idm.domain.case import Case
from idm.domain.projection import Task
from idm.rows import DecisionRow


@dataclass(frozen=True, slots=True)
class Search:
    """Where to look for the open tasks of a person.

    `stands_for` are they and everybody in whose place they might act; `holders` these and their teams. `levels` says for each actor and
    unit how far up a task must have gone (-1: it is looked at only where something is special about it). Special are the tasks about
    the hires of `hires`, those that somebody of `apart` is kept apart from, and those whose named contact or manager is in `absent`.
    """

    person: str
    stands_for: frozenset[str]
    holders: frozenset[str]
    levels: Mapping[tuple[str, str], int] = field(default_factory=dict)
    hires: frozenset[str] = frozenset()
    apart: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Tally:
    """How many tasks of a unit and kind were found, and how many of them are overdue."""

    unit: str
    kind: str
    tasks: int
    overdue: int


@dataclass(frozen=True, slots=True)
class HireSearch:
    """Which cases to look for: those in `units`, and those for which any of `holders` is appointed or `managers` named; in `states`.

    `words` are what words of the person hired begin with (see `idm.domain.search_words`), each with another; none: whoever it is.
    """

    units: frozenset[str]
    states: tuple[str, ...]
    holders: frozenset[str] = frozenset()
    managers: frozenset[str] = frozenset()
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision with what it was about: the task's kind and document, the person hired and the unit. "" where the task is gone."""

    decision: DecisionRow
    kind: str
    document: str
    person: str
    unit: str


@dataclass(frozen=True, slots=True)
class Granted:
    """A delegation with what was done by it: how many decisions, and when the last one was; `over`: its case is over."""

    delegation: Delegation
    decisions: int
    last: datetime | None
    over: bool


class ListStore(Protocol):
    """What is read for lists."""

    def load_many(self, cases: Collection[str]) -> Mapping[str, Case]:
        """Those of `cases` that exist, by id."""
        ...

    def names(self, people: Collection[str]) -> Mapping[str, str]:
        """The full names of those of `people` that exist, by id."""
        ...

    def open_tasks_of(self, cases: Collection[str]) -> Sequence[Task]:
        """The open tasks of `cases`, the one due first first."""
        ...

    def delegations_to(self, holders: Collection[str]) -> Sequence[Delegation]:
        """The standing delegations to any of `holders`."""
        ...

    def named_contacts(self) -> frozenset[str]:
        """Everybody who is named for an open task: contacts of single cases (a person, or a team) and managers that events named."""
        ...

    def search_tasks(
        self, search: Search, *, unit: str = "", kind: str = "", after: tuple[str, str] = ("", ""), limit: int
    ) -> Sequence[Task]:
        """Open tasks that a search finds, by due date and id, after such a pair, of one unit and kind if given."""
        ...

    def tally_tasks(self, search: Search, today: date, limit: int, each: int) -> Sequence[Tally]:
        """The first `limit` tasks that a search finds, of no actor's in a unit more than `each`, counted by unit and kind."""
        ...

    def search_hires(self, search: HireSearch, *, after: tuple[str, str] = ("", ""), limit: int) -> Sequence[Case]:
        """Cases that a search finds, by start date and id, after such a pair."""
        ...

    def decided(self, person: str, *, before: tuple[datetime, str] | None = None, limit: int) -> Sequence[Decided]:
        """What a person decided, and what was decided in their place, newest first, from before such a moment and task on."""
        ...

    def granted_by(self, person: str, limit: int) -> Sequence[Granted]:
        """The newest delegations that a person granted or confirmed, standing ones first; with what was done by each."""
        ...

    def count_open(self, places: Collection[tuple[str, str]], most: int) -> Mapping[tuple[str, str], int]:
        """How many open tasks, `most` at the most, each actor and unit has that no contact of its own is named for."""
        ...
