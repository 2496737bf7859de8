"""What policy says of who may what in the portal: payroll staff, auditors, and who starts hires, where and into which positions."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from idm.domain.authority_powers import AuthorityPolicy
from idm.domain.journey import Source
from idm.domain.people import Organisation

MANAGERS = "managers"
"""Stands for every manager, in the units that they manage and in those below."""


@dataclass(frozen=True, slots=True)
class StartRule:
    """That `holders` (persons, teams behind `team:`; none: every manager, where they manage) start hires, in `units` and below (none:
    all), into `positions` (none: all)."""

    id: str
    holders: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    positions: tuple[str, ...] = ()
    source: Source = Source()


MANAGERS_START = (StartRule(MANAGERS),)
"""What holds where policy says nothing: managers start hires, in their units and those below."""


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """The rules of access.yaml. Holders are persons by id, or teams of authority.yaml behind `team:`."""

    payroll_staff: tuple[str, ...] = ()
    auditors: tuple[str, ...] = ()
    starts: tuple[StartRule, ...] = MANAGERS_START

    def is_payroll_staff(self, person: str, teams: AuthorityPolicy) -> bool:
        """Whether a person keeps the payroll tables."""
        return _among(person, self.payroll_staff, teams)

    def is_auditor(self, person: str, teams: AuthorityPolicy) -> bool:
        """Whether a person is an auditor."""
        return _among(person, self.auditors, teams)

    def startable(self, person: str, managed: Collection[str], tree: Organisation, teams: AuthorityPolicy) -> Startable:
        """Where a person may start hires, and into which positions. `managed` are the units that they manage, with all below."""
        found: dict[str, set[str]] = {}
        for rule in self.starts:
            if rule.holders and not _among(person, rule.holders, teams):
                continue
            for unit in managed if not rule.holders else tree.units:
                if not rule.units or any(above.id in rule.units for above in tree.path(unit)):
                    found.setdefault(unit, set()).update(rule.positions or tree.positions)
        return Startable(
            tuple((unit, tuple(id for id in tree.positions if id in positions)) for unit in tree.units if (positions := found.get(unit)))
        )


@dataclass(frozen=True, slots=True)
class Startable:
    """The units in which somebody may start hires, each with the positions: in the order of the organisation."""

    places: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self.places)

    def __iter__(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Each unit with its positions."""
        return iter(self.places)

    def allows(self, unit: str, position: str) -> bool:
        """Whether a hire may be started there, into that position."""
        return any(place == unit and position in positions for place, positions in self.places)


def _among(person: str, holders: Collection[str], teams: AuthorityPolicy) -> bool:
    return any(person in teams.members(holder) for holder in holders)
