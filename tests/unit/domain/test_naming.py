from __future__ import annotations

import re
from itertools import islice
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from idm.domain.naming import Choice, address_choice, username_choice
from idm.domain.naming_policy import FALLBACK, NamingPolicy

POLICY = NamingPolicy()


def names(choice: Choice, count: int) -> list[str]:
    """The first names to try."""
    tried = [*choice.bare, *(choice.numbered(number) for number in range(2, count + 2))]
    return tried[:count]


def usernames(given_name: str, family: str, count: int = 1, **policy: Any) -> list[str]:
    return names(username_choice(given_name, family, NamingPolicy(**policy)), count)


def addresses(given_name: str, family: str, count: int = 1, **policy: Any) -> list[str]:
    return names(address_choice(given_name, family, NamingPolicy(**policy)), count)


def test_what_is_taken_gets_a_number_within_the_length() -> None:
    assert usernames("Åse", "Bæk", 3) == ["aasbae", "aasbae2", "aasbae3"]
    assert usernames("Alexander", "X", 2, username=("{given}{family}",), username_length=8) == ["alexande", "alexand2"]
    long = username_choice("Alexander", "X", NamingPolicy(username=("{given}{family}",), username_length=8))
    assert long.numbered(100) == "alexa100"


def test_patterns_are_tried_in_order_before_numbers() -> None:
    patterns = ("{first:1}{last}", "{first:2}{last}", "{first}{last:1}")
    assert usernames("Anne Marie", "Holm-Bech", 5, username=patterns) == ["abech", "anbech", "anneb", "abech2", "abech3"]


def test_patterns_that_come_to_the_same_are_tried_once() -> None:
    assert usernames("Bo", "Li", 3, username=("{given:3}{family:3}", "{given:4}{family:4}")) == ["boli", "boli2", "boli3"]


def test_a_number_may_be_part_of_every_name() -> None:
    assert usernames("Åse", "Bæk", 3, username=("{given:3}{family:3}{number:2}",)) == ["aasbae01", "aasbae02", "aasbae03"]
    both = ("{given}", "{given:3}{family:3}{number:2}")
    assert usernames("Åse", "Bæk", 3, username=both) == ["aase", "aasbae01", "aasbae02"]
    assert usernames("Åse", "Bæk", 3, username=("{given:3}{family:3}", "{given:3}{family:3}{number:2}")) == [
        "aasbae",
        "aasbae02",
        "aasbae03",
    ]


def test_hyphens_stay_in_addresses_alone() -> None:
    assert usernames("Anne Marie", "Smith-Jones") == ["annsmi"]
    found = addresses("Anne Marie", "Smith-Jones", 2)
    assert found == ["anne-marie.smith-jones@example.org", "anne-marie.smith-jones2@example.org"]


@pytest.mark.parametrize(
    ("given_name", "family", "username", "address"),
    [
        ("王", "李", FALLBACK, FALLBACK),
        ("Bo", "李", "bo", "bo"),
        ("李", "Bo", "bo", "bo"),
        ("Å", "Ø", "aaoe", "aa.oe"),
        ("X", "Y", "xy", "x.y"),
        ("'", "-", FALLBACK, FALLBACK),
        ("3", "7", FALLBACK, "3.7"),
        ("D'Arcy", "O\u2019Hara", "daroha", "darcy.ohara"),
        ("A" * 80, "B" * 80, "aaabbb", "a" * 64),
    ],
)
def test_names_of_every_kind_become_names(given_name: str, family: str, username: str, address: str) -> None:
    assert usernames(given_name, family) == [username]
    assert addresses(given_name, family) == [f"{address}@example.org"]


def test_reserved_names_are_given_to_nobody_with_or_without_a_number() -> None:
    patterns = ("{given}", "{given}{family:1}")
    assert usernames("Root", "Bech", 2, username=patterns, reserved=frozenset({"root"})) == ["rootb", "rootb2"]
    assert usernames("Root", "", 2, username=patterns, reserved=frozenset({"root"})) == [FALLBACK, f"{FALLBACK}2"]
    assert usernames("Admin", "Bech", 1, username=("{given}{number:2}",), reserved=frozenset({"admin"})) == [FALLBACK]
    assert addresses("No", "Reply", 1, address=("{given}-{family}", "{family}.{given}"), reserved=frozenset({"no-reply"})) == [
        "reply.no@example.org"
    ]


def test_a_number_never_cuts_a_name_down_to_a_reserved_one() -> None:
    found = usernames("Root", "A", 2, username=("{given}.{family}",), username_length=6, reserved=frozenset({"root"}))
    assert found == ["root.a", "user2"]
    assert usernames("Ns", "", 1, username=("{given}{number}",), reserved=frozenset({"ns1"})) == [FALLBACK]


def test_forbidden_words_move_on_to_the_next_pattern() -> None:
    patterns = ("{given:2}{family:2}", "{given:3}{family:3}")
    assert usernames("Lorna", "Rtefix", 2, username=patterns, whole=frozenset({"lort"})) == ["lorrte", "lorrte2"]
    assert usernames("Lorna", "Rtefix", 1, username=("{given:2}{family:3}", "{family}"), part=("lort",)) == ["rtefix"]
    assert usernames("Lorna", "Rtefix", 2, username=("{given:2}{family:3}",), part=("lort",), fallback="medarbejder") == [
        "medarbejder",
        "medarbejder2",
    ]


def test_nobody_loses_an_address_over_a_word_in_their_own_name() -> None:
    assert addresses("Ivan", "Dickinson", 1, part=("dick",)) == ["ivan.dickinson@example.org"]
    assert addresses("Fanny", "Dick", 1, part=("dick",)) == ["fanny.dick@example.org"]
    assert addresses("Di", "Ckens", 1, address=("{given}{family}", "{family}"), part=("dick",)) == ["ckens@example.org"]


def test_who_differ_at_the_end_only_share_a_count_and_never_a_number() -> None:
    policy = NamingPolicy(username=("{given}{family}",), username_length=12)
    one, other = (username_choice("Alexander", family, policy) for family in ("Abel", "Abildgaard"))
    assert one.bare != other.bare or one.counter == other.counter
    assert one.counter == other.counter
    assert not {one.numbered(n) for n in range(2, 50)} & {other.numbered(n) for n in range(50, 100)}


NAMES = st.text(max_size=30) | st.sampled_from(
    [
        "Åse",
        "Bjørn",
        "Æ",
        "Ø",
        "Å",
        "-",
        ".",
        "'",
        "O'Hara",
        "Jensen-Ørsted",
        "Anne Marie",
        "李",
        "محمد",
        "Юлія",
        "A" * 80,
        "Å" * 80,
        "X",
        "Dick",
        "Root",
    ]
)
PATTERNS = st.lists(
    st.sampled_from(["{given:3}{family:3}", "{given}.{family}", "{first}_{last:1}", "{family}", "x-{given}"]),
    min_size=1,
    max_size=3,
    unique=True,
).flatmap(lambda found: st.sampled_from([tuple(found), (*found, "{given:2}{family:2}{number:3}")]))


@given(given_name=NAMES, family=NAMES, patterns=PATTERNS, length=st.integers(6, 30), number=st.integers(2, 99_990))
@example("Root", "", ("{given}",), 6, 2)
@example("ROOT", "A", ("{given}.{family}",), 6, 2)
@example("A00", "002", ("{given:3}{family:3}",), 6, 2)
def test_any_name_gives_names_that_every_system_takes(
    given_name: str, family: str, patterns: tuple[str, ...], length: int, number: int
) -> None:
    reserved, part = frozenset({"root", "admin", "x"}), ("dick", "fuck")
    policy = NamingPolicy(patterns, length, patterns, reserved=reserved, part=part)
    choice = username_choice(given_name, family, policy)
    numbered = [choice.numbered(number + more) for more in range(3)]
    tried = [*choice.bare, *numbered]

    assert len(set(choice.bare)) == len(choice.bare) <= len(patterns)
    assert len(set(numbered)) == len(numbered)
    # A name that ends in digits may meet its own number; the database then gives the next.
    assert not set(numbered) & {name for name in choice.bare if not name[-1].isdigit()}
    for name in tried:
        assert 0 < len(name) <= length
        assert re.fullmatch(r"[a-z][a-z0-9]*([._-][a-z0-9]+)*", name)
        assert name.rstrip("0123456789") not in reserved
        assert not any(word in name for word in part)
    found = address_choice(given_name, family, policy)
    for address in [*found.bare, *(found.numbered(number + more) for more in range(3))]:
        local, _, domain = address.partition("@")
        assert 0 < len(local) <= 64
        assert domain == "example.org"
        assert re.fullmatch(r"[a-z0-9]+([._-][a-z0-9]+)*", local)
        assert local.rstrip("0123456789.-_") not in reserved


LETTERS = NAMES.filter(lambda name: not any(letter.isnumeric() for letter in name))
"""Names as people have them: none ends in digits, and so none meets its own number."""


@given(given_name=LETTERS, family=LETTERS, length=st.integers(3, 30))
def test_each_number_makes_another_name(given_name: str, family: str, length: int) -> None:
    choice = username_choice(given_name, family, NamingPolicy(("{given}{family}",), length, fallback="usr"))
    made = [*choice.bare, *(choice.numbered(number) for number in islice(range(2, 10_000, 97), 99))]
    assert len(set(made)) == len(made)
