"""The facts that the desired state of a person follows from: every employment with what was approved of it."""

from __future__ import annotations

import time
from collections.abc import Iterable

from idm.domain.authority import manager_of
from idm.domain.case import Case, CaseState, DocumentState
from idm.domain.desired import AcceptedDocument, EmploymentFacts
from idm.domain.people import Organisation
from idm.domain.plan import Owned
from idm.domain.policy import APPROVALS, Policies
from idm.flow.confidential import all_values
from idm.flow.graphs import graph_of
from idm.flow.powers import matter_of
from idm.ports import App


def organisation(app: App) -> Organisation:
    """The organisation as this process read it a moment ago."""
    at, found = app.cache.get("organisation", (0.0, None))
    if found is None or time.monotonic() - at >= app.trust:
        found = app.store.organisation()
        app.cache["organisation"] = (time.monotonic(), found)
    tree: Organisation = found
    return tree


def was_cancelled(app: App, case: str) -> bool:
    """Whether the hire of the case of that id was cancelled; not for "", an employment that no hire began."""
    return bool(case) and app.store.case_state(case) == CaseState.CANCELLED


def employments_of(app: App, person: str, current: Case | None, policies: Policies, *, managers: bool = True) -> list[EmploymentFacts]:
    """The facts of each of a person's cases, with `current` in place of what the database holds of it."""
    cases: Iterable[Case] = app.store.cases_of(person)
    if current is not None:
        cases = [current, *(case for case in cases if case.id != current.id)]
    return [facts_of(app, case, policies, managers=managers) for case in cases]


def facts_of(app: App, case: Case, policies: Policies, *, managers: bool = True) -> EmploymentFacts:
    """The facts of one case. `managers`: whether the manager's name is looked up."""
    tree = organisation(app)
    graph = graph_of(app, case)
    unit, position = tree.units.get(case.facts.unit), tree.positions.get(case.facts.position)
    approvals = {name: case.approved(name, graph) for name in APPROVALS}
    return EmploymentFacts(
        id=case.employment,
        case=case.id,
        unit=case.facts.unit,
        unit_name=unit.name if unit else case.facts.unit,
        unit_path=tuple(above.id for above in tree.path(case.facts.unit)),
        position=case.facts.position,
        position_title=position.title if position else case.facts.position,
        start_date=case.facts.start_date,
        end_date=case.facts.end_date,
        weekly_hours=case.facts.weekly_hours,
        manager_name=_manager_name(app, case, tree) if managers else "",
        withdrawn=case.state is CaseState.CANCELLED,
        cleared=case.cleared(graph),
        approvals={name: given for name, given in approvals.items() if given is not None},
        values=all_values(app, case),
        roles=case.roles,
        grants=case.grants,
        orders=case.orders,
        documents=_accepted(case, policies),
    )


def _manager_name(app: App, case: Case, tree: Organisation) -> str:
    named = manager_of(matter_of(case), tree)
    manager = app.store.person(named) if named else None
    return manager.full_name if manager is not None else ""


def _accepted(case: Case, policies: Policies) -> tuple[AcceptedDocument, ...]:
    titles = {kind: policies.documents[kind].titles if kind in policies.documents else {} for kind in case.documents}
    return tuple(
        AcceptedDocument(document.id, kind, titles[kind].get("da") or titles[kind].get("en") or kind, document.name)
        for kind, document in case.documents.items()
        if document.state is DocumentState.ACCEPTED
    )


def records_of(app: App, person: str) -> list[Owned]:
    """What the systems hold for a person and keep up to date: postings happened once, and are not among them."""
    systems = app.policies.current().systems
    kinds = {(name, kind) for name, system in systems.items() for kind, rule in system.resources.items() if not rule.posting}
    return [owned for owned in app.store.owned(person) if (owned.system, owned.kind) in kinds]
