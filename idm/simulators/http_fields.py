"""What a field of a record may hold, for the systems behind HTTP: small checks that say in words what is wrong.

Every value is text. A check answers None if the text is right, else the rule it breaks and a message. No message
repeats the value, since it may be a CPR number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

Check = Callable[[str], tuple[str, str] | None]
"""None if the text is right, else (rule, message)."""


@dataclass(frozen=True, slots=True)
class FieldFault:
    """A wrong field of a request: its name, the rule it breaks, and what is wrong in words."""

    field: str
    rule: str
    message: str

    def as_json(self) -> dict[str, str]:
        """The fault as it stands in the 422 answer."""
        return {"field": self.field, "rule": self.rule, "message": self.message}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a kind of record: how its text is checked, and whether a record can't do without it."""

    check: Check
    required: bool = True


def text(longest: int = 200) -> Check:
    """Any text of one line, not longer than `longest` characters."""

    def check(value: str) -> tuple[str, str] | None:
        if len(value) > longest:
            return "length", f"is longer than {longest} characters"
        if any(not character.isprintable() for character in value):
            return "printable", "holds a line break or a character that can't be printed"
        return None

    return check


def pattern(expression: str, example: str) -> Check:
    """Text that matches `expression` as a whole; `example` tells a person what it looks like."""
    compiled = re.compile(expression)

    def check(value: str) -> tuple[str, str] | None:
        return None if compiled.fullmatch(value) else ("form", f"must look like {example}")

    return check


def choice(known: Collection[str], what: str) -> Check:
    """One of `known`; `what` names the thing in the message."""

    def check(value: str) -> tuple[str, str] | None:
        return None if value in known else ("unknown", f"is not a known {what}")

    return check


def number(low: str, high: str, *, above_low: bool = False) -> Check:
    """A decimal number between `low` and `high`, both included (`low` excluded if `above_low`)."""
    smallest, largest = Decimal(low), Decimal(high)

    def check(value: str) -> tuple[str, str] | None:
        try:
            amount = Decimal(value)
        except InvalidOperation:
            return "number", "is not a decimal number with a point"
        if not re.fullmatch(r"\d+(\.\d+)?", value):
            return "number", "is not a decimal number with a point"
        if amount > largest or amount < smallest or (above_low and amount == smallest):
            return "range", f"must be {'above' if above_low else 'from'} {low} and at most {high}"
        return None

    return check


def iso_date(value: str) -> tuple[str, str] | None:
    """A date of the calendar as YYYY-MM-DD (ISO 8601)."""
    return None if as_date(value) else ("date", "is not a date of the calendar as YYYY-MM-DD")


def as_date(value: str) -> date | None:
    """The date that `value` stands for, or None if it is none."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def cpr(value: str) -> tuple[str, str] | None:
    """A CPR number, ten digits with or without a hyphen, whose day of birth exists.

    The seventh digit and the year give the century (CPR-kontoret, "Personnummeret i CPR"). Modulus 11 isn't asked for:
    numbers without it have been issued since 2007.
    """
    if not re.fullmatch(r"\d{6}-?\d{4}", value, re.ASCII):
        return "form", "is not ten digits"
    digits = value.replace("-", "")
    day, month, year, seventh = int(digits[:2]), int(digits[2:4]), int(digits[4:6]), int(digits[6])
    if seventh <= 3:
        century = 1900
    elif seventh in (4, 9):
        century = 2000 if year <= 36 else 1900
    else:
        century = 2000 if year <= 57 else 1800
    try:
        date(century + year, month, day)
    except ValueError:
        return "date", "has a day of birth that doesn't exist"
    return None


def faults_in(fields: Mapping[str, Field], values: Mapping[str, object], *, whole: bool) -> list[FieldFault]:
    """Everything wrong with `values`: unknown fields, wrong texts and, if they shall make a `whole` record, what is missing.

    In a change (not `whole`) an empty text removes a field, which a required one doesn't allow.
    """
    faults = [FieldFault(name, "unknown-field", f"{name} is not a field of this record") for name in values if name not in fields]
    for name, field in fields.items():
        value = values.get(name, "" if whole else None)
        if value is None and name not in values:
            continue
        if not isinstance(value, str):
            faults.append(FieldFault(name, "text", f"{name} must be a text"))
        elif value == "":
            if field.required:
                faults.append(FieldFault(name, "required", f"{name} is missing"))
        elif problem := field.check(value):
            faults.append(FieldFault(name, problem[0], f"{name} {problem[1]}"))
    return faults
