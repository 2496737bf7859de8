"""The invented municipality of the demo: its units, positions, people, and who has which standing authority.

The tables lie beside it, in `data/`. Nobody in them exists. No CPR number of the demo passes modulus 11, and the dates are none on which
such numbers were issued.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from idm.domain.authority import Authority

SCHOOLS = "P102"
"""Who manages all schools."""

DATA = Path(__file__).parent / "data"
"""The folder of the tables."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A standing delegation: a manager gives an authority over a unit, and all below it, to one person."""

    authority: Authority
    unit: str
    granted_by: str
    to: str


def table(name: str) -> list[dict[str, str]]:
    """The rows of `data/NAME.csv`, each by the names of its columns; an empty cell is ""."""
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def standing() -> list[Standing]:
    """The standing delegations. Most units have both contacts; some leave one or both to their manager, and the museum has nobody."""
    return [Standing(Authority(row["authority"]), row["unit"], row["granted_by"], row["to"]) for row in table("standing")]


def organisation_file() -> dict[str, Any]:
    """The organisation file, as an HR system would export it."""
    people: dict[str, dict[str, Any]] = {}
    for row in table("people"):
        person = people.setdefault(row["id"], _person(row))
        if row["unit"]:
            person["employments"].append(_told(row, "unit", "position", "start_date", "end_date"))
    return {
        "units": [_told(row, "id", "name", "parent", "manager") for row in table("units")],
        "positions": [_told(row, "id", "title") for row in table("positions")],
        "people": list(people.values()),
    }


def _person(row: dict[str, str]) -> dict[str, Any]:
    told = _told(row, "id", "cpr", "given_name", "family_name")
    return {**told, "email": f"{row['id'].lower()}@example.org", "employments": []}


def _told(row: dict[str, str], *columns: str) -> dict[str, str]:
    """What the row says in those columns, without the empty ones."""
    return {column: row[column] for column in columns if row[column]}
