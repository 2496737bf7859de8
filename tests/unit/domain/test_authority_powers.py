from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idm.domain.authority import Authority, Delegation
from idm.domain.authority_powers import (
    AuthorityPolicy,
    Backup,
    Confirmation,
    ConfirmRule,
    PersonState,
    Powers,
    Substitution,
    Team,
    by_person,
    months_after,
    persons_named,
)
from idm.domain.people import Organisation, Unit

DAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2026, 11, 23), 12, date(2027, 11, 23)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
    ],
)
def test_months_after_ends_with_the_month(day: date, months: int, then: date) -> None:
    assert months_after(day, months) == then


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(1, 120))
def test_months_after_is_that_many_months_later(day: date, months: int) -> None:
    then = months_after(day, months)
    assert (then.year - day.year) * 12 + then.month - day.month == months
    assert then.day <= day.day


def test_a_confirmation_is_fine_soon_due_and_lapsed_in_turn() -> None:
    rule = ConfirmRule(12, grace_days=10, warn_days=5)
    given = Delegation("d", Authority.PAY, "u", "a", "boss", DAY)
    due = date(2027, 11, 23)
    assert [rule.state(given, due + timedelta(days)) for days in (-6, -5, -1, 0, 9, 10)] == [
        Confirmation.FINE,
        Confirmation.SOON,
        Confirmation.SOON,
        Confirmation.DUE,
        Confirmation.DUE,
        Confirmation.LAPSED,
    ]
    assert not Powers().lapsed(given, date(2099, 1, 1))


def test_narrow_substitutions_come_before_wide_ones() -> None:
    wide, for_unit, for_pay = (
        Substitution("a", "p", "wide", DAY),
        Substitution("b", "p", "unit", DAY, units=("u",)),
        Substitution("c", "p", "pay", DAY, authorities=("pay",)),
    )
    powers = Powers(substitutions=by_person([wide, for_unit, for_pay]))
    assert [each.substitute for each in powers.stand_ins("p", "pay", ("u",), DAY)] == ["pay", "unit", "wide"]
    assert [each.substitute for each in powers.stand_ins("p", "it", ("x",), DAY)] == ["wide"]
    assert powers.stand_ins("nobody", "pay", ("u",), DAY) == []


def test_everybody_whom_powers_name_is_asked_after() -> None:
    policy = AuthorityPolicy((Backup("b", "pay", ("back", "team:t")),), {"t": Team("t", {}, ("one", "two"), "t@example.org")})
    powers = Powers(
        (Delegation("d", Authority.PAY, "u", "team:t", "boss", DAY), Delegation("e", Authority.IT, "u", "it", "boss", DAY)),
        by_person([Substitution("s", "it", "stand_in", DAY), Substitution("t", "it", "", DAY)]),
        {"it": PersonState()},
        policy,
    )
    tree = Organisation({"u": Unit("u", "U", None, "chief"), "v": Unit("v", "V", None, "other")})
    assert persons_named(powers, tree, ("u",)) == {"back", "one", "two", "it", "stand_in", "chief"}
