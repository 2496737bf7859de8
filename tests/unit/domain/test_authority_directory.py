from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from idm.domain.authority import Authority, Delegation
from idm.domain.authority_directory import Books, Ledger, Use, directory, presence, state_of
from idm.domain.authority_powers import AuthorityPolicy, Backup, ConfirmRule, PersonState, Powers, Substitution, Team, by_person
from idm.domain.journey import Source
from idm.domain.people import Organisation, Unit

DAY = date(2026, 11, 23)
USED = datetime(2026, 11, 20, 9, tzinfo=UTC)
TREE = Organisation({"town": Unit("town", "Town", None, "boss"), "school": Unit("school", "School", "town", "head")})
PEOPLE = {each: PersonState(date(2015, 1, 1)) for each in ("boss", "head", "a", "b", "c")}
PAY = Delegation("d1", Authority.PAY, "town", "a", "boss", DAY)
IT = Delegation("d2", Authority.IT, "town", "a", "boss", DAY)


def books(*delegations: Delegation, **changes: Any) -> Books:
    powers = Powers(delegations, people=PEOPLE)
    return Books(TREE, replace(powers, **changes), DAY, Ledger())


def test_every_kind_of_power_is_listed_with_its_word() -> None:
    policy = AuthorityPolicy(
        (Backup("x", "it", ("team:t",), source=Source("authority.yaml", 9, "h")),), {"t": Team("t", {}, ("b", "c"), "t@example.org")}
    )
    entered = by_person([Substitution("s", "a", "b", DAY, None, ("pay",), ("school",), "a"), Substitution("t", "b", "", DAY)])
    team = Delegation("d3", Authority.PAY, "school", "team:t", "head", DAY)
    found = directory(
        replace(books(PAY, IT, team, substitutions=entered, policy=policy), uses=Ledger([Use("d1", "pay", "a", "own", "", USED)]))
    )

    rows = [(row.person, row.authority, row.unit, row.how, row.word, row.place_of) for row in found.powers]
    assert rows == [
        ("b", "it", "", "backup", "authority.yaml:9", ""),
        ("c", "it", "", "backup", "authority.yaml:9", ""),
        ("head", "manager", "school", "manager", "the organisation", ""),
        ("b", "pay", "school", "substitute", "a", "a"),
        ("b", "pay", "school", "team", "head", ""),
        ("c", "pay", "school", "team", "head", ""),
        ("a", "it", "town", "delegation", "boss", ""),
        ("boss", "manager", "town", "manager", "the organisation", ""),
        ("a", "pay", "town", "delegation", "boss", ""),
    ]
    assert [row.last_used for row in found.powers if row.last_used] == [USED]
    assert (found.gaps, found.oddities) == ((), ())


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({}, "holds"),
        ({"revoked": True}, "revoked"),
        ({"since": DAY + timedelta(1)}, "not-begun"),
        ({"until": DAY - timedelta(1), "since": DAY - timedelta(9)}, "ended"),
        ({"since": date(2020, 1, 1)}, "unconfirmed"),
        ({"to": "gone"}, "unknown-person"),
    ],
)
def test_a_power_says_whether_it_holds_or_why_not(change: dict[str, Any], state: str) -> None:
    given = replace(PAY, **change)
    found = directory(books(given, IT, policy=AuthorityPolicy(confirm=ConfirmRule(12))))
    assert [row.state for row in found.powers if row.delegation == "d1"] == [state]


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (PersonState(), ""),
        (PersonState(DAY + timedelta(1)), "not-yet-employed"),
        (PersonState(None, DAY - timedelta(1)), "left"),
        (PersonState(no_access="locked"), "no-access"),
    ],
)
def test_presence_says_why_somebody_is_not_there(state: PersonState, why: str) -> None:
    assert presence("a", books(people={"a": state})) == why
    assert presence("b", books(people={"a": state})) == "unknown-person"
    assert presence("b", books(people=None)) == ""


def test_gaps_are_told_unit_by_unit_and_a_back_up_alone_is_odd() -> None:
    policy = AuthorityPolicy((Backup("x", "it", ("c",)),))
    away = by_person([Substitution("s", "a", "", DAY)])
    found = directory(books(PAY, substitutions=away, policy=policy))

    assert [(gap.unit, gap.authority, gap.kind) for gap in found.gaps] == [("town", "pay", "away"), ("school", "pay", "away")]
    assert [(odd.unit, odd.kind) for odd in found.oddities] == [("town", "only-back-up"), ("school", "only-back-up")]
    assert "a away, without a substitute" in found.gaps[0].words
    none = directory(books(people={}))
    assert {(gap.unit, gap.authority, gap.kind) for gap in none.gaps} == {
        (unit, authority, "nobody") for unit in ("town", "school") for authority in ("manager", "pay", "it")
    }


def test_oddities_name_what_deserves_a_look() -> None:
    left = {**PEOPLE, "head": PersonState(None, DAY - timedelta(1)), "c": PersonState(no_access="locked")}
    policy = AuthorityPolicy((Backup("x", "it", ("ghost",)),), {"t": Team("t", {}, ("c",), "t@example.org")}, ConfirmRule(12, 30, 30))
    entered = by_person([Substitution("s", "a", "head", DAY), Substitution("o", "a", "ghost", DAY - timedelta(9), DAY - timedelta(1))])
    odd = directory(
        replace(
            books(
                replace(PAY, to="team:gone"),
                replace(IT, unit="nowhere"),
                replace(PAY, id="d3", granted_by="a", since=date(2025, 12, 1)),
                replace(PAY, id="d4", case="c-1"),
                replace(PAY, id="d5", since=date(2025, 1, 1)),
                replace(PAY, id="d6", revoked=True, to="ghost"),
                people=left,
                policy=policy,
                substitutions=entered,
            ),
            over={"c-1"},
        )
    ).oddities
    assert [(each.kind, each.delegation or each.person) for each in odd if each.kind != "only-back-up"] == [
        ("left", "head"),
        ("no-access", "c"),
        ("unknown-person", "ghost"),
        ("left", "head"),
        ("unknown-team", "d1"),
        ("unknown-unit", "d2"),
        ("granter", "d3"),
        ("to-confirm", "d3"),
        ("case-over", "d4"),
        ("unconfirmed", "d5"),
    ]


def test_a_confirmation_by_a_manager_of_today_answers_for_a_granter_who_went() -> None:
    given = replace(PAY, unit="school", granted_by="a", confirmed_by="boss")
    assert [each.kind for each in directory(books(given, IT)).oddities] == []
    assert state_of(given, Powers(), DAY) == "holds"


def test_a_power_was_used_also_by_who_acted_in_its_holders_place() -> None:
    later = USED + timedelta(hours=1)
    policy = AuthorityPolicy((Backup("x", "manager", ("boss",)),))
    entered = by_person([Substitution("s", "a", "b", DAY)])
    uses = (
        Use("d1", "pay", "a", "own", "", USED),
        Use("d1", "pay", "b", "substitute", "a", later),
        Use("", "manager", "boss", "backup", "", later),
        Use("", "manager", "boss", "own", "", USED),
    )
    found = directory(replace(books(PAY, IT, policy=policy, substitutions=entered), uses=Ledger(uses)))
    used = {(row.person, row.authority, row.how): row.last_used for row in found.powers if row.last_used}
    assert used == {
        ("a", "pay", "delegation"): later,
        ("b", "all", "substitute"): later,
        ("boss", "manager", "backup"): later,
        ("boss", "manager", "manager"): USED,
    }
