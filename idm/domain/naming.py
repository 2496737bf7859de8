"""User names and addresses: candidates in order, from a person's names by policy. Which is free, the database says.

Names are transliterated by a fixed table, normalised to NFC, truncated before they are compared, and never empty.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from idm.domain.policy import NamingPolicy

DANISH = {"æ": "ae", "ø": "oe", "å": "aa", "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ð": "d", "þ": "th", "ł": "l", "đ": "d"}
"""The transliteration that holds where policy gives none: Danish letters as in machine-readable passports (ICAO 9303) and kin."""

_PLACE = re.compile(r"\{(given|family)(?::(\d+))?\}")
FALLBACK = "user"
"""What a name becomes of which no letter is left, such as one in a script that the table doesn't know."""


def plain(name: str, policy: NamingPolicy) -> str:
    """`name` in lower-case a-z, 0-9 and hyphens: NFC, the policy's table, the Danish one, then accents dropped."""
    table = {**DANISH, **policy.transliteration}
    lowered = unicodedata.normalize("NFC", name).lower()
    spelled = "".join(table.get(letter, letter) for letter in lowered)
    bare = unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()
    return re.sub(r"-+", "-", re.sub(r"[^a-z0-9-]", "", re.sub(r"\s+", "-", bare.strip()))).strip("-")


def _fill(pattern: str, given: str, family: str, *, joined: bool) -> str:
    names = {"given": given, "family": family}

    def replace(match: re.Match[str]) -> str:
        name = names[match.group(1)]
        if joined:
            name = name.replace("-", "")
        return name[: int(match.group(2))] if match.group(2) else name

    return _PLACE.sub(replace, pattern).strip(".-_ ")


def usernames(given: str, family: str, policy: NamingPolicy, start: int = 1) -> Iterator[str]:
    """Candidates for a user name without end: the pattern itself, then with the numbers from 2, each within the length."""
    stem = _fill(policy.username, plain(given, policy), plain(family, policy), joined=True) or FALLBACK
    return _numbered(stem, policy.username_length, start)


def addresses(given: str, family: str, policy: NamingPolicy, start: int = 1) -> Iterator[str]:
    """Candidates for a mail address without end. The part before the @ has at most 64 characters (RFC 5321, 4.5.3.1.1)."""
    stem = re.sub(r"\.{2,}", ".", _fill(policy.address, plain(given, policy), plain(family, policy), joined=False)) or FALLBACK
    return (f"{local}@{policy.domain}" for local in _numbered(stem, 64, start))


def _numbered(stem: str, length: int, start: int) -> Iterator[str]:
    number = start
    while True:
        suffix = "" if number == 1 else str(number)
        yield stem[: length - len(suffix)].rstrip(".-_") + suffix
        number += 1
