"""Roles, the rules that propose them, what an IT contact may add, how far rights reach, and which roles nobody holds together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from itertools import combinations

from idm.domain.grants import PLAIN, Grant, Reach
from idm.domain.journey import Source
from idm.domain.matching import EVERYBODY, Match

OWN, SUBTREE, NAMED = "own", "subtree", "named"
"""Whose data a role reaches: the employment's unit alone, that and all below, or named units and all below. "" is everybody's."""


@dataclass(frozen=True, slots=True)
class DataLimit:
    """How far a role reaches by policy: whose data (`scope`, with `units` where it names them), and up to which amount in kroner."""

    scope: str = ""
    units: tuple[str, ...] = ()
    amount: Decimal | None = None

    def reach(self, unit: str) -> Reach:
        """The reach of the role for an employment in `unit`."""
        match self.scope:
            case "own" | "subtree":
                return Reach((unit,), self.scope == SUBTREE, self.amount)
            case _:
                return Reach(self.units, True, self.amount)


@dataclass(frozen=True, slots=True)
class Grantable:
    """To whom an IT contact may give a role, and for at most how many days (None: as long as the employment)."""

    when: Match = EVERYBODY
    most_days: int | None = None


@dataclass(frozen=True, slots=True)
class Role:
    """A named set of entitlements per system. `grantable`: how an IT contact may add it to a hire that doesn't get it anyway."""

    id: str
    titles: Mapping[str, str]
    entitlements: Mapping[str, tuple[str, ...]]
    grantable: Grantable | None = None
    source: Source = Source()
    limit: DataLimit = DataLimit()


@dataclass(frozen=True, slots=True)
class RoleRule:
    """Who gets which roles: the positions (empty: all, a birthright), the units (empty: all, else those and all below), and `when`."""

    id: str
    roles: tuple[str, ...]
    positions: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    source: Source = Source()
    when: Match = EVERYBODY

    @property
    def match(self) -> Match:
        """Everything it asks, as one."""
        return replace(self.when, positions=self.positions or self.when.positions, units=self.units or self.when.units)


REFUSE, NEEDS_REASON = "refuse", "needs_reason"


@dataclass(frozen=True, slots=True)
class Conflict:
    """Roles of which nobody holds two at a time: `refuse` without exception, `needs_reason` unless somebody accepts it and says why."""

    id: str
    roles: tuple[str, ...]
    severity: str
    titles: Mapping[str, str] = field(default_factory=dict)
    source: Source = Source()


@dataclass(frozen=True, slots=True)
class Held:
    """A role that a person holds or is to hold: by which employment, on what terms."""

    role: str
    employment: str
    grant: Grant = PLAIN

    def words(self) -> str:
        """It in words, with the rule that gives it."""
        by = f"rule {self.grant.rule}" if self.grant.rule else "request"
        return f"{self.role} (employment {self.employment}, by {by})"


@dataclass(frozen=True, slots=True)
class Clash:
    """Two roles of a person that a conflict keeps apart; `one` is of the employment that is asked about."""

    conflict: Conflict
    one: Held
    other: Held

    def words(self) -> str:
        """It in words, with both rules and where the conflict stands."""
        source = self.conflict.source
        where = f" ({source.file}:{source.line})" if source.file else ""
        one, other = self.one.words(), self.other.words()
        if self.one.employment != self.other.employment:
            return f"'{self.conflict.id}'{where} keeps apart {one} and, in another employment, {other}"
        return f"'{self.conflict.id}'{where} keeps apart {one} and {other}"


def clashes(conflicts: Iterable[Conflict], mine: Iterable[Held], others: Iterable[Held]) -> tuple[Clash, ...]:
    """Every two roles that are held on the same day in spite of a conflict: among `mine`, and between `mine` and `others`."""
    by_pair: dict[frozenset[str], list[Conflict]] = {}
    for conflict in conflicts:
        for pair in combinations(conflict.roles, 2):
            by_pair.setdefault(frozenset(pair), []).append(conflict)
    if not by_pair:
        return ()
    own = list(mine)
    pairs = [*combinations(own, 2), *((one, other) for other in others for one in own)]
    return tuple(
        Clash(conflict, one, other)
        for one, other in pairs
        for conflict in by_pair.get(frozenset((one.role, other.role)), ())
        if one.grant.overlaps(other.grant)
    )


def until_end(grant: Grant, end: date | None) -> Grant:
    """The grant as far as its employment goes, whose last day is `end`."""
    return grant if end is None or (grant.until is not None and grant.until <= end) else replace(grant, until=end)
