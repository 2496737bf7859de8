"""Departures through the command line and over HTTP: what follows is shown first, and each refusal has its code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import data
from tests.acceptance.command_line import CommandLine


@pytest.fixture
def idm(tmp_path: Path) -> Iterator[CommandLine]:
    """A test installation with the organisation; nothing is worked."""
    made = CommandLine(tmp_path / "home")
    made.prepare()
    yield made


def kinds(document: dict[str, Any]) -> set[tuple[str, str]]:
    return {(each["what"], each["about"]) for each in document["consequences"]}


def test_a_preview_changes_nothing_and_says_what_the_move_then_does(idm: CommandLine) -> None:
    case = idm.new_case("first")
    before = idm.json("case", "show", case)

    foreseen = idm.json("case", "move", case, "--start-date", "2027-02-01", "--preview")
    assert (foreseen["preview"], foreseen["start_date"]) == (True, data.START)
    assert idm.json("case", "show", case) == before

    done = idm.json("case", "move", case, "--start-date", "2027-02-01", "--reason", "agreed", "--as", data.HEAD_NORTH)
    assert (done["preview"], done["start_date"]) == (False, "2027-02-01")
    assert kinds(done) == kinds(foreseen) >= {("fact", "start_date")}
    again = idm.json("case", "move", case, "--start-date", "2027-02-01")
    assert again["consequences"] == []
    assert again["version"] == done["version"]


def test_each_refusal_of_a_move_or_cancel_has_its_code(idm: CommandLine) -> None:
    case = idm.new_case("first")

    idm.run("case", "move", case, code=2)
    idm.run("case", "move", case, "--weekly-hours", "many", code=2)
    idm.run("case", "move", case, "--end-date", "2027-06-30", "--no-end-date", code=2)
    idm.run("case", "move", case, "--unit", "nowhere", code=3)
    idm.run("case", "move", "c-0000000000", "--unit", "school_south", code=4)
    idm.run("case", "move", case, "--start-date", "2027-02-01", "--as", data.HEAD_SOUTH, code=5)
    idm.run("case", "cancel", case, "--reason", "no", "--as", data.HEAD_SOUTH, code=5)
    idm.run("case", "cancel", case, "--reason", "withdrew", "--as", data.HEAD_NORTH)
    idm.run("case", "move", case, "--start-date", "2027-02-01", code=6)
    idm.run("case", "cancel", case, "--reason", "again", code=6)


def test_a_person_is_corrected_and_no_number_is_told(idm: CommandLine) -> None:
    person = idm.json("case", "show", idm.new_case("first"))["person"]
    correction = json.dumps({"family_name": "Østergård-Bæk", "cpr": data.cpr(777)}).encode()

    foreseen = idm.json("person", "correct", person, "--input", "-", "--preview", stdin=correction)
    done = idm.json("person", "correct", person, "--input", "-", "--reason", "married", stdin=correction)

    assert (foreseen["preview"], done["preview"]) == (True, False)
    assert set(done["fields"]) == {"family_name", "cpr"}
    assert data.cpr(777) not in json.dumps(done)
    taken = json.dumps({"cpr": data.cpr(6)}).encode()
    refused = idm.run("person", "correct", person, "--input", "-", "--json", stdin=taken, code=6)
    assert data.TEACHER in json.dumps(refused.document)
    idm.run("person", "correct", person, "--input", "-", stdin=b"{}", code=3)
    idm.run("person", "correct", "p-0000000000", "--input", "-", stdin=b'{"family_name": "Ny"}', code=4)


def test_events_of_a_departure_come_in_a_file_too(idm: CommandLine) -> None:
    case = idm.new_case("first")
    told = {"specversion": "1.0", "id": "m1", "source": "/hr/test", "subject": "first", "time": "2026-12-01T09:00:00Z"}
    changed = {**told, "type": "dk.idm.hire.changed", "data": {"employment": {"weekly_hours": 30}}}

    assert [item["outcome"] for item in idm.hire(changed)["items"]] == ["created"]
    assert [item["outcome"] for item in idm.hire(changed)["items"]] == ["replayed"]
    older = {**changed, "id": "m0", "time": "2026-11-30T09:00:00Z"}
    assert [item["outcome"] for item in idm.hire(older, code=6)["items"]] == ["refused"]
    assert idm.json("case", "show", case)["weekly_hours"] == "30"
