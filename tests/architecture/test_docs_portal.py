"""The guides for people at the portal say what stands on its pages: what they set in bold is a text of a page, in the guide's language."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from idm.domain.journey import TaskKind
from idm.flow.wording import task_title
from tests.architecture.docs_pages import prose
from tests.architecture.pages_say import files
from tests.architecture.project import ROOT, short

GUIDES = tuple(sorted(path for language in ("en", "da") for path in (ROOT / "docs" / language).glob("*.md")))
_BOLD = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)
LONG = 12
"""Letters from which on a part of a page's sentence may be quoted."""


def first(text: str | Sequence[str] | None) -> str:
    """A text, or of a text with a plural the singular."""
    return text if isinstance(text, str) else text[0] if text else ""


@cache
def on_pages() -> dict[str, set[str]]:
    """The texts of pages, by language."""
    texts = {language: {task_title(kind, "", language) for kind in TaskKind} for language in ("en", "da")}
    for path in files():
        with path.open("rb") as stream:
            for entry in read_po(stream):
                texts["en"].add(first(entry.id))
                texts["da"].add(first(entry.string))
    return texts


def quoted(path: Path) -> Iterator[str]:
    """What a guide sets in bold; `A → B` are two."""
    text = "\n".join(line for _, line in prose(path))
    for found in _BOLD.findall(text):
        yield from (" ".join(part.split()) for part in found.split("→"))


def stands_there(words: str, texts: set[str]) -> bool:
    return words in texts or (len(words) >= LONG and any(words in text for text in texts))


@pytest.mark.parametrize("path", GUIDES, ids=short)
def test_what_a_guide_sets_in_bold_stands_on_a_page(path: Path) -> None:
    texts = on_pages()[path.parent.name]
    assert [words for words in quoted(path) if not stands_there(words, texts)] == []


def test_a_button_that_was_renamed_would_be_found() -> None:
    assert not stands_there("Appointt", on_pages()["en"]) and not stands_there("Udpeg nogen", on_pages()["da"])


@pytest.mark.parametrize("name", ["managers", "new-employees", "pay-contacts"])
def test_the_guides_quote_pages(name: str) -> None:
    assert len(list(quoted(ROOT / "docs" / "en" / f"{name}.md"))) > 10


def test_every_picture_that_is_kept_is_shown_in_a_guide() -> None:
    kept = {path.name for path in (ROOT / "docs" / "pictures").glob("*.png")}
    shown = {name for path in GUIDES for name in re.findall(r"\(\.\./pictures/([\w-]+\.png)\)", path.read_text(encoding="utf-8"))}
    assert kept == shown
