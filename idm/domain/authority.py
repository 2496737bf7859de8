"""Who may do what: delegations, and who holds an authority for a case at the moment someone acts."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from idm.domain.journey import Actor
from idm.domain.people import Organisation


class Authority(enum.StrEnum):
    """What a manager can delegate: pay (lønbemyndiget) and IT (IT-bemyndiget)."""

    PAY = "pay"
    IT = "it"


@dataclass(frozen=True, slots=True)
class Delegation:
    """A grant of an authority to a person for a unit and all below it, or for one case, in a period (both days inclusive)."""

    id: str
    authority: Authority
    unit: str
    to: str
    granted_by: str
    since: date
    until: date | None = None
    case: str = ""
    revoked: bool = False

    def holds(self, day: date) -> bool:
        """Whether it is in force on `day`."""
        return not self.revoked and self.since <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class Holder:
    """Someone who may act, and why: through a delegation (its id and granter) or as manager of a unit."""

    person: str
    authority: str
    unit: str
    delegation: str = ""
    granted_by: str = ""

    @property
    def basis(self) -> str:
        """The reason in words."""
        if self.delegation:
            return f"{self.authority} contact of {self.unit} by delegation {self.delegation} from {self.granted_by}"
        return "the new hire" if self.authority == Actor.HIRE else f"manager of {self.unit}"


@dataclass(frozen=True, slots=True)
class Matter:
    """What an authority is wanted for: a case, the unit of its employment, the person hired, the manager that the event named."""

    case: str
    unit: str
    hire: str
    manager: str = ""


def holders(actor: Actor, matter: Matter, day: date, organisation: Organisation, delegations: Iterable[Delegation]) -> tuple[Holder, ...]:
    """Everyone who may act as `actor` in `matter` on `day`; the nearest wins: the case, then the unit, then its parents.

    The person hired never decides on their own hire: whoever it is, they are passed over and the next level is asked.
    """
    match actor:
        case Actor.HIRE:
            return (Holder(matter.hire, Actor.HIRE.value, matter.unit),)
        case Actor.MANAGER:
            return _managers(matter, organisation)
        case Actor.PAY | Actor.IT:
            return contacts(Authority(actor.value), matter, day, organisation, delegations)
        case Actor.REVIEWER:
            raise ValueError("a reviewer is settled to pay or IT when the case begins")


def _managers(matter: Matter, organisation: Organisation) -> tuple[Holder, ...]:
    if matter.manager and matter.manager != matter.hire:
        return (Holder(matter.manager, Actor.MANAGER.value, matter.unit),)
    for unit in organisation.path(matter.unit):
        if unit.manager and unit.manager != matter.hire:
            return (Holder(unit.manager, Actor.MANAGER.value, unit.id),)
    return ()


def contacts(
    authority: Authority, matter: Matter, day: date, organisation: Organisation, delegations: Iterable[Delegation]
) -> tuple[Holder, ...]:
    """The holders of a delegated authority for `matter`, from the nearest level that has any."""
    # What the person hired granted doesn't count either: in their own hire it would be their own word.
    standing = [d for d in delegations if d.authority is authority and d.holds(day) and matter.hire not in (d.to, d.granted_by)]
    for_case = [d for d in standing if d.case == matter.case and matter.case]
    if for_case:
        return _holders(for_case)
    for unit in organisation.path(matter.unit):
        here = [d for d in standing if not d.case and d.unit == unit.id]
        if here:
            return _holders(here)
    return ()


def _holders(delegations: Iterable[Delegation]) -> tuple[Holder, ...]:
    people: dict[str, Holder] = {}
    for delegation in sorted(delegations, key=lambda d: (d.since, d.id)):
        holder = Holder(delegation.to, delegation.authority.value, delegation.unit, delegation.id, delegation.granted_by)
        people.setdefault(delegation.to, holder)
    return tuple(people.values())


def may_delegate(granter: str, unit: str, organisation: Organisation) -> bool:
    """Whether `granter` manages the unit or one above it, and so may delegate its authorities."""
    return any(above.manager == granter for above in organisation.path(unit))
