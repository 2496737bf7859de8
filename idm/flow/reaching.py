"""Where a person's tasks are looked for: what `reach` says of the powers as they are in the database today."""

from __future__ import annotations

from dataclasses import dataclass, replace

from idm.domain.authority_powers import persons_named
from idm.domain.journey import Actor
from idm.domain.reach import Place, holders_of, level, places, stands_for, surely_there, words_and_holders
from idm.flow.powers import PowersNow
from idm.ports import App
from idm.ports_lists import Search


@dataclass(frozen=True, slots=True)
class Reach:
    """A person's reach: the search for their tasks, the powers that it was told from, and the units whose hires they watch over.

    `watched` are those that they manage, with those below, or are the contact of, themselves or in somebody's place; what they are a
    central back-up for isn't among them.
    """

    search: Search
    powers: PowersNow
    watched: frozenset[str] = frozenset()


def reach(app: App, person: str) -> Reach:
    """Where `person` can possibly act today. So many statements, however many cases there are."""
    powers = PowersNow(app)
    persons = stands_for(person, powers.substitutions, powers.today)
    holders = holders_of(persons, powers.policy)
    standing = app.store.delegations_to(holders)
    found = places(persons, standing, powers.today, powers.tree, powers.policy)
    if not found:
        return Reach(Search(person, persons, holders), powers)
    powers.read({unit for _, unit in found})
    named = app.store.named_contacts()
    members = {member for holder in named for member in powers.policy.members(holder)}
    states = powers.states(members)
    absent = frozenset(holder for holder in named if not surely_there(holder, states, powers.substitutions, powers.policy, powers.today))
    hires = _who_matters(powers, found)
    search = Search(person, persons, holders, _levels(person, powers, found), hires, frozenset({*hires, *members, "*"}), absent)
    own = places(persons, standing, powers.today, powers.tree, replace(powers.policy, backups=()))
    watched = frozenset(unit for actor, unit in own if actor is Actor.MANAGER or search.levels[actor.value, unit] == 0)
    return Reach(search, powers, watched)


def _levels(person: str, powers: PowersNow, found: frozenset[Place]) -> dict[tuple[str, str], int]:
    levels: dict[tuple[str, str], int] = {}
    for actor, unit in found:
        up = level(person, (actor, unit), powers.today, powers.tree, powers.at(unit))
        levels[actor.value, unit] = -1 if up is None else up
    return levels


def _who_matters(powers: PowersNow, found: frozenset[Place]) -> frozenset[str]:
    """Everybody whose own hire may be decided by others than another's would be, in these places."""
    persons = {member for team in powers.policy.teams.values() for member in team.members}
    for unit in {unit for _, unit in found}:
        known, path = powers.at(unit), tuple(above.id for above in powers.tree.path(unit))
        persons |= persons_named(known, powers.tree, path) | words_and_holders(known.delegations, known.substitutions)
    return frozenset(persons - {""})
