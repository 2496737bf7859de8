from __future__ import annotations

import pytest

from idm.simulators.http_fields import Field, choice, cpr, faults_in, iso_date, number, pattern, text


@pytest.mark.parametrize("good", ["0101904321", "010190-4321", "2902004321", "2902600000", "3112999999", "0101585999"])
def test_a_cpr_number_with_a_day_of_birth_that_exists(good: str) -> None:
    assert cpr(good) is None


@pytest.mark.parametrize(
    ("bad", "rule"),
    [
        ("3102904321", "date"),
        ("2902010000", "date"),
        ("2902000000", "date"),
        ("0013904321", "date"),
        ("6101904321", "date"),
        ("123", "form"),
        ("01019043210", "form"),
        ("010190 4321", "form"),
        ("٠١٠١٩٠٤٣٢١", "form"),
    ],
)
def test_an_impossible_cpr_number_is_named_without_being_repeated(bad: str, rule: str) -> None:
    problem = cpr(bad)
    assert problem is not None
    assert problem[0] == rule
    assert bad not in problem[1]


@pytest.mark.parametrize("bad", ["2027-02-29", "20270104", "2027-1-4", "", "tomorrow", "2027-W01-1"])
def test_what_is_no_date(bad: str) -> None:
    assert iso_date(bad) is not None


@pytest.mark.parametrize(("value", "good"), [("0", True), ("1", True), ("0.8108", True), ("1.01", False), ("-0", False), ("1e-1", False),
                                              ("NaN", False), ("0,5", False), ("Infinity", False), ("", False)])  # fmt: skip
def test_numbers(value: str, good: bool) -> None:
    assert (number("0", "1")(value) is None) is good


def test_a_limit_can_be_left_out() -> None:
    assert number("0", "60", above_low=True)("0") == ("range", "must be above 0 and at most 60")


def test_every_fault_is_named_at_once() -> None:
    fields = {
        "name": Field(text(3)),
        "colour": Field(choice(("red",), "colour")),
        "code": Field(pattern("[A-Z]", "A")),
        "note": Field(text(), required=False),
    }
    faults = faults_in(fields, {"name": "long", "colour": 7, "extra": "x", "note": "a\nb"}, whole=True)
    assert {(fault.field, fault.rule) for fault in faults} == {
        ("name", "length"),
        ("colour", "text"),
        ("code", "required"),
        ("note", "printable"),
        ("extra", "unknown-field"),
    }


def test_a_change_may_leave_fields_out_but_not_remove_required_ones() -> None:
    fields = {"name": Field(text()), "note": Field(text(), required=False)}
    assert faults_in(fields, {"note": ""}, whole=False) == []
    assert [fault.rule for fault in faults_in(fields, {"name": ""}, whole=False)] == ["required"]
