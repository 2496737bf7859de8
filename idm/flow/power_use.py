"""Using a power: whether somebody has it for a step, and what is kept of the decision that they make by it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from idm.domain.authority import Ground, Holder
from idm.domain.case import Approval, Case
from idm.domain.journey import Actor, StepDef
from idm.errors import NotAllowed, NotFound
from idm.flow.powers import PowersNow, matter_at
from idm.ports import App
from idm.rows import DecisionRow

_OWN = "own"


def demand_power(
    app: App,
    case: Case,
    actor: Actor,
    step: StepDef,
    person: str,
    values: Mapping[str, Any] | None = None,
    *,
    escalated: int = 0,
    amount: Decimal | None = None,
) -> Holder:
    """By what power `person` may answer a step with `values`; raises `NotAllowed` with who may, and why this one may not.

    `escalated`: so many levels up the task has gone. `amount`: the kroner it is about, where that isn't told by `values`.
    """
    if app.store.person(person) is None:
        raise NotFound(f"There is no person '{person}'.", next_step="Persons carry the ids of the organisation file.")
    now = PowersNow(app)
    found = now.resolve(actor, matter_at(now.policy, case, step, values, amount), escalated=escalated)
    holder = found.holder(person)
    if holder is not None:
        return holder
    if person == case.person:
        raise NotAllowed("Nobody decides on their own hire.", next_step=_who(found.holders))
    why = found.why_not(person)
    raise NotAllowed(
        f"{person} does not hold the {actor.value} authority for this case today{f': {why}' if why else ''}.", next_step=_who(found.holders)
    )


def _who(may: Iterable[Holder]) -> str:
    names = ", ".join(holder.person for holder in may)
    return f"It waits for {names}." if names else "Nobody holds it: use `idm delegate` to grant it."


def approval_by(holder: Holder, now: datetime, administrator: str) -> Approval:
    """The decision of somebody who acts by a power; `administrator` typed it."""
    return Approval(
        holder.person,
        holder.authority,
        now,
        holder.delegation,
        holder.granted_by,
        administrator,
        via=holder.via if holder.via != _OWN else "",
        place_of=holder.principal if holder.substitute_for else "",
    )


def basis_of(holder: Holder) -> Mapping[str, Any]:
    """What the audit tells of the power: its ground in words, and whom a substitute acted for."""
    told: dict[str, Any] = {"basis": holder.basis}
    if holder.substitute_for:
        told["substitute_for"] = list(holder.substitute_for)
    if holder.ground is Ground.BACKUP or holder.team:
        told["via"] = holder.via
    return told


def decision_by(holder: Holder, task: str, case: str, action: str, now: datetime) -> DecisionRow:
    """What is kept of the decision, so that whoever was substituted sees it, and a power shows when it was last used."""
    place_of = holder.principal if holder.substitute_for else ""
    return DecisionRow(task, case, action, now, holder.person, holder.authority, holder.via, holder.delegation, place_of)
