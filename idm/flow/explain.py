"""Explain: why each record and right of an employment should be there."""

from __future__ import annotations

from typing import Any

from idm.domain.case import Case
from idm.domain.desired import desired_state
from idm.errors import NotFound
from idm.flow.facts import employments_of
from idm.ports import App


def case_by(app: App, id: str) -> Case:
    """The case that an id means: a case's own, or that of an employment. `NotFound` if it is neither."""
    loaded = app.store.load(id)
    if loaded is not None:
        return loaded.case
    employment = app.store.employment_ids([id]).get(id, id)
    rows = app.store.list_cases(employment=employment, limit=1)
    found = app.store.load(rows[0].id) if rows else None
    if found is None:
        raise NotFound(f"There is no case or employment '{id}'.", next_step="`idm case list` shows both.")
    return found.case


def explain(app: App, id: str) -> list[dict[str, Any]]:
    """Everything that should be there for the employment, one item a record and one a right, with the reasons of each."""
    case = case_by(app, id)
    person = app.store.person(case.person)
    if person is None:
        raise NotFound(f"Person {case.person} isn't in the database.")
    policies = app.policies.current()
    items: list[dict[str, Any]] = []
    for record in desired_state(person, employments_of(app, person.id, case, policies), policies, app.clock.today()):
        if record.key != person.id and record.employment != case.employment:
            continue
        base = {"system": record.system, "kind": record.kind, "key": record.key}
        items.append({**base, "state": record.state.value, "reasons": [reason.as_json() for reason in record.reasons]})
        for entitlement, reasons in sorted(record.entitlements.items()):
            items.append({**base, "entitlement": entitlement, "reasons": [reason.as_json() for reason in reasons]})
    return items
