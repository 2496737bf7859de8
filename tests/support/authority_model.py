"""A second opinion on who may act, thought out apart from the resolution: simple sets, no order, no reasons."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

from idm.domain.authority import Delegation, Ground, Matter
from idm.domain.authority_powers import Powers
from idm.domain.authority_resolution import Resolution
from idm.domain.journey import Actor
from idm.domain.people import Organisation


class Model:
    """One matter on one day, as a careful clerk would look at it."""

    def __init__(self, actor: Actor, matter: Matter, day: date, organisation: Organisation, powers: Powers) -> None:
        self.actor, self.matter, self.day, self.organisation, self.powers = actor, matter, day, organisation, powers
        self.units: list[str] = []
        unit: str | None = matter.unit
        while unit and unit in organisation.units and unit not in self.units:
            self.units.append(unit)
            unit = organisation.units[unit].parent

    def alive(self, person: str) -> bool:
        """Whether a person is there, isn't the one hired, has access, and wasn't the first pair of eyes."""
        if person == self.matter.hire or person in self.matter.seen:
            return False
        if self.powers.people is None:
            return True
        state = self.powers.people.get(person)
        if state is None or state.no_access:
            return False
        return (state.first_day or date.min) <= self.day <= (state.last_day or date.max)

    def counts(self, delegation: Delegation) -> bool:
        """Whether a delegation counts in the matter on the day."""
        if delegation.revoked or not delegation.since <= self.day <= (delegation.until or date.max):
            return False
        if self.matter.hire in (delegation.to, delegation.granted_by, delegation.confirmed_by):
            return False
        limits, matter = delegation.limits, self.matter
        if limits.amount is not None and matter.amount is not None and matter.amount > limits.amount:
            return False
        if limits.units and not set(limits.units) & set(self.units):
            return False
        if limits.kinds and matter.kinds and not set(limits.kinds) & set(matter.kinds):
            return False
        rule = self.powers.policy.confirm
        if rule is not None and not delegation.case:
            fresh = delegation.confirmed_on or delegation.since
            years, month = divmod(fresh.month - 1 + rule.months, 12)
            days = monthrange(fresh.year + years, month + 1)[1]
            if self.day >= date(fresh.year + years, month + 1, min(fresh.day, days)) + timedelta(rule.grace_days):
                return False
        return True

    def own(self) -> Iterator[tuple[int, str]]:
        """Everybody with a power of their own that counts, whether there or not, with how far away it is."""
        if self.actor is Actor.MANAGER:
            yield -1, self.matter.manager
            for distance, unit in enumerate(self.units):
                yield distance, self.organisation.units[unit].manager
        else:
            for delegation in self.powers.delegations:
                if delegation.authority != self.actor.value or not self.counts(delegation):
                    continue
                if delegation.unit in self.units and delegation.case in ("", self.matter.case):
                    near = -1 if delegation.case else self.units.index(delegation.unit)
                    yield from ((near, person) for person in self.people(delegation.to))
        for backup in self.powers.policy.backups:
            if backup.authority == self.actor.value and (not backup.units or set(backup.units) & set(self.units)):
                yield from ((999, person) for holder in backup.holders for person in self.people(holder))

    def people(self, holder: str) -> tuple[str, ...]:
        """Who is behind a holder."""
        kind, _, name = holder.rpartition(":")
        if not kind:
            return (holder,)
        team = self.powers.policy.teams.get(name)
        return team.members if team else ()

    def away(self, person: str) -> bool:
        """Whether a person is substituted or absent for this."""
        return any(
            self._active(each.authorities, each.units) and each.holds(self.day) for each in self.powers.substitutions.get(person, ())
        )

    def _active(self, authorities: tuple[str, ...], units: tuple[str, ...]) -> bool:
        return (not authorities or self.actor.value in authorities) and (not units or bool(set(units) & set(self.units)))

    def faults(self, found: Resolution) -> Iterator[str]:
        """In words, everything that is wrong with what the resolution answers."""
        own = [(near, person) for near, person in self.own() if person]
        living = {person for _, person in own if self.alive(person)}
        if living and not found.holders:
            yield f"stranded, although {sorted(living)} could act"
        present = [near for near, person in own if self.alive(person) and not self.away(person)]
        nearest = min(present, default=9999)
        for holder in found.holders:
            yield from (f"{holder.person} may act: {fault}" for fault in self._of(holder.person, holder.substitute_for, holder.delegation))
            far = 999 if holder.ground is Ground.BACKUP else -1 if holder.ground in (Ground.CASE, Ground.NAMED) else self._far(holder.unit)
            if far > nearest and not holder.escalated:
                yield f"{holder.person} may act from afar, although somebody nearer is there"
        if len({holder.person for holder in found.holders}) != len(found.holders):
            yield "somebody is named twice"

    def _far(self, unit: str) -> int:
        return self.units.index(unit) if unit in self.units else 9999

    def _of(self, person: str, chain: tuple[str, ...], delegation: str) -> Iterator[str]:
        if not self.alive(person):
            yield "they aren't there, are hired themselves, or were the first pair of eyes"
        if self.matter.hire in chain:
            yield "in the place of the person hired"
        principal = chain[0] if chain else person
        if principal not in {each for _, each in self.own()}:
            yield f"by a power that {principal} doesn't have"
        for one, other in pairwise((*chain, person)):
            if not any(
                each.substitute == other and each.holds(self.day) and self._active(each.authorities, each.units)
                for each in self.powers.substitutions.get(one, ())
            ):
                yield f"{other} is no substitute for {one}"
        used = next((each for each in self.powers.delegations if each.id == delegation), None) if delegation else None
        if used is not None and not self.counts(used):
            yield f"by delegation {delegation}, which doesn't count"
