"""The directory of powers as it is today, and the resolution of a case as people read it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from idm.domain.authority import Holder
from idm.domain.authority_directory import Books, Directory, Ledger, directory
from idm.domain.authority_powers import Powers, by_person
from idm.domain.authority_resolution import Resolution
from idm.domain.case import Case, StepState
from idm.domain.journey import Actor
from idm.errors import BadInput, Fault
from idm.flow.graphs import graph_of, load
from idm.flow.powers import PowersNow, matter_at
from idm.ports import App

ASKED_FOR = (Actor.MANAGER, Actor.PAY, Actor.IT, Actor.CONTROL)
"""What somebody may be wanted for in a case, beside the person hired themself."""


def directory_today(app: App) -> Directory:
    """Every power, gap and oddity as of today."""
    store, today = app.store, app.clock.today()
    delegations = tuple(store.delegations())
    powers = Powers(delegations, by_person(store.substitutions(since=today)), store.person_states(), app.policies.current().authority)
    over = store.cases_over({each.case for each in delegations if each.case})
    return directory(Books(store.organisation(), powers, today, Ledger(store.last_uses()), over))


def resolve_case(app: App, case: str, authority: str = "", step: str = "") -> dict[str, Any]:
    """Who may act in a case today and why, and why nobody else: for one authority or all that it may want, or for one step.

    Raises `NotFound`, or `BadInput` for a step that no person does.
    """
    found = load(app, case).case
    now = PowersNow(app)
    questions = _questions(app, found, authority, step)
    resolutions = [
        (actor, at, now.resolve(actor, matter_at(now.policy, found, graph_of(app, found).steps.get(at)))) for actor, at in questions
    ]
    names = _names(app, [holder for _, _, each in resolutions for holder in _everybody(each)])
    return {
        "case": found.id,
        "unit": found.facts.unit,
        "person": found.person,
        "day": now.today.isoformat(),
        "items": [{"authority": actor.value, "step": at or None, **_told(each, names)} for actor, at, each in resolutions],
    }


def _questions(app: App, case: Case, authority: str, step: str) -> list[tuple[Actor, str]]:
    graph = graph_of(app, case)
    if not step:
        actors = [Actor(authority)] if authority else [actor for actor in ASKED_FOR if _wanted(actor, {each.actor for each in graph})]
        return [(actor, "") for actor in actors]
    declared = graph.steps.get(step)
    if declared is None or declared.actor is None:
        people = ", ".join(each.id for each in graph if each.actor is not None and case.steps[each.id].state is StepState.WAITING)
        fault = Fault("step", "unknown-step", f"no person does '{step}' in this case; waiting are: {people or 'none'}")
        raise BadInput(f"There is no step '{step}' that a person does.", faults=[fault], next_step="`idm case graph` shows the steps.")
    return [(declared.actor, step)]


def _wanted(actor: Actor, asked: Iterable[Actor | None]) -> bool:
    """Whether a case needs somebody for it: the contacts always, payroll control only where its journey asks for it."""
    return actor is not Actor.CONTROL or actor in asked


def _everybody(found: Resolution) -> list[Holder]:
    return [*found.asked, *found.also, *found.beyond, *(passed.holder for passed in found.passed)]


def _names(app: App, holders: Iterable[Holder]) -> dict[str, str]:
    return {id: person.full_name for id, person in app.store.people({holder.person for holder in holders}).items()}


def _told(found: Resolution, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "asked": [_holder(holder, names) for holder in found.asked],
        "also": [_holder(holder, names) for holder in found.also],
        "next": [_holder(holder, names) for holder in found.beyond],
        "passed": [
            {"person": each.holder.person, "name": names.get(each.holder.person), "why": each.skip.value, "words": each.words}
            | {"basis": each.holder.basis}
            for each in found.passed
        ],
    }


def _holder(holder: Holder, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "person": holder.person,
        "name": names.get(holder.person),
        "via": holder.via,
        "basis": holder.basis,
        "delegation": holder.delegation or None,
        "team": holder.team or None,
        "substitute_for": list(holder.substitute_for),
        "until": holder.until.isoformat() if holder.until else None,
    }
