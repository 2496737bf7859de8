from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idm.domain.people import Cpr, Employment, Person, Position, Unit
from idm.errors import BadInput
from idm.inputs.organisation import read_organisation
from tests.unit.inputs.examples import MISSING, ORGANISATION, TODAY, changed, text


def faults_of(content: object) -> list[tuple[str, str]]:
    with pytest.raises(BadInput) as caught:
        read_organisation(text(content), TODAY)
    return [(fault.path, fault.rule) for fault in caught.value.faults]


def test_gives_units_positions_people_and_employments() -> None:
    found = read_organisation(text(ORGANISATION), TODAY)

    assert found.units == (Unit("town", "Kommunen", None, "p1"), Unit("school", "Skolen", "town", ""))
    assert found.positions == (Position("teacher", "Lærer"), Position("head", "Skoleleder"))
    assert found.people == (
        Person("p1", Cpr("0101701235"), "Bo", "Grøn", "bo.groen@example.org"),
        Person("p2", Cpr("3112994321"), "Ida", "Hvid"),
    )
    assert found.employments == (
        Employment("e1", "p1", "school", "head", date(2020, 1, 1)),
        Employment("", "p2", "school", "teacher", date(2021, 8, 1), date(2021, 8, 1)),
    )


def test_takes_bytes_and_what_may_be_left_out() -> None:
    content = changed(changed(ORGANISATION, "units.1.manager", MISSING), "people.1.employments", MISSING)
    found = read_organisation(text(content).encode(), TODAY)

    assert found.units[1].manager == ""
    assert len(found.employments) == 1


WRONG = [
    ("units", MISSING, "units", "required"),
    ("units", {}, "units", "list"),
    ("units.0", "x", "units[0]", "object"),
    ("units.0.id", MISSING, "units[0].id", "required"),
    ("units.0.id", "to wn", "units[0].id", "id"),
    ("units.0.name", " ", "units[0].name", "required"),
    ("units.0.boss", "p1", "units[0].boss", "unknown-field"),
    ("units.0.manager", "p9", "units[0].manager", "unknown-person"),
    ("units.1.parent", "nowhere", "units[1].parent", "unknown-unit"),
    ("units.1.parent", "school", "units[1].parent", "loop"),
    ("positions.0.title", 5, "positions[0].title", "text"),
    ("positions.1.id", "teacher", "positions[1].id", "duplicate"),
    ("people.1.id", "p1", "people[1].id", "duplicate"),
    ("people.1.id", "0101701235", "people[1].id", "id-is-cpr"),
    ("people.1.cpr", "010170-1235", "people[1].cpr", "duplicate"),
    ("people.1.cpr", "3102901234", "people[1].cpr", "cpr"),
    ("people.1.cpr", 311299, "people[1].cpr", "cpr"),
    ("people.1.cpr", "2411265000", "people[1].cpr", "cpr"),
    ("people.1.given_name", "", "people[1].given_name", "required"),
    ("people.1.given_name", "Ida 0101701236", "people[1].given_name", "cpr-number"),
    ("people.0.family_name", "Grøn 010170-1235", "people[0].family_name", "cpr-number"),
    ("people.0.email", "bo", "people[0].email", "email"),
    ("people.0.mail", "bo@example.org", "people[0].mail", "unknown-field"),
    ("people.0.employments", {}, "people[0].employments", "list"),
    ("people.0.employments.0.unit", "nowhere", "people[0].employments[0].unit", "unknown-unit"),
    ("people.0.employments.0.position", "clown", "people[0].employments[0].position", "unknown-position"),
    ("people.0.employments.0.start_date", "2020-13-01", "people[0].employments[0].start_date", "date"),
    ("people.1.employments.0.end_date", "2021-07-31", "people[1].employments[0].end_date", "order"),
    ("people.1.employments.0.id", "e1", "people[1].employments[0].id", "duplicate"),
    ("persons", [], "persons", "unknown-field"),
]


@pytest.mark.parametrize(("path", "value", "at", "rule"), WRONG)
def test_refuses_one_wrong_field_with_its_path(path: str, value: object, at: str, rule: str) -> None:
    assert (at, rule) in faults_of(changed(ORGANISATION, path, value))


def test_names_every_unit_on_a_loop_and_none_beside_it() -> None:
    content = changed(ORGANISATION, "units.0.parent", "school")
    content["units"].append({"id": "club", "name": "Klub", "parent": "school"})

    assert faults_of(content) == [("units[0].parent", "loop"), ("units[1].parent", "loop")]


def test_tells_all_faults_at_once_and_repeats_no_private_value() -> None:
    content = changed(changed(ORGANISATION, "people.1.cpr", "010170-1235"), "people.0.email", "bo.private")
    with pytest.raises(BadInput) as caught:
        read_organisation(text(changed(content, "people.1.given_name", "")), TODAY)

    assert {fault.path for fault in caught.value.faults} == {"people[0].email", "people[1].cpr", "people[1].given_name"}
    said = json.dumps(caught.value.as_json())
    assert "010170" not in said
    assert "bo.private" not in said
    assert "people[0]" in caught.value.faults[-1].message or any("that of people[0]" in fault.message for fault in caught.value.faults)


@pytest.mark.parametrize("raw", ["", "{", "[]", "5", "null", '{"units": []}'])
def test_refuses_what_is_no_organisation_file(raw: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_organisation(raw, TODAY)

    assert caught.value.faults
    assert caught.value.next_step


values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "cpr", "unit", "x"]), inner, max_size=3),
    max_leaves=8,
)


@given(path=st.sampled_from(sorted({path for path, *_ in WRONG})), value=values)
def test_any_value_in_any_field_is_taken_or_refused_with_faults(path: str, value: object) -> None:
    try:
        read_organisation(text(changed(ORGANISATION, path, value)), TODAY)
    except BadInput as error:
        assert error.faults
