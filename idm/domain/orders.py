"""The lines of an equipment order, as a case keeps them, and how each goes on. Data and pure functions only.

A line is proposed by the IT contact, ordered once nobody need approve it any more, and received. If the hire is cancelled, a line that
was never sent is withdrawn, one that was sent is to be returned, or is kept where that can't be. No line is ever removed once it was sent.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from idm.errors import Conflict, NotFound


class LineState(enum.StrEnum):
    """Where an order line is. `kept`: the hire was cancelled and this can't be returned, so it stays with the unit."""

    PROPOSED = "proposed"
    ORDERED = "ordered"
    RECEIVED = "received"
    WITHDRAWN = "withdrawn"
    TO_RETURN = "to_return"
    RETURNED = "returned"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One line: what, how many, on which account, and what the catalogue said of it when it was ordered.

    `price` is in kroner for one. `confirm`: somebody must confirm that it came, else it is taken as received. `by` and `at` tell who
    moved it last, and when (business time).
    """

    number: int
    item: str
    title: str
    quantity: int
    account: str
    price: Decimal
    supplier: str
    returnable: bool
    confirm: bool
    state: LineState
    by: str
    at: datetime

    @property
    def amount(self) -> Decimal:
        """The price of the whole line, in kroner."""
        return self.price * self.quantity

    @property
    def receipt(self) -> str:
        """Whether it came: `confirmed`, `awaited` (somebody must confirm it) or `not_needed`."""
        if self.state is LineState.RECEIVED:
            return "confirmed"
        return "awaited" if self.confirm and self.state in (LineState.PROPOSED, LineState.ORDERED) else "not_needed"


SENT = (LineState.ORDERED, LineState.RECEIVED)
"""States in which the order goes, or has gone, to the supplier."""
REVERSED = (LineState.TO_RETURN, LineState.RETURNED)
"""States in which what was ordered is taken back, so that no invoice for it stands."""


FACTS = "order"
"""What the facts of a line are named by in systems.yaml, such as `order.account`."""


def line_key(case: str, number: int) -> str:
    """The key under which target systems know a line: the same at every attempt."""
    return f"{case}.order.{number}"


def total(lines: Iterable[OrderLine]) -> Decimal:
    """What the lines cost together, in kroner."""
    return sum((line.amount for line in lines), Decimal(0))


def awaited(lines: Iterable[OrderLine]) -> tuple[OrderLine, ...]:
    """The lines whose receipt somebody must still confirm."""
    return tuple(line for line in lines if line.state is LineState.ORDERED and line.confirm)


def approved(lines: Iterable[OrderLine]) -> tuple[OrderLine, ...]:
    """The lines with what was proposed now ordered."""
    return _moved(lines, lambda line: LineState.ORDERED if line.state is LineState.PROPOSED else line.state)


def proposed_again(lines: Iterable[OrderLine], sent: Collection[int]) -> tuple[OrderLine, ...]:
    """The lines with what was ordered and isn't among the `sent` numbers proposed again, as the supplier's system refused it."""

    def state(line: OrderLine) -> LineState:
        return LineState.PROPOSED if line.state is LineState.ORDERED and line.number not in sent else line.state

    return _moved(lines, state)


def received(lines: Iterable[OrderLine], number: int, by: str, at: datetime) -> tuple[OrderLine, ...]:
    """The lines with that one received. Raises `NotFound` for no such line, `Conflict` if it isn't on order."""
    return _one(lines, number, LineState.ORDERED, LineState.RECEIVED, by, at)


def returned(lines: Iterable[OrderLine], number: int, by: str, at: datetime) -> tuple[OrderLine, ...]:
    """The lines with that one returned. Raises `NotFound` for no such line, `Conflict` if it isn't to be returned."""
    return _one(lines, number, LineState.TO_RETURN, LineState.RETURNED, by, at)


def cancelled(lines: Iterable[OrderLine], sent: Collection[int]) -> tuple[OrderLine, ...]:
    """The lines when the hire is cancelled; `sent` are the numbers of those that have, or may have, reached the supplier."""

    def state(line: OrderLine) -> LineState:
        if line.state not in (LineState.PROPOSED, *SENT):
            return line.state
        if line.state is LineState.PROPOSED or (line.state is LineState.ORDERED and line.number not in sent):
            return LineState.WITHDRAWN
        return LineState.TO_RETURN if line.returnable else LineState.KEPT

    return _moved(lines, state)


def _one(lines: Iterable[OrderLine], number: int, before: LineState, after: LineState, by: str, at: datetime) -> tuple[OrderLine, ...]:
    known = {line.number: line for line in lines}
    line = known.get(number)
    if line is None:
        there = ", ".join(str(each) for each in known) or "none"
        raise NotFound(f"This order has no line {number}.", next_step=f"Its lines: {there}.")
    if line.state is not before:
        raise Conflict(
            f"Line {number} is {line.state}, not {before}, so it can't become {after}.",
            next_step="`idm equipment list --case CASE` shows where each line is.",
        )
    return tuple(replace(each, state=after, by=by, at=at) if each.number == number else each for each in known.values())


def _moved(lines: Iterable[OrderLine], state: Callable[[OrderLine], LineState]) -> tuple[OrderLine, ...]:
    return tuple(line if (after := state(line)) is line.state else replace(line, state=after) for line in lines)


def pack(line: OrderLine) -> list[Any]:
    """The line as it stands in the case document."""
    return [
        line.number,
        line.item,
        line.title,
        line.quantity,
        line.account,
        str(line.price),
        line.supplier,
        int(line.returnable),
        int(line.confirm),
        line.state.value,
        line.by,
        line.at.isoformat(),
    ]


def unpack_all(rows: Iterable[list[Any]]) -> tuple[OrderLine, ...]:
    """The lines that `pack` wrote."""
    return tuple(
        OrderLine(
            row[0],
            row[1],
            row[2],
            row[3],
            row[4],
            Decimal(row[5]),
            row[6],
            bool(row[7]),
            bool(row[8]),
            LineState(row[9]),
            row[10],
            datetime.fromisoformat(row[11]),
        )
        for row in rows
    )
