"""Relations: what somebody is to a case, or to the house, today; and the one question whether they may (`idm.domain.access_rules`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from idm.domain.access_rules import BY_ACTOR, Act, Relation, may
from idm.domain.authority import Ground, Matter
from idm.domain.authority_resolution import resolve
from idm.domain.case import Case
from idm.domain.journey import Actor, Paper, StepDef
from idm.domain.projection import Task
from idm.domain.sessions import Session, SessionKind
from idm.errors import NotFound
from idm.flow.graphs import graph_of
from idm.flow.managing import is_there, managed_units
from idm.flow.powers import PowersNow, matter_at, matter_of
from idm.ports import App

STAFF = (Actor.MANAGER, Actor.PAY, Actor.IT, Actor.CONTROL)
"""Whose power over a case is worked out; the person hired is known."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """Somebody who may: the case as it was then, and what they are to it."""

    case: Case
    relations: frozenset[Relation]

    def may(self, act: Act, *, document: Paper | None = None, actor: Actor | None = None) -> bool:
        """Whether they may do something else, too."""
        return may(self.relations, act, self.case.state, document=document, actor=actor)


def relations_of(
    app: App, person: str, case: Case, *, session: Session | None = None, powers: PowersNow | None = None
) -> frozenset[Relation]:
    """What `person` is to `case` today. A new hire's `session` opens their own case only; nobody who isn't there is anything.

    The questions to the database are the same however long the case is, or how large the organisation.
    """
    if session is not None and session.person != person:
        return frozenset()
    if person == case.person:
        return (
            frozenset({Relation.HIRE}) if session is None or session.kind is SessionKind.STAFF or session.case == case.id else frozenset()
        )
    if session is not None and session.kind is not SessionKind.STAFF:
        return frozenset()
    if not is_there(app.store.person_states({person}).get(person), app.clock.today()):
        return frozenset()
    now = powers or PowersNow(app)
    found = {BY_ACTOR[actor] for actor in STAFF if _holds(now, person, actor, matter_of(case))}
    # A contact is one for the whole case whatever made them one. Of managers only the nearest is: asked about one task that came up to
    # them, they are in charge of that task alone (see `_for_the_task`).
    contacts = (task for task in app.store.tasks(case=case.id, state="open") if task.actor in STAFF and task.actor is not Actor.MANAGER)
    found |= {BY_ACTOR[task.actor] for task in contacts if _may_do(app, now, person, case, task)}
    if Relation.IN_CHARGE in found or manages_case(now, person, matter_of(case)):
        found.add(Relation.MANAGER)
    if app.store.decisions(case=case.id, by=person, limit=1):
        found.add(Relation.DECIDED)
    return frozenset(found) | _by_policy(app, person)


def relations_at(app: App, person: str, case: Case, step: StepDef | None) -> frozenset[Relation]:
    """What `person` is to one step of a case, as far up as its task has gone: who does what it asks, or nothing."""
    if person == case.person:
        return frozenset({Relation.HIRE})
    if step is None or step.actor not in STAFF:
        return frozenset()
    now = PowersNow(app)
    escalated = max((task.escalated for task in app.store.tasks(case=case.id, state="open") if task.step == step.id), default=0)
    held = _holds(now, person, step.actor, matter_at(now.policy, case, step), escalated)
    return frozenset({BY_ACTOR[step.actor]}) if held else frozenset()


def _may_do(app: App, now: PowersNow, person: str, case: Case, task: Task) -> bool:
    """Whether they hold the power for that very task, as far up as it has gone."""
    step = graph_of(app, case).steps.get(task.step)
    return _holds(now, person, task.actor, matter_at(now.policy, case, step), task.escalated)


def _holds(now: PowersNow, person: str, actor: Actor, matter: Matter, escalated: int = 0) -> bool:
    return now.resolve(actor, matter, escalated=escalated).holder(person) is not None


def manages_case(now: PowersNow, person: str, matter: Matter) -> bool:
    """Whether they manage the unit or one above it, or are the substitute of who does."""
    powers = now.of(matter)
    for above in now.tree.path(matter.unit):
        there = resolve(Actor.MANAGER, replace(matter, unit=above.id, manager=""), now.today, now.tree, powers)
        found = there.holder(person)
        if found is not None and found.ground is Ground.MANAGER:
            return True
    return False


def _by_policy(app: App, person: str) -> frozenset[Relation]:
    policies = app.policies.current()
    found = set()
    if policies.access.is_payroll_staff(person, policies.authority):
        found.add(Relation.PAYROLL_STAFF)
    if policies.access.is_auditor(person, policies.authority):
        found.add(Relation.AUDITOR)
    return frozenset(found)


def global_relations(app: App, person: str, *, session: Session | None = None) -> frozenset[Relation]:
    """What `person` is to the house: `manager` of some unit, `starter` of hires somewhere, `payroll_staff`, `auditor`."""
    if session is not None and (session.person != person or session.kind is not SessionKind.STAFF):
        return frozenset()
    if not is_there(app.store.person_states({person}).get(person), app.clock.today()):
        return frozenset()
    tree, policies = app.store.organisation(), app.policies.current()
    managed = managed_units(app, person, tree)
    found = {Relation.MANAGER} if managed else set()
    if policies.access.startable(person, managed, tree, policies.authority):
        found.add(Relation.STARTER)
    return frozenset(found) | _by_policy(app, person)


def demand(
    app: App, person: str, act: Act, case: str, *, session: Session | None = None, powers: PowersNow | None = None, kind: str = ""
) -> Admitted:
    """The case, for somebody who may do `act` in it; `kind` is the kind of document it is about, if it is about one.

    Raises `NotFound` for who may not and for a case that isn't there, in the same words: nobody learns which cases there are.
    """
    loaded = app.store.load(case)
    if loaded is None:
        raise _nothing(case)
    now = powers or PowersNow(app)
    relations = relations_of(app, person, loaded.case, session=session, powers=now)
    if kind and Relation.MANAGER in relations:
        about = (task for task in app.store.tasks(case=case, state="open") if task.document == kind and task.actor is Actor.MANAGER)
        relations = _for_the_task(app, now, person, loaded.case, relations, about)
    admitted = Admitted(loaded.case, relations)
    if not admitted.may(act, document=paper_of(app, loaded.case, kind) if kind else None):
        raise _nothing(case)
    return admitted


def demand_task(app: App, person: str, act: Act, task: str, *, session: Session | None = None) -> tuple[Admitted, Task]:
    """The task and its case, for somebody who may do `act` with it (see or do it). Raises `NotFound` as `demand` does."""
    row = app.store.task(task)
    loaded = app.store.load(row.case) if row is not None else None
    if row is None or loaded is None:
        raise _no_task(task)
    case = loaded.case
    now = PowersNow(app)
    relations = _for_the_task(app, now, person, case, relations_of(app, person, case, session=session, powers=now), [row])
    if Relation.DECIDED in relations and all(each.task != task for each in app.store.decisions(case=case.id, by=person)):
        relations -= {Relation.DECIDED}
    admitted = Admitted(case, relations)
    if not admitted.may(act, actor=row.actor):
        raise _no_task(task)
    return admitted, row


def _for_the_task(
    app: App, now: PowersNow, person: str, case: Case, relations: frozenset[Relation], tasks: Iterable[Task]
) -> frozenset[Relation]:
    """`relations` with being in charge of one of these open tasks, for a manager above to whom it came up."""
    if Relation.MANAGER not in relations or Relation.IN_CHARGE in relations:
        return relations
    asked = any(task.state == "open" and task.actor is Actor.MANAGER and _may_do(app, now, person, case, task) for task in tasks)
    return relations | {Relation.IN_CHARGE} if asked else relations


def paper_of(app: App, case: Case, kind: str) -> Paper | None:
    """Who provides and reviews a kind of paper in a case: as the case pinned it, else as policy says; None if neither knows it."""
    pinned = next((paper for paper in case.wanted if paper.kind == kind), None)
    if pinned is not None:
        return pinned
    policies = app.policies.current()
    known = policies.documents.get(kind) or policies.checks.get(kind)
    return known.paper() if known is not None else None


def _nothing(case: str) -> NotFound:
    return NotFound(f"There is no case '{case}'.", next_step="Go back to your tasks.")


def _no_task(task: str) -> NotFound:
    return NotFound(f"There is no task '{task}'.", next_step="Go back to your tasks.")
