"""What a manager sees of powers: who holds what in their units, what was done with it, and where somebody is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from idm.domain.authority import APPOINTED, TEAM, Authority, Delegation, Matter
from idm.domain.authority_powers import Confirmation
from idm.domain.journey import Actor
from idm.domain.people import Organisation, Unit
from idm.flow.delegation_life import confirmation
from idm.flow.managing import managed_units
from idm.flow.powers import PowersNow
from idm.ports import App


@dataclass(frozen=True, slots=True)
class Power:
    """One delegation in force or to come, with the names of who holds and who granted it, and whether it must be confirmed."""

    delegation: Delegation
    unit: str
    holder: str
    granter: str
    confirmation: Confirmation | None


@dataclass(frozen=True, slots=True)
class PowersPage:
    """The powers in the units that somebody manages. `missing`: units in which nobody can act, each with the authority."""

    units: Sequence[Unit]
    powers: Sequence[Power]
    missing: Sequence[tuple[Unit, Authority]]


def powers_page(app: App, person: str, language: str) -> PowersPage:
    """What `person` sees: their own units with all below, and the units above, whose powers reach down."""
    tree, today = app.store.organisation(), app.clock.today()
    managed = managed_units(app, person, tree)
    units = [unit for unit in tree.units.values() if unit.id in managed]
    around = set(managed) | {above.id for unit in managed for above in tree.path(unit)}
    held = [
        each
        for each in app.store.delegations(units=around)
        if not each.revoked and not each.case and (each.until is None or each.until >= today)
    ]
    names = _names(app, held, language)
    states = confirmation(app, held)
    powers = [
        Power(
            each,
            tree.units[each.unit].name if each.unit in tree.units else each.unit,
            names.get(each.to, each.to),
            names.get(each.granted_by, each.granted_by),
            states.get(each.id),
        )
        for each in held
    ]
    order = {unit: place for place, unit in enumerate(tree.units)}
    powers.sort(key=lambda power: (order.get(power.delegation.unit, len(order)), power.delegation.authority, power.holder))
    return PowersPage(units, powers, _missing(app, tree, units))


def _missing(app: App, tree: Organisation, units: Sequence[Unit]) -> list[tuple[Unit, Authority]]:
    now = PowersNow(app, tree, everything=True)
    return [
        (unit, authority)
        for unit in units
        for authority in APPOINTED
        if not now.resolve(Actor(authority.value), Matter("", unit.id, "")).asked
    ]


def _names(app: App, held: Sequence[Delegation], language: str) -> Mapping[str, str]:
    teams = app.policies.current().authority.teams
    people = app.store.people({id for each in held for id in (each.to, each.granted_by) if id and not id.startswith(TEAM)})
    named = {f"{TEAM}{id}": team.titles.get(language, id) for id, team in teams.items()}
    return {**named, **{id: person.full_name for id, person in people.items()}}
