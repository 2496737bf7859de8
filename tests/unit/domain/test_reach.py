"""Where somebody can possibly act: more than they can, never less."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from idm.domain.authority import Authority, Delegation, Limits, Matter
from idm.domain.authority_powers import AuthorityPolicy, Backup, PersonState, Powers, Substitution, Team, by_person
from idm.domain.authority_resolution import levels_up, resolve
from idm.domain.journey import Actor
from idm.domain.people import Organisation, Unit
from idm.domain.reach import ACTORS, holders_of, levels, places, stands_for, surely_there, who_matters
from tests.support.organisations import draw

DAY = date(2026, 11, 23)
TREE = Organisation(
    {
        "town": Unit("town", "Town", None, "director"),
        "schools": Unit("schools", "Schools", "town", ""),
        "north": Unit("north", "North", "schools", "head"),
        "care": Unit("care", "Care", "town", "nurse"),
    }
)
TEAM = Team("office", {}, ("ann", "bo"), "office@example.org")
POLICY = AuthorityPolicy((Backup("pay", "pay", ("team:office",)), Backup("heads", "manager", ("eve",), ("care",))), {"office": TEAM})


def granted(id: str, unit: str, to: str, limits: Limits | None = None, authority: Authority = Authority.PAY) -> Delegation:
    return Delegation(id, authority, unit, to, "director", DAY, limits=limits or Limits())


def test_who_stands_in_for_whom_is_followed_through_and_a_loop_ends() -> None:
    chain = by_person(
        [
            Substitution("1", "a", "b", DAY),
            Substitution("2", "b", "c", DAY),
            Substitution("3", "c", "a", DAY),
            Substitution("4", "x", "c", DAY + timedelta(1)),
            Substitution("5", "y", "", DAY),
        ]
    )

    assert stands_for("c", chain, DAY) == {"a", "b", "c"}
    assert stands_for("c", chain, DAY + timedelta(1)) == {"a", "b", "c", "x"}
    assert stands_for("z", chain, DAY) == {"z"}


def test_somebody_holds_what_their_teams_hold() -> None:
    assert holders_of({"ann", "zoe"}, POLICY) == {"ann", "zoe", "team:office"}
    assert holders_of({"zoe"}, POLICY) == {"zoe"}


def test_places_are_where_a_power_of_ones_own_reaches() -> None:
    one = places(frozenset({"head"}), [granted("1", "schools", "head")], DAY, TREE, POLICY)
    assert one == {(Actor.MANAGER, "north"), (Actor.PAY, "schools"), (Actor.PAY, "north")}
    assert places(frozenset({"head"}), [granted("1", "schools", "head")], DAY - timedelta(1), TREE, POLICY) == {(Actor.MANAGER, "north")}
    assert places(frozenset({"ann"}), [], DAY, TREE, POLICY) == {(Actor.PAY, unit) for unit in TREE.units}
    assert places(frozenset({"eve"}), [], DAY, TREE, POLICY) == {(Actor.MANAGER, "care")}
    assert places(frozenset({"zoe"}), [], DAY, TREE, POLICY) == frozenset()


def test_how_far_up_is_told_and_that_it_is_never() -> None:
    powers = Powers((granted("1", "north", "pia"), granted("2", "town", "tom")), policy=POLICY)
    found = [(Actor.PAY, unit) for unit in TREE.units]

    assert levels("pia", found, DAY, TREE, powers) == {
        (Actor.PAY, "town"): None,
        (Actor.PAY, "schools"): None,
        (Actor.PAY, "north"): 0,
        (Actor.PAY, "care"): None,
    }
    assert levels("tom", found, DAY, TREE, powers)[Actor.PAY, "north"] == 1
    assert levels("ann", found, DAY, TREE, powers)[Actor.PAY, "north"] == 2
    assert levels_up("hired", Actor.HIRE, Matter("", "north", "hired"), DAY, TREE, powers) == 0
    assert levels_up("tom", Actor.HIRE, Matter("", "north", "hired"), DAY, TREE, powers) is None


def test_who_comes_after_somebody_with_limits_may_be_asked_at_once() -> None:
    limited = granted("1", "north", "pia", Limits(amount=Decimal(100)))
    powers = Powers((limited, granted("2", "town", "tom")), policy=POLICY)

    assert levels("tom", [(Actor.PAY, "north")], DAY, TREE, powers)[Actor.PAY, "north"] == 0
    many = tuple(granted(str(at), "north", "pia", Limits(kinds=(f"k{at}",))) for at in range(9))
    assert levels("zoe", [(Actor.PAY, "north")], DAY, TREE, replace(powers, delegations=many))[Actor.PAY, "north"] == 0


def test_who_is_surely_there_is_employed_has_access_and_is_not_stood_in_for() -> None:
    states = {"in": PersonState(), "gone": PersonState(None, DAY - timedelta(1)), "locked": PersonState(no_access="x"), "bo": PersonState()}
    away = by_person([Substitution("1", "away", "in", DAY)])
    states["away"] = PersonState()

    there = {
        name: surely_there(name, states, away, POLICY, DAY) for name in ("in", "gone", "locked", "away", "nobody", "team:office", "team:x")
    }

    assert {name for name, yes in there.items() if yes} == {"in", "team:office"}


def test_whose_hire_is_special_has_a_power_or_gave_their_word() -> None:
    powers = Powers((granted("1", "north", "pia"),), by_person([Substitution("1", "away", "sub", DAY)]), policy=POLICY)

    found = who_matters(powers, TREE, [(Actor.PAY, "north")])

    assert {"head", "director", "pia", "away", "sub", "ann", "bo", "eve"} <= found
    assert not {"nurse", ""} & found


def test_the_level_is_the_one_at_which_the_resolution_asks() -> None:
    """Where no delegation has limits that depend on the task, it is exact."""
    checked = 0
    for seed in range(60):
        drawn = draw(seed)
        plain = tuple(each for each in drawn.powers.delegations if not each.case and not each.limits.kinds and each.limits.amount is None)
        powers = replace(drawn.powers, delegations=plain)
        for person in drawn.powers.people or {}:
            asked = [(actor, unit) for actor in ACTORS for unit in drawn.organisation.units]
            for (actor, unit), level in levels(person, asked, drawn.day, drawn.organisation, powers).items():
                matter = Matter("", unit, "")
                first = next(
                    (up for up in range(8) if resolve(actor, matter, drawn.day, drawn.organisation, powers, escalated=up).holder(person)),
                    None,
                )
                assert level == first, (seed, person, actor, unit)
                checked += level is not None
        if checked > 400:
            return
    raise AssertionError("too little was drawn")
