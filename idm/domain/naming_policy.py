"""What policy says of user names and addresses: patterns in order, the table of letters, and what nobody is called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from idm.domain.journey import Source

FALLBACK = "user"
"""What a name becomes of which no letter is left, or of which every pattern makes something that nobody may be called."""


@dataclass(frozen=True, slots=True)
class NamingPolicy:
    """User names and addresses. Patterns are tried in order; then numbers follow.

    A pattern holds `{given}`, `{family}`, `{first}` (the first given name) and `{last}` (the last family name), each with an optional
    length: `{given:3}{family:3}`. The last pattern may hold `{number}`, or `{number:2}` for at least two digits; without it, numbers from
    2 on stand behind the first pattern. `reserved` are never names, with or without a number; `whole` and `part` are words that no name
    is, or holds.
    """

    username: tuple[str, ...] = ("{given:3}{family:3}",)
    username_length: int = 20
    address: tuple[str, ...] = ("{given}.{family}",)
    domain: str = "example.org"
    transliteration: Mapping[str, str] = field(default_factory=dict)
    source: Source = Source()
    reserved: frozenset[str] = frozenset()
    whole: frozenset[str] = frozenset()
    part: tuple[str, ...] = ()
    fallback: str = FALLBACK
