"""Whom a rule means: every criterion alone, what isn't known, and the index against trying each rule."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idm.domain.match_index import MatchIndex
from idm.domain.matching import EVERYBODY, Circumstances, Group, Match, citizenship_class, groups_of

HIRE = Circumstances(
    position="teacher",
    unit_path=("school_north", "schools", "town"),
    start_date=date(2027, 1, 4),
    end_date=date(2027, 7, 31),
    citizenship="SE",
    weekly_hours=Decimal("18.5"),
    hourly=False,
    born=date(2009, 1, 5),
    new_person=True,
    manages=False,
    notice_days=9,
    agreement="TEACH",
    pay_class="TEACH-1",
    amount=Decimal(25000),
    groups=frozenset({"children"}),
)
UNKNOWN = Circumstances("clerk", ("hall",), date(2027, 1, 4))

FITS: dict[str, Any] = {
    "positions": ("nurse", "teacher"),
    "units": ("schools",),
    "groups": ("children",),
    "citizenship": ("nordic",),
    "hours_from": Decimal("18.5"),
    "hours_below": Decimal("18.6"),
    "temporary": True,
    "hourly": False,
    "age_from": 17,
    "age_below": 18,
    "new_person": True,
    "manages": False,
    "notice_below": 10,
    "agreements": ("TEACH",),
    "pay_classes": ("TEACH-1", "TEACH-2"),
    "amount_from": Decimal(25000),
}
FAILS: dict[str, Any] = {
    "positions": ("nurse",),
    "units": ("school_south",),
    "groups": ("elderly",),
    "citizenship": ("danish", "third_country"),
    "hours_from": Decimal("18.6"),
    "hours_below": Decimal("18.5"),
    "temporary": False,
    "hourly": True,
    "age_from": 18,
    "age_below": 17,
    "new_person": False,
    "manages": True,
    "notice_below": 9,
    "agreements": ("ADM",),
    "pay_classes": ("TEACH-2",),
    "amount_from": Decimal("25000.01"),
}


def test_the_tables_of_this_test_name_every_criterion() -> None:
    assert list(FITS) == list(FAILS) == [field.name for field in fields(Match)]


@pytest.mark.parametrize("name", FITS)
def test_each_criterion_decides_alone(name: str) -> None:
    fits, fails = Match(**{name: FITS[name]}), Match(**{name: FAILS[name]})

    assert fits.fits(HIRE) and not fails.fits(HIRE)
    assert fits.unmet(HIRE) == () and fails.unmet(HIRE) == fails.asks() != ()
    assert fits.asked() == fails.asked() == (name,)


@pytest.mark.parametrize("name", FITS)
def test_one_criterion_that_is_not_met_is_enough_to_be_left_out(name: str) -> None:
    everything = Match(**FITS)
    assert everything.fits(HIRE)

    one_off = replace(everything, **{name: FAILS[name]})

    assert not one_off.fits(HIRE)
    assert one_off.unmet(HIRE) == Match(**{name: FAILS[name]}).asks()


@pytest.mark.parametrize(
    "name", ["citizenship", "hours_from", "hours_below", "hourly", "age_from", "age_below", "notice_below", "agreements", "amount_from"]
)
@pytest.mark.parametrize("table", [FITS, FAILS])
def test_what_is_not_known_never_meets_a_criterion(name: str, table: dict[str, Any]) -> None:
    assert not Match(**{name: table[name]}).fits(UNKNOWN)


def test_who_asks_nothing_means_everybody() -> None:
    assert EVERYBODY.fits(HIRE) and EVERYBODY.fits(UNKNOWN)
    assert EVERYBODY.asks() == EVERYBODY.unmet(UNKNOWN) == ()


def test_criteria_are_told_in_words() -> None:
    asked = Match(positions=("nurse", "teacher"), hours_from=Decimal(8), temporary=False, manages=True).asks()
    assert asked == ("position nurse or teacher", "8 hours a week or more", "not temporary", "manages a unit")


@pytest.mark.parametrize(
    ("country", "found"),
    [
        ("DK", "danish"),
        ("GL", "danish"),
        ("NO", "nordic"),
        ("AX", "nordic"),
        ("DE", "eu_eea"),
        ("CH", "eu_eea"),
        ("GB", "third_country"),
        ("UA", "third_country"),
        ("", ""),
    ],
)
def test_a_citizenship_is_in_one_class(country: str, found: str) -> None:
    assert citizenship_class(country) == found


def test_a_country_can_be_named_beside_classes() -> None:
    wanted = Match(citizenship=("danish", "UA"))
    fits = {country for country in ("DK", "UA", "GB", "SE", "") if wanted.fits(replace(HIRE, citizenship=country))}
    assert fits == {"DK", "UA"}


@pytest.mark.parametrize(
    ("born", "start", "age"),
    [
        (date(2009, 1, 4), date(2027, 1, 4), 18),
        (date(2009, 1, 5), date(2027, 1, 4), 17),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (None, date(2027, 1, 4), None),
    ],
)
def test_age_is_in_whole_years_on_the_first_day(born: date | None, start: date, age: int | None) -> None:
    assert replace(HIRE, born=born, start_date=start).age == age


def test_a_group_holds_its_positions_anywhere_and_everybody_in_its_units() -> None:
    groups = {"children": Group("children", frozenset({"pedagogue"}), frozenset({"schools"})), "all": Group("all", frozenset({"clerk"}))}
    assert groups_of(groups, "pedagogue", ("hall", "town")) == {"children"}
    assert groups_of(groups, "clerk", ("school_north", "schools", "town")) == {"children", "all"}
    assert groups_of(groups, "nurse", ("hall", "town")) == frozenset()


SOME = tuple("abcdef")
MATCHES = st.builds(
    Match,
    positions=st.lists(st.sampled_from(SOME), max_size=3).map(tuple),
    units=st.lists(st.sampled_from(SOME), max_size=3).map(tuple),
    groups=st.lists(st.sampled_from(SOME), max_size=2).map(tuple),
    temporary=st.sampled_from([None, None, True, False]),
)
HIRES = st.builds(
    Circumstances,
    position=st.sampled_from(SOME),
    unit_path=st.lists(st.sampled_from(SOME), max_size=4).map(tuple),
    start_date=st.just(date(2027, 1, 4)),
    end_date=st.sampled_from([None, date(2027, 2, 1)]),
    groups=st.frozensets(st.sampled_from(SOME), max_size=2),
)


@given(st.lists(MATCHES, max_size=30), HIRES)
def test_the_index_finds_what_trying_each_rule_finds_in_the_same_order(matches: list[Match], hire: Circumstances) -> None:
    index = MatchIndex((match, number) for number, match in enumerate(matches))
    assert len(index) == len(matches)
    assert list(index.fitting(hire)) == [number for number, match in enumerate(matches) if match.fits(hire)]


def test_a_rule_of_many_positions_and_units_is_found_too() -> None:
    many = Match(positions=tuple(f"p{n}" for n in range(40)), units=tuple(f"u{n}" for n in range(40)))
    index = MatchIndex([(many, "many")])
    assert index.fitting(replace(HIRE, position="p7", unit_path=("x", "u39"))) == ("many",)
    assert index.fitting(replace(HIRE, position="p7", unit_path=("x",))) == ()


def test_among_ten_thousand_rules_only_those_that_may_fit_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = [(Match(positions=(f"p{n % 500}",), units=(f"u{n}",)), n) for n in range(10_000)]
    index, fits = MatchIndex(rules), Match.fits
    tried: list[Match] = []

    def counted(match: Match, hire: Circumstances) -> bool:
        tried.append(match)
        return fits(match, hire)

    monkeypatch.setattr(Match, "fits", counted)

    assert index.fitting(replace(HIRE, position="p499", unit_path=("u999", "top"))) == (999,)
    assert len(tried) == 1
