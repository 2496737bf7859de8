"""Which of thousands of rules fit one hire, found by position, unit and group instead of trying each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from idm.domain.matching import Circumstances, Match

T = TypeVar("T")

_Key = tuple[str, str, str]
"""A position, a unit and a group, each "" where the rule is to be found without it."""
_MOST_PAIRS = 64
"""How many pairs of position and unit one rule is kept under, before it is kept under its positions alone."""


class MatchIndex(Generic[T]):
    """Rules by what they ask. Built once for a set of policies; asking it changes nothing, so threads may share it."""

    __slots__ = ("_by_key", "_rules")

    def __init__(self, rules: Iterable[tuple[Match, T]]) -> None:
        """Keep each rule under what it asks of position, unit and group; their order is kept."""
        self._rules = tuple(rules)
        self._by_key: dict[_Key, list[int]] = {}
        for number, (match, _) in enumerate(self._rules):
            for key in dict.fromkeys(_kept_under(match)):
                self._by_key.setdefault(key, []).append(number)

    def __len__(self) -> int:
        """How many rules there are."""
        return len(self._rules)

    def fitting(self, hire: Circumstances) -> tuple[T, ...]:
        """What goes with every rule that fits `hire`, in the order in which the rules were given."""
        found = {number for key in _sought_under(hire) for number in self._by_key.get(key, ())}
        return tuple(self._rules[number][1] for number in sorted(found) if self._rules[number][0].fits(hire))


def _kept_under(match: Match) -> Iterator[_Key]:
    """The keys under which a rule is found: every hire that fits it is sought under one of them."""
    if match.positions and match.units and len(match.positions) * len(match.units) <= _MOST_PAIRS:
        yield from ((position, unit, "") for position in match.positions for unit in match.units)
    elif match.positions:
        yield from ((position, "", "") for position in match.positions)
    elif match.units:
        yield from (("", unit, "") for unit in match.units)
    elif match.groups:
        yield from (("", "", group) for group in match.groups)
    else:
        yield ("", "", "")


def _sought_under(hire: Circumstances) -> Iterator[_Key]:
    yield ("", "", "")
    yield (hire.position, "", "")
    for unit in dict.fromkeys(hire.unit_path):
        yield ("", unit, "")
        yield (hire.position, unit, "")
    for group in hire.groups:
        yield ("", "", group)
