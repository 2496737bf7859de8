"""The columns of the payroll tables: how a cell of each is read, and what makes two rows of a table the same one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

_CODE = re.compile(r"[0-9A-Za-zÆØÅæøå][0-9A-Za-zÆØÅæøå._/-]{0,19}")
_REF = re.compile(r"[^\s\x00-\x1f=+@'\"-][^\s\x00-\x1f]{0,63}")
_KIND = re.compile(r"[a-z][a-z0-9_]{0,39}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DANISH_DATE = re.compile(r"([0-9]{1,2})[-.]([0-9]{1,2})[-.]([0-9]{4})")
_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,6})?")
PAY_TYPES = ("monthly", "hourly")


def code(text: str) -> str:
    """A code of the payroll system."""
    return _matching(_CODE, text, "a code of at most 20 letters, digits and . _ / -")


def ref(text: str) -> str:
    """The id of a unit or position."""
    return _matching(_REF, text, "an id of the organisation file")


def kind(text: str) -> str:
    """The id of a kind of document."""
    return _matching(_KIND, text, "a kind of document, as documents.yaml names it")


def _matching(pattern: re.Pattern[str], text: str, what: str) -> str:
    if pattern.fullmatch(text) is None:
        raise ValueError(f"must be {what}")
    return text


def title(text: str) -> str:
    """What people are shown."""
    if len(text) > 120 or any(ord(letter) < 32 for letter in text):
        raise ValueError("must be at most 120 characters on one line")
    return text


def day(text: str) -> date:
    """A date, also as Danish spreadsheets write it: 01-04-2027 or 1.4.2027. With slashes it could be read in two ways."""
    danish = _DANISH_DATE.fullmatch(text)
    if danish is not None:
        text = f"{danish[3]}-{danish[2]:0>2}-{danish[1]:0>2}"
    if _DATE.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise ValueError("must be a date of the calendar, such as 2027-04-01 or 01-04-2027")


def pay_types(text: str) -> tuple[str, ...]:
    """Kinds of pay, with a blank between."""
    found = tuple(dict.fromkeys(text.split()))
    if not found or any(each not in PAY_TYPES for each in found):
        raise ValueError("must be monthly, hourly, or both with a blank between")
    return found


def pay_type(text: str) -> str:
    """One kind of pay."""
    if text not in PAY_TYPES:
        raise ValueError("must be monthly or hourly")
    return text


def flag(text: str) -> bool:
    """Yes or no."""
    if text not in ("yes", "no"):
        raise ValueError("must be yes or no")
    return text == "yes"


def whole(least: int, most: int) -> Callable[[str], int]:
    """A whole number within bounds."""

    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 10) or not least <= int(text) <= most:
            raise ValueError(f"must be a whole number from {least} to {most}")
        return int(text)

    return read


def number(least: str, most: str) -> Callable[[str], Decimal]:
    """A number within bounds, with a decimal point."""
    low, high = Decimal(least), Decimal(most)

    def read(text: str) -> Decimal:
        if _NUMBER.fullmatch(text) is None or not low <= Decimal(text) <= high:
            raise ValueError(f"must be a number from {least} to {most}")
        return Decimal(text)

    return read


@dataclass(frozen=True, slots=True)
class Column:
    """A column: how its cells are read (a ValueError says what they must be), and whether they may be empty.

    `number`: a decimal comma is taken for a point where the cells are parted by semicolons. `newer`: tables written before there was such
    a column may leave it out, and then its cells are empty.
    """

    read: Callable[[str], Any]
    empty: bool = False
    number: bool = False
    newer: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its columns in order, and those that tell its rows apart beside the days on which they hold.

    `scope`: rows that share these columns belong together, as where one ends another should begin.
    """

    columns: Mapping[str, Column]
    key: tuple[str, ...]


def _amount() -> Column:
    return Column(number("0", "999999"), number=True)


_CODE_COLUMN = Column(code)
_TITLES = {"title_da": Column(title), "title_en": Column(title)}
_STEP = Column(whole(1, 999))
_ANY_CLASS = Column(code, empty=True)
_AGE, _HOURS = Column(whole(0, 120), empty=True), Column(number("0", "60"), empty=True, number=True)
_VALID = {"valid_from": Column(day), "valid_to": Column(day, empty=True)}

TABLES: Mapping[str, Table] = {
    "agreements": Table(
        {
            "agreement": _CODE_COLUMN,
            **_TITLES,
            "full_time_hours": Column(number("1", "60"), number=True),
            "tolerance": Column(number("0.0001", "0.2"), number=True),
            "pay_types": Column(pay_types),
            "papers_days": Column(whole(0, 730)),
            **_VALID,
        },
        ("agreement",),
    ),
    "classes": Table(
        {
            "pay_class": _CODE_COLUMN,
            "agreement": _CODE_COLUMN,
            **_TITLES,
            "scale": _CODE_COLUMN,
            "first_step": _STEP,
            "last_step": _STEP,
            "papers": Column(kind, empty=True),
            **_VALID,
        },
        ("pay_class",),
    ),
    "steps": Table({"scale": _CODE_COLUMN, "step": _STEP, "monthly": _amount(), "hourly": _amount(), **_VALID}, ("scale", "step")),
    "experience": Table({"pay_class": _CODE_COLUMN, "years": Column(whole(0, 60)), "step": _STEP, **_VALID}, ("pay_class", "years")),
    "supplements": Table(
        {
            "supplement": _CODE_COLUMN,
            "agreement": _CODE_COLUMN,
            "pay_class": _ANY_CLASS,
            **_TITLES,
            "monthly": _amount(),
            "follows_rate": Column(flag),
            "group": Column(code, empty=True),
            **_VALID,
        },
        ("supplement", "agreement", "pay_class"),
    ),
    "pensions": Table(
        {
            "pension_code": _CODE_COLUMN,
            "agreement": _CODE_COLUMN,
            "pay_class": _ANY_CLASS,
            "pay_type": Column(pay_type, empty=True, newer=True),
            **_TITLES,
            "percent": Column(number("0", "60"), number=True),
            "from_age": _AGE,
            "below_age": _AGE,
            "from_hours": _HOURS,
            "below_hours": _HOURS,
            **_VALID,
        },
        ("pension_code", "agreement", "pay_class", "pay_type", "from_age", "below_age", "from_hours", "below_hours"),
    ),
    "occupation": Table(
        {
            "agreement": _CODE_COLUMN,
            "pay_class": _ANY_CLASS,
            "pay_type": Column(pay_type),
            "minimum": Column(number("0.0001", "1"), number=True),
            "maximum": Column(number("0.0001", "1"), number=True),
            **_VALID,
        },
        ("agreement", "pay_class", "pay_type"),
    ),
    "allowed": Table(
        {
            "unit": Column(ref, empty=True),
            "position": Column(ref, empty=True),
            "agreement": _CODE_COLUMN,
            "pay_class": _ANY_CLASS,
            "first_step": Column(whole(1, 999), empty=True),
            "last_step": Column(whole(1, 999), empty=True),
            **_VALID,
        },
        ("unit", "position", "agreement", "pay_class", "first_step", "last_step"),
    ),
    "institutions": Table(
        {"institution": _CODE_COLUMN, "unit": Column(ref, empty=True), "cost_centre": _CODE_COLUMN, **_TITLES, **_VALID},
        ("institution", "unit", "cost_centre"),
    ),
}
"""The tables by name; each is the file payroll/NAME.csv."""
