"""Whom a rule means: what may be asked of a hire, and typed criteria on it. No expressions, so that each can be checked and indexed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal

from idm.domain.journey import Source

DANISH, NORDIC, EU_EEA, THIRD_COUNTRY = "danish", "nordic", "eu_eea", "third_country"
CITIZENSHIPS = (DANISH, NORDIC, EU_EEA, THIRD_COUNTRY)
"""The classes of citizenship by right of residence (udlændingeloven §§ 1, 2 and 9 a). A country is in exactly one of them."""

_CLASSES: Mapping[str, frozenset[str]] = {
    DANISH: frozenset("DK FO GL".split()),
    NORDIC: frozenset("AX FI IS NO SE SJ".split()),
    EU_EEA: frozenset("AT BE BG CH CY CZ DE EE ES FR GR HR HU IE IT LI LT LU LV MT NL PL PT RO SI SK".split()),
}


def citizenship_class(country: str) -> str:
    """The class of a country's code (ISO 3166-1): danish, nordic (the others), eu_eea (the rest, and Switzerland), else third_country.

    "" for a citizenship that isn't known.
    """
    if not country:
        return ""
    return next((name for name, countries in _CLASSES.items() if country in countries), THIRD_COUNTRY)


@dataclass(frozen=True, slots=True)
class Group:
    """A name for some positions and units together: whoever is in one of those positions, or in one of those units or below, is in it."""

    id: str
    positions: frozenset[str] = frozenset()
    units: frozenset[str] = frozenset()
    source: Source = Source()

    def holds(self, position: str, unit_path: tuple[str, ...]) -> bool:
        """Whether somebody in `position` and a unit (its ids from itself to the top) is in the group."""
        return position in self.positions or not self.units.isdisjoint(unit_path)


def groups_of(groups: Mapping[str, Group], position: str, unit_path: tuple[str, ...]) -> frozenset[str]:
    """The names of the groups that somebody in `position` and a unit is in."""
    return frozenset(group.id for group in groups.values() if group.holds(position, unit_path))


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a rule may ask about a hire. None and "" mean that it isn't known.

    `unit_path` holds ids from the unit itself to the top. `weekly_hours` are hours; `notice_days` are calendar days from when the
    hire was told of to its start (negative: after it). `new_person`: the first employment here. `manages`: manages a unit. `amount` is
    in kroner, of what the rule's user says (a month's pay, an order). `groups` are the names of those the hire is in.
    """

    position: str
    unit_path: tuple[str, ...]
    start_date: date
    end_date: date | None = None
    citizenship: str = ""
    weekly_hours: Decimal | None = None
    hourly: bool | None = None
    born: date | None = None
    new_person: bool = True
    manages: bool = False
    notice_days: int | None = None
    agreement: str = ""
    pay_class: str = ""
    amount: Decimal | None = None
    groups: frozenset[str] = frozenset()

    @property
    def temporary(self) -> bool:
        """Whether the employment has an end."""
        return self.end_date is not None

    @property
    def age(self) -> int | None:
        """Whole years of age on the first day; None if the date of birth isn't known. Who is born on 29 February turns on 1 March."""
        if self.born is None:
            return None
        before = (self.start_date.month, self.start_date.day) < (self.born.month, self.born.day)
        return self.start_date.year - self.born.year - before


@dataclass(frozen=True, slots=True)
class Match:
    """Whom a rule means: everybody who meets all criteria that are given; of a criterion with several values, any one of them.

    An empty tuple and None ask nothing. What isn't known of a hire never meets a criterion that needs it, neither a "from" nor a
    "below". `units` means those and all below. `citizenship` takes classes and countries' codes. Ages are whole years at the start,
    hours are weekly, `notice_below` calendar days, `amount_from` kroner.
    """

    positions: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    citizenship: tuple[str, ...] = ()
    hours_from: Decimal | None = None
    hours_below: Decimal | None = None
    temporary: bool | None = None
    hourly: bool | None = None
    age_from: int | None = None
    age_below: int | None = None
    new_person: bool | None = None
    manages: bool | None = None
    notice_below: int | None = None
    agreements: tuple[str, ...] = ()
    pay_classes: tuple[str, ...] = ()
    amount_from: Decimal | None = None

    def fits(self, hire: Circumstances) -> bool:
        """Whether the rule means that hire."""
        return all(met for _, met in self._verdicts(hire))

    def asked(self) -> tuple[str, ...]:
        """The names of the criteria that are given, in the order of their declaration; none if it means everybody."""
        return tuple(field.name for field in fields(self) if getattr(self, field.name) != field.default)

    def asks(self) -> tuple[str, ...]:
        """The criteria that are given, each in words."""
        return tuple(self._words(name) for name in self.asked())

    def unmet(self, hire: Circumstances) -> tuple[str, ...]:
        """The criteria that the hire doesn't meet, each in words; none if it fits."""
        return tuple(self._words(name) for name, met in self._verdicts(hire) if not met)

    def _words(self, name: str) -> str:
        value = getattr(self, name)
        if isinstance(value, bool):
            return _WORDS[name] if value else f"not {_WORDS[name]}"
        return _WORDS[name].format(" or ".join(value) if isinstance(value, tuple) else value)

    def _verdicts(self, hire: Circumstances) -> Iterator[tuple[str, bool]]:
        """Each criterion that is given, with whether the hire meets it; the cheapest to ask come first."""
        if self.positions:
            yield "positions", hire.position in self.positions
        if self.units:
            yield "units", any(unit in self.units for unit in hire.unit_path)
        if self.groups:
            yield "groups", not hire.groups.isdisjoint(self.groups)
        yield from self._of_the_person(hire)
        yield from self._of_the_terms(hire)

    def _of_the_person(self, hire: Circumstances) -> Iterator[tuple[str, bool]]:
        if self.citizenship:
            known = hire.citizenship
            yield "citizenship", bool(known) and (known in self.citizenship or citizenship_class(known) in self.citizenship)
        if self.age_from is not None:
            yield "age_from", hire.age is not None and hire.age >= self.age_from
        if self.age_below is not None:
            yield "age_below", hire.age is not None and hire.age < self.age_below
        if self.new_person is not None:
            yield "new_person", hire.new_person is self.new_person
        if self.manages is not None:
            yield "manages", hire.manages is self.manages

    def _of_the_terms(self, hire: Circumstances) -> Iterator[tuple[str, bool]]:
        if self.hours_from is not None:
            yield "hours_from", hire.weekly_hours is not None and hire.weekly_hours >= self.hours_from
        if self.hours_below is not None:
            yield "hours_below", hire.weekly_hours is not None and hire.weekly_hours < self.hours_below
        if self.temporary is not None:
            yield "temporary", hire.temporary is self.temporary
        if self.hourly is not None:
            yield "hourly", hire.hourly is self.hourly
        if self.notice_below is not None:
            yield "notice_below", hire.notice_days is not None and hire.notice_days < self.notice_below
        if self.agreements:
            yield "agreements", hire.agreement in self.agreements
        if self.pay_classes:
            yield "pay_classes", hire.pay_class in self.pay_classes
        if self.amount_from is not None:
            yield "amount_from", hire.amount is not None and hire.amount >= self.amount_from


_WORDS: Mapping[str, str] = {
    "positions": "position {}",
    "units": "in {} or below",
    "groups": "in group {}",
    "citizenship": "citizenship {}",
    "hours_from": "{} hours a week or more",
    "hours_below": "less than {} hours a week",
    "temporary": "temporary",
    "hourly": "paid by the hour",
    "age_from": "{} years or older at the start",
    "age_below": "younger than {} years at the start",
    "new_person": "employed here for the first time",
    "manages": "manages a unit",
    "notice_below": "told of less than {} days before the start",
    "agreements": "agreement {}",
    "pay_classes": "pay class {}",
    "amount_from": "{} kroner or more",
}

EVERYBODY = Match()
"""Asks nothing, so everybody fits."""
