"""Delegation: a manager grants pay or IT authority to people, for a unit and all below it or for one case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from idm.domain import audit
from idm.domain.authority import Authority, Delegation, may_delegate
from idm.errors import BadInput, Conflict, Fault, NotAllowed, NotFound
from idm.flow.changing import load
from idm.flow.identity import fresh
from idm.flow.known_as import all_known_as, known_as
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
    administrator: str = "",
) -> list[Delegation]:
    """Grant `authority` over `unit` to each of `to`. `granter` defaults to the unit's manager and must manage it or a unit above.

    `since` defaults to today. What somebody holds already is answered as it is. Everything wrong is named at once, and then nothing is
    granted.
    """
    to, granter = all_known_as(app, to), known_as(app, granter)
    organisation = app.store.organisation()
    start = since or app.clock.today()
    faults: list[Fault] = []
    if unit not in organisation.units:
        faults.append(Fault("unit", "unknown-unit", f"there is no unit '{unit}'"))
    known = app.store.people([*to, granter] if granter else to)
    faults.extend(Fault("to", "unknown-person", f"there is no person '{person}'") for person in to if person not in known)
    if not to:
        faults.append(Fault("to", "required", "name at least one person"))
    if until is not None and until < start:
        faults.append(Fault("until", "order", f"it ends ({until}) before it begins ({start})"))
    if case:
        loaded = load(app, case)
        if loaded.case.facts.unit != unit:
            faults.append(Fault("case", "other-unit", f"case {case} belongs to unit '{loaded.case.facts.unit}'"))
        if loaded.case.person in to:
            faults.append(Fault("to", "own-hire", "the person hired can't hold an authority in their own hire"))
    if faults:
        raise BadInput("The delegation can't be granted.", faults=faults, next_step="Mend what is named; nothing was granted.")
    by = granter or next((above.manager for above in organisation.path(unit) if above.manager), "")
    if not by or not may_delegate(by, unit, organisation):
        raise NotAllowed(
            f"{by or 'Nobody'} does not manage unit '{unit}' or a unit above it, and so can't delegate its authority.",
            next_step="Name the manager with --as, or give the unit a manager by `idm org import`.",
        )
    held = {each.to: each for each in app.store.delegations(units=[unit]) if _same(each, authority, case, start, until)}
    granted = [
        held.get(person) or Delegation(fresh(app, "d"), authority, unit, person, by, start, until, case) for person in dict.fromkeys(to)
    ]
    with app.store.write() as writer:
        write_delegations(app, writer, [each for each in granted if each.to not in held], administrator)
    return granted


def _same(held: Delegation, authority: Authority, case: str, start: date, until: date | None) -> bool:
    """Whether a delegation already gives what is asked for from `start` on, to its very end: granting it again changes nothing."""
    return held.authority is authority and held.case == case and held.holds(start) and held.until == until


def revoke(app: App, id: str, *, revoker: str = "", administrator: str = "") -> Delegation:
    """End a delegation at once. `revoker` defaults to who granted it; the unit's manager or one above may, too.

    What was decided through it stays decided. Raises `NotFound`, `NotAllowed`, or `Conflict` if it was revoked before.
    """
    found = next((each for each in app.store.delegations() if each.id == id), None)
    if found is None:
        raise NotFound(f"There is no delegation '{id}'.", next_step="`idm delegations list` shows them.")
    by = known_as(app, revoker) or found.granted_by
    if by != found.granted_by and not may_delegate(by, found.unit, app.store.organisation()):
        raise NotAllowed(
            f"{by} did not grant this delegation, and manages neither unit '{found.unit}' nor a unit above it.",
            next_step=f"{found.granted_by} granted it; name who revokes it with --as.",
        )
    if found.revoked:
        raise Conflict(f"Delegation {id} was revoked before.", next_step="Nothing is to be done.")
    revoked = replace(found, revoked=True)
    now = app.clock.now()
    payload = {"delegation": id, "authority": found.authority.value, "unit": found.unit, "to": found.to, "administrator": administrator}
    with app.store.write() as writer:
        writer.add_delegation(revoked)
        writer.append("delegations", lambda head: audit.chain("delegations", head, now, by, "revoked", payload, app.random(12).hex()))
    return revoked


def write_delegations(app: App, writer: Writer, granted: Sequence[Delegation], administrator: str) -> None:
    """Add delegations and their audit entries through `writer`."""
    now = app.clock.now()
    for delegation in granted:
        writer.add_delegation(delegation)
        payload = {
            "delegation": delegation.id,
            "authority": delegation.authority.value,
            "unit": delegation.unit,
            "to": delegation.to,
            "since": delegation.since.isoformat(),
            "until": delegation.until.isoformat() if delegation.until else "",
            "case": delegation.case,
            "administrator": administrator,
        }

        def entry(head: tuple[int, str], payload: dict[str, str] = payload, by: str = delegation.granted_by) -> audit.Entry:
            return audit.chain("delegations", head, now, by, "delegated", payload, app.random(12).hex())

        writer.append("delegations", entry)
