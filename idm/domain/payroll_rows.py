"""The rows of the payroll tables. Each holds on the days from `valid_from` to `valid_to` (both included), and knows its file and line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from idm.domain.journey import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What all rows share. `valid_to` is the last day, None for an open end."""

    valid_from: date = date.min
    valid_to: date | None = None
    source: Source = Source()

    def holds(self, on: date) -> bool:
        """Whether the row is valid on that day."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)

    @property
    def rule(self) -> str:
        """The row's name as a rule: its file and line."""
        return f"{self.source.file}:{self.source.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement(Row):
    """A collective agreement.

    `full_time_hours` a week are the rate 1; a rate may be `tolerance` away from what the hours give. `papers_days`: days after the
    start by which proof of seniority must be accepted to count from the start.
    """

    code: str
    titles: Mapping[str, str]
    full_time_hours: Decimal
    tolerance: Decimal
    pay_types: tuple[str, ...]
    papers_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PayClass(Row):
    """A pay class of an agreement: the steps of a scale that it spans. `papers`: the kind of document that proves seniority, or ""."""

    code: str
    agreement: str
    titles: Mapping[str, str]
    scale: str
    first_step: int
    last_step: int
    papers: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleStep(Row):
    """A step of a pay scale: kroner a month at full time, and kroner an hour."""

    scale: str
    step: int
    monthly: Decimal
    hourly: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Experience(Row):
    """In a pay class, `years` full years of seniority on the first day give `step`. A class without such rows agrees on the step."""

    pay_class: str
    years: int
    step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplement(Row):
    """A supplement in kroner a month, for one class or ("") all of an agreement. Of one `group` at most one can be had."""

    code: str
    agreement: str
    pay_class: str
    titles: Mapping[str, str]
    monthly: Decimal
    follows_rate: bool
    group: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pension(Row):
    """A pension for one class or ("") all of an agreement, in per cent of pay.

    For whom: `pay_type` monthly, hourly or ("") both, an age on the first day from `from_age` and below `below_age`, weekly hours from
    `from_hours` and below `below_hours`.
    """

    code: str
    agreement: str
    pay_class: str
    pay_type: str
    titles: Mapping[str, str]
    percent: Decimal
    from_age: int | None
    below_age: int | None
    from_hours: Decimal | None
    below_hours: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Occupation(Row):
    """The occupation rates that an agreement, or one of its classes, takes with a kind of pay; both bounds included."""

    agreement: str
    pay_class: str
    pay_type: str
    minimum: Decimal
    maximum: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed(Row):
    """What may be used for a position in a unit and all below it. An empty unit or position stands for any.

    An empty `pay_class` stands for all classes of the agreement, an empty step for the class's own.
    """

    unit: str
    position: str
    agreement: str
    pay_class: str
    first_step: int | None
    last_step: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Institution(Row):
    """The institution that payroll knows a unit and all below it by, and a cost centre that pays."""

    code: str
    unit: str
    cost_centre: str
    titles: Mapping[str, str]


CODED = (Agreement, PayClass, Supplement, Pension, Institution)
"""The rows that have a code of their own."""
