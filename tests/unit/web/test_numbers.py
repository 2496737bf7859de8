from __future__ import annotations

import pytest

from idm.errors import Fault
from idm.web.numbers import read_amount, read_number, shown_number, typed_number


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("20900", "20900"),
        ("129,50", "129.50"),
        ("129.50", "129.50"),
        ("20.900,50", "20900.50"),
        ("20,900.50", "20900.50"),
        ("20 900,50", "20900.50"),
        ("1.234.567", "1234567"),
        ("1.234.567,8", "1234567.8"),
        ("0,811", "0.811"),
        ("1234,567", "1234.567"),
        ("", ""),
    ],
)
def test_a_number_is_read_alike_with_comma_and_point(typed: str, read: str) -> None:
    faults: list[Fault] = []

    assert read_number(typed) == read and read_amount(typed, "monthly", faults) == read and faults == []


@pytest.mark.parametrize("typed", ["20.900", "20,900", "1.000"])
def test_an_amount_that_can_be_read_in_two_ways_is_refused_with_both_ways_to_write_it(typed: str) -> None:
    faults: list[Fault] = []

    read_amount(typed, "monthly", faults)

    whole = typed.replace(".", "").replace(",", "")
    message = f"'{typed}' could be read in two ways: write {whole} or {int(whole):,}.00"
    assert faults == [Fault("monthly", "unclear", message)]


def test_where_there_are_no_thousands_a_single_mark_is_the_decimal_one() -> None:
    assert read_number("37.000") == "37.000" and read_number("32,125") == "32.125"


@pytest.mark.parametrize("typed", ["1.2.3", "1,2.3", "12.34,5", "abc", "1.000.00", "1,000,0", "20.900,", "1e5"])
def test_what_is_no_number_is_left_for_the_field_to_refuse(typed: str) -> None:
    assert read_number(typed) in (typed, typed.replace(",", "."))


def test_a_number_is_shown_as_the_reader_writes_it() -> None:
    assert shown_number("20900", "da", money=True) == "20.900,00" and shown_number("20900", "en", money=True) == "20,900.00"
    assert shown_number("0.0015", "da") == "0,0015" and shown_number("37", "da") == "37"
    assert shown_number("129.505", "da", money=True) == "129,505"
    assert typed_number("20900.50", "da") == "20900,50" and typed_number("20900.50", "en") == "20900.50"
    assert typed_number("TEACH.1", "da") == "TEACH.1" and shown_number("", "da", money=True) == ""
