from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idm.domain.field_checks import CHECKS, IBAN_LENGTHS, iban


@pytest.mark.parametrize(
    ("check", "typed", "kept"),
    [
        ("postcode", "8000", "8000"),
        ("country", "de", "DE"),
        ("mobile", "21 43 65 87", "+4521436587"),
        ("mobile", "+49 (151) 2345678", "+491512345678"),
        ("email", "ada@example.org", "ada@example.org"),
        ("registration_number", "0040", "0040"),
        ("account_number", "440116243", "0440116243"),
        ("account_number", "0440-116.243", "0440116243"),
        ("iban", "dk50 0040 0440 1162 43", "DK5000400440116243"),
        ("iban", "DE89 3704 0044 0532 0130 00", "DE89370400440532013000"),
        ("iban", "NO93 8601 1117 947", "NO9386011117947"),
        ("line", "Hafenstraße 3, 2. OG", "Hafenstraße 3, 2. OG"),
    ],
)
def test_what_is_sound_is_kept_in_one_form(check: str, typed: str, kept: str) -> None:
    assert CHECKS[check](typed) == kept
    assert CHECKS[check](kept) == kept


@pytest.mark.parametrize(
    ("check", "typed", "says"),
    [
        ("postcode", "97", "four digits"),
        ("postcode", "0000", "four digits"),
        ("postcode", "٨٠٠٠", "four digits"),
        ("country", "Danmark", "two letters"),
        ("country", "ZZ", "two letters"),
        ("mobile", "12345678", "eight digits"),
        ("email", "ada@example", "mail address"),
        ("registration_number", "987", "four digits"),
        ("registration_number", "0000", "four digits"),
        ("account_number", "00400440116243", "a field of its own"),
        ("account_number", "0000000000", "at most ten digits"),
        ("account_number", "12345a", "at most ten digits"),
        ("iban", "DK5000400440116244", "check digits don't fit"),
        ("iban", "DK50004004401162430", "must have 18 characters"),
        ("iban", "0040 0440116243", "must be an IBAN"),
        ("iban", "ZZ89370400440532013000", "must be an IBAN"),
        ("line", "one\ntwo", "line break"),
        ("line", "x" * 101, "longer than 100"),
    ],
)
def test_what_is_not_says_so_without_repeating_it(check: str, typed: str, says: str) -> None:
    with pytest.raises(ValueError, match=says) as refused:
        CHECKS[check](typed)
    assert typed not in str(refused.value)


@given(place=st.integers(4, 21), digit=st.integers(1, 9))
def test_one_wrong_digit_of_an_iban_is_always_found(place: int, digit: int) -> None:
    sound = "DE89370400440532013000"
    wrong = sound[:place] + str((int(sound[place]) + digit) % 10) + sound[place + 1 :]
    with pytest.raises(ValueError, match="check digits"):
        iban(wrong)


@given(place=st.integers(4, 20))
def test_two_digits_in_the_wrong_order_are_always_found(place: int) -> None:
    sound = "DE89370400440532013000"
    swapped = sound[:place] + sound[place + 1] + sound[place] + sound[place + 2 :]
    if swapped == sound:
        assert iban(swapped) == sound
    else:
        with pytest.raises(ValueError, match="check digits"):
            iban(swapped)


def test_lengths_are_those_of_the_standard() -> None:
    assert (IBAN_LENGTHS["DK"], IBAN_LENGTHS["SE"], IBAN_LENGTHS["MT"]) == (18, 24, 31)
    assert all(15 <= length <= 34 for length in IBAN_LENGTHS.values())
