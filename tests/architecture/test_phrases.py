"""Every message that can reach a page of the portal has a phrase in Danish, and no phrase is left over."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Message as Entry
from babel.messages.pofile import read_po

from idm.web.phrasebook import Phrasebook, english, slots_of
from tests.architecture.harvest import shape
from tests.architecture.project import ROOT
from tests.architecture.spoken import idle_exemptions, spoken

TEXTS = ROOT / "templates" / "web" / "texts"
WORD = re.compile(r"\{([a-z_]+)\}=.+")
COMMAND = re.compile(r"`idm |--[a-z]|\.yaml\b|YYYY|JSON")


def entries(language: str) -> Iterator[tuple[Path, Entry]]:
    for path in sorted((TEXTS / language).glob("phrases-*.po")):
        with path.open("rb") as stream:
            yield from ((path, entry) for entry in read_po(stream, abort_invalid=True) if entry.id)


def phrases(language: str) -> dict[str, str]:
    return {str(entry.id): str(entry.string) for _, entry in entries(language) if not WORD.fullmatch(str(entry.id))}


def words(language: str) -> dict[str, str]:
    return {str(entry.id): str(entry.string) for _, entry in entries(language) if WORD.fullmatch(str(entry.id))}


def test_every_message_has_a_danish_phrase() -> None:
    known = {shape(phrase) for phrase in phrases("da")}
    missing = [f"{message.place}: {message.text}" for message in spoken() if message.shape not in known]
    assert missing == [], (
        "write them into templates/web/texts/da/phrases-<area>.po, or say in spoken.py why nobody in the portal meets them"
    )


def test_every_phrase_is_of_a_message() -> None:
    said = {message.shape for message in spoken()}
    assert [phrase for phrase in phrases("da") if shape(phrase) not in said] == []


def test_every_exemption_exempts_something() -> None:
    assert idle_exemptions() == []


def test_no_message_stands_in_two_catalogues() -> None:
    shapes = [shape(phrase) for phrase in phrases("da")]
    assert sorted({each for each in shapes if shapes.count(each) > 1}) == []


@pytest.mark.parametrize("language", ["da", "en"])
def test_phrases_are_finished_and_have_the_slots_of_their_message(language: str) -> None:
    wrong = [
        f"{path.name}: {entry.id}"
        for path, entry in entries(language)
        if entry.fuzzy or not entry.string or not slots_of(str(entry.string)) <= slots_of(str(entry.id)) or "\n" in str(entry.id)
    ]
    assert wrong == []


def test_english_phrases_are_of_messages_that_have_a_danish_one() -> None:
    assert sorted({*phrases("en"), *words("en")} - {*phrases("da"), *words("da")}) == []


def test_a_portal_speaks_of_no_command_and_no_file() -> None:
    danish = phrases("da")
    english_ones = english(danish, phrases("en"))
    administrators = {phrase for path, entry in entries("da") if path.name in ("phrases-systems.po",) for phrase in [str(entry.id)]}
    speaking = [
        said for book in (danish, english_ones) for phrase, said in book.items() if phrase not in administrators and COMMAND.search(said)
    ]
    assert speaking == []


def test_words_are_for_slots_that_phrases_have() -> None:
    slots = {slot.rstrip("0123456789") for phrase in phrases("da") for slot in slots_of(phrase)}
    lost = [word for word in words("da") if not (found := WORD.fullmatch(word)) or found[1] not in slots]
    assert lost == []


def test_every_phrase_is_found_again_as_itself() -> None:
    """No other phrase takes a message away from the one that was written for it."""
    danish = phrases("da")
    book = Phrasebook({**danish, **words("da")}, "da")
    astray = {}
    for phrase, said in danish.items():
        filled = re.sub(r"\{([a-z0-9_]+)\}", lambda slot: f"x{slot[1]}x", phrase)
        wanted = re.sub(r"\{([a-z0-9_]+)\}", lambda slot: f"x{slot[1]}x", said)
        if "{phrase}" not in phrase and "{bytes" not in phrase and book.words(filled) != wanted:
            astray[phrase] = book.words(filled)
    assert astray == {}
