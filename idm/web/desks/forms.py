"""A form is filled in. What the payroll tables narrow is asked anew with every answer, so that nothing is offered that can't be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from idm.domain.access_rules import Act, may
from idm.domain.case import DocumentState
from idm.domain.forms import FieldType
from idm.flow.compose import title_of
from idm.flow.deciding import Decision
from idm.flow.drafts import begin_with, draft_of, told_before
from idm.flow.relations import paper_of
from idm.flow.tasks import describe
from idm.web.desks.answers import Answer, chosen
from idm.web.desks.answers import answers as answers_of
from idm.web.desks.desk import Desk
from idm.web.numbers import read_number
from idm.web.portal import Visit

_SEVERAL = (FieldType.CHOICES,)


def given(visit: Visit) -> dict[str, Any] | None:
    """The answers so far, as the page's form holds them; None when the page is opened."""
    if visit.request.method != "POST":
        return None
    found: dict[str, Any] = {}
    for name in {key.removeprefix("v.") for key, _ in visit.form.values if key.startswith("v.")}:
        values = visit.form.all(f"v.{name}")
        if visit.form.text(f"number.{name}"):
            values = [read_number(value) for value in values]
        found[name] = values if len(values) > 1 or visit.form.text(f"many.{name}") else "".join(values)
    return found


def show(visit: Visit) -> Mapping[str, Any]:
    """The form's fields, what is left of each, and what follows from the answers so far."""
    answers = given(visit)
    begun = begin_with(visit.app, visit.person, visit.task.id) if answers is None else answers
    told = describe(visit.app, visit.task, begun or None)
    begun = {**_leading(told["fields"]), **begun}
    form = visit.app.policies.current().forms.get(told["form"])
    helps = {field.id: field.help for field in form.fields} if form is not None else {}
    by_field: dict[str, list[str]] = {}
    refusals = told.get("refusals", ())
    names = visit.named(*(fault["message"] for fault in refusals))
    for fault in refusals:
        by_field.setdefault(fault["path"].removeprefix("values."), []).append(visit.words(fault["message"], names))
    for fields in told["fields"]:
        fields["value"] = _value(fields, begun)
        fields["wrong"] = " ".join(by_field.get(fields["id"], ()))
        fields["title"] = fields["titles"].get(visit.language, fields["id"])
        fields["bounds"] = bounds_of(fields) if fields["type"] == FieldType.DECIMAL else None
        fields["help"] = helps.get(fields["id"], {})
    told["fields"] = [field for field in told["fields"] if _asked(field, begun)]
    if "monthly_amount" in told and not told["monthly_amount"]:
        # The pay follows from all that stands in the form, also from what is only proposed so far.
        standing = {field["id"]: field["value"] for field in told["fields"] if field["value"]}
        told["monthly_amount"] = describe(visit.app, visit.task, standing)["monthly_amount"]
    whole = [text for field, texts in by_field.items() if field not in {each["id"] for each in told["fields"]} for text in texts]
    shown = {"told": told, "whole": whole, "approved": _approved(visit), "proofs": list(_proofs(visit)) if "on" in told else []}
    return {**shown, "saved": draft_of(visit.app, visit.person, visit.task.id)}


def _approved(visit: Visit) -> list[Answer]:
    """What the person hired told that is looked at and approved with this form."""
    found: list[Answer] = []
    for name, told in told_before(visit.app, visit.person, visit.task.id).items():
        found += answers_of(visit, name, told)
    return found


def _proofs(visit: Visit) -> Iterator[tuple[str, str]]:
    """The papers that prove seniority and are accepted, as far as the visitor may read them: each with what it is called."""
    policies = visit.app.policies.current()
    for kind in sorted({row.papers for row in policies.payroll.classes} - {""}):
        held = visit.case.documents.get(kind)
        if held is None or held.state is not DocumentState.ACCEPTED or not held.id:
            continue
        if may(visit.relations, Act.READ_DOCUMENT, visit.case.state, document=paper_of(visit.app, visit.case, kind)):
            yield held.id, title_of(policies, kind, visit.language)


_SHOWN = Decimal("0.0001")
"""How exactly a bound is told: as exactly as people fill in a rate."""


def bounds_of(field: Mapping[str, Any]) -> tuple[str, str] | None:
    """The least and the most that a number may be, each a number that is taken; None if nothing bounds it."""
    ranges = field.get("ranges") or ()
    if not ranges:
        return None
    low, high = Decimal(ranges[0]["low"]), Decimal(ranges[-1]["high"])
    least, most = low.quantize(_SHOWN, ROUND_CEILING), high.quantize(_SHOWN, ROUND_FLOOR)
    if least > most:
        least, most = low, high
    return format(least.normalize(), "f"), format(most.normalize(), "f")


def _leading(fields: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The usual answer to each choice that decides what else is asked: its first, so that most people are asked no more than they need."""
    leading = {name for field in fields for name in field.get("asked_if", {})}
    return {field["id"]: field["choices"][0] for field in fields if field["id"] in leading and field["choices"]}


def _asked(field: Mapping[str, Any], answers: Mapping[str, Any]) -> bool:
    """Whether a field is shown: not once an answer before it says that it isn't asked."""
    return all(not answers.get(name) or answers[name] in wanted for name, wanted in field.get("asked_if", {}).items())


def _value(field: Mapping[str, Any], answers: Mapping[str, Any] | None) -> Any:
    """What stands in a field: the answer that was given, else what is settled or proposed."""
    several = field["type"] in _SEVERAL
    if answers is not None and answers.get(field["id"]):
        answer = answers[field["id"]]
        return [answer] if several and isinstance(answer, str) else answer
    proposed = field.get("answer") or field.get("settled") or field.get("proposed") or ""
    return list(chosen(proposed)) if several else proposed


def read(visit: Visit) -> Decision:
    """The values that were filled in."""
    answers = given(visit) or {}
    return Decision("submit", "", {name: value for name, value in answers.items() if value not in ("", [])})


DESK = Desk("form.html", show, read, {"submit": "The form is handed in and approved by you."})
