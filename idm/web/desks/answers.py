"""What was answered in a form, as people read it: each field by its title, and what was chosen by what it is called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from idm.domain.forms import FieldType, Form
from idm.domain.payroll import PAY_TYPES
from idm.flow.decide_form import asked_fields
from idm.flow.payroll import ask, narrowed
from idm.web.portal import Visit


class Answer(NamedTuple):
    """One answer. `day` in place of `value` where it is a date, which each language writes otherwise."""

    field: str
    title: str
    value: str
    day: date | None = None


def answers(visit: Visit, form: str, values: Mapping[str, Any]) -> list[Answer]:
    """The answers in `values` to a form of the visit's case, in the form's order; last, as it is, what the form doesn't know any more."""
    known = visit.app.policies.current().forms.get(form)
    if known is None:
        return [Answer(id, id, _text(value)) for id, value in sorted(values.items())]
    called, fields = _called(visit, known, values), {field.id: field for field in known.fields}
    found = []
    for id in (*(id for id in fields if id in values), *sorted(values.keys() - fields.keys())):
        field, value = fields.get(id), values[id]
        title = field.titles.get(visit.language, id) if field is not None else id
        kind = field.type if field is not None else FieldType.TEXT
        day = _day(value) if kind is FieldType.DATE else None
        if kind is FieldType.DECIMAL and visit.language == "da":
            value = str(value).replace(".", ",")
        several = kind is FieldType.CHOICES
        found.append(
            Answer(id, title, ", ".join(called.get((id, each), each) for each in (chosen(value) if several else (_text(value),))), day)
        )
    return found


def _called(visit: Visit, form: Form, values: Mapping[str, Any]) -> Mapping[tuple[str, str], str]:
    """What each choice of each field is called, as far as something calls it: the form itself, or the payroll tables.

    With a name of the tables stands payroll's code, which those who check the pay know it by.
    """
    names = {
        (field.id, choice): titles[visit.language]
        for field in form.fields
        for choice, titles in field.choice_titles.items()
        if visit.language in titles
    }
    if not narrowed(form):
        return names
    told = ask(visit.app, visit.case, form, asked_fields(visit.app, visit.case, form), values)
    for field in told["fields"]:
        for option in field.get("options") or ():
            title = option["titles"].get(visit.language, option["value"])
            is_code = title != option["value"] and option["value"] not in PAY_TYPES
            names[field["id"], option["value"]] = f"{title} ({option['value']})" if is_code else title
    return names


def chosen(value: Any) -> Sequence[str]:
    """The choices of an answer that may have several: posted they are a list, kept they stand with a blank between."""
    return [str(each) for each in value] if isinstance(value, list | tuple) else str(value).split()


def _text(value: Any) -> str:
    return ", ".join(str(each) for each in value) if isinstance(value, list | tuple) else str(value)


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None
