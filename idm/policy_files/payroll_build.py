"""The payroll tables as the domain has them, every row with its file and line."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from idm.domain.journey import Source
from idm.domain.payroll_rows import Agreement, Allowed, Experience, Institution, Occupation, PayClass, Pension, Row, ScaleStep, Supplement
from idm.domain.payroll_tables import WARN_DAYS, PayrollTables
from idm.policy_files.payroll_csv import ReadTable

_CODES = {
    "agreements": "agreement",
    "classes": "pay_class",
    "supplements": "supplement",
    "pensions": "pension_code",
    "institutions": "institution",
}
"""The column that is the row's own code."""
_ROWS: Mapping[str, Callable[..., Row]] = {
    "agreements": Agreement,
    "classes": PayClass,
    "steps": ScaleStep,
    "experience": Experience,
    "supplements": Supplement,
    "pensions": Pension,
    "occupation": Occupation,
    "allowed": Allowed,
    "institutions": Institution,
}
_BLANK = ("pay_class", "pay_type", "papers", "group", "unit", "position")
"""Columns whose empty cell is an empty text, and no absent value."""


def tables(read: Iterable[ReadTable], warn_days: int = WARN_DAYS) -> PayrollTables:
    """The tables as one set. Call it only when they have no faults."""
    found = list(read)
    rows: dict[str, Any] = {each.name: tuple(_row(each, record.line, record.values) for record in each.records) for each in found}
    hashes = "".join(f"{each.text.hash}  {each.name}\n" for each in sorted(found, key=lambda each: each.name))
    return PayrollTables(**rows, warn_days=warn_days, hash=hashlib.sha256(hashes.encode()).hexdigest() if found else "")


def _row(read: ReadTable, line: int, values: Mapping[str, Any]) -> Row:
    cells = {name: "" if value is None and name in _BLANK else value for name, value in values.items()}
    own = _CODES.get(read.name)
    if own is not None:
        cells["code"] = cells.pop(own)
    if "title_da" in cells:
        cells["titles"] = {"da": cells.pop("title_da"), "en": cells.pop("title_en")}
    return _ROWS[read.name](**cells, source=Source(read.text.file, line, read.text.hash))
