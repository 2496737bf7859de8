"""Where somebody can possibly act: the places to look for their tasks. More places than they can act in, never fewer.

Who may act on one task is told by `resolve` alone. This tells where it is worth asking: for each actor and unit how far a task must
have gone up for the person to act, if nothing is special about the task; and whom to look for, where something is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import combinations

from idm.domain.authority import NO_LIMITS, TEAM, Authority, Delegation, Matter
from idm.domain.authority_powers import AuthorityPolicy, PersonState, Powers, Substitution, persons_named
from idm.domain.authority_resolution import levels_up
from idm.domain.journey import Actor
from idm.domain.people import Organisation

ACTORS = (Actor.MANAGER, *(Actor(authority.value) for authority in Authority))
"""Every actor whose tasks go by powers."""

_MOST_LIMITS = 3
"""With more different limits on the way to a unit than these, every task there is looked at."""

Place = tuple[Actor, str]
"""An actor and a unit."""
Limit = tuple[Decimal | None, tuple[str, ...]]
"""What of a delegation's limits depends on the task: an amount and kinds."""


def stands_for(person: str, substitutions: Mapping[str, tuple[Substitution, ...]], day: date) -> frozenset[str]:
    """The person, and everybody in whose place they might act on `day`, through however many others."""
    behind: dict[str, set[str]] = {}
    for away, held in substitutions.items():
        for each in held:
            if each.substitute and each.holds(day):
                behind.setdefault(each.substitute, set()).add(away)
    found, left = {person}, [person]
    while left:
        more = behind.get(left.pop(), set()) - found
        found |= more
        left.extend(more)
    return frozenset(found)


def holders_of(persons: Iterable[str], policy: AuthorityPolicy) -> frozenset[str]:
    """The persons, and the teams that any of them is a member of, as delegations name them."""
    known = set(persons)
    return frozenset(known | {f"{TEAM}{team.id}" for team in policy.teams.values() if known & set(team.members)})


def places(
    persons: frozenset[str], delegations: Iterable[Delegation], day: date, organisation: Organisation, policy: AuthorityPolicy
) -> frozenset[Place]:
    """Where any of `persons` has a power of their own on `day`; `delegations` are the standing ones to them or to their teams."""
    base: dict[Actor, set[str]] = {actor: set() for actor in ACTORS}
    base[Actor.MANAGER] = {unit.id for unit in organisation.units.values() if unit.manager in persons}
    for each in delegations:
        if each.holds(day):
            base[Actor(each.authority.value)].add(each.unit)
    everywhere: set[Actor] = set()
    for backup in policy.backups:
        if any(member in persons for holder in backup.holders for member in policy.members(holder)):
            base[Actor(backup.authority)].update(backup.units)
            if not backup.units:
                everywhere.add(Actor(backup.authority))
    found: set[Place] = set()
    for unit in organisation.units:
        path = {above.id for above in organisation.path(unit)}
        found.update((actor, unit) for actor in ACTORS if actor in everywhere or path & base[actor])
    return frozenset(found)


def levels(person: str, found: Iterable[Place], day: date, organisation: Organisation, powers: Powers) -> dict[Place, int | None]:
    """For each place how far up an ordinary task must have gone at the least for `person` to act on it; None if they are never asked.

    `powers` holds the standing delegations of all these units and those above. Units for which the same persons hold the same powers
    are asked about once: most units below one that has contacts have none of their own.
    """
    shelves: dict[tuple[str, str], list[Delegation]] = {}
    for each in powers.delegations:
        if not each.case:
            shelves.setdefault((each.authority.value, each.unit), []).append(each)
    told = _mentioned(powers)
    known: dict[tuple[object, ...], int | None] = {}
    answer: dict[Place, int | None] = {}
    for actor, unit in found:
        path = tuple(organisation.path(unit))
        near = tuple(each for above in path for each in shelves.get((actor.value, above.id), ()))
        managers = tuple(above.manager for above in path) if actor is Actor.MANAGER else ()
        like = (actor, managers, tuple(each.id for each in near), tuple(above.id for above in path if above.id in told))
        if like not in known:
            known[like] = _level(person, actor, unit, near, day, organisation, powers)
        answer[actor, unit] = known[like]
    return answer


def _mentioned(powers: Powers) -> frozenset[str]:
    """The units that anything but the place of a power itself goes by."""
    units = {unit for each in powers.delegations for unit in each.limits.units}
    units |= {unit for held in powers.substitutions.values() for each in held for unit in each.units}
    return frozenset(units | {unit for backup in powers.policy.backups for unit in backup.units})


def _level(
    person: str, actor: Actor, unit: str, near: tuple[Delegation, ...], day: date, organisation: Organisation, powers: Powers
) -> int | None:
    """How far up it must have gone, of all that a task there may be: which limits of delegations it exceeds isn't known."""
    limits: set[Limit] = {(each.limits.amount, each.limits.kinds) for each in near} - {(None, ())}
    if len(limits) > _MOST_LIMITS:
        return 0
    found: list[int] = []
    for exceeded in _subsets(limits):
        kept = tuple(
            replace(each, limits=replace(NO_LIMITS, units=each.limits.units)) if each.limits is not NO_LIMITS else each
            for each in near
            if (each.limits.amount, each.limits.kinds) not in exceeded
        )
        up = levels_up(person, actor, Matter("", unit, ""), day, organisation, replace(powers, delegations=kept))
        if up is not None:
            found.append(up)
    return min(found, default=None)


def _subsets(of: set[Limit]) -> Iterator[set[Limit]]:
    for many in range(len(of) + 1):
        yield from (set(some) for some in combinations(of, many))


def surely_there(
    holder: str, states: Mapping[str, PersonState], powers: Mapping[str, tuple[Substitution, ...]], policy: AuthorityPolicy, day: date
) -> bool:
    """Whether a person, or somebody of a team, is there to act on `day` and nobody stands in for them."""
    for person in policy.members(holder):
        state = states.get(person)
        if state is None or state.no_access or any(each.holds(day) for each in powers.get(person, ())):
            continue
        if (state.first_day or date.min) <= day <= (state.last_day or date.max):
            return True
    return False


def who_matters(powers: Powers, organisation: Organisation, found: Iterable[Place]) -> frozenset[str]:
    """Everybody whose own hire may be decided by others, in these places, than another's would be: who has a power, or gave their word."""
    units = {above.id for _, unit in found for above in organisation.path(unit)}
    persons = persons_named(powers, organisation, tuple(units)) | set(powers.substitutions)
    persons |= {person for each in powers.delegations for person in each.word_of}
    return frozenset(persons | {member for team in powers.policy.teams.values() for member in team.members})
