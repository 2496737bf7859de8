from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from idm.domain.grants import Grant, Reach
from idm.domain.journey import Source
from idm.domain.matching import EVERYBODY, Match
from idm.domain.roles import NAMED, OWN, REFUSE, SUBTREE, Conflict, DataLimit, Held, RoleRule, clashes, until_end

APART = Conflict("buys_and_approves", ("buyer", "approver", "auditor"), REFUSE, source=Source("roles.yaml", 7))


@pytest.mark.parametrize(
    ("limit", "reach"),
    [
        (DataLimit(), Reach()),
        (DataLimit(OWN), Reach(("north",), False)),
        (DataLimit(SUBTREE, (), Decimal(10)), Reach(("north",), True, Decimal(10))),
        (DataLimit(NAMED, ("care", "schools")), Reach(("care", "schools"))),
        (DataLimit(amount=Decimal(10)), Reach(amount=Decimal(10))),
    ],
)
def test_a_limit_becomes_a_reach_for_the_unit_of_the_hire(limit: DataLimit, reach: Reach) -> None:
    assert limit.reach("north") == reach


def test_a_rule_asks_for_all_that_stands_beside_it_and_under_when() -> None:
    rule = RoleRule("r", ("x",), positions=("teacher",), when=Match(units=("north",), temporary=True))
    assert rule.match == Match(positions=("teacher",), units=("north",), temporary=True)
    assert RoleRule("all", ("x",)).match == EVERYBODY


def test_any_two_roles_of_a_conflict_clash_within_and_across_employments() -> None:
    mine = [Held("buyer", "e1", Grant("buyers")), Held("approver", "e1"), Held("other", "e1")]
    found = clashes([APART], mine, [Held("auditor", "e2", Grant("audit")), Held("buyer", "e3")])

    assert [(clash.one.role, clash.other.role, clash.other.employment) for clash in found] == [
        ("buyer", "approver", "e1"),
        ("buyer", "auditor", "e2"),
        ("approver", "auditor", "e2"),
        ("approver", "buyer", "e3"),
    ]
    assert found[1].words() == (
        "'buys_and_approves' (roles.yaml:7) keeps apart buyer (employment e1, by rule buyers)"
        " and, in another employment, auditor (employment e2, by rule audit)"
    )
    assert "by request" in found[0].words()


def test_what_others_hold_among_themselves_is_not_asked_here() -> None:
    assert clashes([APART], [], [Held("buyer", "e1"), Held("approver", "e2")]) == ()
    assert clashes([], [Held("buyer", "e1"), Held("approver", "e1")], []) == ()


def test_the_same_role_twice_is_no_clash() -> None:
    assert clashes([APART], [Held("buyer", "e1")], [Held("buyer", "e2")]) == ()


def test_roles_that_follow_each_other_do_not_clash() -> None:
    january = Held("buyer", "e1", Grant(until=date(2027, 1, 31)))
    february = Held("approver", "e2", Grant(start=date(2027, 2, 1)))
    assert clashes([APART], [january], [february]) == ()
    assert len(clashes([APART], [january], [Held("approver", "e2", Grant(start=date(2027, 1, 31)))])) == 1


@pytest.mark.parametrize(
    ("until", "end", "kept"),
    [
        (None, None, None),
        (None, date(2027, 7, 31), date(2027, 7, 31)),
        (date(2027, 3, 1), date(2027, 7, 31), date(2027, 3, 1)),
        (date(2027, 9, 1), date(2027, 7, 31), date(2027, 7, 31)),
        (date(2027, 3, 1), None, date(2027, 3, 1)),
    ],
)
def test_no_role_is_held_longer_than_the_employment(until: date | None, end: date | None, kept: date | None) -> None:
    assert until_end(Grant("r", until=until), end) == Grant("r", until=kept)
