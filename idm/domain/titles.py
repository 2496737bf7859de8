"""Standing titles, such as `Underskrevet ansættelseskontrakt`, inside a sentence: without their capital, unless it belongs there."""

from __future__ import annotations

import re
from collections.abc import Mapping

_PLAIN = re.compile(r"[^\W\d_][^\W\d_A-ZÆØÅ]+")
"""A capital with small letters after it; a word with more capitals, such as `CPR` or `NemKonto`, is written so for a reason."""

_EVERYWHERE = frozenset("Aula Danmark Europa Europe Grønland Nordic Schengen Ukraine".lower().split())
_NAMES: Mapping[str, frozenset[str]] = {
    "da": _EVERYWHERE
    | frozenset("Finland Færøerne Island Norden Norge Polen Rumænien Sverige Tyskland Storbritannien England".lower().split()),
    "en": _EVERYWHERE
    | frozenset(
        "Denmark Danish Greenland Greenlandic Faroe Faroese Iceland Icelandic Sweden Swedish Norway Norwegian Finland Finnish German "
        "Germany Poland Polish Romania Romanian Ukrainian European English British Monday Tuesday Wednesday Thursday Friday Saturday "
        "Sunday January February March April May June July August September October November December".lower().split()
    ),
}
"""Names that are written as any other word: countries, and in English also languages, days and months. Danish writes those small."""

_LETTER = re.compile(r"(?P<letter>[^\W\d_])(?P<after>-|\s|\Z)")


def within(title: str, language: str) -> str:
    """`title` as it stands inside a sentence in `language` ("da" or "en"): with a small first letter, where it is an ordinary word.

    A name keeps its capital, so do abbreviations (`CPR`, `IBAN`), words with capitals inside (`NemKonto`, `MitID`), single letters
    (`B-kort`, but not `E-mail`), and a title whose second word has one, too (`School North`): that is a name.
    """
    if _keeps(title, language):
        return title
    return title[:1].lower() + title[1:]


def standing(title: str) -> str:
    """`title` as it stands by itself, or begins a sentence: with a capital."""
    return title[:1].upper() + title[1:]


def _keeps(title: str, language: str) -> bool:
    first, _, rest = title.partition(" ")
    if single := _LETTER.match(title):
        article = language == "en" and single["letter"] == "A" and single["after"] == " "
        return not article and not (single["letter"] in "Ee" and single["after"] == "-")
    second = rest.partition(" ")[0]
    return not _plain(first) or _is_name(first, language) or (_plain(second) and not _is_name(second, language))


def _plain(word: str) -> bool:
    """Whether a word, as far as its first hyphen, is a capital and then small letters."""
    return _PLAIN.fullmatch(_stem(word)) is not None and word[:1].isupper()


def _is_name(word: str, language: str) -> bool:
    stem = _stem(word).lower()
    names = _NAMES.get(language, _EVERYWHERE)
    return stem in names or stem.removesuffix("s") in names


def _stem(word: str) -> str:
    """The word as far as its first hyphen, apostrophe or mark."""
    return re.split(r"[^\w]", word, maxsplit=1)[0]
