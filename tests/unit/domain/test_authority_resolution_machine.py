"""The resolution as a state machine: people come, go, are hired, stand in for each other and decide, and a second opinion watches."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from idm.domain.authority import Authority, Delegation, Limits, Matter
from idm.domain.authority_powers import AuthorityPolicy, Backup, ConfirmRule, PersonState, Powers, Substitution, Team, by_person
from idm.domain.authority_resolution import resolve
from idm.domain.journey import Actor
from idm.domain.people import Organisation, Unit
from tests.support.authority_model import Model

PEOPLE = [f"p{number}" for number in range(7)]
TEAM = Team("office", {"en": "Office"}, ("p4", "p5"), "office@example.org")
ACTORS = (Actor.MANAGER, Actor.PAY, Actor.IT)
KINDS = ("review", "form")

person = st.sampled_from(PEOPLE)
unit = st.sampled_from(["town", "schools", "north"])
holder = st.sampled_from([*PEOPLE, "team:office", "team:gone"])
some = st.sampled_from([(), ("pay",), ("manager",), ("it", "pay")])
somewhere = st.sampled_from([(), ("north",), ("town",)])
limits = st.builds(
    Limits, st.none() | st.just(Decimal(100)), st.sampled_from([(), ("schools",)]), st.sampled_from([(), ("form",), ("review",)])
)


class Town(RuleBasedStateMachine):
    """One town through a year. What is granted, entered and decided is remembered here; the resolution is asked anew each time."""

    granted = Bundle("granted")
    entered = Bundle("entered")
    hired = Bundle("hired")

    def __init__(self) -> None:
        super().__init__()
        self.day = date(2026, 11, 23)
        self.units = {
            "town": Unit("town", "Town", None, "p0"),
            "schools": Unit("schools", "Schools", "town", ""),
            "north": Unit("north", "North", "schools", "p1"),
        }
        self.delegations: dict[str, Delegation] = {}
        self.substitutions: dict[str, Substitution] = {}
        self.people = {each: PersonState(date(2015, 1, 1)) for each in PEOPLE}
        self.policy = AuthorityPolicy(teams={"office": TEAM}, confirm=ConfirmRule(6, 10))
        self.matters: dict[str, Matter] = {}
        self.eyes: dict[tuple[str, Actor], list[str]] = {}
        self.count = 0

    def _id(self, letter: str) -> str:
        self.count += 1
        return f"{letter}{self.count:03}"

    @property
    def powers(self) -> Powers:
        """All that is known of powers now."""
        return Powers(tuple(self.delegations.values()), by_person(self.substitutions.values()), self.people, self.policy)

    @rule(target=granted, to=holder, of=st.sampled_from(Authority), at=unit, by=person, limits=limits, days=st.none() | st.integers(0, 90))
    def grant(self, to: str, of: Authority, at: str, by: str, limits: Limits, days: int | None) -> str:
        id = self._id("d")
        until = None if days is None else self.day + timedelta(days)
        self.delegations[id] = Delegation(id, of, at, to, by, self.day, until, limits=limits)
        return id

    @rule(id=consumes(granted))
    def revoke(self, id: str) -> None:
        self.delegations[id] = replace(self.delegations[id], revoked=True)

    @rule(id=granted, by=person)
    def confirm(self, id: str, by: str) -> None:
        self.delegations[id] = replace(self.delegations[id], confirmed_on=self.day, confirmed_by=by)

    @rule(
        target=entered,
        who=person,
        other=st.sampled_from(["", *PEOPLE]),
        of=some,
        at=somewhere,
        start=st.integers(0, 5),
        days=st.integers(0, 60),
    )
    def go_away(self, who: str, other: str, of: tuple[str, ...], at: tuple[str, ...], start: int, days: int) -> str:
        id, since = self._id("s"), self.day + timedelta(start)
        self.substitutions[id] = Substitution(id, who, other, since, since + timedelta(days), of, at, who)
        return id

    @rule(id=consumes(entered))
    def come_back(self, id: str) -> None:
        self.substitutions[id] = replace(self.substitutions[id], ended=self.day)

    @rule(who=person)
    def leave(self, who: str) -> None:
        self.people[who] = replace(self.people[who], last_day=self.day)

    @rule(who=person)
    def employ_again(self, who: str) -> None:
        self.people[who] = PersonState(self.day)

    @rule(who=person, reason=st.sampled_from(["", "locked"]))
    def mark_access(self, who: str, reason: str) -> None:
        self.people[who] = replace(self.people[who], no_access=reason)

    @rule(at=unit, who=st.sampled_from(["", *PEOPLE, "nobody-known"]))
    def change_manager(self, at: str, who: str) -> None:
        self.units[at] = replace(self.units[at], manager=who)

    @rule(of=st.sampled_from(ACTORS), who=holder, at=somewhere)
    def name_back_up(self, of: Actor, who: str, at: tuple[str, ...]) -> None:
        self.policy = replace(self.policy, backups=(*self.policy.backups[-2:], Backup(self._id("b"), of.value, (who,), at)))

    @rule(days=st.sampled_from([1, 7, 45, 200]))
    def wait(self, days: int) -> None:
        self.day += timedelta(days)

    @rule(target=hired, who=st.sampled_from([*PEOPLE, "newcomer"]), at=unit, named=st.sampled_from(["", "p2", "newcomer"]))
    def hire(self, who: str, at: str, named: str) -> str:
        id = self._id("c")
        self.matters[id] = Matter(id, at, who, named)
        return id

    @rule(target=granted, case=hired, to=holder, of=st.sampled_from(Authority), by=person)
    def appoint(self, case: str, to: str, of: Authority, by: str) -> str:
        id = self._id("d")
        self.delegations[id] = Delegation(id, of, self.matters[case].unit, to, by, self.day, None, case)
        return id

    @rule(
        case=hired, actor=st.sampled_from(ACTORS), pick=st.integers(0, 5), kind=st.sampled_from(KINDS), amount=st.sampled_from([50, 5000])
    )
    def decide(self, case: str, actor: Actor, pick: int, kind: str, amount: int) -> None:
        """The first or the second of two persons decides, whoever of those who may."""
        eyes = self.eyes.setdefault((case, actor), [])
        seen = frozenset(eyes) if len(eyes) < 2 else frozenset()
        matter = replace(self.matters[case], kinds=(kind,), amount=Decimal(amount), seen=seen)
        found = resolve(actor, matter, self.day, Organisation(self.units), self.powers)
        assert list(Model(actor, matter, self.day, Organisation(self.units), self.powers).faults(found)) == []
        if found.holders:
            who = found.holders[pick % len(found.holders)].person
            if len(eyes) == 2:
                eyes.clear()
            eyes.append(who)
            assert who != matter.hire
            assert len(set(eyes)) == len(eyes)

    @invariant()
    def everybody_answers_alike(self) -> None:
        """What the resolution says is what the second opinion says, for every hire; and the order of the rows changes nothing."""
        tree, powers = Organisation(self.units), self.powers
        turned = replace(powers, delegations=tuple(reversed(powers.delegations)))
        for matter in list(self.matters.values())[-3:]:
            for actor in ACTORS:
                found = resolve(actor, matter, self.day, tree, powers)
                assert list(Model(actor, matter, self.day, tree, powers).faults(found)) == []
                assert resolve(actor, matter, self.day, tree, turned) == found


TestTown = Town.TestCase
TestTown.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
