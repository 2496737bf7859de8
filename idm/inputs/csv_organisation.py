"""The organisation as tables: units.csv, positions.csv, people.csv and employments.csv, with the columns that the JSON file has as fields.

They become the very content that the JSON file would hold and pass the same checks; a fault is then named by its place in a table.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from idm.errors import BadInput, Fault, IdmError
from idm.inputs.organisation import OrganisationInput, check_organisation
from idm.inputs.table import Table, read_table

NEEDED = ("units", "positions", "people")
TABLES = (*NEEDED, "employments")
"""The tables, each in a file of that name with `.csv`."""
_PATH = re.compile(r"(units|positions|people)\[(\d+)\](?:\.employments\[(\d+)\])?(?:\.([a-z_]+))?")


@dataclass(frozen=True, slots=True)
class OrganisationTables:
    """What the tables say, sound or not, and where each part of it stands."""

    content: dict[str, Any] = field(repr=False)
    tables: Mapping[str, Table]
    places: Mapping[tuple[str, int, int | None], tuple[Table, int]]
    strays: tuple[Fault, ...] = ()

    def placed(self, error: IdmError) -> IdmError:
        """`error` with the paths of its faults as places in the tables: `people.csv:4:cpr` for `people[2].cpr`."""
        faults = [replace(fault, path=self._in(fault.path), message=self._in(fault.message)) for fault in error.faults]
        error.faults = tuple(dict.fromkeys(faults))
        return error

    def _in(self, text: str) -> str:
        return _PATH.sub(self._place, text)

    def _place(self, found: re.Match[str]) -> str:
        list_, index, inner, column = found.groups()
        place = self.places.get((list_, int(index), int(inner) if inner is not None else None))
        return found.group(0) if place is None else place[0].at(place[1], column or "")


def read_tables(files: Mapping[str, bytes]) -> OrganisationTables:
    """The tables in `files` (table name, such as `units`, -> what its file holds). Raises BadInput with the faults of every table."""
    missing = [name for name in NEEDED if name not in files]
    if missing:
        faults = [Fault(f"{name}.csv", "required", "is missing") for name in missing]
        raise BadInput("The organisation lacks a table.", faults=faults, next_step=f"Give {', '.join(f'{name}.csv' for name in TABLES)}.")
    tables: dict[str, Table] = {}
    broken: list[Fault] = []
    for name in TABLES:
        try:
            tables[name] = read_table(files[name], f"{name}.csv") if name in files else Table(f"{name}.csv", (), ",", ())
        except BadInput as error:
            broken.extend(error.faults)
    if broken:
        raise BadInput(
            f"The tables break {len(broken)} rule(s), so nothing was taken.",
            faults=broken,
            next_step="Mend the files and import them again.",
        )
    return _joined(tables)


def _joined(tables: Mapping[str, Table]) -> OrganisationTables:
    """The content with each employment under its person."""
    content: dict[str, Any] = {name: [dict(row.cells) for row in tables[name].rows] for name in NEEDED}
    places: dict[tuple[str, int, int | None], tuple[Table, int]] = {
        (name, index, None): (tables[name], row.line) for name in NEEDED for index, row in enumerate(tables[name].rows)
    }
    people = {person.get("id", "").strip(): index for index, person in reversed(list(enumerate(content["people"])))}
    strays: list[Fault] = []
    table = tables["employments"]
    for row in table.rows:
        employment = dict(row.cells)
        person = employment.pop("person", "").strip()
        if person not in people or not person:
            rule, message = ("unknown-person", "names a person that people.csv does not have") if person else ("required", "is missing")
            strays.append(Fault(table.at(row.line, "person"), rule, message))
            continue
        theirs = content["people"][people[person]].setdefault("employments", [])
        places[("people", people[person], len(theirs))] = (table, row.line)
        theirs.append(employment)
    return OrganisationTables(content, tables, places, tuple(strays))


def check_tables(found: OrganisationTables, today: date) -> OrganisationInput:
    """The organisation that the tables hold. Raises BadInput with every fault by file, line and column, as `read_organisation` does."""
    try:
        read = check_organisation(found.content, today)
    except BadInput as error:
        placed = found.placed(error)
        raise _refusal([*placed.faults, *found.strays]) from None
    if found.strays:
        raise _refusal(found.strays)
    return read


def _refusal(faults: list[Fault] | tuple[Fault, ...]) -> BadInput:
    return BadInput(
        f"The organisation breaks {len(faults)} rule(s), so nothing was taken.",
        faults=list(faults),
        next_step="Mend the tables and import them again.",
    )
