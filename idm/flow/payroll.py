"""The payroll funnel for a case: what is known of its place, what its form may still answer, and the pay that follows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from idm.domain.case import Case, DocumentState
from idm.domain.cpr import birth_date
from idm.domain.forms import FieldType, Form, FormField
from idm.domain.journey import TaskKind
from idm.domain.payroll import Funnel, Place, narrow
from idm.domain.payroll_tables import PayrollTables
from idm.domain.timers import HOME
from idm.errors import Fault, NotFound
from idm.flow.facts import organisation
from idm.flow.graphs import graph_of
from idm.ports import App


def place_of(app: App, case: Case) -> Place:
    """What pay depends on, as the case has it now: unit, position, first day, hours, age, and the papers that were accepted."""
    facts = case.facts
    person = app.store.person(case.person)
    return Place(
        unit_path=tuple(unit.id for unit in organisation(app).path(facts.unit)) or (facts.unit,),
        position=facts.position,
        start_date=facts.start_date,
        weekly_hours=Decimal(facts.weekly_hours) if facts.weekly_hours else None,
        born=birth_date(person.cpr) if person is not None else None,
        papers=_accepted_papers(app, case),
    )


def _accepted_papers(app: App, case: Case) -> dict[str, date]:
    """The kinds of document that are accepted, each with the day in Denmark on which it was."""
    accepted = {kind for kind, document in case.documents.items() if document.state is DocumentState.ACCEPTED}
    found = {}
    for step in graph_of(app, case):
        if step.task is TaskKind.REVIEW and step.document in accepted and step.id in case.approvals:
            found[step.document] = case.approvals[step.id].at.astimezone(HOME).date()
    return found


def tables_day(case: Case) -> date:
    """The day that the tables are read at: the first day of the employment."""
    return case.facts.start_date


def funnel_of(app: App, case: Case, answers: Mapping[str, str], tables: PayrollTables | None = None) -> Funnel:
    """The funnel for a case with these answers, over the tables in force or others."""
    return narrow(tables or app.policies.current().payroll, place_of(app, case), answers, tables_day(case))


def funnel_form(app: App, case: Case) -> Form | None:
    """The form of the case's journey whose fields the funnel narrows, as policy has it now; None if there is none."""
    forms = app.policies.current().forms
    named = (forms.get(step.form) for step in graph_of(app, case) if step.form)
    return next((form for form in named if form is not None and narrowed(form)), None)


def narrowed(form: Form) -> bool:
    """Whether the funnel says what the form takes."""
    return any(field.narrowed for field in form.fields)


def monthly_amount(app: App, case: Case) -> Decimal | None:
    """The pay in kroner a month that the case's payroll form says; None until it is filled in, or if the tables don't give it any more."""
    form = funnel_form(app, case)
    values = case.values.get(form.name) if form is not None else None
    return funnel_of(app, case, values).monthly_amount if values else None


def check_form(app: App, case: Case, form: Form, given: Mapping[str, Any]) -> tuple[dict[str, str], list[Fault]]:
    """The values of a form as text, and every fault: those of its fields, then what the funnel refuses, with the row that does.

    A field that may be left out and has only one choice left is filled in with that.
    """
    clean, faults = form.check(given)
    if not narrowed(form):
        return clean, faults
    funnel = funnel_of(app, case, clean)
    wrong = {fault.path for fault in faults}
    faults += [refusal.fault() for refusal in funnel.refusals]
    for field in form.fields:
        if not field.narrowed or field.required or field.id in clean or field.type is FieldType.CHOICES:
            continue
        asked = funnel.fields[field.id]
        if asked.settled:
            clean[field.id] = asked.settled
        elif asked.choices and f"values.{field.id}" not in wrong:
            left = ", ".join(choice.value for choice in asked.choices)
            faults.append(Fault(f"values.{field.id}", asked.choices[0].rule, f"choose one: {left}"))
    return clean, list(dict.fromkeys(faults))


def ask(app: App, case: Case, form: Form, fields: list[dict[str, Any]], given: Mapping[str, Any]) -> dict[str, Any]:
    """What a person is asked in a form that the funnel narrows, with the answers given so far: fields, refusals, notices, the pay.

    `fields` are the form's as any form has them; what the funnel says is put over them.
    """
    return _told(form, fields, given, lambda clean: funnel_of(app, case, clean))


def ask_place(app: App, place: Place, on: date, given: Mapping[str, Any]) -> dict[str, Any]:
    """What the funnel says of a place without a case, by the form in force that it narrows; raises `NotFound` if there is none."""
    form = next((form for form in app.policies.current().forms.values() if narrowed(form)), None)
    if form is None:
        raise NotFound("No form is narrowed by the payroll tables.", next_step="Give its fields 'source: funnel' in forms/payroll.yaml.")
    fields: list[dict[str, Any]] = [
        {"id": field.id, "type": field.type.value, "required": field.required, "choices": [], "titles": dict(field.titles), "proposed": ""}
        for field in form.fields
    ]
    return _told(form, fields, given, lambda clean: narrow(app.policies.current().payroll, place, clean, on))


def _told(
    form: Form, fields: list[dict[str, Any]], given: Mapping[str, Any], narrowing: Callable[[Mapping[str, str]], Funnel]
) -> dict[str, Any]:
    clean, faults = replace(form, fields=tuple(replace(field, required=False) for field in form.fields)).check(given)
    funnel = narrowing(clean)
    wrong = {fault.path: fault for fault in faults}
    shown = []
    for field, told in zip(form.fields, fields, strict=True):
        asked = {**told, **_narrowed(field, told, funnel)} if field.narrowed else told
        fault = wrong.get(f"values.{field.id}")
        shown.append({**asked, "refused": fault.as_json()} if fault is not None else asked)
    return {
        "fields": shown,
        "on": funnel.on.isoformat(),
        "refusals": [fault.as_json() for fault in (*faults, *(refusal.fault() for refusal in funnel.refusals))],
        "notices": [notice.fault().as_json() for notice in funnel.notices],
        "monthly_amount": str(funnel.monthly_amount) if funnel.monthly_amount is not None else None,
    }


def _narrowed(field: FormField, told: Mapping[str, Any], funnel: Funnel) -> dict[str, Any]:
    asked = funnel.fields[field.id].as_json()
    return {**asked, "proposed": asked["proposed"] or ("" if asked["choices"] else told["proposed"])}
