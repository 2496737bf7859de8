"""Organisations drawn from a seed: units, people who come and go, delegations, teams, back-ups, substitutes and absences."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from idm.domain.authority import NO_LIMITS, TEAM, Authority, Delegation, Limits, Matter
from idm.domain.authority_powers import AuthorityPolicy, Backup, ConfirmRule, PersonState, Powers, Substitution, Team, by_person
from idm.domain.authority_resolution import resolve
from idm.domain.journey import Actor
from idm.domain.people import Organisation, Unit
from tests.support.authority_model import Model

DAY = date(2026, 11, 23)
ACTORS = (Actor.MANAGER, Actor.PAY, Actor.IT)
KINDS = ("appoint", "review", "form", "rights")
STRANGER = "stranger"
"""Is named here and there, and doesn't exist."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """An organisation with its powers, the day it is looked at, and the hires under way."""

    organisation: Organisation
    powers: Powers
    day: date
    hires: tuple[Matter, ...]


def draw(seed: int) -> Drawn:
    """The organisation of that seed: from one unit and two people to twenty units and thirty people."""
    chance = random.Random(seed)
    people = [f"p{number}" for number in range(chance.randint(2, 30))]
    anybody = [*people, STRANGER]
    units = [f"u{number}" for number in range(chance.randint(1, 20))]
    tree = {
        unit: Unit(unit, unit, chance.choice(units[:at]) if at else None, chance.choice(["", *anybody])) for at, unit in enumerate(units)
    }
    teams = {f"t{number}": _team(chance, number, anybody) for number in range(chance.randint(0, 3))}
    holders = [*anybody, *(f"{TEAM}{team}" for team in [*teams, "gone"])]
    hires = tuple(_matter(chance, number, people, units) for number in range(chance.randint(1, 4)))
    cases = [matter.case for matter in hires]
    policy = AuthorityPolicy(
        tuple(_backup(chance, number, holders, units) for number in range(chance.randint(0, 4))),
        teams,
        chance.choice((None, ConfirmRule(chance.choice((1, 6, 12)), chance.choice((0, 30))))),
    )
    powers = Powers(
        tuple(_delegation(chance, number, units, holders, cases, anybody) for number in range(chance.randint(0, 25))),
        by_person(_substitution(chance, number, anybody, units) for number in range(chance.randint(0, 20))),
        {person: _state(chance) for person in people},
        policy,
    )
    return Drawn(Organisation(tree), powers, DAY, hires)


def _days(chance: random.Random, spread: int) -> date:
    return DAY + timedelta(chance.randint(-spread, spread))


def _some(chance: random.Random, of: list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return tuple(chance.sample(list(of), chance.randint(1, min(3, len(of))))) if chance.random() < 0.3 else ()


def _team(chance: random.Random, number: int, people: list[str]) -> Team:
    return Team(f"t{number}", {}, tuple(chance.sample(people, chance.randint(1, min(4, len(people))))), f"t{number}@example.org")


def _backup(chance: random.Random, number: int, holders: list[str], units: list[str]) -> Backup:
    named = tuple(chance.sample(holders, chance.randint(1, 2)))
    return Backup(f"b{number}", chance.choice(ACTORS).value, named, _some(chance, units))


def _delegation(
    chance: random.Random, number: int, units: list[str], holders: list[str], cases: list[str], people: list[str]
) -> Delegation:
    since = DAY - timedelta(chance.randint(-20, 600))
    limits = Limits(Decimal(chance.choice((100, 900))) if chance.random() < 0.2 else None, _some(chance, units), _some(chance, KINDS))
    return Delegation(
        f"d{number:02}",
        chance.choice((Authority.PAY, Authority.IT)),
        chance.choice(units),
        chance.choice(holders),
        chance.choice(people),
        since,
        None if chance.random() < 0.6 else since + timedelta(chance.randint(0, 900)),
        chance.choice(cases) if chance.random() < 0.2 else "",
        chance.random() < 0.1,
        limits if chance.random() < 0.4 else NO_LIMITS,
        since + timedelta(chance.randint(0, 500)) if chance.random() < 0.4 else None,
        chance.choice(people) if chance.random() < 0.4 else "",
    )


def _substitution(chance: random.Random, number: int, people: list[str], units: list[str]) -> Substitution:
    since = _days(chance, 20)
    return Substitution(
        f"s{number:02}",
        chance.choice(people),
        chance.choice(["", *people, *people]),
        since,
        None if chance.random() < 0.3 else since + timedelta(chance.randint(0, 40)),
        _some(chance, tuple(actor.value for actor in ACTORS)),
        _some(chance, units),
        ended=DAY if chance.random() < 0.1 else None,
    )


def _state(chance: random.Random) -> PersonState:
    first = chance.choice((None, DAY - timedelta(900), DAY - timedelta(1), DAY + timedelta(5)))
    last = DAY + timedelta(chance.randint(-30, 300)) if chance.random() < 0.25 else None
    return PersonState(first, last, "locked" if chance.random() < 0.1 else "")


def _matter(chance: random.Random, number: int, people: list[str], units: list[str]) -> Matter:
    amount = Decimal(chance.choice((50, 500, 5000))) if chance.random() < 0.5 else None
    manager = chance.choice([*people, STRANGER]) if chance.random() < 0.3 else ""
    return Matter(f"c{number}", chance.choice(units), chance.choice([*people, "newcomer"]), manager, amount, _some(chance, KINDS))


def faults(seed: int) -> Iterator[str]:
    """Everything that goes wrong when people decide in the organisation of that seed, both pairs of eyes in turn; nothing, as it should."""
    drawn = draw(seed)
    chance = random.Random(-seed)
    for matter in drawn.hires:
        for actor in ACTORS:
            where = f"seed {seed}, case {matter.case}, {actor}"
            yield from (f"{where}: {fault}" for fault in _decided(drawn, matter, actor, chance))


def _decided(drawn: Drawn, matter: Matter, actor: Actor, chance: random.Random) -> Iterator[str]:
    """Two different people decide, as long as there are any, each found anew; and the order of the rows never matters."""
    eyes: list[str] = []
    for _ in range(2):
        asked = replace(matter, seen=frozenset(eyes))
        levels = chance.choice((0, 0, 1, 3))
        found = resolve(actor, asked, drawn.day, drawn.organisation, drawn.powers, escalated=levels)
        yield from Model(actor, asked, drawn.day, drawn.organisation, drawn.powers).faults(found)
        shuffled = list(drawn.powers.delegations)
        chance.shuffle(shuffled)
        again = replace(drawn.powers, delegations=tuple(shuffled))
        if resolve(actor, asked, drawn.day, drawn.organisation, again, escalated=levels) != found:
            yield "another order of the rows gives another answer"
        if not found.holders:
            return
        eyes.append(chance.choice(found.holders).person)
    if matter.hire in eyes:
        yield "somebody decided on their own hire"
    if len(set(eyes)) < len(eyes):
        yield "one person was both pairs of eyes"
