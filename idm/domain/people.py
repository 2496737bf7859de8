"""People, units, positions and employments, as the organisation file and the hire events give them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from idm.connector import Confidential


class Cpr(Confidential):
    """A Danish personal identity number: ten digits, checked by whoever made it. Shown as `***` everywhere.

    Modulus 11 isn't demanded: numbers without it have been issued since 2007 (CPR-kontoret).
    """

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Person:
    """A person, who may hold several employments at once and in turn. `username` and `address` once they are reserved.

    `language` is `da` or `en` where it was told, "" where policy says by citizenship in which they are written to.
    """

    id: str
    cpr: Cpr
    given_name: str
    family_name: str
    email: str = ""
    private_email: Confidential = Confidential("")
    mobile: Confidential = Confidential("")
    citizenship: str = ""
    username: str = ""
    address: str = ""
    language: str = ""

    @property
    def full_name(self) -> str:
        """Given and family name as one text."""
        return f"{self.given_name} {self.family_name}".strip()


@dataclass(frozen=True, slots=True)
class Employment:
    """One employment of a person in a unit, in a position, from a date and perhaps to one (both inclusive)."""

    id: str
    person: str
    unit: str
    position: str
    start_date: date
    end_date: date | None = None
    weekly_hours: str = ""
    manager: str = ""
    case: str = ""

    def covers(self, day: date) -> bool:
        """Whether the employment is in force on `day`."""
        return self.start_date <= day and (self.end_date is None or day <= self.end_date)


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of the organisation: its parent (None at the top) and its manager's person id ("" if vacant)."""

    id: str
    name: str
    parent: str | None = None
    manager: str = ""


@dataclass(frozen=True, slots=True)
class Position:
    """A position that people are employed in, such as teacher."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Organisation:
    """The unit tree and the positions."""

    units: Mapping[str, Unit] = field(default_factory=dict)
    positions: Mapping[str, Position] = field(default_factory=dict)

    def path(self, unit: str) -> Iterator[Unit]:
        """The unit itself, then its parents up to the top. An unknown id or a loop simply ends the path."""
        seen: set[str] = set()
        current = self.units.get(unit)
        while current is not None and current.id not in seen:
            seen.add(current.id)
            yield current
            current = self.units.get(current.parent) if current.parent else None
