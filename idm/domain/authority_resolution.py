"""Who is asked, and why nobody else: the one answer to who may act for a matter on a day, with every reason."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from idm.domain.authority import TEAM, Delegation, Ground, Holder, Matter
from idm.domain.authority_powers import Powers, Substitution
from idm.domain.journey import Actor
from idm.domain.people import Organisation


class Skip(enum.StrEnum):
    """Why a candidate isn't asked."""

    OWN_HIRE = "own-hire"
    OWN_WORD = "own-word"
    UNKNOWN = "unknown-person"
    UNKNOWN_TEAM = "unknown-team"
    NOT_YET = "not-yet-employed"
    LEFT = "left"
    NO_ACCESS = "no-access"
    AWAY = "away"
    REVOKED = "revoked"
    ENDED = "ended"
    NOT_BEGUN = "not-begun"
    LAPSED = "unconfirmed"
    LIMIT = "over-limit"
    FIRST_EYES = "first-eyes"
    OWN_ORDER = "own-order"
    LOOP = "loop"


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A candidate who isn't asked: the power they would have had, and why not, as a code and in words."""

    holder: Holder
    skip: Skip
    words: str


@dataclass(frozen=True, slots=True)
class Resolution:
    """Who may act: `asked` in the order of preference; `also` those who are away and may still act; `beyond` who would be asked next."""

    actor: Actor
    asked: tuple[Holder, ...] = ()
    also: tuple[Holder, ...] = ()
    beyond: tuple[Holder, ...] = ()
    passed: tuple[PassedOver, ...] = ()

    @property
    def holders(self) -> tuple[Holder, ...]:
        """Everybody who may act, whom it waits for first."""
        return (*self.asked, *self.also)

    def holder(self, person: str) -> Holder | None:
        """By what power `person` may act; None if they may not."""
        return next((holder for holder in self.holders if holder.person == person), None)

    def why_not(self, person: str) -> str:
        """In words, why `person` may not act; "" if they are no candidate at all."""
        said = [passed.words for passed in self.passed if passed.holder.person == person]
        if said:
            return said[0]
        return "others are nearer" if any(holder.person == person for holder in self.beyond) else ""


@dataclass(slots=True)
class _Level:
    """What is found on one level: the case, a unit, or a back-up."""

    asked: list[Holder] = field(default_factory=list)
    also: list[Holder] = field(default_factory=list)


def resolve(actor: Actor, matter: Matter, day: date, organisation: Organisation, powers: Powers, *, escalated: int = 0) -> Resolution:
    """Who may act as `actor` in `matter` on `day`; the nearest level that has anybody wins: the case, the unit, its parents, the back-up.

    Nobody decides on their own hire, nor by a power that the person hired granted, nor through a substitute of theirs; nobody is both
    pairs of eyes. A substitute acts while it holds, in place of who is away and may still act; whoever is away without one is passed
    over for the next level. `escalated` asks that many further levels beside the nearest.
    """
    match actor:
        case Actor.HIRE:
            return Resolution(actor, (Holder(matter.hire, actor.value, matter.unit, ground=Ground.HIRE),))
        case Actor.REVIEWER | Actor.PROVIDER:
            raise ValueError("reviewers and providers are settled when the case begins")
    judge = _Judge(actor.value, matter, day, organisation, powers)
    return _settled(actor, judge, [judge.level(level) for level in judge.levels()], escalated)


def levels_up(person: str, actor: Actor, matter: Matter, day: date, organisation: Organisation, powers: Powers) -> int | None:
    """How many levels up a matter must have gone for `person` to act in it as `actor`: 0 at once, None never."""
    if actor is Actor.HIRE:
        return 0 if person == matter.hire else None
    judge = _Judge(actor.value, matter, day, organisation, powers)
    levels = [judge.level(level) for level in judge.levels()]
    near = next((at for at, level in enumerate(levels) if any(each.person == person for each in (*level.asked, *level.also))), None)
    manned = [at for at, level in enumerate(levels) if level.asked]
    if near is None or not manned:
        return None if near is None else 0
    return next((up for up, at in enumerate(manned) if at >= near), None)


def holders(actor: Actor, matter: Matter, day: date, organisation: Organisation, powers: Powers) -> tuple[Holder, ...]:
    """Everyone who may act as `actor` in `matter` on `day`, whom it waits for first."""
    return resolve(actor, matter, day, organisation, powers).holders


def _settled(actor: Actor, judge: _Judge, levels: list[_Level], escalated: int) -> Resolution:
    manned = [index for index, level in enumerate(levels) if level.asked]
    reach = manned[min(escalated, len(manned) - 1)] if manned else len(levels) - 1
    nearest = manned[0] if manned else len(levels)
    asked: dict[str, Holder] = {}
    also: dict[str, Holder] = {}
    beyond: dict[str, Holder] = {}
    for index, level in enumerate(levels):
        further = nearest < index <= reach
        for holder in level.asked:
            kept = asked if index <= reach else beyond
            kept.setdefault(holder.person, replace(holder, escalated=True) if further else holder)
        for holder in level.also:
            if index <= reach:
                also.setdefault(holder.person, replace(holder, escalated=True) if further else holder)
    return Resolution(
        actor,
        tuple(asked.values()),
        tuple(holder for person, holder in also.items() if person not in asked),
        tuple(holder for person, holder in beyond.items() if person not in asked and person not in also),
        tuple(dict.fromkeys(judge.passed)),
    )


class _Judge:
    """One question: it walks the levels and keeps whom it passes over."""

    def __init__(self, authority: str, matter: Matter, day: date, organisation: Organisation, powers: Powers) -> None:
        self.authority = authority
        self.matter = matter
        self.day = day
        self.powers = powers
        self.units = tuple(organisation.path(matter.unit))
        self.path = tuple(unit.id for unit in self.units)
        self.passed: list[PassedOver] = []

    def levels(self) -> Iterator[list[Holder]]:
        """The own powers on each level, the nearest level first; those that don't hold are passed over here."""
        if self.authority == Actor.MANAGER.value:
            yield from self._managers()
        else:
            yield from self._contacts()
        for backup in self.powers.policy.backups_for(self.authority, self.path):
            rule = f"{backup.source.file}:{backup.source.line}"
            where = backup.units[0] if backup.units else ""
            yield [
                member
                for holder in backup.holders
                for member in self._persons(Holder(holder, self.authority, where, ground=Ground.BACKUP, rule=rule))
            ]

    def _managers(self) -> Iterator[list[Holder]]:
        if self.matter.manager:
            yield [Holder(self.matter.manager, self.authority, self.matter.unit, ground=Ground.NAMED)]
        for unit in self.units:
            if unit.manager:
                yield [Holder(unit.manager, self.authority, unit.id, ground=Ground.MANAGER)]

    def _contacts(self) -> Iterator[list[Holder]]:
        mine = sorted(
            (each for each in self.powers.delegations if each.authority == self.authority), key=lambda each: (each.since, each.id)
        )
        if self.matter.case:
            # Who was appointed for a unit that the hire was moved away from since is a contact no more.
            yield self._granted((each for each in mine if each.case == self.matter.case and each.unit in self.path), Ground.CASE)
        for unit in self.path:
            yield self._granted((each for each in mine if not each.case and each.unit == unit), Ground.UNIT)

    def _granted(self, delegations: Iterator[Delegation], ground: Ground) -> list[Holder]:
        found: list[Holder] = []
        for each in delegations:
            own = Holder(each.to, each.authority.value, each.unit, each.id, each.granted_by, ground)
            failing = self._fails(each)
            if failing is not None:
                self.passed.append(PassedOver(own, *failing))
            else:
                found.extend(self._persons(own))
        return found

    def _fails(self, delegation: Delegation) -> tuple[Skip, str] | None:
        """Why a delegation doesn't count in this matter on this day."""
        if delegation.revoked:
            return Skip.REVOKED, f"delegation {delegation.id} was revoked"
        if delegation.since > self.day:
            return Skip.NOT_BEGUN, f"delegation {delegation.id} begins on {delegation.since}"
        if delegation.until is not None and delegation.until < self.day:
            return Skip.ENDED, f"delegation {delegation.id} ended on {delegation.until}"
        if self.powers.lapsed(delegation, self.day):
            return Skip.LAPSED, f"delegation {delegation.id} was not confirmed in time"
        if self.matter.hire and self.matter.hire in delegation.word_of:
            # In their own hire it would be their own word.
            return Skip.OWN_WORD, f"delegation {delegation.id} stands on the word of the person hired"
        beyond = delegation.limits.exceeded(self.matter, self.path)
        return (Skip.LIMIT, f"delegation {delegation.id} holds {beyond}") if beyond else None

    def _persons(self, own: Holder) -> list[Holder]:
        """The persons behind a power: its holder, or the members of the team that holds it."""
        if not own.person.startswith(TEAM):
            return [own]
        team = own.person.removeprefix(TEAM)
        if team not in self.powers.policy.teams:
            self.passed.append(PassedOver(own, Skip.UNKNOWN_TEAM, f"policy has no team '{team}'"))
            return []
        return [replace(own, person=member, team=team) for member in self.powers.policy.teams[team].members]

    def level(self, own: list[Holder]) -> _Level:
        """Who is asked on one level: those who hold the power themselves, then their substitutes; who is away beside them."""
        found = _Level()
        substitutes: list[Holder] = []
        for holder in own:
            self._place(holder, found, substitutes)
        # Who holds it themselves is asked on their own ground, whomever else they stand in for.
        found.asked.extend(substitutes)
        return found

    def _place(self, holder: Holder, found: _Level, substitutes: list[Holder]) -> None:
        if self._out_of_question(holder):
            return
        absences = self.powers.stand_ins(holder.person, self.authority, self.path, self.day)
        may_act = self._may_act(holder)
        if not absences:
            if may_act:
                (substitutes if holder.substitute_for else found.asked).append(holder)
            return
        away_until = max(each.until or date.max for each in absences)
        if may_act:
            found.also.append(replace(holder, away_until=away_until))
        before = len(substitutes)
        for each in absences:
            self._stand_in(holder, each, found, substitutes)
        if len(substitutes) == before and may_act:
            words = "away" if away_until == date.max else f"away until {away_until}"
            self.passed.append(PassedOver(holder, Skip.AWAY, f"{words}, and nobody can stand in"))

    def _stand_in(self, holder: Holder, absence: Substitution, found: _Level, substitutes: list[Holder]) -> None:
        if not absence.substitute:
            return
        chain = (*holder.substitute_for, holder.person)
        ends = [day for day in (holder.until, absence.until) if day is not None]
        stand_in = replace(holder, person=absence.substitute, substitute_for=chain, until=min(ends, default=None))
        if absence.substitute in chain:
            self.passed.append(
                PassedOver(stand_in, Skip.LOOP, f"would stand in for themselves: {' -> '.join((*chain, absence.substitute))}")
            )
            return
        self._place(stand_in, found, substitutes)

    def _out_of_question(self, holder: Holder) -> bool:
        """Whether neither the candidate nor a substitute of theirs can act: the person hired, who isn't there, who left."""
        failing = self._not_there(holder.person)
        if failing is not None:
            self.passed.append(PassedOver(holder, *failing))
        return failing is not None

    def _not_there(self, person: str) -> tuple[Skip, str] | None:
        if person == self.matter.hire:
            return Skip.OWN_HIRE, "the person hired, who never decides on their own hire"
        if self.powers.people is None:
            return None
        state = self.powers.people.get(person)
        if state is None:
            return Skip.UNKNOWN, "there is no such person"
        if state.last_day is not None and state.last_day < self.day:
            return Skip.LEFT, f"left on {state.last_day}"
        if state.first_day is not None and state.first_day > self.day:
            return Skip.NOT_YET, f"is employed from {state.first_day} on"
        return None

    def _may_act(self, holder: Holder) -> bool:
        """Whether the candidate themself can act; if not, a substitute of theirs still might."""
        state = self.powers.people.get(holder.person) if self.powers.people is not None else None
        if state is not None and state.no_access:
            self.passed.append(PassedOver(holder, Skip.NO_ACCESS, f"has no access: {state.no_access}"))
            return False
        if holder.person in self.matter.seen:
            self.passed.append(PassedOver(holder, Skip.FIRST_EYES, "was the first pair of eyes, and can't be the second"))
            return False
        if holder.person in self.matter.ordered_by:
            self.passed.append(PassedOver(holder, Skip.OWN_ORDER, "made the order, and can't approve it"))
            return False
        return True
