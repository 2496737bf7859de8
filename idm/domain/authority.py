"""Who may do what: delegations with their limits, what an authority is wanted for, and someone who may act, with the ground they act on."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from idm.domain.people import Organisation

TEAM = "team:"
"""What stands before a team's id where a person could stand too."""


class Authority(enum.StrEnum):
    """What a manager can delegate: pay (lønbemyndiget), IT (IT-bemyndiget), and payroll control (central lønkontrol)."""

    PAY = "pay"
    IT = "it"
    CONTROL = "control"


APPOINTED = (Authority.PAY, Authority.IT)
"""The authorities that every hire needs a contact for."""


@dataclass(frozen=True, slots=True)
class Matter:
    """What an authority is wanted for: a case, the unit of its employment, the person hired, the manager that the event named.

    `kinds` are the kinds of the task and of its document; `amount` is in kroner; none and None while they aren't known. `seen` are the
    persons who were the first pair of eyes in this very matter, `ordered_by` those whose own order is to be approved.
    """

    case: str
    unit: str
    hire: str
    manager: str = ""
    amount: Decimal | None = None
    kinds: tuple[str, ...] = ()
    seen: frozenset[str] = frozenset()
    ordered_by: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a delegation goes: an amount in kroner (that one is within it), units with all below them, kinds of task or document.

    Nothing given is no limit. What isn't known of a matter exceeds no limit: it is asked again when it is known.
    """

    amount: Decimal | None = None
    units: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()

    def exceeded(self, matter: Matter, path: tuple[str, ...]) -> str:
        """In words, which limit the matter goes beyond; "" for none. `path` are the ids from its unit to the top."""
        if self.amount is not None and matter.amount is not None and matter.amount > self.amount:
            return f"only up to {self.amount:f} kroner"
        if self.units and not any(unit in self.units for unit in path):
            return f"only in {', '.join(self.units)}"
        if self.kinds and matter.kinds and not any(kind in self.kinds for kind in matter.kinds):
            return f"only for {', '.join(self.kinds)}"
        return ""

    def words(self) -> str:
        """All limits in words; "" for none."""
        said = [f"up to {self.amount:f} kroner"] if self.amount is not None else []
        said += [f"in {', '.join(self.units)}"] if self.units else []
        said += [f"for {', '.join(self.kinds)}"] if self.kinds else []
        return "; ".join(said)


NO_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Delegation:
    """A grant of an authority to a person or team, for a unit and all below it, or for one case, in a period (both days inclusive).

    `to` is a person's id, or a team's behind `team:`. `confirmed_on` is the day on which a manager last said that it goes on, and
    `confirmed_by` who did.
    """

    id: str
    authority: Authority
    unit: str
    to: str
    granted_by: str
    since: date
    until: date | None = None
    case: str = ""
    revoked: bool = False
    limits: Limits = NO_LIMITS
    confirmed_on: date | None = None
    confirmed_by: str = ""

    def holds(self, day: date) -> bool:
        """Whether it is in force on `day`, by its own period."""
        return not self.revoked and self.since <= day and (self.until is None or day <= self.until)

    @property
    def team(self) -> str:
        """The id of the team that holds it; "" if a person does."""
        return self.to.removeprefix(TEAM) if self.to.startswith(TEAM) else ""

    @property
    def word_of(self) -> frozenset[str]:
        """On whose word it stands: who granted it, and who confirmed it."""
        return frozenset(person for person in (self.granted_by, self.confirmed_by) if person)


class Ground(enum.StrEnum):
    """What someone's own power rests on, in the order of preference."""

    HIRE = "hire"
    CASE = "case"
    NAMED = "named"
    UNIT = "unit"
    MANAGER = "manager"
    BACKUP = "backup"


@dataclass(frozen=True, slots=True)
class Holder:
    """Someone who may act, and why.

    `ground` says what the power rests on, `delegation` and `granted_by` through which grant on whose word, `team` that it is a team's
    mailbox, `rule` which line of policy. `substitute_for` are the persons in whose place they act, the one whose power it is first, and
    `until` is the last day of that. `away_until` is set for someone who is away and may still act (`date.max`: no end is known).
    `escalated`: asked beside the nearest level because it waited too long.
    """

    person: str
    authority: str
    unit: str
    delegation: str = ""
    granted_by: str = ""
    ground: Ground = Ground.UNIT
    team: str = ""
    rule: str = ""
    substitute_for: tuple[str, ...] = field(default=())
    until: date | None = None
    away_until: date | None = None
    escalated: bool = False

    @property
    def principal(self) -> str:
        """Whose power it is: the one substituted, or the holder."""
        return self.substitute_for[0] if self.substitute_for else self.person

    @property
    def via(self) -> str:
        """How they come to act: `own`, `team`, `backup` or `substitute`."""
        if self.substitute_for:
            return "substitute"
        if self.ground is Ground.BACKUP:
            return "backup"
        return "team" if self.team else "own"

    @property
    def basis(self) -> str:
        """The reason in words."""
        said = self._own_power()
        if self.substitute_for:
            chain = ", who is substitute for ".join(reversed(self.substitute_for))
            said = f"substitute for {chain}{_until(self.until)}: {said}"
        if self.away_until is not None:
            said = f"{said}; away{_until(self.away_until)}, and may still act"
        return f"on escalation: {said}" if self.escalated else said

    def _own_power(self) -> str:
        member = f", as a member of team {self.team}" if self.team else ""
        match self.ground:
            case Ground.HIRE:
                return "the new hire"
            case Ground.NAMED:
                return f"manager of {self.unit}, as the hire event names"
            case Ground.MANAGER:
                return f"manager of {self.unit}"
            case Ground.BACKUP:
                return f"central back-up for {self.authority} by {self.rule}{member}"
            case Ground.CASE:
                return f"{self.authority} contact of this case by delegation {self.delegation} from {self.granted_by}{member}"
            case Ground.UNIT:
                return f"{self.authority} contact of {self.unit} by delegation {self.delegation} from {self.granted_by}{member}"


def _until(day: date | None) -> str:
    return "" if day is None or day == date.max else f" until {day}"


def may_delegate(granter: str, unit: str, organisation: Organisation) -> bool:
    """Whether `granter` manages the unit or one above it, and so may delegate its authorities."""
    return any(above.manager == granter for above in organisation.path(unit))


def manager_of(matter: Matter, organisation: Organisation) -> str:
    """The manager of a matter as a fact, whoever acts for them today: the one that the event named, else the nearest; never the hire."""
    if matter.manager and matter.manager != matter.hire:
        return matter.manager
    return next((unit.manager for unit in organisation.path(matter.unit) if unit.manager and unit.manager != matter.hire), "")
