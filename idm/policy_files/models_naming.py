"""naming.yaml: patterns for user names and addresses, letters, and the names that nobody gets."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, Discriminator, Field, StrictInt, StringConstraints, Tag, model_validator

from idm.policy_files.shapes import DOMAIN, LATIN, NAME, WORD, Outside, Shape, once

_PLACEHOLDER = re.compile(r"\{(?:given|family|first|last)(?::[1-9][0-9]?)?\}")
_NUMBER = re.compile(r"\{number(?::[1-9])?\}")


def _pattern(text: str) -> str:
    if not _PLACEHOLDER.search(text):
        raise ValueError("holds neither {given} nor {family}, so everybody would get the same name")
    rest = _NUMBER.sub("", _PLACEHOLDER.sub("", text), count=1)
    if not re.fullmatch(r"[a-z0-9._-]*", rest):
        raise ValueError(
            "takes {given}, {family}, {first} and {last}, each with an optional length such as {given:3}, a {number} at the end, "
            "and a-z 0-9 . _ - between them"
        )
    if (number := _NUMBER.search(text)) and number.end() != len(text):
        raise ValueError("'{number}' must stand at the end, as names are cut in front of it")
    return text


def _in_order(patterns: list[str]) -> list[str]:
    for pattern in once(patterns)[:-1]:
        if _NUMBER.search(pattern):
            raise ValueError("a pattern with {number} never runs out, so those behind it would never be tried; put it last")
    return patterns


Pattern = Annotated[str, AfterValidator(_pattern)]
Patterns = Annotated[
    Annotated[Pattern, Tag("text")] | Annotated[list[Pattern], AfterValidator(_in_order), Tag("list")],
    Discriminator(lambda value: "list" if isinstance(value, list) else "text"),
]
"""One pattern, or several that are tried in order."""
ReservedNames = Annotated[list[Annotated[str, StringConstraints(pattern=NAME)]], AfterValidator(once)]
Words = Annotated[list[Annotated[str, StringConstraints(pattern=WORD)]], AfterValidator(once)]


def _long_enough(words: list[str]) -> list[str]:
    for word in words:
        if len(word) < 3:
            raise ValueError(f"'{word}' stands in too many names; name it under 'whole', or a longer word here")
    return words


class Forbidden(Shape):
    """Words that no name is, with or without a number (`whole`), or holds (`part`)."""

    whole: Words | None = None
    part: Annotated[Words, AfterValidator(_long_enough)] | None = None


class Naming(Shape):
    """How user names and addresses are made."""

    username: Patterns
    username_length: Annotated[
        StrictInt, Field(ge=6, le=64), Outside("names would be cut until nobody is told apart, or be refused by the systems")
    ] = 20
    address: Patterns
    domain: Annotated[str, StringConstraints(pattern=DOMAIN)]
    transliteration: dict[
        Annotated[str, StringConstraints(min_length=1, max_length=1)], Annotated[str, StringConstraints(pattern=LATIN)]
    ] = Field(default_factory=dict)
    fallback: Annotated[str, StringConstraints(pattern=WORD)] = "user"
    reserved: ReservedNames | None = None
    forbidden: Forbidden | None = None

    @model_validator(mode="after")
    def _fallback_is_fit(self) -> Naming:
        forbidden = self.forbidden or Forbidden()
        if self.fallback in (self.reserved or []) or self.fallback in (forbidden.whole or []):
            raise ValueError(f"'fallback' is '{self.fallback}', which nobody may be called here; name another")
        if any(word in self.fallback for word in forbidden.part or []):
            raise ValueError(f"'fallback' is '{self.fallback}', which holds a forbidden word; name another")
        if len(self.fallback) > self.username_length:
            raise ValueError("'fallback' is longer than 'username_length'")
        return self


class NamingFile(Shape):
    """naming.yaml: user names and addresses."""

    naming: Naming


def patterns(given: Any) -> tuple[str, ...]:
    """The patterns in the order in which they are tried."""
    return tuple(given) if isinstance(given, list) else (given,)
