"""Tables in CSV (RFC 4180), as spreadsheets write them: comma or semicolon, UTF-8 with or without a byte order mark."""

from __future__ import annotations

import csv
import difflib
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from idm.errors import BadInput, Fault
from idm.inputs.json_text import MOST_BYTES

_NEXT = "Mend the file and send it again."
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_FORMULA = "=+-@\t\r"
"""A cell that begins with one of these is reckoned by a spreadsheet that opens it (OWASP, "CSV Injection")."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the `line` of the file on which it begins, from 1, and its cells by column, without the empty ones."""

    line: int
    cells: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it was read. `name` is what messages call the file; `delimiter` what stood between its cells."""

    name: str
    columns: tuple[str, ...]
    delimiter: str
    rows: tuple[Row, ...]

    def at(self, line: int, column: str = "") -> str:
        """A place in it as a fault's path: `hires.csv:3:cpr`."""
        return f"{self.name}:{line}:{column}" if column else f"{self.name}:{line}"


def read_table(raw: bytes | str, name: str, known: Iterable[str] = ()) -> Table:
    """The table in `raw`, whose first line names the columns; with `known`, each must be one of those.

    Bytes must be UTF-8. Raises BadInput with every fault that is a table's own; none repeats a cell.
    """
    if len(raw) > MOST_BYTES:
        _refuse(name, f"{name}:1", "size", f"is larger than {MOST_BYTES // (1024 * 1024)} MB; send it in parts")
    text = (_decoded(raw, name) if isinstance(raw, bytes) else raw).removeprefix("\ufeff")
    if not text.strip():
        _refuse(name, f"{name}:1", "empty", "is empty; its first line should name the columns")
    if "\0" in text:
        _refuse(name, f"{name}:{text.count(chr(10), 0, text.index(chr(0))) + 1}", "characters", "holds a zero byte, so it is no CSV")
    delimiter = _delimiter(text)
    lines = _lines(text, name, delimiter)
    columns = tuple(cell.strip().lower() for cell in lines[0][1])
    faults = list(_heading_faults(name, columns, frozenset(known)))
    rows: list[Row] = []
    for line, cells in lines[1:]:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
            message = f"has {len(cells)} cells, but there are {len(columns)} columns; put a cell that holds the separator in quotes"
            faults.append(Fault(f"{name}:{line}", "cells", message))
        rows.append(Row(line, {column: unguarded(cell) for column, cell in zip(columns, cells, strict=False) if cell.strip()}))
    if faults:
        raise BadInput(f"{name} breaks {len(faults)} rule(s) of a table.", faults=faults, next_step=_NEXT)
    return Table(name, columns, delimiter, tuple(rows))


def write_table(columns: Sequence[str], rows: Iterable[Mapping[str, str]], delimiter: str) -> bytes:
    """The table as a spreadsheet opens it: UTF-8 with a byte order mark, no cell that it would reckon."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([guarded(row.get(column, "")) for column in columns])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def guarded(cell: str) -> str:
    """The cell with a quote before what a spreadsheet would take for a formula."""
    return f"'{cell}" if cell[:1] and cell[0] in _FORMULA else cell


def unguarded(cell: str) -> str:
    """The cell without the quote that `guarded` put there, so that what idm wrote reads as it was."""
    return cell[1:] if len(cell) > 1 and cell[0] == "'" and cell[1] in _FORMULA else cell


def _decoded(raw: bytes, name: str) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        _refuse(name, f"{name}:1", "encoding", "is UTF-16; save it as 'CSV UTF-8'")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        message = f"is not UTF-8 on line {line}: it looks like Windows-1252 or Latin-1, in which æ, ø and å are other bytes"
        _refuse(name, f"{name}:{line}", "encoding", f"{message}; save it as 'CSV UTF-8'")


def _delimiter(text: str) -> str:
    """What separates the cells: whichever of comma and semicolon stands more often in the first line."""
    heading = text.lstrip("\r\n").splitlines()[0]
    return ";" if heading.count(";") > heading.count(",") else ","


def _lines(text: str, name: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """The rows, each with the line on which it begins; a cell in quotes may go over several."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    found: list[tuple[int, list[str]]] = []
    begins = 1
    try:
        for cells in reader:
            if cells:
                found.append((begins, cells))
            begins = reader.line_num + 1
    except csv.Error:
        message = f"is no CSV on line {begins}: a quotation mark stands where none may, or isn't closed"
        _refuse(name, f"{name}:{begins}", "csv", message)
    return found


def _heading_faults(name: str, columns: Sequence[str], known: frozenset[str]) -> Iterable[Fault]:
    if known and not known & set(columns):
        yield Fault(f"{name}:1", "column", "names no known column; the first line names them, such as id or unit")
        return
    for number, column in enumerate(columns, start=1):
        place = f"{name}:1:{column}" if _NAME.fullmatch(column) else f"{name}:1"
        if not column:
            yield Fault(place, "column", f"column {number} has no name")
        elif not _NAME.fullmatch(column):
            yield Fault(
                place, "column", f"column {number} has no name of small letters, digits and underscores; does line 1 name the columns?"
            )
        elif columns.index(column) != number - 1:
            yield Fault(place, "duplicate", "is there twice, so one of the two would be lost")
        elif known and column not in known:
            yield Fault(place, "unknown-field", f"is not a column here{_meant(column, known)}")


def _meant(column: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(column, sorted(known), n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _refuse(name: str, path: str, rule: str, message: str) -> NoReturn:
    raise BadInput(f"{name} {message}.", faults=[Fault(path, rule, message)], next_step=_NEXT) from None
