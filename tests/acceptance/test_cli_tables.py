"""Hires and the organisation as tables, and the lists of what was imported, through the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import data
from tests.acceptance.command_line import CommandLine
from tests.unit.inputs.test_csv_organisation import files

HEAD = "id;source;cpr;given_name;family_name;private_email;mobile;unit;position;start_date;weekly_hours"


@pytest.fixture
def idm(tmp_path: Path) -> CommandLine:
    made = CommandLine(tmp_path / "home")
    made.run("init", "--test")
    made.begin()
    folder = tmp_path / "hr"
    folder.mkdir()
    for name, content in files().items():
        (folder / f"{name}.csv").write_bytes(content)
    made.run("org", "import", str(folder))
    return made


def row(id: str, **changes: str) -> str:
    event = data.hire_event(id)
    told = {**event, **event["data"]["person"], **event["data"]["employment"], **changes}
    return ";".join(str(told[name]) for name in HEAD.split(";"))


def test_hires_from_a_table_the_refused_come_back_mended_and_are_taken(idm: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "hires.csv"
    path.write_text("\n".join([HEAD, row("a"), row("b", unit="moon", mobile="+4520304050"), row("c")]), encoding="utf-8-sig")
    done = idm.json("hire", str(path), code=8)
    assert [item["outcome"] for item in done["items"]] == ["created", "refused", "created"]
    assert [fault["path"] for fault in done["items"][1]["faults"]] == ["hires.csv:3:unit"]

    rejects = Path(done["rejects_file"])
    text = rejects.read_text("utf-8-sig")
    assert text.splitlines()[0] == f"{HEAD};reason" and "there is no unit 'moon'" in text and "'+4520304050" in text
    rejects.write_text(text.replace("moon;", "school_north;"), encoding="utf-8")
    assert [item["outcome"] for item in idm.json("hire", str(rejects))["items"]] == ["created"]
    assert [item["outcome"] for item in idm.json("hire", "-", "--format", "csv", stdin=path.read_bytes(), code=8)["items"]] == [
        "replayed",
        "refused",
        "replayed",
    ]


def test_a_file_that_is_no_events_is_refused_and_no_copy_of_it_is_kept(idm: CommandLine, tmp_path: Path) -> None:
    org = data.write_json(tmp_path / "org.json", data.organisation())
    numbers = data.write_json(tmp_path / "numbers.json", [1, 2, 3])
    (tmp_path / "org.csv").write_bytes(files()["people"])
    for name in (org, numbers, tmp_path / "org.csv"):
        assert idm.json("hire", str(name), code=3)["error"]["code"] == "bad-input"
    assert not (idm.home / "rejects").exists()


def test_tables_may_be_named_one_by_one_and_a_fault_is_told_by_its_place(idm: CommandLine, tmp_path: Path) -> None:
    paths = [str(tmp_path / "hr" / f"{name}.csv") for name in files()]
    assert idm.json("org", "import", *paths)["people"] == 6

    people = Path(tmp_path / "hr" / "people.csv")
    people.write_text(people.read_text("utf-8-sig").replace("Nanna", ""), encoding="utf-8")
    faults = idm.json("org", "import", *paths, code=3)["error"]["faults"]
    assert [fault["path"] for fault in faults] == ["people.csv:3:given_name"]
    assert idm.json("org", "import", *paths, str(tmp_path / "hr" / "x.csv"), code=2)["error"]["code"] == "usage"
    assert idm.json("org", "import", str(tmp_path / "home"), code=3)["error"]["faults"][0]["rule"] == "folder"


def test_people_units_and_positions_are_listed_by_unit_and_page(idm: CommandLine) -> None:
    assert [item["id"] for item in idm.json("org", "units", "--unit", "schools")["items"]] == ["schools", "school_north", "school_south"]
    assert {"id": "teacher", "title": "Lærer"} in idm.json("org", "positions")["items"]

    first = idm.json("org", "people", "--limit", "4")
    rest = idm.json("org", "people", "--limit", "4", "--after", first["next"])
    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (4, 2, None)
    below = idm.json("org", "people", "--unit", "schools")["items"]
    assert [person["id"] for person in below] == ["head_north", "head_south", "teacher_north"]
    assert below[2]["employments"][0]["unit"] == "school_north"
    everything = json.dumps([first, rest])
    assert not any(data.cpr(number) in everything for number in range(1, 7))
    idm.json("org", "people", "--unit", "moon", code=4)


def test_whom_idm_hired_is_found_in_hrs_tables_and_listed_by_both_ids(idm: CommandLine, tmp_path: Path) -> None:
    event = data.hire_event("a")
    case = idm.hire(event)["items"][0]["case"]
    person = idm.json("case", "show", case)["person"]
    people = tmp_path / "hr" / "people.csv"
    who = event["data"]["person"]
    people.write_text(people.read_text("utf-8-sig") + f"hr-1;{who['cpr']};{who['given_name']};{who['family_name']};\n", encoding="utf-8")
    employments = tmp_path / "hr" / "employments.csv"
    head = employments.read_text("utf-8-sig").splitlines()[0].split(";")
    new = {"id": "hr-e-1", "person": "hr-1", "unit": "school_north", "position": "teacher", "start_date": data.START}
    employments.write_text(employments.read_text("utf-8-sig") + ";".join(new[name] for name in head) + "\n", encoding="utf-8")
    idm.run("org", "import", str(tmp_path / "hr"))

    (listed,) = [item for item in idm.json("org", "people")["items"] if item["id"] == person]
    assert listed["aliases"] == ["hr-1"] and [each["case"] for each in listed["employments"]] == [case]
    assert [item["id"] for item in idm.json("case", "list", "--person", "hr-1")["items"]] == [case]
    assert idm.json("case", "show", "hr-e-1")["id"] == case
