from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idm.domain.forms import FieldType, Form, FormField

TITLES = {"da": "Felt", "en": "Field"}


def field(type_: FieldType, **more: Any) -> FormField:
    return FormField("it", type_, TITLES, **more)


def checked(one: FormField, value: object) -> str | list[tuple[str, str]]:
    """The clean text of the one field, or its faults."""
    clean, faults = Form("test", (one,)).check({"it": value})
    return [(fault.path, fault.rule) for fault in faults] or clean["it"]


TEXT = field(FieldType.TEXT)
CODE = field(FieldType.TEXT, pattern="[A-Z]{2}")
CHOICE = field(FieldType.CHOICE, choices=("ADM", "1"))
DATE = field(FieldType.DATE)
RATE = field(FieldType.DECIMAL, minimum=Decimal("0.01"), maximum=Decimal(1))
FREE = field(FieldType.DECIMAL)
STEP = field(FieldType.INTEGER, minimum=Decimal(1), maximum=Decimal(55))
FLAG = field(FieldType.BOOLEAN)


@pytest.mark.parametrize(
    ("one", "value", "text"),
    [
        (TEXT, " Bo ", "Bo"),
        (CODE, "AB", "AB"),
        (CHOICE, "ADM", "ADM"),
        (CHOICE, 1, "1"),
        (DATE, "2028-02-29", "2028-02-29"),
        (RATE, "0.5", "0.5"),
        (RATE, 0.5, "0.5"),
        (RATE, 1, "1"),
        (RATE, "0.01", "0.01"),
        (RATE, "0.50", "0.50"),
        (FREE, -12, "-12"),
        (STEP, 55, "55"),
        (STEP, "1", "1"),
        (STEP, 12.0, "12"),
        (FLAG, True, "true"),
        (FLAG, False, "false"),
        (FLAG, "true", "true"),
        (FLAG, "false", "false"),
    ],
)
def test_takes_and_keeps_as_text(one: FormField, value: object, text: str) -> None:
    assert checked(one, value) == text


@pytest.mark.parametrize(
    ("one", "value"),
    [
        (TEXT, 5),
        (TEXT, ["a"]),
        (CODE, "ABC"),
        (CODE, "ab"),
        (CHOICE, "adm"),
        (CHOICE, ["ADM"]),
        (DATE, "2027-02-29"),
        (DATE, "20270104"),
        (DATE, "2027-W01-1"),
        (DATE, 20270104),
        (RATE, 0),
        (RATE, 1.01),
        (RATE, "0,5"),
        (RATE, "half"),
        (RATE, "NaN"),
        (RATE, "Infinity"),
        (RATE, "٠.٥"),
        (RATE, True),
        (RATE, " 0.5"),
        (FREE, "1e999999999"),
        (FREE, "1_000"),
        (FREE, "9" * 16),
        (STEP, 1.5),
        (STEP, 0),
        (STEP, 56),
        (STEP, {}),
        (FLAG, 1),
        (FLAG, 0),
        (FLAG, "yes"),
        (FLAG, []),
    ],
)
def test_refuses_with_the_field_and_its_type(one: FormField, value: object) -> None:
    assert checked(one, value) == [("values.it", one.type.value)]


@pytest.mark.parametrize("one", [TEXT, CHOICE, DATE, RATE, STEP, FLAG])
@pytest.mark.parametrize("value", [None, "", "  "])
def test_an_empty_field_is_missing_if_it_is_required_and_left_out_if_not(one: FormField, value: str | None) -> None:
    assert checked(one, value) == [("values.it", "required")]
    optional = FormField("it", one.type, TITLES, required=False, choices=one.choices)
    assert Form("test", (optional,)).check({"it": value}) == ({}, [])


def test_tells_every_fault_at_once_and_keeps_what_is_right() -> None:
    form = Form(
        "pay", (FormField("a", FieldType.DATE, TITLES), FormField("b", FieldType.TEXT, TITLES), FormField("c", FieldType.TEXT, TITLES))
    )
    clean, faults = form.check({"a": "secret", "b": "B", "z": 1})

    assert clean == {"b": "B"}
    assert [(fault.path, fault.rule) for fault in faults] == [("values.z", "unknown-field"), ("values.a", "date"), ("values.c", "required")]
    assert "secret" not in " ".join(fault.message for fault in faults)


@given(
    one=st.sampled_from([TEXT, CODE, CHOICE, DATE, RATE, FREE, STEP, FLAG]),
    value=st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10) | st.lists(st.text(max_size=3), max_size=2),
)
def test_any_value_is_kept_as_a_text_that_is_taken_again_or_refused(one: FormField, value: object) -> None:
    found = checked(one, value)

    if isinstance(found, str):
        assert checked(one, found) == found
    else:
        assert len(found) == 1


@pytest.mark.parametrize(("value", "said"), [("101", "'it' must be at most 100"), ("0", "'it' must be at least 1")])
def test_a_bound_is_said_as_people_write_it(value: str, said: str) -> None:
    step = field(FieldType.INTEGER, minimum=Decimal("1.0"), maximum=Decimal("100.0"))

    _, (fault,) = Form("test", (step,)).check({"it": value})

    assert fault.message == said


PLACE = FormField("place", FieldType.CHOICE, TITLES, choices=("here", "there"))
CODE_HERE = FormField("code", FieldType.TEXT, TITLES, check="postcode", asked_if=(("place", ("here",)),))
STREET = FormField("street", FieldType.TEXT, TITLES, check="line", required=False)
HOME = Form("home", (PLACE, CODE_HERE, STREET))


def test_a_field_is_asked_only_after_the_answers_it_names() -> None:
    assert HOME.check({"place": "there", "code": "not even one"}) == ({"place": "there"}, [])
    assert HOME.check({"place": "here", "code": " 8000 "}) == ({"place": "here", "code": "8000"}, [])
    _, missing = HOME.check({"place": "here"})
    assert [(fault.path, fault.rule) for fault in missing] == [("values.code", "required")]
    _, unknown = HOME.check({"place": "nowhere", "code": "8000"})
    assert [fault.path for fault in unknown] == ["values.place"], "what isn't known asks for nothing more"


def test_a_text_is_checked_as_its_field_says_and_the_fault_names_the_check() -> None:
    _, faults = HOME.check({"place": "here", "code": "80", "street": "one\ntwo"})
    assert [(fault.path, fault.rule) for fault in faults] == [("values.code", "postcode"), ("values.street", "line")]
