"""What is said of two rules is held against every hire that could be: never a rule called needless that gives somebody something."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from idm.domain.matching import Circumstances, Group, Match, groups_of
from idm.domain.rule_overlap import can_ever_fit, implies, may_both_fit

TREE = {"town": (), "schools": ("town",), "north": ("schools", "town"), "care": ("town",)}
GROUPS = {
    "children": Group("children", frozenset({"teacher"}), frozenset({"schools"})),
    "nurses": Group("nurses", frozenset({"nurse"})),
    "cared": Group("cared", frozenset(), frozenset({"care"})),
}


def inside(unit: str, above: str) -> bool:
    return unit == above or above in TREE[unit]


HIRES = [
    Circumstances(
        position,
        (unit, *TREE[unit]),
        date(2027, 1, 4),
        date(2027, 2, 1) if temporary else None,
        citizenship=country,
        weekly_hours=Decimal(hours),
        agreement=agreement,
        groups=groups_of(GROUPS, position, (unit, *TREE[unit])),
    )
    for position, unit, temporary, country, hours, agreement in product(
        ("teacher", "nurse", "clerk"), TREE, (True, False), ("DK", "SE", "DE", "UA"), (5, 20, 37), ("A", "B")
    )
]


def some(values: list[str], most: int = 2) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), max_size=most, unique=True).map(tuple)


MATCHES = st.builds(
    Match,
    positions=some(["teacher", "nurse", "clerk"]),
    units=some(list(TREE)),
    groups=some(list(GROUPS)),
    citizenship=some(["danish", "nordic", "eu_eea", "third_country", "SE", "UA"]),
    hours_from=st.sampled_from([None, None, Decimal(5), Decimal(20)]),
    hours_below=st.sampled_from([None, None, Decimal(20), Decimal(37)]),
    temporary=st.sampled_from([None, None, True, False]),
    agreements=some(["A", "B"]),
)


@given(MATCHES, MATCHES)
def test_whoever_fits_the_narrow_rule_fits_the_one_that_it_implies(narrow: Match, wide: Match) -> None:
    assume(implies(narrow, wide, GROUPS, inside))
    assert all(wide.fits(hire) for hire in HIRES if narrow.fits(hire))


@given(MATCHES, st.sampled_from(["positions", "units", "groups", "citizenship", "agreements", "temporary", "hours_from", "hours_below"]))
def test_a_rule_with_one_criterion_less_is_implied(match: Match, dropped: str) -> None:
    plain: dict[str, Any] = {dropped: getattr(Match(), dropped)}
    wide = replace(match, **plain)
    assert implies(match, wide, GROUPS, inside)
    assert implies(match, match, GROUPS, inside)


@given(MATCHES, MATCHES)
def test_rules_that_fit_one_hire_together_are_said_to(one: Match, other: Match) -> None:
    together = any(one.fits(hire) and other.fits(hire) for hire in HIRES)
    if together:
        assert may_both_fit(one, other, GROUPS, inside) and may_both_fit(other, one, GROUPS, inside)
        assert can_ever_fit(one, GROUPS, inside)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"positions": ("teacher",)}, {"positions": ("nurse",)}),
        ({"units": ("north",)}, {"units": ("care",)}),
        ({"citizenship": ("danish",)}, {"citizenship": ("UA", "SE")}),
        ({"temporary": True}, {"temporary": False}),
        ({"hours_from": Decimal(20)}, {"hours_below": Decimal(20)}),
        ({"age_from": 18}, {"age_below": 18}),
        ({"agreements": ("A",)}, {"agreements": ("B",)}),
        ({"positions": ("clerk",)}, {"groups": ("nurses",)}),
        ({"units": ("north",)}, {"groups": ("cared",)}),
    ],
)
def test_rules_that_nobody_can_fit_together_are_told_apart(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert not may_both_fit(Match(**one), Match(**other), GROUPS, inside)
    assert not may_both_fit(Match(**other), Match(**one), GROUPS, inside)


@pytest.mark.parametrize(
    ("match", "can"),
    [
        (Match(positions=("clerk",), groups=("nurses",)), False),
        (Match(units=("schools",), groups=("cared",)), False),
        (Match(units=("town",), groups=("cared",)), True),
        (Match(positions=("clerk",), groups=("children",)), True),
        (Match(positions=("clerk",), groups=("nurses", "children")), True),
        (Match(positions=("clerk",)), True),
    ],
)
def test_a_rule_whose_places_never_come_together_gives_nothing(match: Match, can: bool) -> None:
    assert can_ever_fit(match, GROUPS, inside) is can
