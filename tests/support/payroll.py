"""The shipped payroll tables, edited as CSV where a test needs other rows, and places in the invented municipality."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from idm.domain.payroll_funnel import Place
from idm.domain.payroll_tables import TABLES, PayrollTables
from idm.policy_files.payroll_build import tables
from idm.policy_files.payroll_checks import table_faults
from idm.policy_files.payroll_csv import ReadTable, read_table
from idm.policy_files.read import policy_text

FOLDER = Path(__file__).parents[2] / "policies" / "payroll"
START = date(2027, 1, 4)
PAPERS = {"seniority_proof": date(2026, 12, 1)}


def texts() -> dict[str, str]:
    """The shipped tables as CSV, by name."""
    return {name: (FOLDER / f"{name}.csv").read_text(encoding="utf-8") for name in TABLES}


def read(changed: Mapping[str, str] | None = None) -> list[ReadTable]:
    """The shipped tables as read, with some of them `changed`."""
    return [read_table(name, policy_text(f"payroll/{name}.csv", text)) for name, text in {**texts(), **(changed or {})}.items()]


def built(changed: Mapping[str, str] | None = None) -> PayrollTables:
    """The shipped tables with some of them `changed`; they must be sound."""
    found = read(changed)
    assert list(table_faults(found)) == []
    return tables(found)


def with_rows(name: str, *rows: str, without: str = "") -> dict[str, str]:
    """The table `name` with these rows at the end, without the lines that begin with `without`."""
    lines = [line for line in texts()[name].splitlines() if not without or not line.startswith(without)]
    return {name: "\n".join([*lines, *rows]) + "\n"}


def line_of(name: str, begins: str) -> int:
    """The line of the shipped table `name` that begins so."""
    return next(number for number, line in enumerate(texts()[name].splitlines(), 1) if line.startswith(begins))


def place(unit: str = "school_north", position: str = "teacher", *above: str, **changes: Any) -> Place:
    """A place in the invented municipality: full time, grown up, with accepted papers."""
    path = (unit, *(above or ("schools", "town")))
    known: dict[str, Any] = {"start_date": START, "weekly_hours": Decimal(37), "born": date(1985, 5, 17), "papers": PAPERS, **changes}
    return Place(path, position, **known)
