"""Every text of the portal's pages has a finished Danish one, and no catalogue has one that no page says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from tests.architecture.pages_say import files, said_by_pages, strings_of_handlers
from tests.architecture.project import short

_HOLES = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}")


def entries() -> Iterator[tuple[Path, Message]]:
    for path in files():
        with path.open("rb") as stream:
            yield from ((path, entry) for entry in read_po(stream, abort_invalid=True) if entry.id)


def forms(entry: Message) -> tuple[str, str]:
    """The text and its plural, "" if it has none."""
    return (entry.id, "") if isinstance(entry.id, str) else (str(entry.id[0]), str(entry.id[1]))


def danish(entry: Message) -> list[str]:
    return [entry.string] if isinstance(entry.string, str) else [str(each) for each in entry.string or ()]


def holes(text: str) -> set[str]:
    return {name or other for name, other in _HOLES.findall(text)}


def test_every_text_of_a_page_has_a_danish_one() -> None:
    known = {forms(entry) for _, entry in entries()} | {(forms(entry)[0], "") for _, entry in entries()}
    missing = [f"{text.place}: {text.text}" for text in said_by_pages() if (text.text, text.plural) not in known]
    assert missing == [], "write them into templates/web/texts/da/<area>.po"


def test_no_catalogue_has_a_text_that_no_page_says() -> None:
    said = {text.text for text in said_by_pages()} | strings_of_handlers()
    assert [f"{short(path)}: {forms(entry)[0]}" for path, entry in entries() if forms(entry)[0] not in said] == []


def test_a_text_that_stands_in_two_catalogues_says_the_same_in_both() -> None:
    seen: dict[str, list[str]] = {}
    otherwise = []
    for path, entry in entries():
        if seen.setdefault(forms(entry)[0], danish(entry)) != danish(entry):
            otherwise.append(f"{short(path)}: {forms(entry)[0]}")
    assert otherwise == []


def test_danish_texts_are_finished() -> None:
    unfinished = [f"{short(path)}: {forms(entry)[0]}" for path, entry in entries() if entry.fuzzy or not all(danish(entry))]
    assert unfinished == []


def test_danish_texts_have_the_holes_of_the_english_ones() -> None:
    wrong = []
    for path, entry in entries():
        wanted = [holes(text) for text in forms(entry)]
        for place, text in enumerate(danish(entry)):
            of_one, of_many = wanted[0], wanted[-1] or wanted[0]
            # One of something may be said without its number.
            fits = (
                holes(text) == of_many if place else holes(text) <= of_one | of_many and of_one <= holes(text) | {"num", "count", "number"}
            )
            if not fits:
                wrong.append(f"{short(path)}: {text}")
    assert wrong == []
