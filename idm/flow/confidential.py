"""Confidential answers of forms: encrypted in the case, opened only for delivering and for those who may see them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from idm.connector import Confidential
from idm.domain.case import Case
from idm.domain.forms import Form
from idm.domain.journey import Actor, Graph, StepDef, TaskKind
from idm.errors import NotAllowed
from idm.flow.graphs import graph_of
from idm.flow.known_as import known_as
from idm.flow.powers import PowersNow
from idm.ports import App


def keep(app: App, case: Case, form: Form, values: Mapping[str, str]) -> Case:
    """The case with the checked answers to `form`: what is confidential encrypted, what corrects a fact of the person not at all."""
    private = {field.id for field in form.fields if field.confidential}
    corrected = {field.id for field in form.fields if field.corrects}
    plain = {name: value for name, value in values.items() if name not in private}
    secret = {name: value for name, value in values.items() if name in private - corrected}
    kept = {name: answers for name, answers in case.values.items() if name != form.name}
    sealed = {name: token for name, token in case.sealed.items() if name != form.name}
    if plain or not private:
        kept[form.name] = plain
    if secret:
        sealed[form.name] = app.keys.encrypt(json.dumps(secret, ensure_ascii=False, sort_keys=True))
    return replace(case, values=kept, sealed=sealed)


def opened(app: App, case: Case, form: str) -> dict[str, Confidential]:
    """The confidential answers to a form; empty if none were given. Raises `CheckFailed` if this installation's keys don't open them."""
    token = case.sealed.get(form)
    if token is None:
        return {}
    answers: dict[str, str] = json.loads(app.keys.decrypt(token))
    return {name: Confidential(value) for name, value in answers.items()}


def all_values(app: App, case: Case) -> Mapping[str, Mapping[str, str]]:
    """Every form's answers, the confidential ones as such: for working out what systems should hold."""
    if not case.sealed:
        return case.values
    return {form: {**case.values.get(form, {}), **opened(app, case, form)} for form in {**case.values, **case.sealed}}


def digest(app: App, form: str, values: Mapping[str, str]) -> str:
    """A keyed digest of answers: it tells whether they changed, and nothing of them."""
    plain = {name: value.reveal() if isinstance(value, Confidential) else value for name, value in values.items()}
    return app.keys.blind_index(f"form.{form}", json.dumps(plain, ensure_ascii=False, sort_keys=True))


def answers_for(app: App, case: Case, step: StepDef, person: str) -> dict[str, str]:
    """What was answered at the form step `step`, readable, for `person`. Raises `NotAllowed` unless they may see it.

    That is the person hired, and whoever fills in a form behind it and so looks at it: the pay contact.
    """
    graph = graph_of(app, case)
    if not may_see(app, case, graph, step, known_as(app, person)):
        raise NotAllowed(
            f"What was answered at '{step.id}' is confidential.",
            next_step="The person hired sees it, and whoever fills in the form behind it.",
        )
    secret = {name: value.reveal() for name, value in opened(app, case, step.form).items()}
    return {**case.values.get(step.form, {}), **secret, **_person_facts(app, case, step)}


def _person_facts(app: App, case: Case, step: StepDef) -> dict[str, str]:
    """The answers that are kept with the person."""
    form = app.policies.current().forms.get(step.form)
    person = app.store.person(case.person) if form is not None else None
    if form is None or person is None:
        return {}
    return {field.id: getattr(person, field.corrects).reveal() for field in form.fields if field.corrects}


def may_see(app: App, case: Case, graph: Graph, step: StepDef, person: str) -> bool:
    """Whether `person` may see the confidential answers of `step` now."""
    if step.actor is Actor.HIRE and person == case.person:
        return True
    asked = [step, *behind(graph, step.id)] if step.actor is not Actor.HIRE else behind(graph, step.id)
    powers = PowersNow(app)
    return any(holder.person == person for each in asked if each.actor is not None for holder in powers.holders(case, each.actor, each))


def behind(graph: Graph, step: str) -> list[StepDef]:
    """The steps in which somebody else fills in a form after `step`, and so looks at what was told there."""
    return [graph[id] for id in graph.followers.get(step, ()) if graph[id].task is TaskKind.FORM and graph[id].actor is not Actor.HIRE]


def looked_at(graph: Graph, step: StepDef) -> list[StepDef]:
    """The form steps of the person hired that whoever answers `step` looks at."""
    return [graph[need] for need in step.needs if graph[need].task is TaskKind.FORM and graph[need].actor is Actor.HIRE]
