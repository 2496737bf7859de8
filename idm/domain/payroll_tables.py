"""The payroll tables as one set, with what finds a row quickly among ten thousand."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TypeVar

from idm.domain.payroll_rows import (
    Agreement,
    Allowed,
    Experience,
    Institution,
    Occupation,
    PayClass,
    Pension,
    Row,
    ScaleStep,
    Supplement,
)

_R = TypeVar("_R", bound=Row)
_K = TypeVar("_K", bound=Hashable)

WARN_DAYS = 60
"""Days ahead that the end of a row is warned of, unless policy says otherwise."""


def _by(rows: Iterable[_R], key: Callable[[_R], _K]) -> Mapping[_K, tuple[_R, ...]]:
    found: dict[_K, list[_R]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return {each: tuple(rows) for each, rows in found.items()}


def valid(rows: Iterable[_R], on: date) -> tuple[_R, ...]:
    """The rows that hold on that day."""
    return tuple(row for row in rows if row.holds(on))


@dataclass(frozen=True)
class PayrollTables:
    """All payroll tables. Not slotted: the indexes are made when they are first asked for, and kept."""

    agreements: tuple[Agreement, ...] = ()
    classes: tuple[PayClass, ...] = ()
    steps: tuple[ScaleStep, ...] = ()
    experience: tuple[Experience, ...] = ()
    supplements: tuple[Supplement, ...] = ()
    pensions: tuple[Pension, ...] = ()
    occupation: tuple[Occupation, ...] = ()
    allowed: tuple[Allowed, ...] = ()
    institutions: tuple[Institution, ...] = ()
    warn_days: int = WARN_DAYS
    hash: str = ""

    def __bool__(self) -> bool:
        """Whether there are tables at all."""
        return bool(self.agreements)

    def tables(self) -> Mapping[str, tuple[Row, ...]]:
        """The rows of each table by its name, which is its file's."""
        return {name: getattr(self, name) for name in TABLES}

    @cached_property
    def agreement(self) -> Mapping[str, tuple[Agreement, ...]]:
        """Agreements by code."""
        return _by(self.agreements, lambda row: row.code)

    @cached_property
    def pay_class(self) -> Mapping[str, tuple[PayClass, ...]]:
        """Pay classes by code."""
        return _by(self.classes, lambda row: row.code)

    @cached_property
    def classes_of(self) -> Mapping[str, tuple[PayClass, ...]]:
        """Pay classes by agreement."""
        return _by(self.classes, lambda row: row.agreement)

    @cached_property
    def steps_of(self) -> Mapping[str, tuple[ScaleStep, ...]]:
        """Steps by scale."""
        return _by(self.steps, lambda row: row.scale)

    @cached_property
    def experience_of(self) -> Mapping[str, tuple[Experience, ...]]:
        """Experience rules by pay class."""
        return _by(self.experience, lambda row: row.pay_class)

    @cached_property
    def supplement(self) -> Mapping[str, tuple[Supplement, ...]]:
        """Supplements by code."""
        return _by(self.supplements, lambda row: row.code)

    @cached_property
    def supplements_of(self) -> Mapping[tuple[str, str], tuple[Supplement, ...]]:
        """Supplements by agreement and pay class ("" for all of it)."""
        return _by(self.supplements, lambda row: (row.agreement, row.pay_class))

    @cached_property
    def pension(self) -> Mapping[str, tuple[Pension, ...]]:
        """Pensions by code."""
        return _by(self.pensions, lambda row: row.code)

    @cached_property
    def pensions_of(self) -> Mapping[tuple[str, str], tuple[Pension, ...]]:
        """Pensions by agreement and pay class ("" for all of it)."""
        return _by(self.pensions, lambda row: (row.agreement, row.pay_class))

    @cached_property
    def occupation_of(self) -> Mapping[tuple[str, str, str], tuple[Occupation, ...]]:
        """Occupation bounds by agreement, pay class ("" for all of it) and kind of pay."""
        return _by(self.occupation, lambda row: (row.agreement, row.pay_class, row.pay_type))

    @cached_property
    def allowed_for(self) -> Mapping[tuple[str, str], tuple[Allowed, ...]]:
        """What is allowed, by position and unit ("" for any)."""
        return _by(self.allowed, lambda row: (row.position, row.unit))

    @cached_property
    def institutions_of(self) -> Mapping[str, tuple[Institution, ...]]:
        """Institutions by unit ("" for any)."""
        return _by(self.institutions, lambda row: row.unit)

    @cached_property
    def institution(self) -> Mapping[str, tuple[Institution, ...]]:
        """Institutions by code."""
        return _by(self.institutions, lambda row: row.code)

    @cached_property
    def cost_centre(self) -> Mapping[str, tuple[Institution, ...]]:
        """Institutions by cost centre."""
        return _by(self.institutions, lambda row: row.cost_centre)

    def allowed_at(self, position: str, unit_path: tuple[str, ...], on: date) -> tuple[Allowed, ...]:
        """The rows that say what a position may have in a unit, given as the ids from itself to the top.

        Those for the position itself come before those for any; among them the nearest unit that has any decides.
        """
        for who in (position, ""):
            for unit in (*unit_path, ""):
                found = valid(self.allowed_for.get((who, unit), ()), on)
                if found:
                    return found
        return ()

    def institutions_at(self, unit_path: tuple[str, ...], on: date) -> tuple[Institution, ...]:
        """The institutions of a unit: of the nearest unit above it, or itself, that has any."""
        for unit in (*unit_path, ""):
            found = valid(self.institutions_of.get(unit, ()), on)
            if found:
                return found
        return ()


TABLES = ("agreements", "classes", "steps", "experience", "supplements", "pensions", "occupation", "allowed", "institutions")
"""The tables, in the order in which they depend on each other. Each is the file payroll/NAME.csv."""
