"""The second pair of eyes: another person looks at what the first decided, and agrees, or says why not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from idm.domain.access_rules import Act, may
from idm.domain.authority import APPOINTED
from idm.domain.journey import TaskKind
from idm.flow.compose import title_of
from idm.flow.deciding import Decision, names
from idm.flow.relations import paper_of
from idm.flow.rights import offered
from idm.flow.task_head import names_of
from idm.flow.tasks import describe
from idm.web.desks.answers import answers
from idm.web.desks.desk import Desk, decided
from idm.web.portal import Visit


def show(visit: Visit) -> Mapping[str, Any]:
    """What the first person decided, and when: what is agreed with must be seen."""
    told = describe(visit.app, visit.task)
    first = told["first"]
    values: Mapping[str, Any] = first["values"]
    kind = TaskKind(visit.task.kind)
    return {
        "told": told,
        "first": first,
        "first_name": names_of(visit.app, {first["by"]}).get(first["by"], ""),
        "given": list(_given(visit, values)) if kind is TaskKind.RIGHTS else [],
        "left_out": [_role(visit, role) for role in names(values.get("remove"))] if kind is TaskKind.RIGHTS else [],
        "answers": answers(visit, visit.graph[visit.task.step].form, values) if kind is TaskKind.FORM else [],
        "lines": list(_lines(visit, values)) if kind is TaskKind.ORDER else [],
        "appointed": _appointed(visit, values) if kind is TaskKind.APPOINT else [],
        "paper": _paper(visit) if kind is TaskKind.REVIEW else None,
        "reason": visit.form.text("reason"),
    }


def _role(visit: Visit, id: str) -> str:
    role = visit.app.policies.current().roles.get(id)
    return role.titles.get(visit.language, id) if role is not None else id


def _given(visit: Visit, values: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """The roles that the first decision gives, each with the days that it was given for, if it was."""
    asked = [each if isinstance(each, Mapping) else {"role": each} for each in values.get("add", ())]
    terms = {str(each["role"]): each for each in asked}
    kept = [role for role in offered(visit.app, visit.case)["proposed"] if role not in names(values.get("remove"))]
    for role in dict.fromkeys((*kept, *terms)):
        days = terms.get(role, {})
        yield {"title": _role(visit, role), "start": str(days.get("from") or ""), "until": str(days.get("until") or "")}


def _lines(visit: Visit, values: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    items = visit.app.policies.current().equipment.items
    for line in values.get("lines", ()):
        item = items.get(line["item"])
        title = item.titles.get(visit.language, item.title) if item is not None else line["item"]
        yield {"title": title, "quantity": str(line.get("quantity", 1)), "account": line.get("account") or (item.account if item else "")}


def _appointed(visit: Visit, values: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """Of each authority who is to hold it."""
    chosen = {authority.value: names(values.get(authority.value)) for authority in APPOINTED}
    called = names_of(visit.app, {person for people in chosen.values() for person in people})
    return [(authority, [called.get(person, person) for person in people]) for authority, people in chosen.items() if people]


def _paper(visit: Visit) -> tuple[str, str] | None:
    """The stored paper and what it is called, if the visitor may read it."""
    held = visit.case.documents.get(visit.task.document)
    paper = paper_of(visit.app, visit.case, visit.task.document)
    if held is None or not held.id or not may(visit.relations, Act.READ_DOCUMENT, visit.case.state, document=paper):
        return None
    return held.id, title_of(visit.app.policies.current(), visit.task.document, visit.language)


def read(visit: Visit) -> Decision:
    """Agree, or disagree with the reason."""
    return Decision(decided(visit), visit.form.text("reason") if decided(visit) == "disagree" else "")


DESK = Desk("second.html", show, read, {"agree": "You agreed: it is decided.", "disagree": "You disagreed: it is decided anew."})
