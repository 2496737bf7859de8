"""The cells of the payroll tables between people and the file: read as they are typed, shown as the reader's language writes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from babel.dates import format_date

from idm.errors import BadInput, Fault
from idm.policy_files.payroll_columns import TABLES
from idm.render_pages import LOCALES
from idm.web.columns import CHOICES, DAYS, MONEY
from idm.web.numbers import read_amount, read_number, shown_number, typed_number


def as_kept(table: str, typed: Mapping[str, str]) -> dict[str, str]:
    """What was typed, by column, as the table keeps it. Raises `BadInput` with every amount that can be read in two ways."""
    faults: list[Fault] = []
    found = dict(typed)
    for name, column in TABLES[table].columns.items():
        if column.number and name in typed:
            found[name] = read_amount(typed[name], name, faults) if name in MONEY else read_number(typed[name])
    if faults:
        unclear = [Fault(fault.path, fault.path, fault.message) for fault in faults]
        raise BadInput("An amount isn't clear.", faults=unclear, next_step="Mend what is named; nothing was taken.")
    return found


def as_typed(table: str, kept: Mapping[str, str], language: str) -> dict[str, str]:
    """A row of a table as it stands in the fields of a form."""
    columns = TABLES[table].columns
    return {name: typed_number(cell, language) if name in columns and columns[name].number else cell for name, cell in kept.items()}


def as_read(table: str, column: str, cell: str, language: str, words: Mapping[str, Mapping[str, str]]) -> str:
    """A cell as people read it; `words` call the few cells that some columns choose from. A cell that isn't sound stays as it is."""
    if column in DAYS and cell:
        # A day is one word: it doesn't break in a narrow column.
        return format_date(date.fromisoformat(cell), "medium", locale=LOCALES[language]).replace(" ", "\u00a0")
    if column in CHOICES:
        return words[column].get(cell, cell)
    return shown_number(cell, language, money=column in MONEY) if TABLES[table].columns[column].number else cell
