"""Where a person's tasks are looked for: what `reach` says of the powers as they are in the database today."""

from __future__ import annotations

from dataclasses import dataclass, replace

from idm.domain.journey import Actor
from idm.domain.reach import holders_of, levels, places, stands_for, surely_there, who_matters
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
    standing_powers = powers.at({unit for _, unit in found})
    hires = who_matters(standing_powers, powers.tree, found)
    asked = levels(person, found, powers.today, powers.tree, standing_powers)
    up = {(actor.value, unit): -1 if level is None else level for (actor, unit), level in asked.items()}
    search = Search(person, persons, holders, up, hires, frozenset({*hires, *members, "*"}), absent)
    own = places(persons, standing, powers.today, powers.tree, replace(powers.policy, backups=()))
    watched = frozenset(unit for actor, unit in own if actor is Actor.MANAGER or search.levels[actor.value, unit] == 0)
    return Reach(search, powers, watched)
