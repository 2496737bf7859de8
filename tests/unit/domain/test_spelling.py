from __future__ import annotations

import re
import unicodedata
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idm.domain.spelling import spelt


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Åse", "aase"),
        ("Bjørn", "bjoern"),
        ("Kjær", "kjaer"),
        ("Müller", "mueller"),
        ("Strauß", "strauss"),
        ("Þóra", "thora"),
        ("Łukasz", "lukasz"),
        ("Đorđe", "dorde"),
        ("Œuvrard", "oeuvrard"),
        ("Yıldız", "yildiz"),
        ("Nguyễn", "nguyen"),
        ("José", "jose"),
        ("A\u030ase", "aase"),
        ("Anne Marie", "anne-marie"),
        ("  Anne   Marie ", "anne-marie"),
        ("Smith-Jones", "smith-jones"),
        ("O'Hara", "ohara"),
        ("O\u2019Hara", "ohara"),
        ("D\u2019Angelo-Ørsted", "dangelo-oersted"),
        ("--x--", "x"),
        ("Ø", "oe"),
        ("Щербань", "shcherban"),
        ("Юлія", "iuliia"),
        ("王", ""),
        ("محمد", ""),
        ("", ""),
    ],
)
def test_names_are_spelt_in_plain_letters(name: str, written: str) -> None:
    assert spelt(name, {}) == written


def test_the_policys_table_goes_before_the_fixed_one() -> None:
    assert spelt("Åse Шмидт", {"å": "a", "ш": "sch"}) == "ase-schmidt"


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
def test_a_name_is_the_same_however_it_is_composed(form: Literal["NFC", "NFD", "NFKC", "NFKD"]) -> None:
    name = unicodedata.normalize(form, "Åse Ørnsø Ünal")
    assert spelt(name, {}) == "aase-oernsoe-uenal"


@given(st.text(max_size=90))
def test_any_text_is_spelt_in_letters_digits_and_single_hyphens(text: str) -> None:
    written = spelt(text, {})
    assert re.fullmatch(r"([a-z0-9]+(-[a-z0-9]+)*)?", written)
    assert spelt(written, {}) == written
