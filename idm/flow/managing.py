"""Managing: which units somebody manages today, themselves or in a manager's place, and where they may start hires."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from idm.domain.access_policy import Startable
from idm.domain.authority import Ground, Matter
from idm.domain.authority_powers import PersonState, Powers, Substitution, by_person, persons_named
from idm.domain.authority_resolution import resolve
from idm.domain.journey import Actor
from idm.domain.people import Organisation
from idm.errors import NotFound
from idm.ports import App


def is_there(state: PersonState | None, today: date) -> bool:
    """Whether somebody is there to act at all: known, employed today, and not without access."""
    if state is None or state.no_access:
        return False
    return (state.first_day is None or state.first_day <= today) and (state.last_day is None or today <= state.last_day)


def managed_units(app: App, person: str, tree: Organisation | None = None) -> frozenset[str]:
    """The units that `person` manages today, themselves or as a substitute, with all below. None for who isn't there to act.

    Three questions to the database, however many units there are.
    """
    tree, today = tree or app.store.organisation(), app.clock.today()
    absences = by_person(app.store.substitutions(since=today))
    principals = _stood_in_for(person, absences, today)
    managed_by_them = {unit.id for unit in tree.units.values() if unit.manager in principals}
    # Somebody may stand in for a part of what the other manages only.
    parts = {unit for away in principals for each in absences.get(away, ()) for unit in each.units}
    managed_by_them |= {part for part in parts if any(above.id in managed_by_them for above in tree.path(part))}
    policy = app.policies.current().authority
    unread = Powers(substitutions=absences, policy=policy)
    path = tuple({above.id for unit in managed_by_them for above in tree.path(unit)})
    powers = Powers(substitutions=absences, people=app.store.person_states(persons_named(unread, tree, path) | {person}), policy=policy)
    if not is_there((powers.people or {}).get(person), today):
        return frozenset()
    own = {unit for unit in managed_by_them if tree.units[unit].manager == person or _stands_in(person, unit, today, tree, powers)}
    return frozenset(unit for unit in tree.units if any(above.id in own for above in tree.path(unit)))


def _stood_in_for(person: str, absences: Mapping[str, Iterable[Substitution]], today: date) -> set[str]:
    """The person, and everybody for whom they may stand in today, through others too."""
    by_substitute: dict[str, list[str]] = {}
    for away, each in ((away, each) for away, held in absences.items() for each in held):
        if each.holds(today):
            by_substitute.setdefault(each.substitute, []).append(away)
    found, look = {person}, [person]
    while look:
        for away in by_substitute.get(look.pop(), ()):
            if away not in found:
                found.add(away)
                look.append(away)
    return found


def _stands_in(person: str, unit: str, today: date, tree: Organisation, powers: Powers) -> bool:
    found = resolve(Actor.MANAGER, Matter("", unit, ""), today, tree, powers).holder(person)
    return found is not None and bool(found.substitute_for) and found.ground is Ground.MANAGER


def startable(app: App, person: str) -> Startable:
    """Where `person` may start hires, and into which positions, as access.yaml says. Nowhere for who isn't there to act."""
    tree, policies = app.store.organisation(), app.policies.current()
    if not is_there(app.store.person_states({person}).get(person), app.clock.today()):
        return Startable()
    return policies.access.startable(person, managed_units(app, person, tree), tree, policies.authority)


def demand_startable(app: App, person: str, unit: str, position: str) -> None:
    """Raise `NotFound` unless `person` may start a hire there, into that position; it doesn't tell whether unit and position exist."""
    if not startable(app, person).allows(unit, position):
        raise NotFound(
            f"There is no unit '{unit}' with a position '{position}' in which you can start a hire.",
            next_step="Choose from those that are offered.",
        )
