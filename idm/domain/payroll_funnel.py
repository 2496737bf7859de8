"""What the payroll funnel is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from idm.errors import Fault

FIELDS = (
    "institution",
    "cost_centre",
    "agreement",
    "pay_class",
    "pay_type",
    "seniority_date",
    "scale_step",
    "occupation_rate",
    "supplements",
    "pension_code",
)
"""The fields of the funnel in the order in which they are judged: of two answers that don't go together the later one is refused."""

SEVERAL = ("supplements",)
"""Fields that take several codes, with a blank between them."""


@dataclass(frozen=True, slots=True)
class Place:
    """Who is hired where, as far as pay depends on it. Everything here is known before the first question.

    `unit_path` holds ids from the unit itself to the top. `papers`: the kinds of document that are accepted, each with the day.
    `born` is used for ages only and stands in no answer. `weekly_hours` None: not known.
    """

    unit_path: tuple[str, ...]
    position: str
    start_date: date
    weekly_hours: Decimal | None = None
    born: date | None = None
    papers: Mapping[str, date] = field(default_factory=dict)

    @property
    def unit(self) -> str:
        """The unit itself."""
        return self.unit_path[0] if self.unit_path else ""


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that is left: its titles, when it is valid, the kroner a month that it stands for, and the row that offers it."""

    value: str
    titles: Mapping[str, str]
    valid_from: date
    valid_to: date | None
    rule: str
    amount: Decimal | None = None

    def as_json(self) -> dict[str, Any]:
        """The choice in the outside contract's shape."""
        return {
            "value": self.value,
            "titles": dict(self.titles),
            "valid_from": None if self.valid_from == date.min else self.valid_from.isoformat(),
            "valid_to": self.valid_to.isoformat() if self.valid_to else None,
            "amount": str(self.amount) if self.amount is not None else None,
            "rule": self.rule,
        }


@dataclass(frozen=True, slots=True)
class Range:
    """Values that are left of a date or a number: from `low` to `high`, both included ("" for no bound), and the row that says so."""

    low: str
    high: str
    rule: str

    def as_json(self) -> dict[str, str]:
        """The range in the outside contract's shape."""
        return {"low": self.low, "high": self.high, "rule": self.rule}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an answer can't be: the rule (file and line of a row, or the file if no row says so) and in words."""

    field: str
    rule: str
    message: str

    def fault(self) -> Fault:
        """The refusal as a fault of what was filled in."""
        return Fault(f"values.{self.field}", self.rule, self.message)


@dataclass(frozen=True, slots=True)
class Asked:
    """One field: what is left, what is settled as it is the only choice, what is proposed, and what was refused.

    `answer` is the answer that was accepted, or "".
    """

    choices: tuple[Choice, ...] = ()
    ranges: tuple[Range, ...] = ()
    settled: str = ""
    proposed: str = ""
    answer: str = ""
    refused: Refusal | None = None

    def as_json(self) -> dict[str, Any]:
        """What the outside contract adds to a form's field."""
        return {
            "choices": [choice.value for choice in self.choices],
            "options": [choice.as_json() for choice in self.choices],
            "ranges": [each.as_json() for each in self.ranges],
            "settled": self.settled,
            "proposed": self.settled or self.proposed,
            "answer": self.answer,
            "refused": self.refused.fault().as_json() if self.refused else None,
        }


@dataclass(frozen=True, slots=True)
class Funnel:
    """The answer to all answers so far. `refusals` holds every one, also that nothing can be answered at all.

    `values` are the accepted answers with what is settled. `monthly_amount`: kroner a month, once class, step and rate are known.
    """

    on: date
    fields: Mapping[str, Asked]
    refusals: tuple[Refusal, ...]
    notices: tuple[Refusal, ...]
    values: Mapping[str, str]
    monthly_amount: Decimal | None = None
