from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idm.domain.authority import Authority, Delegation, Holder, Limits, Matter, manager_of, may_delegate
from idm.domain.authority_powers import Powers
from idm.domain.authority_resolution import holders
from idm.domain.journey import Actor
from idm.domain.people import Organisation, Unit

DAY = date(2026, 11, 23)
TREE = Organisation(
    {
        "town": Unit("town", "Town", None, "director"),
        "schools": Unit("schools", "Schools", "town", ""),
        "north": Unit("north", "North", "schools", "head"),
    }
)
MATTER = Matter("c-1", "north", "hire")


def grant(id: str, to: str, unit: str = "north", authority: Authority = Authority.PAY, **more: Any) -> Delegation:
    return Delegation(id, authority, unit, to, "boss", more.pop("since", DAY), **more)


def pay(*given: Delegation, matter: Matter = MATTER, day: date = DAY) -> list[str]:
    return [holder.person for holder in holders(Actor.PAY, matter, day, TREE, Powers(given))]


def test_the_hire_acts_for_themselves_where_the_journey_asks_them() -> None:
    (found,) = holders(Actor.HIRE, MATTER, DAY, TREE, Powers())
    assert (found.person, found.basis) == ("hire", "the new hire")


def test_a_reviewer_is_settled_before_anyone_asks() -> None:
    with pytest.raises(ValueError, match="settled"):
        holders(Actor.REVIEWER, MATTER, DAY, TREE, Powers())


@pytest.mark.parametrize(
    ("matter", "manager"),
    [
        (MATTER, "head"),
        (Matter("c-1", "schools", "hire"), "director"),
        (Matter("c-1", "north", "head"), "director"),
        (Matter("c-1", "north", "hire", "named"), "named"),
        (Matter("c-1", "north", "hire", "hire"), "head"),
        (Matter("c-1", "town", "director"), None),
        (Matter("c-1", "nowhere", "hire"), None),
    ],
)
def test_the_nearest_manager_but_the_hire_decides(matter: Matter, manager: str | None) -> None:
    found = holders(Actor.MANAGER, matter, DAY, TREE, Powers())
    assert [holder.person for holder in found] == ([manager] if manager else [])
    assert all(holder.basis.startswith("manager of ") for holder in found)
    assert manager_of(matter, TREE) == (manager or "")


def test_the_nearest_level_wins_the_case_before_the_unit_before_those_above() -> None:
    town, schools, north = grant("d1", "a", "town"), grant("d2", "b", "schools"), grant("d3", "c", "north")
    own, other = grant("d4", "d", "north", case="c-1"), grant("d5", "e", "north", case="c-2")

    assert pay(town) == ["a"]
    assert pay(town, schools) == ["b"]
    assert pay(town, schools, north) == ["c"]
    assert pay(town, schools, north, own, other) == ["d"]
    assert pay(other) == []
    assert pay(own, matter=Matter("", "north", "hire")) == []
    assert pay(grant("d", "x", "elsewhere")) == []


def test_several_hold_it_together_each_once_by_their_first_delegation() -> None:
    first, second = grant("d2", "a", since=DAY - timedelta(2)), grant("d1", "a", since=DAY - timedelta(1))
    found = holders(Actor.PAY, MATTER, DAY, TREE, Powers((second, grant("d0", "b"), first)))

    assert [(holder.person, holder.delegation) for holder in found] == [("a", "d2"), ("b", "d0")]
    assert found[0].basis == "pay contact of north by delegation d2 from boss"


def test_authorities_are_not_mixed_up() -> None:
    given = [grant("d1", "a"), grant("d2", "b", authority=Authority.IT)]
    assert pay(*given) == ["a"]
    assert [holder.person for holder in holders(Actor.IT, MATTER, DAY, TREE, Powers(tuple(given)))] == ["b"]


def test_the_hire_is_passed_over_and_the_next_level_is_asked() -> None:
    assert pay(grant("d1", "hire", "north"), grant("d2", "a", "town")) == ["a"]
    assert pay(grant("d1", "hire", "north", case="c-1"), grant("d2", "a", "north")) == ["a"]
    assert pay(grant("d1", "hire")) == []


def test_an_authority_that_the_hire_granted_does_not_count_in_their_own_hire() -> None:
    own = Delegation("d1", Authority.PAY, "north", "a", "hire", DAY)
    assert pay(own, grant("d2", "b", "town")) == ["b"]
    assert pay(own) == []
    assert pay(own, matter=Matter("c-2", "north", "another")) == ["a"]


@pytest.mark.parametrize(
    ("since", "until", "holds"),
    [(0, None, True), (1, None, False), (-5, 0, True), (-5, -1, False), (0, 0, True), (-1, 1, True)],
)
def test_a_period_has_its_first_and_last_day(since: int, until: int | None, holds: bool) -> None:
    end = None if until is None else DAY + timedelta(until)
    assert grant("d", "a", since=DAY + timedelta(since), until=end).holds(DAY) is holds
    assert not grant("d", "a", since=DAY + timedelta(since), until=end, revoked=True).holds(DAY)


def test_who_manages_a_unit_or_one_above_may_delegate() -> None:
    assert may_delegate("head", "north", TREE)
    assert may_delegate("director", "north", TREE)
    assert not may_delegate("head", "schools", TREE)
    assert not may_delegate("stranger", "north", TREE)
    assert not may_delegate("director", "nowhere", TREE)


PEOPLE = st.sampled_from(["hire", "a", "b", "director", "head"])
GRANTS = st.builds(
    Delegation,
    id=st.text("0123456789", min_size=1, max_size=3),
    authority=st.sampled_from(Authority),
    unit=st.sampled_from(["town", "schools", "north", "elsewhere"]),
    to=PEOPLE,
    granted_by=PEOPLE,
    since=st.dates(DAY - timedelta(3), DAY + timedelta(3)),
    until=st.none() | st.dates(DAY - timedelta(3), DAY + timedelta(3)),
    case=st.sampled_from(["", "c-1", "c-2"]),
    revoked=st.booleans(),
)


@given(
    given=st.lists(GRANTS, max_size=8),
    actor=st.sampled_from([Actor.MANAGER, Actor.PAY, Actor.IT]),
    hire=PEOPLE,
    manager=st.sampled_from(["", "hire", "a", "head"]),
    unit=st.sampled_from(["town", "schools", "north"]),
)
def test_nobody_ever_decides_on_their_own_hire(given: list[Delegation], actor: Actor, hire: str, manager: str, unit: str) -> None:
    found: tuple[Holder, ...] = holders(actor, Matter("c-1", unit, hire, manager), DAY, TREE, Powers(tuple(given)))

    assert hire not in [holder.person for holder in found]
    assert len({holder.person for holder in found}) == len(found)
    if actor is not Actor.MANAGER:
        by_id = {(one.id, one.to): one for one in given if one.holds(DAY)}
        assert all((holder.delegation, holder.person) in by_id for holder in found)


@pytest.mark.parametrize(
    ("limits", "matter", "said"),
    [
        (Limits(), Matter("c", "north", "h", amount=Decimal(10**9), kinds=("form",)), ""),
        (Limits(amount=Decimal(500)), Matter("c", "north", "h", amount=Decimal(500)), ""),
        (Limits(amount=Decimal(500)), Matter("c", "north", "h", amount=Decimal("500.01")), "only up to 500 kroner"),
        (Limits(amount=Decimal(500)), Matter("c", "north", "h"), ""),
        (Limits(units=("schools",)), Matter("c", "north", "h"), ""),
        (Limits(units=("south",)), Matter("c", "north", "h"), "only in south"),
        (Limits(kinds=("review",)), Matter("c", "north", "h", kinds=("review", "contract")), ""),
        (Limits(kinds=("contract", "diploma")), Matter("c", "north", "h", kinds=("form",)), "only for contract, diploma"),
        (Limits(kinds=("contract",)), Matter("c", "north", "h"), ""),
    ],
)
def test_a_limit_is_exceeded_only_by_what_is_known(limits: Limits, matter: Matter, said: str) -> None:
    path = tuple(unit.id for unit in TREE.path(matter.unit))
    assert limits.exceeded(matter, path) == said
    assert Limits(Decimal(500), ("north",), ("form",)).words() == "up to 500 kroner; in north; for form"
