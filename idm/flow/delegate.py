"""Delegation: a manager grants an authority to people or teams, for a unit and all below it or for one case, with limits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from idm.domain.authority import NO_LIMITS, TEAM, Authority, Delegation, Limits, Matter, may_delegate
from idm.domain.journey import Actor, TaskKind
from idm.domain.people import Organisation
from idm.errors import BadInput, Fault, NotAllowed
from idm.flow.graphs import load
from idm.flow.identity import fresh
from idm.flow.known_as import all_known_as, known_as
from idm.flow.power_audit import note, told
from idm.flow.powers import PowersNow
from idm.ports import App
from idm.ports_store import Writer


def delegate(
    app: App,
    authority: Authority,
    unit: str,
    to: Sequence[str],
    *,
    granter: str = "",
    since: date | None = None,
    until: date | None = None,
    case: str = "",
    limits: Limits = NO_LIMITS,
    administrator: str = "",
) -> list[Delegation]:
    """Grant `authority` over `unit` to each of `to`: persons, or teams of policy as `team:NAME`.

    `granter` defaults to the unit's manager; it must manage the unit or one above, or be substitute for who does. `since` defaults to
    today. What somebody holds already is answered as it is. Everything wrong is named at once, and then nothing is granted.
    """
    to, granter = all_known_as(app, to), known_as(app, granter)
    organisation = app.store.organisation()
    start = since or app.clock.today()
    faults = [*_place_faults(organisation, unit, limits), *_holder_faults(app, to), *_kind_faults(app, limits)]
    if until is not None and until < start:
        faults.append(Fault("until", "order", f"it ends ({until}) before it begins ({start})"))
    if limits.amount is not None and limits.amount <= 0:
        faults.append(Fault("amount", "range", "a limit of nothing would let them decide nothing; leave it out or name more kroner"))
    if case:
        loaded = load(app, case)
        if loaded.case.facts.unit != unit:
            faults.append(Fault("case", "other-unit", f"case {case} belongs to unit '{loaded.case.facts.unit}'"))
        if loaded.case.person in to:
            faults.append(Fault("to", "own-hire", "the person hired can't hold an authority in their own hire"))
    if faults:
        raise BadInput("The delegation can't be granted.", faults=faults, next_step="Mend what is named; nothing was granted.")
    by = granter or next((above.manager for above in organisation.path(unit) if above.manager), "")
    if not by or not manages(app, by, unit, organisation):
        raise NotAllowed(
            f"{by or 'Nobody'} does not manage unit '{unit}' or a unit above it, and so can't delegate its authority.",
            next_step="Name the manager with --as, or give the unit a manager by `idm org import`.",
        )
    held = {each.to: each for each in app.store.delegations(units=[unit]) if _same(each, authority, case, start, until, limits)}
    granted = [
        held.get(holder) or Delegation(fresh(app, "d"), authority, unit, holder, by, start, until, case, limits=limits)
        for holder in dict.fromkeys(to)
    ]
    with app.store.write() as writer:
        write_delegations(app, writer, [each for each in granted if each.to not in held], administrator)
    return granted


def _holder_faults(app: App, to: Sequence[str]) -> list[Fault]:
    if not to:
        return [Fault("to", "required", "name at least one person")]
    teams = app.policies.current().authority.teams
    known = app.store.people([holder for holder in to if not holder.startswith(TEAM)])
    faults = [Fault("to", "unknown-person", f"there is no person '{holder}'") for holder in to if holder not in known and ":" not in holder]
    for holder in to:
        if ":" in holder and holder.removeprefix(TEAM) not in teams:
            faults.append(Fault("to", "unknown-team", f"policy has no team '{holder}'; authority.yaml has: {', '.join(teams) or 'none'}"))
    return faults


def _place_faults(organisation: Organisation, unit: str, limits: Limits) -> list[Fault]:
    faults = [] if unit in organisation.units else [Fault("unit", "unknown-unit", f"there is no unit '{unit}'")]
    for within in limits.units:
        if within not in organisation.units:
            faults.append(Fault("in", "unknown-unit", f"there is no unit '{within}'"))
        elif not any(above.id == unit for above in organisation.path(within)):
            faults.append(
                Fault("in", "outside", f"unit '{within}' is not in or below '{unit}', so the delegation would hold nowhere there")
            )
    return faults


def _kind_faults(app: App, limits: Limits) -> list[Fault]:
    policies = app.policies.current()
    known = {kind.value for kind in TaskKind} | set(policies.documents) | set(policies.checks) | set(policies.forms)
    return [
        Fault("kind", "unknown-kind", f"'{kind}' is no kind of task or document and no form; there are: {', '.join(sorted(known))}")
        for kind in limits.kinds
        if kind not in known
    ]


def manages(app: App, person: str, unit: str, organisation: Organisation) -> bool:
    """Whether a person manages a unit or one above it, or is the substitute today of somebody who does."""
    if may_delegate(person, unit, organisation):
        return True
    now = PowersNow(app, organisation)
    levels = (now.resolve(Actor.MANAGER, Matter("", above.id, "")) for above in organisation.path(unit))
    return any(holder.person == person and holder.substitute_for for found in levels for holder in found.holders)


def _same(held: Delegation, authority: Authority, case: str, start: date, until: date | None, limits: Limits) -> bool:
    """Whether a delegation already gives what is asked for from `start` on, to its very end: granting it again changes nothing."""
    return (held.authority, held.case, held.until, held.limits) == (authority, case, until, limits) and held.holds(start)


def write_delegations(app: App, writer: Writer, granted: Sequence[Delegation], administrator: str) -> None:
    """Add delegations and their audit entries through `writer`."""
    for delegation in granted:
        writer.add_delegation(delegation)
        note(app, writer, delegation.granted_by, "delegated", told(delegation, administrator))
