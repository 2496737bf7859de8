"""User names and addresses: which to try for a person, by policy. Which of them is free, the database says.

Names are spelt in a-z (`spelling`), cut before they are compared, and never empty, reserved or forbidden.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from idm.domain.naming_policy import NamingPolicy
from idm.domain.spelling import spelt

LOCAL_LENGTH = 64
"""The longest part before the @ (RFC 5321, 4.5.3.1.1)."""

_PLACE = re.compile(r"\{(given|family|first|last)(?::(\d+))?\}")
_NUMBER = re.compile(r"\{number(?::(\d+))?\}$")
_SEPARATORS = ".-_"
_DIGITS = 6
"""How many digits a number may get before names are looked at anew: a million of one name."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The names to try for a person: `bare` in order, then `numbered` by numbers from 2 on, as the count under `counter` gives them.

    Names whose stems differ only at their end, where numbers go, share a count and so get different numbers: the ten-thousandth of a
    name is found as quickly as the second.
    """

    bare: tuple[str, ...]
    stem: str
    length: int
    width: int = 1
    less: int = 0
    behind: str = ""

    @property
    def counter(self) -> str:
        """What its numbers are counted under."""
        return self.stem[: self.length - min(6, max(1, self.length // 4))] + self.behind

    def numbered(self, number: int) -> str:
        """The name with the `number` that the count gave (2 at first)."""
        digits = f"{number - self.less:0{self.width}d}"
        return self.stem[: max(1, self.length - len(digits))].rstrip(_SEPARATORS) + digits + self.behind


def plain(name: str, policy: NamingPolicy) -> str:
    """`name` in lower-case a-z, 0-9 and hyphens."""
    return spelt(name, policy.transliteration)


def username_choice(given: str, family: str, policy: NamingPolicy) -> Choice:
    """The user names to try: they begin with a letter, and hyphens of names are left out."""
    names = _Names(plain(given, policy), plain(family, policy))

    def made(pattern: str) -> str:
        return names.fill(pattern, "").lstrip("0123456789" + _SEPARATORS)

    return _choice(policy.username, made, policy.username_length, policy, policy.part)


def address_choice(given: str, family: str, policy: NamingPolicy) -> Choice:
    """The addresses to try. A forbidden word that stands in one of the person's own names is no reason to withhold that name."""
    names = _Names(plain(given, policy), plain(family, policy))
    words = tuple(word for word in policy.part if not names.hold(word))
    return _choice(policy.address, lambda pattern: names.fill(pattern, "-"), LOCAL_LENGTH, policy, words, f"@{policy.domain}")


@dataclass(frozen=True, slots=True)
class _Names:
    """A person's names as they are spelt, several given or family names with hyphens between."""

    given: str
    family: str

    def hold(self, word: str) -> bool:
        """Whether a word stands in one of them."""
        return any(word in name for name in (*self.given.split("-"), *self.family.split("-")))

    def fill(self, pattern: str, hyphen: str) -> str:
        """`pattern` with the names in it; of separators that meet, the first stays, and none stands at either end."""
        values = {"given": self.given, "family": self.family}
        values |= {"first": self.given.split("-")[0], "last": self.family.split("-")[-1]}

        def name(match: re.Match[str]) -> str:
            found = values[match[1]].replace("-", hyphen)
            return found[: int(match[2])] if match[2] else found

        return re.sub(r"([._-])[._-]+", r"\1", _PLACE.sub(name, pattern)).strip(_SEPARATORS)


def _choice(
    patterns: tuple[str, ...], made: Callable[[str], str], length: int, policy: NamingPolicy, words: tuple[str, ...], behind: str = ""
) -> Choice:
    """The choice of `patterns`: those without number in order, then numbers behind the last if it asks for one, else behind the first.

    Numbers go where the name stays fit when they cut it.
    """
    number = _NUMBER.search(patterns[-1])
    stems = [made(_NUMBER.sub("", pattern))[:length].rstrip(_SEPARATORS) for pattern in patterns]
    fit = [stem for stem in (stems[:-1] if number else stems) if stem and not _taken_out(stem, policy, words)]
    countable = [stem for stem in ([*stems[-1:], *fit] if number else fit) if all(_cuts(stem, length, policy, words))]
    if number and countable[:1] == stems[-1:]:
        width, less = int(number[1] or 1), 0 if stems[-1] in fit else 1
        return Choice(_behind(fit, behind), stems[-1], length, width, less, behind)
    fallback = policy.fallback[:length]
    return Choice(_behind(fit or [fallback], behind), countable[0] if countable else fallback, length, behind=behind)


def _cuts(stem: str, length: int, policy: NamingPolicy, words: tuple[str, ...]) -> Iterator[bool]:
    """Whether what is left of a name is fit, for each number of digits that may take its end."""
    for digits in range(_DIGITS + 1):
        left = stem[: max(1, length - digits)].rstrip(_SEPARATORS)
        yield bool(left) and not _taken_out(left, policy, words)


def _behind(names: list[str], behind: str) -> tuple[str, ...]:
    return tuple(name + behind for name in dict.fromkeys(names))


def _taken_out(name: str, policy: NamingPolicy, words: tuple[str, ...]) -> bool:
    """Whether nobody may be called so: it is a reserved name or a forbidden word, with or without a number, or holds such a word."""
    names = {name, _unnumbered(name)}
    reserved = policy.reserved | {_unnumbered(each) for each in policy.reserved}
    return not names.isdisjoint(reserved | policy.whole) or any(word in name for word in words)


def _unnumbered(name: str) -> str:
    return name.rstrip("0123456789").rstrip(_SEPARATORS)
