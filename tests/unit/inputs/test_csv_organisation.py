from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from idm.errors import BadInput
from idm.inputs.csv_organisation import check_tables, read_tables
from idm.inputs.organisation import read_organisation
from tests import data
from tests.unit.inputs.examples import TODAY


def table(rows: list[dict[str, Any]]) -> bytes:
    out = io.StringIO(newline="")
    columns = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(out, columns, delimiter=";", restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def files(**changes: list[dict[str, Any]]) -> dict[str, bytes]:
    """The invented municipality as four tables."""
    found = data.organisation()
    employments = [{**e, "person": person["id"]} for person in found["people"] for e in person.pop("employments")]
    return {name: table(rows) for name, rows in {**found, "employments": employments, **changes}.items()}


def rows(name: str) -> list[dict[str, Any]]:
    return list(csv.DictReader(io.StringIO(files()[name].decode("utf-8-sig")), delimiter=";"))


def faults(given: dict[str, bytes]) -> dict[str, str]:
    with pytest.raises(BadInput) as error:
        check_tables(read_tables(given), TODAY)
    return {fault.path: fault.rule for fault in error.value.faults}


def test_four_tables_are_what_the_json_file_is() -> None:
    assert check_tables(read_tables(files()), TODAY) == read_organisation(json.dumps(data.organisation()), TODAY)


def test_without_employments_people_have_none() -> None:
    given = files()
    del given["employments"]
    assert check_tables(read_tables(given), TODAY).employments == ()


def test_a_missing_table_is_named() -> None:
    given = files()
    del given["units"], given["people"]
    assert faults(given) == {"units.csv": "required", "people.csv": "required"}


def test_every_fault_has_file_line_and_column() -> None:
    units, people, employments = rows("units"), rows("people"), rows("employments")
    units[3]["parent"] = "nowhere"
    people[1]["cpr"] = "3113701234"
    people[2]["given_name"] = ""
    employments[4]["unit"] = "moon"
    employments[5]["person"] = "nobody"
    assert faults(files(units=units, people=people, employments=employments)) == {
        "units.csv:5:parent": "unknown-unit",
        "people.csv:3:cpr": "cpr",
        "people.csv:4:given_name": "required",
        "employments.csv:6:unit": "unknown-unit",
        "employments.csv:7:person": "unknown-person",
    }


def test_two_persons_with_one_cpr_number_are_refused_naming_both_lines() -> None:
    people = rows("people")
    people[4]["cpr"] = people[1]["cpr"]
    with pytest.raises(BadInput) as error:
        check_tables(read_tables(files(people=people)), TODAY)
    (fault,) = error.value.faults
    assert (fault.path, fault.rule) == ("people.csv:6:cpr", "duplicate")
    assert "people.csv:3" in fault.message and people[1]["cpr"] not in fault.message


def test_what_is_wrong_with_several_tables_themselves_is_told_at_once() -> None:
    given = {**files(), "units": "id;name\n1;Bæk\n".encode("cp1252"), "positions": b""}
    assert faults(given) == {"units.csv:2": "encoding", "positions.csv:1": "empty"}


def test_a_column_that_is_none_is_named() -> None:
    positions = [{**row, "shoe": "43"} for row in rows("positions")][:1]
    given = faults(files(positions=positions, employments=[]) | {"employments": b"person,unit\n"})
    assert given["positions.csv:2:shoe"] == "unknown-field"
