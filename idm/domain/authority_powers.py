"""What a resolution is made from: substitutes, back-ups, teams, who is there to act, and the policy on confirming powers."""

from __future__ import annotations

import enum
from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from idm.domain.authority import TEAM, Delegation
from idm.domain.four_eyes import FourEyesRule
from idm.domain.journey import Source
from idm.domain.people import Organisation


@dataclass(frozen=True, slots=True)
class Substitution:
    """That a person is away in a period (both days inclusive), and who acts for them: `substitute`, or nobody ("").

    `authorities` (`manager`, `pay`, `it`) and `units` (with all below) narrow it; none means all. `entered_by` is a person, or the
    administrator's name. `ended` is the day on which it was ended before its time.
    """

    id: str
    person: str
    substitute: str
    since: date
    until: date | None = None
    authorities: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    entered_by: str = ""
    ended: date | None = None

    def holds(self, day: date) -> bool:
        """Whether it is in force on `day`."""
        return self.ended is None and self.since <= day and (self.until is None or day <= self.until)

    def covers(self, authority: str, path: tuple[str, ...], day: date) -> bool:
        """Whether it is in force on `day` for an authority in a unit, given as the ids from the unit to the top."""
        if not self.holds(day) or (self.authorities and authority not in self.authorities):
            return False
        return not self.units or any(unit in self.units for unit in path)

    @property
    def breadth(self) -> tuple[bool, bool, date, str]:
        """What orders substitutions of one person: the narrow before the wide, then the older."""
        return (not self.authorities, not self.units, self.since, self.id)


@dataclass(frozen=True, slots=True)
class PersonState:
    """Whether a person is there to act: first and last day of all employments (None: none, or no end), and why they have no access."""

    first_day: date | None = None
    last_day: date | None = None
    no_access: str = ""


@dataclass(frozen=True, slots=True)
class Team:
    """A team that holds powers together: any member may act, and mail goes to its `mailbox`."""

    id: str
    titles: Mapping[str, str]
    members: tuple[str, ...]
    mailbox: str
    source: Source = Source()


@dataclass(frozen=True, slots=True)
class Backup:
    """Who acts for an authority (`manager`, `pay`, `it`) when nobody else can: persons, or teams behind `team:`, for units (none: all)."""

    id: str
    authority: str
    holders: tuple[str, ...]
    units: tuple[str, ...] = ()
    source: Source = Source()


class Confirmation(enum.StrEnum):
    """Whether a delegation is confirmed: `fine`, `soon` due, `due` (in its days of grace), `lapsed`."""

    FINE = "fine"
    SOON = "soon"
    DUE = "due"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class ConfirmRule:
    """How often delegations are to be confirmed, in months, and the days of grace until they lapse and of warning before they are due."""

    months: int
    grace_days: int = 30
    warn_days: int = 30
    source: Source = Source()

    def due(self, delegation: Delegation) -> date:
        """The day on which it must be confirmed again."""
        return months_after(delegation.confirmed_on or delegation.since, self.months)

    def lapses(self, delegation: Delegation) -> date:
        """The first day on which it doesn't hold any more unless somebody confirms it."""
        return self.due(delegation) + timedelta(self.grace_days)

    def state(self, delegation: Delegation, day: date) -> Confirmation:
        """How a delegation stands on `day`; one for a single case ends with it and needs no confirmation."""
        due = self.due(delegation)
        if delegation.case or day < due - timedelta(self.warn_days):
            return Confirmation.FINE
        if day < due:
            return Confirmation.SOON
        return Confirmation.DUE if day < self.lapses(delegation) else Confirmation.LAPSED


def months_after(day: date, months: int) -> date:
    """The same day of the month, that many months later; the month's last day if it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@dataclass(frozen=True, slots=True)
class AuthorityPolicy:
    """The rules of authority.yaml: back-ups, teams, how often powers are confirmed, and where a second pair of eyes is asked.

    `amounts` names, by form, the field whose value is the amount in kroner that limits and four eyes go by.
    """

    backups: tuple[Backup, ...] = ()
    teams: Mapping[str, Team] = field(default_factory=dict)
    confirm: ConfirmRule | None = None
    four_eyes: tuple[FourEyesRule, ...] = ()
    amounts: Mapping[str, str] = field(default_factory=dict)

    def backups_for(self, authority: str, path: tuple[str, ...]) -> Iterator[Backup]:
        """The back-ups of an authority in a unit (its ids up to the top), the nearest first, those for everywhere last."""
        matching = [backup for backup in self.backups if backup.authority == authority]
        for unit in path:
            yield from (backup for backup in matching if unit in backup.units)
        yield from (backup for backup in matching if not backup.units)

    def members(self, holder: str) -> tuple[str, ...]:
        """The persons that a holder stands for: itself, or a team's members; none for a team that policy doesn't have."""
        if not holder.startswith(TEAM):
            return (holder,)
        team = self.teams.get(holder.removeprefix(TEAM))
        return team.members if team is not None else ()


NO_POLICY = AuthorityPolicy()


@dataclass(frozen=True, slots=True)
class Powers:
    """Everything that says who may act: delegations, substitutions, policy, and the state of `people` (None: all are there to act)."""

    delegations: tuple[Delegation, ...] = ()
    substitutions: Mapping[str, tuple[Substitution, ...]] = field(default_factory=dict)
    people: Mapping[str, PersonState] | None = None
    policy: AuthorityPolicy = NO_POLICY

    def stand_ins(self, person: str, authority: str, path: tuple[str, ...], day: date) -> list[Substitution]:
        """The substitutions that make `person` absent for an authority in a unit on `day`, the narrowest first."""
        known = self.substitutions.get(person, ())
        return sorted((each for each in known if each.covers(authority, path, day)), key=lambda each: each.breadth)

    def lapsed(self, delegation: Delegation, day: date) -> bool:
        """Whether it wasn't confirmed in time."""
        rule = self.policy.confirm
        return rule is not None and rule.state(delegation, day) is Confirmation.LAPSED


def by_person(substitutions: Iterable[Substitution]) -> dict[str, tuple[Substitution, ...]]:
    """The substitutions of each person who is substituted."""
    found: dict[str, tuple[Substitution, ...]] = {}
    for each in substitutions:
        found[each.person] = (*found.get(each.person, ()), each)
    return found


def persons_named(powers: Powers, organisation: Organisation, path: tuple[str, ...]) -> set[str]:
    """Everybody whose state a resolution in a unit may ask for, beside the persons of the matter itself."""
    named = {organisation.units[unit].manager for unit in path}
    for delegation in powers.delegations:
        named.update(powers.policy.members(delegation.to))
    for backup in powers.policy.backups:
        named.update(person for holder in backup.holders for person in powers.policy.members(holder))
    named.update(each.substitute for held in powers.substitutions.values() for each in held)
    return named - {""}
