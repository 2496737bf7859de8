"""Who may act now: what the database and policy say of powers, read once and asked for as many cases as a list has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from idm.domain.apart import ordered_by
from idm.domain.authority import Delegation, Holder, Matter
from idm.domain.authority_powers import AuthorityPolicy, PersonState, Powers, by_person, persons_named
from idm.domain.authority_resolution import Resolution, resolve
from idm.domain.case import Case
from idm.domain.four_eyes import first_look, seen_by
from idm.domain.journey import Actor, StepDef
from idm.domain.people import Organisation
from idm.ports import App


class PowersNow:
    """Powers as they are at this moment. One for a list or a decision: it remembers what it read."""

    def __init__(self, app: App, organisation: Organisation | None = None, *, everything: bool = False) -> None:
        """`everything`: read all delegations and people at once, for a list over many cases."""
        self._app = app
        self.tree = organisation or app.store.organisation()
        self.today: date = app.clock.today()
        self.policy: AuthorityPolicy = app.policies.current().authority
        self.substitutions = by_person(app.store.substitutions(since=self.today))
        self._everything = everything
        self._shelves = _Shelves(app.store.delegations() if everything else ())
        self._units: set[str] = set()
        self._cases: set[str] = set()
        self._people: dict[str, PersonState] = dict(app.store.person_states()) if everything else {}
        self._asked_for: set[str] = set()
        self._powers: dict[tuple[str, str], Powers] = {}

    def read(self, units: Iterable[str] = (), cases: Iterable[Case] = ()) -> None:
        """Read at once what `of` would read bit by bit for these units and cases."""
        if self._everything:
            return
        asked = list(cases)
        paths = {unit: self._path(unit) for unit in {*units, *(case.facts.unit for case in asked)}}
        fresh = {above for path in paths.values() for above in path} - self._units
        new = {case.id for case in asked} - self._cases
        if fresh or new:
            self._shelves.add(self._app.store.delegations_among(fresh, new))
            self._units |= fresh
            self._cases |= new
        above = {each for path in paths.values() for each in path}
        found = (*self._shelves.at(tuple(above), ""), *(each for case in asked for each in self._shelves.at((), case.id)))
        known = Powers(found, self.substitutions, self._people, self.policy)
        self._know(persons_named(known, self.tree, tuple(above)) | {case.facts.manager for case in asked})

    def of(self, matter: Matter) -> Powers:
        """The powers that count for a matter's case and unit, with the state of everybody whom they name."""
        found = self._powers.get((matter.unit, matter.case))
        if found is None:
            path = self._path(matter.unit)
            lacking = set(path) - self._units
            if not self._everything and (lacking or (matter.case and matter.case not in self._cases)):
                self._shelves.add(self._app.store.delegations_among(lacking, {matter.case} - self._cases - {""}))
                self._units |= lacking
                self._cases.add(matter.case)
            found = self._powers[matter.unit, matter.case] = self._on_shelf(matter.unit, matter.case)
            self._know(persons_named(found, self.tree, path))
        self._know({matter.manager})
        return found

    def at(self, units: Iterable[str]) -> Powers:
        """The powers that count in any of these units whatever the case, as far as they were read."""
        above = tuple(sorted({each for unit in units for each in self._path(unit)}))
        return Powers(self._shelves.at(above, ""), self.substitutions, self._people, self.policy)

    def states(self, people: Iterable[str]) -> Mapping[str, PersonState]:
        """Whether each of `people` is there to act; who isn't known is absent."""
        wanted = set(people)
        self._know(wanted)
        return {person: self._people[person] for person in wanted if person in self._people}

    def _path(self, unit: str) -> tuple[str, ...]:
        return tuple(above.id for above in self.tree.path(unit))

    def _on_shelf(self, unit: str, case: str) -> Powers:
        return Powers(self._shelves.at(self._path(unit), case), self.substitutions, self._people, self.policy)

    def _know(self, people: set[str]) -> None:
        """See to it that the state of `people` has been read; who isn't known stays absent."""
        asked = people - self._asked_for - {""}
        if asked and not self._everything:
            self._people.update(self._app.store.person_states(asked))
            self._asked_for |= asked

    def resolve(self, actor: Actor, matter: Matter, *, escalated: int = 0) -> Resolution:
        """Who may act as `actor` in `matter` today, and why nobody else."""
        powers = Powers() if actor is Actor.HIRE else self.of(matter)
        return resolve(actor, matter, self.today, self.tree, powers, escalated=escalated)

    def holders(self, case: Case, actor: Actor, step: StepDef | None = None, escalated: int = 0) -> tuple[Holder, ...]:
        """Who may act as `actor` in a case, or on one step of it, which has gone `escalated` levels up."""
        return self.resolve(actor, matter_at(self.policy, case, step), escalated=escalated).holders


class _Shelves:
    """Delegations, by unit and by case."""

    def __init__(self, delegations: Iterable[Delegation]) -> None:
        self._units: dict[str, list[Delegation]] = {}
        self._cases: dict[str, list[Delegation]] = {}
        self.add(delegations)

    def add(self, delegations: Iterable[Delegation]) -> None:
        """Put more of them on the shelves."""
        for each in delegations:
            shelf = self._cases.setdefault(each.case, []) if each.case else self._units.setdefault(each.unit, [])
            shelf.append(each)

    def at(self, path: tuple[str, ...], case: str) -> tuple[Delegation, ...]:
        """Those for any unit of `path`, and those for `case` alone."""
        found = [each for unit in path for each in self._units.get(unit, ())]
        return (*found, *self._cases.get(case, ())) if case else tuple(found)


def matter_of(case: Case) -> Matter:
    """What an authority is wanted for in `case`."""
    return Matter(case.id, case.facts.unit, case.person, case.facts.manager)


def matter_at(
    policy: AuthorityPolicy, case: Case, step: StepDef | None, values: Mapping[str, Any] | None = None, amount: Decimal | None = None
) -> Matter:
    """What an authority is wanted for at a step: its kinds, the amount it is about, and who was the first pair of eyes.

    `values` are those of the answer, where one is being given; else what the first person answered, or what the case holds of the form.
    `amount` in kroner is known otherwise, as that of an order.
    """
    matter = matter_of(case)
    if step is None:
        return matter
    kinds = tuple(kind for kind in (step.task.value if step.task else "", step.document, step.form) if kind)
    look = first_look(case, step.id)
    filled = look.values if look is not None else values or case.values.get(step.form, {})
    return replace(
        matter,
        kinds=kinds,
        amount=_amount(policy, step.form, filled) if amount is None else amount,
        seen=seen_by(case, step.id),
        ordered_by=ordered_by(case, step),
    )


def _amount(policy: AuthorityPolicy, form: str, values: Mapping[str, Any]) -> Decimal | None:
    """The kroner that a form is about, if policy names the field that says it and it is filled in with a number."""
    value = values.get(policy.amounts.get(form, ""))
    if value is None or value == "":
        return None
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None
