"""What people write for others is short, plain and without CPR numbers."""

from __future__ import annotations

import pytest

from idm.domain.prose import LONGEST_REASON, holds_cpr, sound_reason
from idm.errors import BadInput


@pytest.mark.parametrize(
    "text", ["born 0101901234", "120395-2345", "(120395 2345)", "31.12: 311299–4321", "２９０２００１２３４ it is", "a 010190.1234, b"]
)
def test_finds_a_number_however_it_is_written(text: str) -> None:
    assert holds_cpr(text)


@pytest.mark.parametrize("text", ["order 4413901234", "0113901234", "12345678901", "010190 and 1234", "phone 29 02 00 12 34"])
def test_leaves_other_digits_alone(text: str) -> None:
    assert not holds_cpr(text)


def test_a_reason_is_tidied() -> None:
    assert sound_reason("  Søren fik\r\nandet arbejde \n") == "Søren fik\nandet arbejde"
    assert sound_reason(" \n ") == ""


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Søren, 120395-2345", "cpr-number"),
        ("x" * (LONGEST_REASON + 1), "too-long"),
        ("a\u202eb", "control-characters"),
        ("\x00", "control-characters"),
    ],
)
def test_a_reason_that_cant_be_taken_names_the_rule_and_isnt_repeated(text: str, rule: str) -> None:
    with pytest.raises(BadInput) as refused:
        sound_reason(text)
    assert [(fault.path, fault.rule) for fault in refused.value.faults] == [("reason", rule)]
    assert text not in str(refused.value)
