"""Grants: on what terms a confirmed role is held, by which rule, for how long and how far it reaches, and what was accepted with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

ABOVE = Callable[[str], Sequence[str]]
"""The ids from a unit itself to the top."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Whose data a right reaches, and up to which amount in kroner. No units: everywhere. `below`: those units and all below."""

    units: tuple[str, ...] = ()
    below: bool = True
    amount: Decimal | None = None

    def within(self, wider: Reach, above: ABOVE) -> bool:
        """Whether it reaches nothing that `wider` doesn't."""
        if wider.amount is not None and (self.amount is None or self.amount > wider.amount):
            return False
        if not wider.units:
            return True
        if not self.units or (self.below and not wider.below):
            return False
        return all(any(each in wider.units for each in (above(unit) if wider.below else (unit,))) for unit in self.units)

    def words(self) -> str:
        """It in words; "" if nothing limits it."""
        units = f"{' and '.join(self.units)}{' and all below' if self.below else ' alone'}" if self.units else ""
        amount = f"up to {self.amount} kroner" if self.amount is not None else ""
        return ", ".join(part for part in (units, amount) if part)


@dataclass(frozen=True, slots=True)
class Grant:
    """The terms of a confirmed role: the rule that proposed it ("": it was requested), its first and last day (None: the employment's).

    `accepted` are the conflicts that it was given in spite of, `by` whom and for what `reason`.
    """

    rule: str = ""
    start: date | None = None
    until: date | None = None
    reach: Reach = Reach()
    accepted: tuple[str, ...] = ()
    by: str = ""
    reason: str = ""

    def covers(self, day: date) -> bool:
        """Whether the role is held on `day`."""
        return (self.start is None or self.start <= day) and (self.until is None or day <= self.until)

    def overlaps(self, other: Grant) -> bool:
        """Whether there is a day that both cover."""
        starts, ends = max(self.start or date.min, other.start or date.min), min(self.until or date.max, other.until or date.max)
        return starts <= ends

    def as_json(self) -> dict[str, Any]:
        """The terms in the outside contract's shape."""
        return {
            "rule": self.rule or None,
            "from": self.start.isoformat() if self.start else None,
            "until": self.until.isoformat() if self.until else None,
            "units": list(self.reach.units),
            "below": self.reach.below,
            "amount": str(self.reach.amount) if self.reach.amount is not None else None,
            "accepted": list(self.accepted),
            "accepted_by": self.by or None,
            "accepted_because": self.reason or None,
        }


def borders(grants: Iterable[Grant], after: date | None) -> tuple[date, ...]:
    """The days after `after` (None: all) on which a right begins, or is held no more, in order."""
    days: set[date] = set()
    for grant in grants:
        if grant.start is not None:
            days.add(grant.start)
        if grant.until is not None and grant.until < date.max:
            days.add(grant.until + timedelta(days=1))
    return tuple(sorted(day for day in days if after is None or day > after))


PLAIN = Grant()
"""A role that was requested, without further terms."""

_EMPTY: tuple[Any, ...] = ("", "", "", [], 1, "", [], "", "")


def pack(grant: Grant) -> list[Any]:
    """A grant as a short row of plain values, without the empty ones at its end."""
    reach = grant.reach
    row = [
        grant.rule,
        grant.start.isoformat() if grant.start else "",
        grant.until.isoformat() if grant.until else "",
        list(reach.units),
        int(reach.below),
        str(reach.amount) if reach.amount is not None else "",
        list(grant.accepted),
        grant.by,
        grant.reason,
    ]
    while row and row[-1] == _EMPTY[len(row) - 1]:
        row.pop()
    return row


def unpack(row: Sequence[Any]) -> Grant:
    """The grant that `pack` wrote."""
    rule, start, until, units, below, amount, accepted, by, reason = (*row, *_EMPTY[len(row) :])
    reach = Reach(tuple(units), bool(below), Decimal(amount) if amount else None)
    return Grant(
        rule,
        date.fromisoformat(start) if start else None,
        date.fromisoformat(until) if until else None,
        reach,
        tuple(accepted),
        by,
        reason,
    )


def unpack_all(rows: Mapping[str, Sequence[Any]]) -> dict[str, Grant]:
    """The grants by role."""
    return {role: unpack(row) for role, row in rows.items()}
