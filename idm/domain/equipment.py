"""The equipment policy: what an IT contact may order for whom, on which account, and who must approve and confirm it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from idm.domain.journey import Source
from idm.domain.matching import EVERYBODY, Circumstances, Match
from idm.domain.orders import LineState, OrderLine, total
from idm.errors import Fault

MOST_LINES = 50
"""The most lines that one order may have."""


@dataclass(frozen=True, slots=True)
class Supplier:
    """Where things are bought. Of a `trusted` one, small lines are taken as received."""

    id: str
    name: str
    trusted: bool = False
    source: Source = Source()


@dataclass(frozen=True, slots=True)
class Item:
    """One thing of the catalogue. `price` in kroner for one; `account`: the number proposed; `maximum`: the most for one person."""

    id: str
    titles: Mapping[str, str]
    price: Decimal
    supplier: str
    account: str = ""
    returnable: bool = True
    maximum: int = 1
    match: Match = EVERYBODY
    source: Source = Source()

    @property
    def title(self) -> str:
        """What it is called in an order."""
        return self.titles.get("da") or self.titles.get("en") or self.id


@dataclass(frozen=True, slots=True)
class Accounts:
    """Account numbers that may be used in some units and all below them (no units: everywhere)."""

    id: str
    numbers: tuple[str, ...]
    units: tuple[str, ...] = ()
    source: Source = Source()

    def holds(self, unit_path: Sequence[str]) -> bool:
        """Whether they may be used in a unit, given as the ids from itself to the top."""
        return not self.units or not set(self.units).isdisjoint(unit_path)


@dataclass(frozen=True, slots=True)
class ApprovalLimit:
    """Over which amount a manager approves an order: of the whole, or of one line, in kroner. Neither: never."""

    id: str
    match: Match = EVERYBODY
    total_over: Decimal | None = None
    line_over: Decimal | None = None
    source: Source = Source()


@dataclass(frozen=True, slots=True)
class Favourite:
    """What is usually ordered for some positions: item ids, each with a quantity."""

    id: str
    positions: tuple[str, ...]
    items: Mapping[str, int]
    source: Source = Source()


@dataclass(frozen=True, slots=True)
class EquipmentPolicy:
    """equipment.yaml as a whole. `ask`: for whom the IT contact is asked (None: nobody). `confirm_from`: kroner of a line."""

    items: Mapping[str, Item] = field(default_factory=dict)
    suppliers: Mapping[str, Supplier] = field(default_factory=dict)
    accounts: tuple[Accounts, ...] = ()
    account_form: str = ""
    approvals: tuple[ApprovalLimit, ...] = ()
    confirm_from: Decimal = Decimal(5000)
    favourites: tuple[Favourite, ...] = ()
    ask: Match | None = None
    source: Source = Source()

    def asked(self, hire: Circumstances) -> bool:
        """Whether the IT contact is asked for equipment in this hire."""
        return self.ask is not None and self.ask.fits(hire)

    def for_hire(self, hire: Circumstances) -> tuple[Item, ...]:
        """What may be ordered for this hire, in the catalogue's order."""
        return tuple(item for item in self.items.values() if item.match.fits(hire))

    def accounts_for(self, unit_path: Sequence[str]) -> tuple[str, ...]:
        """The account numbers that may be used for a unit, given as the ids from itself to the top."""
        return tuple(dict.fromkeys(number for each in self.accounts if each.holds(unit_path) for number in each.numbers))

    def favourites_for(self, position: str) -> dict[str, int]:
        """What policy proposes for a position: item ids with quantities."""
        return {item: count for each in self.favourites if position in each.positions for item, count in each.items.items()}

    def must_confirm(self, item: Item, quantity: int) -> bool:
        """Whether somebody must confirm that a line came: it reaches the limit, or its supplier isn't trusted."""
        supplier = self.suppliers.get(item.supplier)
        return supplier is None or not supplier.trusted or item.price * quantity >= self.confirm_from

    def limit_for(self, hire: Circumstances) -> ApprovalLimit | None:
        """The approval limit that holds for this hire: the first that fits, in the file's order."""
        return next((limit for limit in self.approvals if limit.match.fits(hire)), None)

    def over_limit(
        self, hire: Circumstances, lines: Sequence[OrderLine], before: Sequence[OrderLine] = ()
    ) -> tuple[ApprovalLimit, str] | None:
        """Why a manager must approve an order: the limit, and in words all that is over it; None if nobody need.

        What was ordered `before` for the same hire counts in the total, so that nothing passes under the limit in parts.
        """
        whole = total((*before, *lines))
        hire = replace(hire, amount=whole)
        limit = self.limit_for(hire) if lines else None
        if limit is None:
            return None
        why = []
        if limit.total_over is not None and whole > limit.total_over:
            earlier = ", with what was ordered before," if before else ""
            why.append(f"the order{earlier} comes to {kroner(whole)}, more than {kroner(limit.total_over)} ({limit.id})")
        dear = next((line for line in lines if limit.line_over is not None and line.amount > limit.line_over), None)
        if dear is not None and limit.line_over is not None:
            why.append(f"line {dear.number} comes to {kroner(dear.amount)}, more than {kroner(limit.line_over)} ({limit.id})")
        return (limit, "; ".join(why)) if why else None


def kroner(amount: Decimal) -> str:
    """An amount in words for an English reader: `DKK 12,499.00`."""
    return f"DKK {amount:,.2f}"


def as_lines(
    policy: EquipmentPolicy, hire: Circumstances, wanted: object, by: str, now: datetime, before: Sequence[OrderLine] = ()
) -> tuple[tuple[OrderLine, ...], tuple[Fault, ...]]:
    """The order that an IT contact hands in (`values.lines`), and every fault of it by line and rule.

    `before`: lines that were sent earlier for this hire; they count against each item's maximum, and new lines are numbered after them.
    """
    if not isinstance(wanted, list) or not wanted:
        return (), (Fault("values.lines", "required", "list at least one line, or decide none"),)
    if len(wanted) > MOST_LINES:
        return (), (Fault("values.lines", "length", f"an order has at most {MOST_LINES} lines"),)
    faults: list[Fault] = []
    lines: list[OrderLine] = []
    allowed = policy.accounts_for(hire.unit_path)
    number = max((line.number for line in before), default=0)
    counts: dict[str, int] = {}
    for line in before:
        counts[line.item] = counts.get(line.item, 0) + line.quantity
    for index, given in enumerate(wanted):
        at = f"values.lines[{index}]"
        found = list(_line_faults(policy, hire, given, at, allowed, counts))
        faults += found
        if not found and isinstance(given, Mapping):
            item, quantity = policy.items[given["item"]], _quantity(given) or 1
            lines.append(
                OrderLine(
                    number=number + len(lines) + 1,
                    item=item.id,
                    title=item.title,
                    quantity=quantity,
                    account=_account(item, given),
                    price=item.price,
                    supplier=item.supplier,
                    returnable=item.returnable,
                    confirm=policy.must_confirm(item, quantity),
                    state=LineState.PROPOSED,
                    by=by,
                    at=now,
                )
            )
    return (tuple(lines), ()) if not faults else ((), tuple(faults))


def _line_faults(
    policy: EquipmentPolicy, hire: Circumstances, given: object, at: str, allowed: Sequence[str], counts: dict[str, int]
) -> Iterator[Fault]:
    if not isinstance(given, Mapping):
        yield Fault(at, "line", 'must be an object such as {"item": "laptop", "quantity": 1, "account": "..."}')
        return
    for name in given:
        if name not in ("item", "quantity", "account"):
            yield Fault(at, "unknown-field", "a line has item, quantity and account, nothing else")
    named = given.get("item")
    item = policy.items.get(named) if isinstance(named, str) else None
    if item is None:
        known = ", ".join(each.id for each in policy.for_hire(hire)) or "nothing"
        yield Fault(f"{at}.item", "unknown-item", f"the catalogue has no such item; for this hire it has: {known}")
        return
    if missing := item.match.unmet(hire):
        yield Fault(f"{at}.item", "not-for-this-hire", f"'{item.id}' is {_only(missing)} ({_place(item.source)})")
    quantity = _quantity(given)
    if quantity is None:
        # How many are wanted is asked first: whether any are, and so whether an account is needed, isn't known before.
        yield Fault(f"{at}.quantity", "quantity", "must be a whole number from 1")
        return
    counts[item.id] = counts.get(item.id, 0) + quantity
    if counts[item.id] > item.maximum:
        words = f"at most {item.maximum} '{item.id}' for one person, not {counts[item.id]} ({_place(item.source)})"
        yield Fault(f"{at}.quantity", "maximum", words)
    account = _account(item, given)
    if not account:
        yield Fault(f"{at}.account", "required", f"name the account; for this unit: {', '.join(allowed) or 'none is allowed'}")
    elif policy.account_form and not re.fullmatch(policy.account_form, account):
        yield Fault(f"{at}.account", "form", "isn't written as an account number is")
    elif account not in allowed:
        words = f"this account isn't one for the hire's unit; these are: {', '.join(allowed) or 'none'}"
        yield Fault(f"{at}.account", "account-not-allowed", words)


def _only(criteria: Iterable[str]) -> str:
    return f"only for: {'; '.join(criteria)}"


def _place(source: Source) -> str:
    return f"{source.file}:{source.line}"


def _quantity(given: Mapping[str, Any]) -> int | None:
    value = given.get("quantity", 1)
    return value if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 1000 else None


def _account(item: Item, given: Mapping[str, Any]) -> str:
    value = given.get("account")
    return value.strip() if isinstance(value, str) and value.strip() else item.account
