"""The words that people are found by: of what they are called, and of what is typed to find them, written the same way."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from idm.domain.people import Person

_RING = "\u030a"


def search_words(text: str) -> list[str]:
    """The words of `text` in small letters, each once, in order: `Anne-Marie Åkjær` gives `anne`, `marie`, `åkjær`.

    Accents are taken off but for the ring: to Danes å is a letter of its own, while Amélie is looked for as Amelie too.
    """
    return list(dict.fromkeys(_split("".join(_plain(letter) for letter in unicodedata.normalize("NFC", text).casefold()))))


def words_of(person: Person) -> frozenset[str]:
    """The words that somebody is found by: their name, their user name, and their addresses at work up to the @."""
    addresses = (address.partition("@")[0] for address in (person.email, person.address))
    return frozenset(search_words(" ".join((person.given_name, person.family_name, person.username, *addresses))))


def typed_words(typed: str) -> list[str]:
    """The words of what is typed to find somebody; of an address those before the @, since all of a house end alike."""
    return search_words(" ".join(part.partition("@")[0] for part in typed.split()))


def _plain(letter: str) -> str:
    parts = unicodedata.normalize("NFD", letter)
    return letter if _RING in parts else "".join(part for part in parts if not unicodedata.combining(part))


def _split(text: str) -> Iterator[str]:
    yield from "".join(letter if letter.isalnum() else " " for letter in text).split()
