"""Payroll tables: steps that have no pay, choices that can never be made, and figures that nobody is paid by."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from itertools import pairwise

from idm.errors import Fault
from idm.policy_files.build import Draft
from idm.policy_files.payroll_csv import ReadTable, Record

_HOURS_A_MONTH = Decimal(160)
"""About how many hours a full month has (37 a week: 160.33): what a month's pay is of an hour's."""


def faults(draft: Draft) -> Iterator[Fault]:
    """Classes whose steps have no pay, and choices outside the steps of their class."""
    tables = _sound(draft)
    if "classes" in tables and "steps" in tables:
        yield from _without_pay(tables["classes"], tables["steps"])
    if "allowed" in tables and "classes" in tables:
        yield from _outside(tables["allowed"], tables["classes"])


def _sound(draft: Draft) -> Mapping[str, ReadTable]:
    return {read.name: read for read in draft.payroll if not read.faults}


def _without_pay(classes: ReadTable, steps: ReadTable) -> Iterator[Fault]:
    known: dict[str, set[int]] = {}
    for record in steps.records:
        known.setdefault(record.cells["scale"], set()).add(record.values["step"])
    for record in classes.records:
        scale = known.get(record.cells["scale"])
        for column in ("first_step", "last_step"):
            step = record.values[column]
            if scale and step not in scale:
                name = record.cells["scale"]
                words = f"scale '{name}' has the steps {min(scale)} to {max(scale)}, so nobody on step {step} could ever be paid"
                yield classes.fault(record.line, "no-pay", words)


def _outside(allowed: ReadTable, classes: ReadTable) -> Iterator[Fault]:
    spans: dict[str, list[Record]] = {}
    for record in classes.records:
        spans.setdefault(record.cells["pay_class"], []).append(record)
    for record in allowed.records:
        its = spans.get(record.cells["pay_class"], [])
        first, last = record.values["first_step"] or 0, record.values["last_step"] or 999
        if its and all(first > each.values["last_step"] or last < each.values["first_step"] for each in its):
            name, lowest, highest = record.cells["pay_class"], its[0].cells["first_step"], its[0].cells["last_step"]
            words = f"class '{name}' has the steps {lowest} to {highest}, none of them allowed here, so nobody could be paid by it"
            yield allowed.fault(record.line, "never-chosen", words)


def warnings(draft: Draft) -> Iterator[Fault]:
    """Figures that can hardly be meant, row by row, and scales on which a higher step pays less."""
    tables = _sound(draft)
    for name, column, odd, words in _ODD:
        for record in tables[name].records if name in tables else ():
            value = record.values[column]
            if value is not None and odd(value):
                yield tables[name].fault(record.line, column, words.format(value))
    if "steps" in tables:
        yield from _scales(tables["steps"])
        if "supplements" in tables and tables["steps"].records:
            yield from _supplements(tables["supplements"], max(record.values["monthly"] for record in tables["steps"].records))


_ODD: tuple[tuple[str, str, Callable[[Decimal], bool], str], ...] = (
    (
        "agreements",
        "full_time_hours",
        lambda hours: hours < 20,
        "{} hours would be a full week, so nearly everybody would be paid as more than full time",
    ),
    ("agreements", "full_time_hours", lambda hours: hours > 48, "{} hours would be a full week, so everybody would be paid as part time"),
    (
        "agreements",
        "tolerance",
        lambda rate: rate > Decimal("0.05"),
        "a rate may be {} off what the hours give, so wrong pay would pass unseen",
    ),
    (
        "agreements",
        "papers_days",
        lambda days: days > 366,
        "papers may come {} days late and still count from the start: years of pay would be made up for",
    ),
    ("pensions", "percent", lambda share: share > 30, "{} per cent of the pay would go to the pension; look at the decimal point"),
    ("pensions", "from_age", lambda age: age > 70, "hardly anybody is hired at {}, so nobody would ever get this pension"),
    ("pensions", "below_age", lambda age: age < 13, "nobody is hired below {}, so nobody would ever get this pension"),
    ("pensions", "from_hours", lambda hours: hours > 48, "nobody works {} hours a week, so nobody would ever get this pension"),
    ("occupation", "minimum", lambda rate: rate > Decimal("0.9"), "nobody below the rate {} could be paid, so part time would be refused"),
    (
        "occupation",
        "maximum",
        lambda rate: rate < Decimal("0.1"),
        "nobody above the rate {} could be paid, so nearly everybody would be refused",
    ),
    ("experience", "years", lambda years: years > 45, "nobody has {} years of seniority when hired, so this step would never be reached"),
)
"""Table, column, what is odd about a cell, and what it would lead to."""


def _scales(read: ReadTable) -> Iterator[Fault]:
    by_scale: dict[str, list[Record]] = {}
    for record in read.records:
        by_scale.setdefault(record.cells["scale"], []).append(record)
        monthly, hourly = record.values["monthly"], record.values["hourly"]
        if not monthly or not hourly:
            yield read.fault(
                record.line, "no-pay", f"step {record.cells['step']} pays nothing, so whoever is placed on it would get no pay"
            )
        elif not _HOURS_A_MONTH / 2 < monthly / hourly < _HOURS_A_MONTH * 2:
            words = f"a month of {monthly:,.2f} is no month of hours of {hourly:,.2f} each: some would be paid wrongly"
            yield read.fault(record.line, "month-and-hour", words)
    for rows in by_scale.values():
        for day in sorted({row.values["valid_from"] for row in rows}):
            holding = [
                row for row in rows if row.values["valid_from"] <= day and (row.values["valid_to"] is None or day <= row.values["valid_to"])
            ]
            for lower, higher in pairwise(sorted(holding, key=lambda row: row.values["step"])):
                if (
                    day in (lower.values["valid_from"], higher.values["valid_from"])
                    and 0 < higher.values["monthly"] < lower.values["monthly"]
                ):
                    below = f"step {lower.cells['step']} in line {lower.line}"
                    words = f"step {higher.cells['step']} pays less than {below}, so people would lose by seniority"
                    yield read.fault(higher.line, "pays-less", words)


def _supplements(read: ReadTable, highest: Decimal) -> Iterator[Fault]:
    for record in read.records:
        amount = record.values["monthly"]
        if amount > highest:
            shown = f"{amount:,.2f}"
            words = (
                f"a supplement of {shown} kroner a month is more than the highest step of all, so it would more than double anybody's pay"
            )
            yield read.fault(record.line, "monthly", words)
        if amount == 0:
            yield read.fault(record.line, "monthly", "a supplement of nothing would change nobody's pay")
