from __future__ import annotations

import re
import unicodedata
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idm.domain.naming import FALLBACK, addresses, plain, usernames
from idm.domain.policy import NamingPolicy

POLICY = NamingPolicy()


def first(given_name: str, family: str, count: int = 1, policy: NamingPolicy = POLICY) -> list[str]:
    return list(islice(usernames(given_name, family, policy), count))


@pytest.mark.parametrize(
    ("name", "spelt"),
    [
        ("Åse", "aase"),
        ("Bjørn", "bjoern"),
        ("Kjær", "kjaer"),
        ("Müller", "mueller"),
        ("Strauß", "strauss"),
        ("Þóra", "thora"),
        ("Łukasz", "lukasz"),
        ("José", "jose"),
        ("A\u030ase", "aase"),
        ("Anne Marie", "anne-marie"),
        ("  Anne   Marie ", "anne-marie"),
        ("Smith-Jones", "smith-jones"),
        ("O'Hara", "ohara"),
        ("--x--", "x"),
        ("王", ""),
        ("", ""),
    ],
)
def test_names_are_spelt_in_plain_letters(name: str, spelt: str) -> None:
    assert plain(name, POLICY) == spelt


def test_the_policys_table_goes_before_the_danish_one() -> None:
    assert plain("Åse", NamingPolicy(transliteration={"å": "a"})) == "ase"


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
def test_a_name_is_the_same_however_it_is_composed(form: str) -> None:
    name = unicodedata.normalize(form, "Åse Ørnsø Ünal")  # type: ignore[arg-type]
    assert plain(name, POLICY) == "aase-oernsoe-uenal"


def test_what_is_taken_gets_a_number_within_the_length() -> None:
    assert first("Åse", "Bæk", 3) == ["aasbae", "aasbae2", "aasbae3"]
    long = NamingPolicy(username="{given}{family}", username_length=8)
    assert first("Alexander", "X", 2, long) == ["alexande", "alexand2"]
    assert list(islice(usernames("Alexander", "X", long, 100), 1)) == ["alexa100"]


def test_hyphens_stay_in_addresses_alone() -> None:
    assert first("Anne Marie", "Smith-Jones") == ["annsmi"]
    found = islice(addresses("Anne Marie", "Smith-Jones", POLICY), 2)
    assert list(found) == ["anne-marie.smith-jones@example.org", "anne-marie.smith-jones2@example.org"]


def test_a_name_of_which_no_letter_is_left_becomes_a_fallback() -> None:
    assert first("王", "李", 2) == [FALLBACK, f"{FALLBACK}2"]
    assert next(addresses("王", "李", POLICY)) == f"{FALLBACK}@example.org"
    assert next(addresses("Bo", "李", POLICY)) == "bo@example.org"


NAMES = st.text(max_size=30) | st.sampled_from(["Åse", "Bjørn", "-", ".", "李", "A" * 90])


@given(given_name=NAMES, family=NAMES, length=st.integers(6, 30), number=st.integers(1, 9999))
def test_any_name_gives_names_that_every_system_takes(given_name: str, family: str, length: int, number: int) -> None:
    policy = NamingPolicy(username="{given:3}{family}", username_length=length)
    candidates = list(islice(usernames(given_name, family, policy, number), 3))

    assert len(set(candidates)) == 3
    for name in candidates:
        assert 0 < len(name) <= length
        assert re.fullmatch(r"[a-z0-9]+", name)
    for address in islice(addresses(given_name, family, policy, number), 3):
        local, _, domain = address.partition("@")
        assert 0 < len(local) <= 64
        assert domain == "example.org"
        assert re.fullmatch(r"[a-z0-9]+([.-]+[a-z0-9]+)*", local)
