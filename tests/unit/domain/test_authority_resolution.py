from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from idm.domain.authority import Authority, Delegation, Limits, Matter
from idm.domain.authority_powers import AuthorityPolicy, Backup, ConfirmRule, PersonState, Powers, Substitution, Team, by_person
from idm.domain.authority_resolution import Resolution, Skip, resolve
from idm.domain.journey import Actor, Source
from idm.domain.people import Organisation, Unit

DAY = date(2026, 11, 23)
LATER, BEFORE = DAY + timedelta(7), DAY - timedelta(1)
TREE = Organisation(
    {
        "town": Unit("town", "Town", None, "director"),
        "schools": Unit("schools", "Schools", "town", ""),
        "north": Unit("north", "North", "schools", "head"),
    }
)
MATTER = Matter("c-1", "north", "hire")
TEAM = Team("office", {"en": "Payroll office"}, ("a", "b"), "pay@example.org")


def grant(to: str, unit: str = "north", id: str = "", authority: Authority = Authority.PAY, **more: Any) -> Delegation:
    given = Delegation(id or f"d-{to}-{unit}", authority, unit, to, "boss", DAY - timedelta(30))
    return replace(given, **more)


def away(person: str, substitute: str = "", until: date | None = LATER, **more: Any) -> Substitution:
    return replace(Substitution(f"s-{person}-{substitute}", person, substitute, DAY, until), **more)


def ask(
    *given: Delegation | Substitution,
    actor: Actor = Actor.PAY,
    matter: Matter = MATTER,
    day: date = DAY,
    people: Mapping[str, PersonState] | None = None,
    policy: AuthorityPolicy | None = None,
    escalated: int = 0,
) -> Resolution:
    delegations = tuple(each for each in given if isinstance(each, Delegation))
    substitutions = by_person(each for each in given if isinstance(each, Substitution))
    powers = Powers(delegations, substitutions, people, policy or AuthorityPolicy())
    return resolve(actor, matter, day, TREE, powers, escalated=escalated)


def asked(found: Resolution) -> list[str]:
    return [holder.person for holder in found.asked]


def also(found: Resolution) -> list[str]:
    return [holder.person for holder in found.also]


def skips(found: Resolution) -> list[tuple[str, Skip]]:
    return [(passed.holder.person, passed.skip) for passed in found.passed]


def backup(*holders: str, authority: str = "pay", units: tuple[str, ...] = ()) -> AuthorityPolicy:
    return AuthorityPolicy((Backup("b", authority, holders, units, Source("authority.yaml", 4, "h")),), {"office": TEAM})


def test_a_substitute_acts_while_it_holds_and_who_is_away_may_still_act() -> None:
    found = ask(grant("a"), away("a", "b"))

    assert (asked(found), also(found)) == (["b"], ["a"])
    assert found.asked[0].basis == f"substitute for a until {LATER}: pay contact of north by delegation d-a-north from boss"
    assert (found.asked[0].via, found.asked[0].principal, found.asked[0].delegation) == ("substitute", "a", "d-a-north")
    assert found.also[0].basis.endswith(f"away until {LATER}, and may still act")
    assert asked(ask(grant("a"), away("a", "b"), day=BEFORE)) == ["a"]
    assert asked(ask(grant("a"), away("a", "b"), day=LATER + timedelta(1))) == ["a"]
    assert asked(ask(grant("a"), away("a", "b", ended=DAY))) == ["a"]


@pytest.mark.parametrize(
    ("narrowed", "substituted"),
    [
        ({}, True),
        ({"authorities": ("pay",)}, True),
        ({"authorities": ("it", "manager")}, False),
        ({"units": ("schools",)}, True),
        ({"units": ("south",)}, False),
    ],
)
def test_a_substitution_can_be_for_one_authority_or_some_units(narrowed: dict[str, Any], substituted: bool) -> None:
    assert asked(ask(grant("a"), away("a", "b", **narrowed))) == (["b"] if substituted else ["a"])


def test_a_manager_can_be_substituted_for_their_own_tasks() -> None:
    found = ask(away("head", "deputy", authorities=("manager",)), actor=Actor.MANAGER)
    assert (asked(found), also(found)) == (["deputy"], ["head"])
    assert found.asked[0].basis == f"substitute for head until {LATER}: manager of north"


def test_a_substitute_who_is_away_too_is_substituted_in_turn() -> None:
    found = ask(grant("a"), away("a", "b"), away("b", "c", until=DAY))
    assert (asked(found), also(found)) == (["c"], ["a", "b"])
    assert found.asked[0].basis.startswith(f"substitute for b, who is substitute for a until {DAY}: ")
    assert found.asked[0].principal == "a"


def test_a_loop_of_substitutes_ends_and_everybody_on_it_may_still_act() -> None:
    found = ask(grant("a"), away("a", "b"), away("b", "a"), grant("d", "town"))
    assert (asked(found), also(found)) == (["d"], ["a", "b"])
    assert ("a", Skip.LOOP) in skips(found)
    assert ("a", Skip.AWAY) in skips(found)


def test_an_absence_without_a_substitute_passes_on_to_the_next_level() -> None:
    found = ask(grant("a"), grant("d", "town"), away("a"))
    assert (asked(found), also(found)) == (["d"], ["a"])
    assert found.why_not("a") == f"away until {LATER}, and nobody can stand in"
    assert asked(ask(grant("a"), grant("b"), away("a"))) == ["b"]
    assert "away, and" in ask(grant("a"), away("a", until=None)).why_not("a")


def test_where_everybody_is_away_they_may_still_act() -> None:
    found = ask(grant("a"), grant("d", "town"), away("a"), away("d"))
    assert (asked(found), also(found)) == ([], ["a", "d"])


def test_a_central_back_up_acts_when_nobody_else_can() -> None:
    policy = backup("z", "team:office")
    assert asked(ask(policy=policy)) == ["z", "a", "b"]
    assert asked(ask(grant("c", "town"), policy=policy)) == ["c"]
    found = ask(grant("c", "town"), away("c"), policy=policy)
    assert (asked(found), also(found)) == (["z", "a", "b"], ["c"])
    assert found.asked[0].basis == "central back-up for pay by authority.yaml:4"
    assert found.asked[1].basis == "central back-up for pay by authority.yaml:4, as a member of team office"
    assert asked(ask(actor=Actor.IT, policy=policy)) == []
    assert asked(ask(policy=backup("z", units=("south",)))) == []


def test_the_back_up_of_the_nearest_units_comes_before_the_one_for_everywhere() -> None:
    both = AuthorityPolicy((Backup("all", "pay", ("z",)), Backup("schools", "pay", ("y",), ("schools",))))
    found = ask(policy=both)
    assert (asked(found), [holder.person for holder in found.beyond]) == (["y"], ["z"])


def test_any_member_of_a_team_may_act_and_a_team_that_is_gone_is_told() -> None:
    found = ask(grant("team:office"), policy=AuthorityPolicy(teams={"office": TEAM}))
    assert asked(found) == ["a", "b"]
    assert (found.asked[0].team, found.asked[0].via, found.asked[0].delegation) == ("office", "team", "d-team:office-north")
    gone = ask(grant("team:office"), grant("d", "town"))
    assert (asked(gone), skips(gone)) == (["d"], [("team:office", Skip.UNKNOWN_TEAM)])


@pytest.mark.parametrize(
    ("limits", "holders"),
    [
        (Limits(amount=Decimal(100)), ["d"]),
        (Limits(amount=Decimal(1000)), ["a"]),
        (Limits(units=("south",)), ["d"]),
        (Limits(kinds=("review",)), ["d"]),
        (Limits(kinds=("form",)), ["a"]),
    ],
)
def test_beyond_its_limits_the_next_level_is_asked(limits: Limits, holders: list[str]) -> None:
    matter = replace(MATTER, amount=Decimal(1000), kinds=("form",))
    found = ask(grant("a", limits=limits), grant("d", "town"), matter=matter)
    assert asked(found) == holders
    assert holders == ["a"] or found.why_not("a").startswith("delegation d-a-north holds only ")


@pytest.mark.parametrize(
    ("state", "skip"),
    [
        (None, Skip.UNKNOWN),
        (PersonState(date(2015, 1, 1), BEFORE), Skip.LEFT),
        (PersonState(LATER), Skip.NOT_YET),
        (PersonState(no_access="its account is locked"), Skip.NO_ACCESS),
        (PersonState(date(2015, 1, 1), DAY), None),
        (PersonState(), None),
    ],
)
def test_who_is_not_there_to_act_is_passed_over_at_once(state: PersonState | None, skip: Skip | None) -> None:
    people = {"d": PersonState()} | ({"a": state} if state is not None else {})
    found = ask(grant("a"), grant("d", "town"), people=people)
    assert asked(found) == (["a"] if skip is None else ["d"])
    assert skips(found) == ([] if skip is None else [("a", skip)])


def test_a_substitute_goes_on_for_who_has_no_access_but_not_for_who_left() -> None:
    people = {"a": PersonState(no_access="locked"), "b": PersonState(), "d": PersonState()}
    assert asked(ask(grant("a"), away("a", "b"), people=people)) == ["b"]
    left = {**people, "a": PersonState(date(2015, 1, 1), BEFORE)}
    assert asked(ask(grant("a"), grant("d", "town"), away("a", "b"), people=left)) == ["d"]


@pytest.mark.parametrize(
    ("change", "skip"),
    [
        ({"revoked": True}, Skip.REVOKED),
        ({"since": LATER}, Skip.NOT_BEGUN),
        ({"until": BEFORE}, Skip.ENDED),
        ({"granted_by": "hire"}, Skip.OWN_WORD),
        ({"confirmed_by": "hire"}, Skip.OWN_WORD),
    ],
)
def test_a_delegation_that_does_not_count_is_told_with_the_reason(change: dict[str, Any], skip: Skip) -> None:
    found = ask(grant("a", **change), grant("d", "town"))
    assert (asked(found), skips(found)) == (["d"], [("a", skip)])


def test_an_unconfirmed_delegation_lapses_after_its_days_of_grace() -> None:
    policy = AuthorityPolicy(confirm=ConfirmRule(12, grace_days=10))
    old = grant("a", since=date(2025, 11, 13))
    assert asked(ask(old, policy=policy, day=date(2026, 11, 22))) == ["a"]
    lapsed = ask(old, grant("d", "town"), policy=policy, day=DAY)
    assert (asked(lapsed), skips(lapsed)) == (["d"], [("a", Skip.LAPSED)])
    assert asked(ask(replace(old, confirmed_on=DAY), policy=policy)) == ["a"]
    assert asked(ask(replace(old, case="c-1"), policy=policy)) == ["a"]


def test_nobody_decides_on_their_own_hire_neither_as_substitute_nor_through_one() -> None:
    own = ask(grant("a"), away("a", "hire"), grant("d", "town"))
    assert (asked(own), also(own)) == (["d"], ["a"])
    assert ("hire", Skip.OWN_HIRE) in skips(own)
    through = ask(grant("hire"), away("hire", "b"), grant("d", "town"))
    assert asked(through) == ["d"]
    deputy = ask(away("head", "hire"), actor=Actor.MANAGER)
    assert (asked(deputy), also(deputy)) == (["director"], ["head"])
    chained = ask(grant("a"), away("a", "hire"), away("hire", "c"), grant("d", "town"))
    assert asked(chained) == ["d"]
    assert asked(ask(policy=backup("hire"))) == []


def test_the_first_pair_of_eyes_is_never_the_second_in_whatever_capacity() -> None:
    seen = replace(MATTER, seen=frozenset({"a"}))
    assert asked(ask(grant("a"), grant("b"), matter=seen)) == ["b"]
    assert asked(ask(grant("a"), grant("d", "town"), matter=seen)) == ["d"]
    assert asked(ask(grant("b"), away("b", "a"), grant("d", "town"), matter=seen)) == ["d"]
    assert ask(grant("a"), matter=seen).why_not("a") == "was the first pair of eyes, and can't be the second"


def test_who_waits_too_long_is_joined_by_the_next_levels() -> None:
    given = (grant("a"), grant("b", "schools"), grant("c", "town"))
    assert asked(ask(*given)) == ["a"]
    once = ask(*given, escalated=1)
    assert (asked(once), [holder.person for holder in once.beyond]) == (["a", "b"], ["c"])
    assert once.asked[1].basis == "on escalation: pay contact of schools by delegation d-b-schools from boss"
    assert asked(ask(*given, escalated=9)) == ["a", "b", "c"]


def test_further_levels_are_told_and_why_nobody_else() -> None:
    found = ask(grant("a"), grant("c", "town"))
    assert [holder.person for holder in found.beyond] == ["c"]
    assert (found.why_not("c"), found.why_not("nobody")) == ("others are nearer", "")
    assert found.holder("a") is not None
    assert found.holder("c") is None


def test_own_power_comes_before_standing_in_on_the_same_level() -> None:
    found = ask(grant("a"), grant("b"), away("a", "b"))
    assert (asked(found), found.asked[0].via, also(found)) == (["b"], "own", ["a"])


def test_an_organisation_that_is_a_loop_still_answers() -> None:
    loop = Organisation({"x": Unit("x", "X", "y", "m"), "y": Unit("y", "Y", "x", "n")})
    found = resolve(Actor.MANAGER, Matter("c", "x", "m"), DAY, loop, Powers())
    assert [holder.person for holder in found.asked] == ["n"]
