from __future__ import annotations

import unicodedata

import pytest

from idm.connector import Confidential
from idm.domain.people import Cpr, Person
from idm.domain.search_words import search_words, typed_words, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Anne-Marie Åkjær", ["anne", "marie", "åkjær"]),
        ("AMÉLIE  d'Arc", ["amelie", "d", "arc"]),
        ("Ørsted Ærø", ["ørsted", "ærø"]),
        (unicodedata.normalize("NFD", "Åse"), ["åse"]),
        ("Straße", ["strasse"]),
        ("nord NORD", ["nord"]),
        (" .,- ", []),
    ],
)
def test_words_are_written_the_same_way_however_they_came(text: str, words: list[str]) -> None:
    assert search_words(text) == words


def test_somebody_is_found_by_name_user_name_and_work_addresses_and_by_nothing_private() -> None:
    person = Person(
        "p-1",
        Cpr("0101901234"),
        "Åse",
        "Bæk",
        "aasb@hus.example",
        Confidential("hemmelig@privat.example"),
        Confidential("+4512345678"),
        "DK",
        "aasbae",
        "aase.baek@hus.example",
    )
    assert words_of(person) == {"åse", "bæk", "aasb", "aasbae", "aase", "baek"}


def test_of_a_typed_address_what_all_of_a_house_share_finds_nobody() -> None:
    assert typed_words("Aase.Baek@hus.example") == ["aase", "baek"]
    assert typed_words("Åse @hus") == ["åse"]
