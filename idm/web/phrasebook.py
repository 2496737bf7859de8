"""Messages of domain and flows in a reader's language.

The code says what happened in English, with names, dates and numbers put in. A phrasebook knows these messages by their text with
`{slots}`, finds which one a text is, and says it anew. What no phrase knows is shown as it stands. What a slot holds, its name says:

    {why}      anything: a message itself, a list of some, a number, or what stands as it is
    {id}       one id, {ids} several with commas or a word between; {role_id} and the like are the same. Never said otherwise
    {state}    if there are phrases for its words, `{state}=done`: some of these, or ids
    {day}      a date
    {phrase}   a message
    {quoted}   somebody's own words, which stay as they are
    {reason}   as {why}, but may be nothing
    {bytes}    a number of bytes

A file and line at a message's end, ` (roles.yaml:7)`, is for who keeps the files, and isn't said.

Matching takes time in proportion to the text's length: slots are found by searching for the texts between them, never by trying again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

_WORD = re.compile(r"\{([a-z][a-z0-9_]*)\}=(.+)")
_SLOT = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_DAY = re.compile(r"(?<![\d-])(\d{4})-(\d\d)-(\d\d)(?![\d-]|T\d)")
_NUMBER = re.compile(r"-?\d+\.\d+")
_AMOUNT = re.compile(r"\d{1,3}(?:,\d{3})*\.\d\d")
_SENTENCES = ". "
_JOINTS = (_SENTENCES, "; ", ": ", ", ")
_LOOSE = (_SENTENCES, "; ")
_WHOLE = tuple(joint for joint in _JOINTS if joint not in _LOOSE)
_PLACE = re.compile(r" \([\w./-]{1,200}:\d{1,9}\)\Z")
_LISTED = re.compile(r"(, | or | and )")
_LIST = re.compile(r"[^\s,]+(?:(?:, | or | and )[^\s,]+)+")
_BLANK = re.compile(r"\s")
_DEEPEST = 6
_LONGEST = 4000
_MOST_PARTS = 60
_MOST_TOGETHER = 8
_REMEMBERED = 4096

_MONTHS: Mapping[str, tuple[str, ...]] = {
    "da": tuple("januar februar marts april maj juni juli august september oktober november december".split()),
    "en": tuple("January February March April May June July August September October November December".split()),
}
_BETWEEN: Mapping[str, Mapping[str, str]] = {"da": {" and ": " og ", " or ": " eller "}, "en": {}}

Names = Mapping[str, str]
"""What ids are called by people: `anna` -> `Anna Holm`, `school-north` -> `Skole Nord`."""

_NO_NAMES: Names = {}


@dataclass(frozen=True, slots=True)
class _Phrase:
    """A message: the fixed texts around its slots, the slots' names, and how it is said (texts and slots by turns)."""

    fixed: tuple[str, ...]
    slots: tuple[str, ...]
    said: tuple[str, ...]
    letters: int

    def fillings(self, text: str) -> list[str] | None:
        """What `text` has in the slots; None if it is another message. A slot is as short as can be."""
        first, last = self.fixed[0], self.fixed[-1]
        if not text.startswith(first) or not text.endswith(last) or len(text) < len(first) + len(last):
            return None
        at, end = len(first), len(text) - len(last)
        found = []
        for slot, fixed in zip(self.slots[:-1], self.fixed[1:-1], strict=True):
            next_at = text.find(fixed, at + (slot != "reason"), end)
            if next_at < 0:
                return None
            found.append(text[at:next_at])
            at = next_at + len(fixed)
        found.append(text[at:end])
        return found if all(filling or slot == "reason" for slot, filling in zip(self.slots, found, strict=True)) else None


@dataclass(slots=True)
class _Shelf:
    """The phrases, each where it is found at once: by how it begins, else by how it ends, else among the rest."""

    opening: dict[str, list[_Phrase]] = field(default_factory=dict)
    ending: dict[str, list[_Phrase]] = field(default_factory=dict)
    rest: list[_Phrase] = field(default_factory=list)

    def put(self, phrase: _Phrase) -> None:
        """Add one."""
        if len(phrase.fixed[0]) > 2:
            self.opening.setdefault(phrase.fixed[0][:3], []).append(phrase)
        elif len(phrase.fixed[-1]) > 2:
            self.ending.setdefault(phrase.fixed[-1][-3:], []).append(phrase)
        else:
            self.rest.append(phrase)

    def candidates(self, begins: str, ends: str) -> list[_Phrase]:
        """Those that may fit a text with these three letters at its ends, the one with the most letters of its own first."""
        return sorted([*self.opening.get(begins, ()), *self.ending.get(ends, ()), *self.rest], key=lambda phrase: -phrase.letters)


class Phrasebook:
    """The messages in one language ("da" or "en"): `phrases` from the English message to how it is said, both with `{slots}`."""

    def __init__(self, phrases: Mapping[str, str], language: str) -> None:
        self._language = language
        self._exact: dict[str, str] = {}
        self._words: dict[str, dict[str, str]] = {}
        self._shelf = _Shelf()
        for message, said in phrases.items():
            if word := _WORD.fullmatch(message):
                self._words.setdefault(word[1], {})[word[2]] = said
            elif _SLOT.search(message):
                self._shelf.put(_phrase(message, said))
            else:
                self._exact[message] = said
        self._candidates = lru_cache(maxsize=_REMEMBERED)(self._shelf.candidates)
        self._remembered = lru_cache(maxsize=_REMEMBERED)(self._said_plainly)

    def __call__(self, text: str, names: Names = _NO_NAMES) -> str:
        """As `words`: in templates `{{ reason|words }}`, or `{{ reason|words(names) }}`."""
        return self.words(text, names)

    def words(self, text: str, names: Names = _NO_NAMES) -> str:
        """`text` in the book's language; as it stands if it is no message. `names` replace ids where they fill a slot."""
        if len(text) > _LONGEST:
            return text
        return (self._said(text, names, 0) if names else self._remembered(text)) or text

    def known(self, text: str) -> bool:
        """Whether it is a message of the book, or a list of some."""
        return len(text) <= _LONGEST and self._remembered(text) is not None

    def _said_plainly(self, text: str) -> str | None:
        return self._said(text, _NO_NAMES, 0)

    def _said(self, text: str, names: Names, depth: int, joints: tuple[str, ...] = _JOINTS) -> str | None:
        """The text said anew; None if nothing of it is known. `joints`: at which it may still be taken apart."""
        exact = self._exact.get(text)
        if exact is not None:
            return exact
        if depth > _DEEPEST or not any(letter.isalpha() for letter in text):
            return None
        if (place := _PLACE.search(text)) and (said := self._said(text[: place.start()], names, depth + 1, ())) is not None:
            return said
        for phrase in self._candidates(text[:3], text[-3:]):
            filled = phrase.fillings(text)
            if filled is not None:
                slots = {slot: self._filling(slot, part, names, depth) for slot, part in zip(phrase.slots, filled, strict=True)}
                if None not in slots.values():
                    return "".join(slots[part] or "" if place % 2 else part for place, part in enumerate(phrase.said))
        return self._list(text, names, depth, joints)

    def _list(self, text: str, names: Names, depth: int, joints: tuple[str, ...]) -> str | None:
        """Several messages in one text, apart by a mark; None if it knows too few of them."""
        best = None
        for place, joint in enumerate(joints):
            parts = _parts(text, joint)
            if not 2 <= len(parts) <= _MOST_PARTS:
                continue
            if joint == "; " and 2 < len(parts) <= _MOST_TOGETHER:
                parts = self._together(parts, joint, names, depth)
            said = [self._said(part, names, depth + 1, joints[place + 1 :]) for part in parts]
            if None not in said or (joint in _LOOSE and best is None and any(each is not None for each in said)):
                kept = [each if each is not None else self._plain(part, names) for part, each in zip(parts, said, strict=True)]
                best = (" " if joint == _SENTENCES else joint).join(kept)
            if None not in said:
                break
        return best

    def _together(self, parts: list[str], joint: str, names: Names, depth: int) -> list[str]:
        """The parts, with those that make one message together as one: a message may have the mark within."""
        found, at = [], 0
        while at < len(parts):
            ends = range(len(parts) if at else len(parts) - 1, at + 1, -1)
            runs = ((end, joint.join(parts[at:end])) for end in ends)
            end, run = next((run for run in runs if self._said(run[1], names, depth + 1, ()) is not None), (at + 1, parts[at]))
            found.append(run)
            at = end
        return found

    def _filling(self, slot: str, text: str, names: Names, depth: int) -> str | None:
        """What fills a slot, for the reader; None if that can't be in it."""
        kind = slot.rstrip("0123456789")
        words = self._words.get(kind, {})
        if text in words:
            # A step may be called as a system is, or a kind of thing: what the slot holds goes by the slot.
            return words[text]
        if text in names:
            return names[text]
        if kind == "quoted":
            return text
        if kind == "day":
            return None if _BLANK.search(text) else self._plain(text, names)
        if kind.endswith("id"):
            return None if _BLANK.search(text) else text
        if kind.endswith("ids"):
            return self._ids(kind, text, names)
        if kind.startswith("bytes"):
            return self._size(int(text)) if text.isdecimal() else None
        if words:
            return self._exact.get(text) or self._ids(kind, text, names)
        if kind == "phrase":
            return self._said(text, names, depth + 1, _WHOLE)
        said = self._said(text, names, depth + 1)
        if said is not None:
            return said
        return self._ids(kind, text, names) if _LIST.fullmatch(text) else self._plain(text, names)

    def _ids(self, kind: str, text: str, names: Names) -> str | None:
        """Ids, each by its name or word; None if they are none."""
        if _BLANK.search(text) and not _LIST.fullmatch(text):
            return None
        return "".join(self._word(kind, part, names) for part in _LISTED.split(text))

    def _word(self, kind: str, text: str, names: Names) -> str:
        """One of several words that fill a slot, or what stands between two."""
        return self._words.get(kind, {}).get(text) or _BETWEEN[self._language].get(text) or self._plain(text, names)

    def _size(self, count: int) -> str:
        """A number of bytes as people know it, such as `9.5 MB`."""
        unit, divisor = ("MB", 1_000_000) if count >= 1_000_000 else ("kB", 1000)
        shown = f"{count / divisor:.1f}".removesuffix(".0")
        return f"{shown.replace('.', ',') if self._language == 'da' else shown} {unit}"

    def _plain(self, text: str, names: Names) -> str:
        if text in names:
            return names[text]
        if self._language == "da" and _AMOUNT.fullmatch(text):
            return text.translate(str.maketrans(",.", ".,"))
        if self._language == "da" and _NUMBER.fullmatch(text):
            return text.replace(".", ",")
        return _DAY.sub(self._day, text)

    def _day(self, found: re.Match[str]) -> str:
        year, month, day = (int(each) for each in found.groups())
        if not 1 <= month <= 12:
            return found[0]
        name = _MONTHS[self._language][month - 1]
        return f"{day}. {name} {year}" if self._language == "da" else f"{day} {name} {year}"


def sentence(text: str) -> str:
    """A message that stands by itself: with a capital letter, and a full stop unless it ends in a mark."""
    text = text.strip()
    if not text:
        return ""
    return text[0].upper() + text[1:] + ("" if text[-1] in ".!?:;" else ".")


def slots_of(message: str) -> frozenset[str]:
    """The names of a message's slots."""
    return frozenset(_SLOT.findall(message))


def _phrase(message: str, said: str) -> _Phrase:
    parts = _SLOT.split(message)
    fixed = tuple(parts[0::2])
    strangers = slots_of(said) - slots_of(message)
    if strangers or any(not part for part in fixed[1:-1]):
        raise ValueError(f"a phrase with slots that touch, or that the message lacks: {message}")
    return _Phrase(fixed, tuple(parts[1::2]), tuple(_SLOT.split(said)), sum(len(part) for part in fixed))


def _parts(text: str, joint: str) -> list[str]:
    """The text at a joint; sentences keep their full stops."""
    parts = text.split(joint)
    return [*(f"{part}." for part in parts[:-1]), parts[-1]] if joint == _SENTENCES else parts


def english(phrases: Iterable[str], instead: Mapping[str, str]) -> dict[str, str]:
    """The English phrases: each as it stands in the code, but for those that a page says otherwise."""
    return {**{message: word[2] if (word := _WORD.fullmatch(message)) else message for message in phrases}, **instead}
