from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idm.domain.journey import Journey
from idm.domain.matching import Circumstances
from idm.domain.naming_policy import NamingPolicy
from idm.domain.people import Employment, Organisation, Unit
from idm.domain.policy import Policies, RetryPolicy
from idm.domain.roles import RoleRule

TITLES = {"da": "x", "en": "x"}


def policies(*rules: RoleRule, journeys: tuple[Journey, ...] = ()) -> Policies:
    return Policies({journey.name: journey for journey in journeys}, {}, {}, {}, rules, {}, NamingPolicy())


@pytest.mark.parametrize(
    ("rule", "fits"),
    [
        (RoleRule("all", ("r",)), True),
        (RoleRule("position", ("r",), positions=("teacher", "nurse")), True),
        (RoleRule("other position", ("r",), positions=("nurse",)), False),
        (RoleRule("own unit", ("r",), units=("north",)), True),
        (RoleRule("unit above", ("r",), units=("town",)), True),
        (RoleRule("other unit", ("r",), units=("south",)), False),
        (RoleRule("both", ("r",), positions=("teacher",), units=("schools",)), True),
        (RoleRule("only the unit", ("r",), positions=("nurse",), units=("schools",)), False),
        (RoleRule("only the position", ("r",), positions=("teacher",), units=("south",)), False),
    ],
)
def test_a_rule_holds_for_its_positions_in_its_units_and_below(rule: RoleRule, fits: bool) -> None:
    hire = Circumstances("teacher", ("north", "schools", "town"), date(2027, 1, 4))
    assert rule.match.fits(hire) is fits


def test_a_role_is_proposed_by_the_first_rule_that_gives_it() -> None:
    first, second = RoleRule("first", ("a", "b")), RoleRule("second", ("b", "c"), positions=("teacher",))
    found = policies(first, second, RoleRule("never", ("d",), positions=("nurse",))).proposed_roles(
        Circumstances("teacher", ("north",), date(2027, 1, 4))
    )

    assert found == {"a": first, "b": first, "c": second}


def test_a_journey_is_found_by_its_event() -> None:
    journey = Journey("hire", "dk.idm.hire", ())

    assert policies(journeys=(journey,)).journey_for("dk.idm.hire") is journey
    assert policies(journeys=(journey,)).journey_for("dk.idm.leave") is None


def test_waits_grow_by_the_factor_up_to_the_most() -> None:
    retry = RetryPolicy(first=2, factor=3, most=20)

    assert [retry.delay(attempt) for attempt in (1, 2, 3, 4)] == [2, 6, 18, 20]


@given(first=st.floats(0.01, 3600), factor=st.floats(1, 10), most=st.floats(0.01, 86400), attempt=st.integers(-5, 10**9))
def test_a_wait_is_never_longer_than_the_most_nor_negative(first: float, factor: float, most: float, attempt: int) -> None:
    assert 0 < RetryPolicy(first, factor, most).delay(attempt) <= most


def test_the_path_of_a_unit_leads_to_the_top_and_ends_on_a_loop() -> None:
    units = {"town": Unit("town", "T"), "school": Unit("school", "S", "town"), "a": Unit("a", "A", "b"), "b": Unit("b", "B", "a")}
    organisation = Organisation(units)

    assert [unit.id for unit in organisation.path("school")] == ["school", "town"]
    assert [unit.id for unit in organisation.path("a")] == ["a", "b"]
    assert list(organisation.path("nowhere")) == []


def test_an_employment_covers_its_first_and_last_day() -> None:
    employment = Employment("e", "p", "u", "x", date(2027, 1, 4), date(2027, 1, 5))

    assert [employment.covers(date(2027, 1, day)) for day in (3, 4, 5, 6)] == [False, True, True, False]
    assert Employment("e", "p", "u", "x", date(2027, 1, 4)).covers(date.max)
