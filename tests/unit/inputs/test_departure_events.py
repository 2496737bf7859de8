"""Events that depart from a hire, as they are checked: what each takes, every fault at once, and no value told again."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from idm.domain.hire import HireCancelled, HireChanged, PersonCorrected
from idm.errors import BadInput
from idm.inputs.departure_events import check_event, correction_in
from tests import data

TODAY = date(2026, 11, 23)


def event(kind: str, content: object, **changes: Any) -> dict[str, Any]:
    made = {"specversion": "1.0", "id": "m1", "source": "/hr", "type": f"dk.idm.{kind}", "subject": "h1", "time": "2026-11-20T09:00:00Z"}
    return {**made, "data": content, **changes}


def faults(told: object) -> list[tuple[str, str]]:
    with pytest.raises(BadInput) as refused:
        check_event(told, TODAY)
    return [(fault.path, fault.rule) for fault in refused.value.faults]


def test_a_change_holds_what_changed_and_nothing_else() -> None:
    employment = {"start_date": "2027-02-01", "end_date": None, "weekly_hours": 18.5, "unit": "u", "position": "p", "manager": None}
    found = check_event(event("hire.changed", {"employment": employment}), TODAY)

    assert isinstance(found, HireChanged)
    assert found.subject == "h1"
    assert dict(found.facts) == {
        "start_date": date(2027, 2, 1),
        "end_date": None,
        "weekly_hours": "18.5",
        "unit": "u",
        "position": "p",
        "manager": "",
    }


def test_a_change_of_one_fact_leaves_the_others_out() -> None:
    found = check_event(event("hire.changed", {"employment": {"weekly_hours": 30}}), TODAY)

    assert isinstance(found, HireChanged)
    assert dict(found.facts) == {"weekly_hours": "30"}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"employment": {}}, [("data.employment.*", "required")]),
        ({}, [("data.employment", "required")]),
        (
            {"employment": {"start_date": "1 February", "salary": 1}},
            [("data.employment.start_date", "date"), ("data.employment.salary", "unknown-field")],
        ),
        ({"employment": {"unit": "north"}, "person": {}}, [("data.person", "unknown-field")]),
    ],
)
def test_a_change_that_can_not_be_read_names_every_fault(content: object, expected: list[tuple[str, str]]) -> None:
    assert [path for path, _ in faults(event("hire.changed", content))] == [path for path, _ in expected]


def test_an_event_without_a_subject_is_about_nothing() -> None:
    told = event("hire.cancelled", {"reason": "withdrew"})
    del told["subject"]

    assert [path for path, _ in faults(told)] == ["subject"]


def test_a_cancel_needs_its_reason_and_takes_no_more() -> None:
    found = check_event(event("hire.cancelled", {"reason": "withdrew"}), TODAY)

    assert isinstance(found, HireCancelled)
    assert found.reason == "withdrew"
    assert [path for path, _ in faults(event("hire.cancelled", {}))] == ["data.reason"]
    assert [path for path, _ in faults(event("hire.cancelled", {"reason": "a" * 501, "by": "x"}))] == ["data.reason", "data.by"]


def test_a_reason_with_a_cpr_number_is_refused() -> None:
    assert faults(event("hire.cancelled", {"reason": "010190-1234 withdrew"})) == [("data.reason", "cpr-number")]


def test_a_correction_holds_what_is_corrected() -> None:
    person = {"cpr": data.cpr(500), "family_name": "Bæk", "citizenship": "UA"}
    found = check_event(event("person.corrected", {"person": person}), TODAY)

    assert isinstance(found, PersonCorrected)
    assert set(found.correction.fields) == {"cpr", "family_name", "citizenship"}
    assert found.correction.cpr is not None and found.correction.cpr.reveal() == data.cpr(500)
    assert data.cpr(500) not in repr(found)


@pytest.mark.parametrize("name", ["given_name", "family_name"])
def test_a_corrected_name_with_a_cpr_number_is_refused(name: str) -> None:
    told = event("person.corrected", {"person": {name: "Signe Maj 010190-1234"}})

    assert (f"data.person.{name}", "cpr-number") in faults(told)
    with pytest.raises(BadInput) as refused:
        check_event(told, TODAY)
    assert "010190" not in str(refused.value.as_json()) and "Signe" not in str(refused.value.as_json())


def test_no_fault_of_a_correction_repeats_a_value() -> None:
    with pytest.raises(BadInput) as refused:
        check_event(event("person.corrected", {"person": {"cpr": "310299-1234", "private_email": "not an address", "shoe": 44}}), TODAY)

    assert {fault.path for fault in refused.value.faults} == {"data.person.cpr", "data.person.private_email", "data.person.shoe"}
    assert "1234" not in str(refused.value.faults) and "not an address" not in str(refused.value.faults)


@pytest.mark.parametrize("content", [{}, {"person": {}}, {"person": "x"}])
def test_a_correction_of_nothing_is_refused(content: object) -> None:
    assert len(faults(event("person.corrected", content))) == 1


@pytest.mark.parametrize("told", [{}, [], "x", None, {"type": 7}, {"type": "dk.idm.hire.changing"}])
def test_what_is_no_such_event_is_checked_as_a_hire(told: object) -> None:
    assert faults(told)


def test_a_correction_alone_is_an_object_of_its_own() -> None:
    found = correction_in('{"given_name": "Åse", "mobile": "+4520000001"}', TODAY)

    assert set(found.fields) == {"given_name", "mobile"}
    with pytest.raises(BadInput):
        correction_in("{}", TODAY)
    with pytest.raises(BadInput):
        correction_in("[]", TODAY)


def test_a_correction_alone_is_mended_in_its_file() -> None:
    with pytest.raises(BadInput) as refused:
        correction_in("{}", TODAY)
    assert "event" not in refused.value.next_step
