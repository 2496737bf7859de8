"""Hire events as a table: one row a hire, its columns named as the fields of an event are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from idm.errors import BadInput, Fault, IdmError
from idm.inputs.events import HIRE, RawEvent
from idm.inputs.table import Row, Table, read_table, write_table

REASON = "reason"
"""The column in which a file of refused events says why; on reading it is passed over, so that a mended file can be taken as it is."""

_FIELDS: Mapping[str, tuple[str, ...]] = {
    "": ("specversion", "id", "source", "type", "time", "subject"),
    "data.person": ("cpr", "given_name", "family_name", "private_email", "mobile", "citizenship", "language"),
    "data.employment": ("unit", "position", "start_date", "end_date", "weekly_hours", "manager"),
}
COLUMNS: Mapping[str, str] = {name: f"{part}.{name}".lstrip(".") for part, names in _FIELDS.items() for name in names}
"""Column -> the event's field, such as `cpr` -> `data.person.cpr`."""
_COLUMN_OF = {field: column for column, field in COLUMNS.items()}
_DECIMAL_COMMA = re.compile(r"\d{1,3},\d{1,4}", re.ASCII)
_NUMBER = re.compile(r"\d{1,3}(\.\d{1,4})?", re.ASCII)
_NINE_DIGITS = re.compile(r"\d{9}|\d{5}-?\d{4}", re.ASCII)


@dataclass(frozen=True, slots=True)
class CsvEvents:
    """The events of a table, each with the row that it came from."""

    table: Table
    events: tuple[RawEvent, ...]

    def placed(self, event: RawEvent, error: IdmError) -> IdmError:
        """`error` with the paths of its faults as places in the file: `hires.csv:3:cpr` for `data.person.cpr` of the event on line 3."""
        row = self.table.rows[event.index]
        error.faults = tuple(self._placed(row, fault) for fault in error.faults)
        return error

    def _placed(self, row: Row, fault: Fault) -> Fault:
        column = _COLUMN_OF.get(fault.path, "")
        message = fault.message
        if column == "cpr" and _NINE_DIGITS.fullmatch(row.cells.get("cpr", "").strip()):
            message = "has nine digits: a spreadsheet has dropped its first zero; format the column as text"
        return replace(fault, path=self.table.at(row.line, column), message=message)

    def rejects(self, refused: Iterable[tuple[RawEvent, str]]) -> bytes:
        """A file of the refused rows as they came, each with the reason why, to be mended and taken again."""
        columns = [column for column in self.table.columns if column != REASON]
        rows = [{**self.table.rows[event.index].cells, REASON: reason} for event, reason in refused]
        return write_table([*columns, REASON], rows, self.table.delimiter)


def read_csv_events(raw: bytes | str, name: str) -> CsvEvents:
    """The events in a table; `name` is what messages call the file. Each is still to be checked, so that the good rows can go on.

    Raises BadInput if it isn't a table of hires at all.
    """
    table = read_table(raw, name, [*COLUMNS, REASON])
    if not table.rows:
        fault = Fault(table.at(1), "event", "holds the names of columns and no row below them")
        raise BadInput(f"{name} holds no event.", faults=[fault], next_step="Give each hire a row.")
    return CsvEvents(table, tuple(RawEvent(index, _event(row)) for index, row in enumerate(table.rows)))


def _event(row: Row) -> dict[str, Any]:
    """The row as an event. What every hire says alike may be left out: specversion and type.

    A hire tells of a person and an employment; a change or a correction only of what its row has.
    """
    event: dict[str, Any] = {"specversion": "1.0", "type": HIRE, "data": {}}
    if row.cells.get("type", HIRE).strip() == HIRE:
        event["data"] = {"person": {}, "employment": {}}
    for column, cell in row.cells.items():
        if column in COLUMNS:
            *parts, name = COLUMNS[column].split(".")
            part = event
            for step in parts:
                part = part.setdefault(step, {})
            part[name] = _number(cell.strip()) if column == "weekly_hours" else cell.strip()
    return event


def _number(cell: str) -> str | int | float:
    """A number as JSON has it, also where a Danish spreadsheet wrote 18,5; what is none stays text, for the check to refuse."""
    text = cell.replace(",", ".") if _DECIMAL_COMMA.fullmatch(cell) else cell
    if not _NUMBER.fullmatch(text):
        return cell
    return float(text) if "." in text else int(text)


def reason_of(error: IdmError) -> str:
    """Why a row was refused, in one cell: each fault with its column, or what the error says."""
    told = [(fault.path.rpartition(":")[2], fault.message) for fault in error.faults]
    # A fault of the whole row has no column: its place is the line, which is another in the file of the refused.
    return "; ".join(f"{error.message} {words}" if place.isdigit() else f"{place}: {words}" for place, words in told) or error.message
