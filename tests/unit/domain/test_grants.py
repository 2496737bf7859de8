from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idm.domain.grants import Grant, Reach, borders, pack, unpack, unpack_all

TREE = {"north": ("north", "schools", "town"), "schools": ("schools", "town"), "town": ("town",), "care": ("care", "town")}


def above(unit: str) -> tuple[str, ...]:
    return TREE.get(unit, (unit,))


@pytest.mark.parametrize(
    ("narrow", "wide", "within"),
    [
        (Reach(), Reach(), True),
        (Reach(("north",)), Reach(), True),
        (Reach(), Reach(("town",)), False),
        (Reach(("north",)), Reach(("schools",)), True),
        (Reach(("schools",)), Reach(("north",)), False),
        (Reach(("north", "care")), Reach(("schools",)), False),
        (Reach(("north",), False), Reach(("north",), False), True),
        (Reach(("north",)), Reach(("north",), False), False),
        (Reach(("north",), False), Reach(("schools",), False), False),
        (Reach(amount=Decimal(10)), Reach(amount=Decimal(10)), True),
        (Reach(amount=Decimal(11)), Reach(amount=Decimal(10)), False),
        (Reach(), Reach(amount=Decimal(10)), False),
        (Reach(("north",), amount=Decimal(5)), Reach(("town",), amount=Decimal(10)), True),
    ],
)
def test_a_reach_lies_within_another_if_it_reaches_nothing_more(narrow: Reach, wide: Reach, within: bool) -> None:
    assert narrow.within(wide, above) is within


def test_a_reach_is_told_in_words() -> None:
    assert Reach().words() == ""
    assert Reach(("north", "care"), True, Decimal("50000")).words() == "north and care and all below, up to 50000 kroner"
    assert Reach(("north",), False).words() == "north alone"


def test_a_grant_covers_its_first_and_last_day() -> None:
    grant = Grant(start=date(2027, 1, 4), until=date(2027, 1, 6))
    assert [grant.covers(date(2027, 1, day)) for day in (3, 4, 6, 7)] == [False, True, True, False]
    assert Grant().covers(date.min) and Grant().covers(date.max)


DAYS = st.none() | st.integers(0, 20).map(lambda n: date(2027, 1, 1) + timedelta(days=n))
GRANTS = st.builds(
    Grant,
    st.sampled_from(["", "r"]),
    DAYS,
    DAYS,
    st.builds(Reach, st.lists(st.sampled_from("ab"), max_size=2).map(tuple), st.booleans(), st.none() | st.integers(1, 9).map(Decimal)),
    st.lists(st.sampled_from("xy"), max_size=2).map(tuple),
    st.sampled_from(["", "it"]),
    st.sampled_from(["", "both are needed"]),
)


@given(GRANTS, GRANTS)
def test_two_grants_overlap_if_some_day_is_in_both(one: Grant, other: Grant) -> None:
    days = [date.min, *(date(2027, 1, 1) + timedelta(days=n) for n in range(21)), date.max]
    assert one.overlaps(other) is any(one.covers(day) and other.covers(day) for day in days)


@given(GRANTS)
def test_a_grant_comes_back_as_it_was_written(grant: Grant) -> None:
    row = pack(grant)
    assert unpack(row) == grant
    assert unpack_all({"role": row}) == {"role": grant}


def test_a_plain_grant_costs_nothing() -> None:
    assert pack(Grant()) == []
    assert pack(Grant("teachers")) == ["teachers"]


def test_rights_change_on_the_first_day_and_on_the_day_after_the_last() -> None:
    grants = [Grant(start=date(2027, 2, 1), until=date(2027, 2, 28)), Grant(until=date(2027, 1, 31)), Grant(until=date.max), Grant()]
    assert borders(grants, None) == (date(2027, 2, 1), date(2027, 3, 1))
    assert borders(grants, date(2027, 2, 1)) == (date(2027, 3, 1),)


def test_terms_are_told_in_json() -> None:
    told = Grant("", date(2027, 1, 4), None, Reach(("north",), False, Decimal("500.50")), ("x",), "it", "why").as_json()
    assert told == {
        "rule": None,
        "from": "2027-01-04",
        "until": None,
        "units": ["north"],
        "below": False,
        "amount": "500.50",
        "accepted": ["x"],
        "accepted_by": "it",
        "accepted_because": "why",
    }
    assert Grant("r", until=date(2027, 1, 4)).as_json()["until"] == "2027-01-04"
