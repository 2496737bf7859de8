"""A form is filled in: its values are checked, kept and approved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from idm.connector import Confidential
from idm.domain import transitions
from idm.domain.case import Case
from idm.domain.departures import look_again
from idm.domain.desired import known_facts
from idm.domain.forms import FieldType, Form, FormField
from idm.domain.journey import StepDef
from idm.errors import BadInput, NotFound
from idm.flow.confidential import digest, keep, looked_at, opened
from idm.flow.deciding import Act, Made, demand_decision, named
from idm.flow.facts import facts_of
from idm.flow.payroll import ask, check_form, narrowed
from idm.ports import App


def decide(act: Act) -> Made:
    """The form filled in; raises `BadInput` with every fault."""
    decision = demand_decision(act.answer, "submit")
    form = form_called(act.app, act.step.form)
    values, found = check_form(act.app, act.case, form, act.values)
    if found:
        raise BadInput(f"The form '{form.name}' isn't right yet.", faults=found, next_step="Mend what is named; nothing was saved.")
    filled = keep(act.app, act.case, form, values)
    approval = named(act.approval, _approved(act, form, values))
    after = transitions.decide(filled, act.graph, act.step.id, approval, act.now)
    if _changed(act, form, filled):
        reason = "what the new employee told has changed since: look at it, and approve it anew"
        after = look_again(after, act.graph, act.step.id, reason, act.now)
    return after, {"decision": decision, "form": form.name, "fields": sorted(values)}, ()


def _approved(act: Act, form: Form, values: Mapping[str, str]) -> object:
    """What the decision approves: its values, and with them what the person hired told that its person looks at; of secrets a digest."""
    if form.confidential:
        return {form.name: digest(act.app, form.name, values)}
    told = {step.form: digest(act.app, step.form, opened(act.app, act.case, step.form)) for step in looked_at(act.graph, act.step)}
    return [values, told] if told else values


def _changed(act: Act, form: Form, filled: Case) -> bool:
    """Whether anything changed that a second person looks at; at the first answer nothing has."""
    answered = form.name in act.case.sealed or form.name in act.case.values
    if not answered or not any(field.second_person for field in form.fields):
        return False
    before, after = (
        form.approved_again({**case.values.get(form.name, {}), **opened(act.app, case, form.name)}) for case in (act.case, filled)
    )
    return before != after


def form_called(app: App, name: str) -> Form:
    """The form as policy has it now: a case pins its journey, and forms may have gone since."""
    found = app.policies.current().forms.get(name)
    if found is None:
        raise NotFound(f"Policy has no form '{name}' any more.", next_step=f"Put forms/{name}.yaml back; this case needs it.")
    return found


def asked_fields(app: App, case: Case, form: Form) -> list[dict[str, Any]]:
    """The fields of a form as a person is asked them, each with what is proposed.

    That is the answer of before, else the fact that the field defaults to, if it may be shown.
    """
    person = app.store.person(case.person)
    known = known_facts(person, facts_of(app, case, app.policies.current())) if person is not None else {}
    before = case.values.get(form.name, {})
    return [
        {
            "id": field.id,
            "type": field.type.value,
            "required": field.required,
            "choices": list(field.choices),
            "titles": dict(field.titles),
            "proposed": before.get(field.id)
            or ("" if isinstance(known.get(field.default), Confidential) else known.get(field.default, "")),
            **_more(field),
        }
        for field in form.fields
    ]


def _more(field: FormField) -> dict[str, Any]:
    """What only some fields have."""
    more = {
        "help": dict(field.help),
        "choice_titles": {choice: dict(titles) for choice, titles in field.choice_titles.items()},
        "asked_if": {name: list(wanted) for name, wanted in field.asked_if},
        "confidential": field.confidential,
        "example": field.example,
    }
    return {name: value for name, value in more.items() if value}


def describe(app: App, case: Case, step: StepDef, given: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
    """The form's name and fields; with the payroll funnel, what is left of each after the answers `given`.

    Without any, those of before: whoever is asked again begins with what they had answered, and sees what of it holds no more.
    """
    form = form_called(app, step.form)
    fields = asked_fields(app, case, form)
    told = ask(app, case, form, fields, given or case.values.get(form.name, {})) if narrowed(form) else {"fields": fields}
    sound = {"decision": "submit", "values": example(app, case, form, fields)}
    return {"decisions": ["submit"], "form": form.name, **told, "example": sound}


def example(app: App, case: Case, form: Form, fields: list[dict[str, Any]]) -> dict[str, str]:
    """Values that would do: of each field that must be filled in, what is proposed, else the first that is left after those before it.

    A field that proposes and offers nothing is left out: only its person knows it.
    """
    values: dict[str, str] = {}
    for index, field in enumerate(form.fields):
        if not field.required or not field.asked(values):
            continue
        asked = ask(app, case, form, fields, values)["fields"][index] if field.narrowed else fields[index]
        # Of days the last one, as nobody should be proposed more seniority than they may have.
        order = ("high", "low") if field.type is FieldType.DATE else ("low", "high")
        bounds = [each[name] for each in asked.get("ranges") or () for name in order if each[name]]
        chosen = next((value for value in (asked["proposed"], *asked["choices"], *bounds, field.example) if value), "")
        if chosen:
            values[field.id] = str(chosen)
    return values
