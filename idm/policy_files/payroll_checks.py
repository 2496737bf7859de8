"""What the payroll tables must fulfil by themselves and beside each other: no row twice on a day, no name that stands nowhere."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from itertools import pairwise

from idm.domain.payroll_tables import TABLES
from idm.errors import Fault
from idm.policy_files.payroll_csv import ReadTable, Record
from idm.policy_files.read import nearest, one_of

_SEEN = 8
"""How many known names a fault lists at most."""


def table_faults(tables: Iterable[ReadTable], unread: Collection[str] = (), documents: Collection[str] | None = None) -> Iterator[Fault]:
    """Every fault of the tables together. `unread` tables exist and can't be read; `documents` are the known kinds of document."""
    by_name = {read.name: read for read in tables}
    if not by_name and not unread:
        return
    for name in TABLES:
        if name not in by_name and name not in unread:
            words = f"the payroll folder has no {name}.csv; without it no payroll form can be filled in"
            yield Fault(f"payroll/{name}.csv:1", "missing-file", words)
    for read in by_name.values():
        yield from read.faults
        yield from _twice(read)
        yield from _orders(read)
    # A table with faults lacks rows, so names that seem to be missing may only stand in a faulty row.
    sound = {name: read for name, read in by_name.items() if not read.faults}
    yield from _references(sound)
    yield from _classes(sound, documents)


def _twice(read: ReadTable) -> Iterator[Fault]:
    """Rows of one key that hold on the same day."""
    for key, rows in _by_key(read).items():
        ordered = sorted(rows, key=lambda row: (row.values["valid_from"], row.line))
        for before, after in pairwise(ordered):
            ends = before.values["valid_to"]
            if ends is None or after.values["valid_from"] <= ends:
                named = " ".join(part for part in key if part) or "any"
                since = after.values["valid_from"]
                words = (
                    f"'{named}' stands in line {before.line} too, and both hold on {since}"
                    ", so nobody could tell which counts; end the older row the day before"
                )
                yield read.fault(after.line, "overlap", words)


def _by_key(read: ReadTable) -> Mapping[tuple[str, ...], list[Record]]:
    found: dict[tuple[str, ...], list[Record]] = {}
    for record in read.records:
        found.setdefault(record.key(read.table), []).append(record)
    return found


_BOUNDS = (
    ("first_step", "last_step", True),
    ("minimum", "maximum", True),
    ("from_age", "below_age", False),
    ("from_hours", "below_hours", False),
)
"""Pairs of columns of which the first is the lesser; whether they may be equal."""


def _orders(read: ReadTable) -> Iterator[Fault]:
    for low, high, equal in _BOUNDS:
        if low not in read.table.columns:
            continue
        for record in read.records:
            least, most = record.values[low], record.values[high]
            if least is not None and most is not None and (least > most or (least == most and not equal)):
                yield read.fault(record.line, high, f"'{low}' and '{high}' leave nothing between them, so the row would never count")


_NAMES = (
    ("agreement", "agreements", "agreement"),
    ("pay_class", "classes", "pay_class"),
    ("scale", "steps", "scale"),
)
"""A column that names something: the table where that stands, and its column there."""


def _references(tables: Mapping[str, ReadTable]) -> Iterator[Fault]:
    for column, where, there in _NAMES:
        if where not in tables:
            continue
        known = {record.cells[there] for record in tables[where].records}
        for read in tables.values():
            if read.name == where or column not in read.table.columns:
                continue
            for record in read.records:
                name = record.cells[column]
                if name and name not in known:
                    words = (
                        f"{where}.csv has no {column} '{name}'{nearest(name, known)}, so this row would never count; it has: {_some(known)}"
                    )
                    yield read.fault(record.line, f"unknown-{column.replace('_', '-')}", words)


def _some(known: Collection[str]) -> str:
    names = sorted(known)
    return one_of(names) if len(names) <= _SEEN else f"{', '.join(names[:_SEEN])} and {len(names) - _SEEN} more"


def _classes(tables: Mapping[str, ReadTable], documents: Collection[str] | None) -> Iterator[Fault]:
    """What belongs to a class must belong to its agreement, and lie within its steps."""
    classes = tables.get("classes")
    if classes is None:
        return
    of: dict[str, list[Record]] = {}
    for record in classes.records:
        of.setdefault(record.cells["pay_class"], []).append(record)
        papers = record.cells["papers"]
        if papers and documents is not None and papers not in documents:
            words = f"documents.yaml has no '{papers}'{nearest(papers, documents)}, so seniority could never be proved"
            yield classes.fault(record.line, "unknown-document", words)
    for read in tables.values():
        if read.name == "classes" or "pay_class" not in read.table.columns:
            continue
        for record in read.records:
            its = of.get(record.cells["pay_class"], [])
            if its and "agreement" in record.cells and all(each.cells["agreement"] != record.cells["agreement"] for each in its):
                words = (
                    f"class '{record.cells['pay_class']}' belongs to agreement '{its[0].cells['agreement']}', not to this one"
                    ", so the row would never count"
                )
                yield read.fault(record.line, "other-agreement", words)
    if "experience" in tables:
        yield from _experience(tables["experience"], of)


def _experience(read: ReadTable, classes: Mapping[str, list[Record]]) -> Iterator[Fault]:
    """A rule's step lies in its class, and more years never give a lower step on the same day."""
    by_class: dict[str, list[Record]] = {}
    for record in read.records:
        its = [each for each in classes.get(record.cells["pay_class"], []) if _together(each, record)]
        step = record.values["step"]
        if its and not any(each.values["first_step"] <= step <= each.values["last_step"] for each in its):
            words = (
                f"class '{record.cells['pay_class']}' has the steps {its[0].cells['first_step']} to {its[0].cells['last_step']}"
                ", so nobody could be placed as this says"
            )
            yield read.fault(record.line, "step", words)
        by_class.setdefault(record.cells["pay_class"], []).append(record)
    for rows in by_class.values():
        ordered = sorted(rows, key=lambda row: row.values["years"])
        for less, more in pairwise(ordered):
            if _together(less, more) and more.values["step"] < less.values["step"]:
                words = (
                    f"{more.cells['years']} years give a lower step than {less.cells['years']} years in line {less.line}"
                    ", so people would lose by experience"
                )
                yield read.fault(more.line, "step", words)


def _together(one: Record, other: Record) -> bool:
    """Whether two rows hold on some day both."""
    ends, other_ends = one.values["valid_to"] or date.max, other.values["valid_to"] or date.max
    return bool(one.values["valid_from"] <= other_ends and other.values["valid_from"] <= ends)
