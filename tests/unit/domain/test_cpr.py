from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.dk import cpr as published
from stdnum.exceptions import ValidationError

from idm.domain.cpr import birth_date
from idm.domain.people import Cpr


@pytest.mark.parametrize(
    ("seventh", "year", "born"),
    [
        ("0", "00", 1900),
        ("3", "99", 1999),
        ("4", "36", 2036),
        ("4", "37", 1937),
        ("5", "57", 2057),
        ("8", "58", 1858),
        ("9", "36", 2036),
        ("9", "37", 1937),
    ],
)
def test_the_seventh_digit_gives_the_century(seventh: str, year: str, born: int) -> None:
    assert birth_date(Cpr(f"0102{year}{seventh}000")) == date(born, 2, 1)


@pytest.mark.parametrize("text", ["", "123", "3102900000", "0113900000", "2902010000", "01029O0000", "６102900000"])
def test_what_is_no_date_tells_nothing(text: str) -> None:
    assert birth_date(Cpr(text)) is None


@given(st.integers(0, 9_999_999_999).map("{:010d}".format))
def test_it_agrees_with_another_reading_of_the_published_rule(digits: str) -> None:
    try:
        expected: date | None = published.get_birth_date(digits)
    except ValidationError:
        expected = None
    assert birth_date(Cpr(digits)) == expected
