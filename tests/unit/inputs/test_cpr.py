from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idm.inputs.cpr import looks_like_cpr, parse_cpr

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize("text", ["0101901234", "010190-1234", "010190 1234", " 0101901234\n"])
def test_takes_every_way_to_write_it(text: str) -> None:
    assert parse_cpr(text, TODAY).reveal() == "0101901234"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "must be ten digits"),
        ("010190123", "must be ten digits"),
        ("01019012345", "must be ten digits"),
        ("01-01-901234", "must be ten digits"),
        ("010190--1234", "must be ten digits"),
        ("٠١٠١٩٠١٢٣٤", "must be ten digits"),
        ("3102901234", "has an impossible date"),
        ("0001901234", "has an impossible date"),
        ("0113901234", "has an impossible date"),
        ("2902011234", "has an impossible date"),
        ("6101901234", "has an impossible date"),
        ("2411265000", "has a date of birth in the future"),
    ],
)
def test_refuses_with_the_rule_and_without_the_number(text: str, rule: str) -> None:
    with pytest.raises(ValueError, match=f"^{rule}$"):
        parse_cpr(text, TODAY)


def test_the_day_of_birth_may_be_today_and_the_leap_day_is_one() -> None:
    assert parse_cpr("2311265000", TODAY)
    assert parse_cpr("2902005000", TODAY)
    with pytest.raises(ValueError, match="future"):
        parse_cpr("2311265000", date(2026, 11, 22))


def test_is_never_shown() -> None:
    number = parse_cpr("0101901234", TODAY)

    assert f"{number} {number!r} {number!s} {[number]}" == "*** *** *** [***]"


@pytest.mark.parametrize(("text", "looks"), [("0101901234", True), ("010190-1234", True), ("3301901234", False), ("p-0101901234", False)])
def test_tells_an_id_from_a_number(text: str, looks: bool) -> None:
    assert looks_like_cpr(text) is looks


@given(st.text(max_size=14) | st.from_regex(r"[0-9]{6}-?[0-9]{4}", fullmatch=True))
def test_any_text_is_ten_digits_or_refused_without_repeating_it(text: str) -> None:
    try:
        found = parse_cpr(text, TODAY).reveal()
    except ValueError as error:
        assert str(error) in {"must be ten digits", "has an impossible date", "has a date of birth in the future"}
    else:
        assert len(found) == 10
        assert found.isdigit()
