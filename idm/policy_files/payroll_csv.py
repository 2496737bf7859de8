"""A payroll table as CSV (RFC 4180): parted by commas or semicolons, UTF-8 with or without a byte order mark.

With semicolons a decimal comma is taken too, as Danish spreadsheets write it. Nothing is ever calculated: a cell that a spreadsheet
would take for a formula is text here, and gets an apostrophe in front where it is written out.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from idm.errors import Fault
from idm.policy_files.payroll_columns import TABLES, Table
from idm.policy_files.read import PolicyText, nearest

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet may take for the beginning of a formula."""
_PLAIN = re.compile(r"[+-]?[0-9][0-9.,:-]*")
MOST_ROWS = 200_000


@dataclass(frozen=True, slots=True)
class Record:
    """A row as it stands in a file: its line (from 1), its cells in the form that they are written out in, and what they mean."""

    line: int
    cells: Mapping[str, str]
    values: Mapping[str, Any] = field(repr=False)

    def key(self, table: Table) -> tuple[str, ...]:
        """What tells it apart from other rows, but for the days on which it holds."""
        return tuple(self.cells[name] for name in table.key)


@dataclass(frozen=True, slots=True)
class ReadTable:
    """A file as read: the table's name, every sound row, and every fault with its line."""

    name: str
    text: PolicyText
    records: tuple[Record, ...]
    faults: tuple[Fault, ...]

    @property
    def table(self) -> Table:
        """Its columns and key."""
        return TABLES[self.name]

    def fault(self, line: int, rule: str, message: str) -> Fault:
        """A fault of a row."""
        return Fault(f"{self.text.file}:{line}", rule, message)


def table_of(file: str) -> str | None:
    """The table that a policy file of that name holds, or None."""
    folder, _, name = file.rpartition("/")
    stem, dot, ending = name.rpartition(".")
    return stem if folder == "payroll" and dot and ending == "csv" and stem in TABLES else None


def read_table(name: str, text: PolicyText) -> ReadTable:
    """Read one table. Never raises for what it holds."""
    faults: list[Fault] = []
    body = text.text.removeprefix("\ufeff")
    delimiter = _delimiter(body)
    records: list[Record] = []
    header: list[str] | None = None
    for line, cells in _rows(body, delimiter, text.file, faults):
        if header is None:
            header = [cell.strip() for cell in cells]
            wrong = list(_header_faults(name, header, f"{text.file}:{line}"))
            if wrong:
                return ReadTable(name, text, (), (*faults, *wrong))
        elif any(cell.strip() for cell in cells):
            record = _record(name, header, cells, line, delimiter, text.file, faults)
            if record is not None:
                records.append(record)
    if header is None and not faults:
        faults.append(
            Fault(f"{text.file}:1", "empty", f"the file is empty; its first line names the columns: {', '.join(TABLES[name].columns)}")
        )
    return ReadTable(name, text, tuple(records), tuple(faults))


def _delimiter(text: str) -> str:
    first = text.lstrip("\r\n").split("\n", 1)[0]
    return ";" if first.count(";") > first.count(",") else ","


def _rows(text: str, delimiter: str, file: str, faults: list[Fault]) -> Iterable[tuple[int, list[str]]]:
    """Each row with the line it begins on. A quote that isn't closed ends the reading, with a fault."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    began = 1
    try:
        for count, cells in enumerate(reader):
            if count > MOST_ROWS:
                faults.append(Fault(f"{file}:{began}", "length", f"a table has at most {MOST_ROWS} rows"))
                return
            if cells:
                yield began, cells
            began = reader.line_num + 1
    except csv.Error as error:
        faults.append(Fault(f"{file}:{began}", "csv", f"this row is no sound CSV: {error}"))


def _header_faults(name: str, header: Sequence[str], where: str) -> Iterable[Fault]:
    columns = TABLES[name].columns
    for column in header:
        if column not in columns:
            named = f"'{column}'" if column.isidentifier() else "one of them"
            words = f"{named} is no column of '{name}'{nearest(column, columns)}; it has: {', '.join(columns)}"
            yield Fault(where, "unknown-column", words)
    for column, kind in columns.items():
        if header.count(column) > 1:
            yield Fault(where, "column-twice", f"the column '{column}' stands here twice; remove one")
        elif column not in header and not kind.newer:
            yield Fault(where, "missing-column", f"the column '{column}' is missing; add it, with empty cells where nothing is to be said")


def _record(
    name: str, header: Sequence[str], cells: Sequence[str], line: int, delimiter: str, file: str, faults: list[Fault]
) -> Record | None:
    if len(cells) != len(header):
        words = f"this row has {len(cells)} cells, the first line names {len(header)} columns"
        faults.append(Fault(f"{file}:{line}", "cells", words))
        return None
    before = len(faults)
    newer = [column for column, kind in TABLES[name].columns.items() if kind.newer]
    written: dict[str, str] = dict.fromkeys(newer, "")
    values: dict[str, Any] = dict.fromkeys(newer)
    for column, cell in zip(header, cells, strict=True):
        kind = TABLES[name].columns[column]
        text = unguarded(cell.strip())
        if kind.number and delimiter == ";" and "." not in text:
            text = text.replace(",", ".", 1)
        written[column] = text
        if not text:
            values[column] = None
            if not kind.empty:
                faults.append(Fault(f"{file}:{line}", column, f"'{column}' is empty"))
            continue
        try:
            values[column] = kind.read(text)
        except ValueError as error:
            faults.append(Fault(f"{file}:{line}", column, f"'{column}' {error}"))
            continue
        if isinstance(values[column], date):
            written[column] = values[column].isoformat()
    if len(faults) > before:
        return None
    if values["valid_to"] is not None and values["valid_to"] < values["valid_from"]:
        faults.append(Fault(f"{file}:{line}", "valid_to", "'valid_to' is before 'valid_from', so the row would never hold"))
        return None
    return Record(line, written, values)


def guarded(cell: str) -> str:
    """A cell so that no spreadsheet takes it for a formula."""
    if cell.startswith(_FORMULA) and _PLAIN.fullmatch(cell) is None:
        return f"'{cell}"
    return cell


def unguarded(cell: str) -> str:
    """A cell as it was before `guarded`."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


def written(name: str, records: Iterable[Record]) -> str:
    """The table as CSV with commas, as it is kept and exported; formulas are guarded."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    columns = list(TABLES[name].columns)
    writer.writerow(columns)
    for record in records:
        writer.writerow([guarded(record.cells[column]) for column in columns])
    return out.getvalue()
