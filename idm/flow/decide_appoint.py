"""The manager appoints the pay contact and the IT contact of a hire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from idm.domain import transitions
from idm.domain.authority import APPOINTED, TEAM, Authority, Delegation
from idm.domain.case import Case
from idm.domain.journey import Actor, StepDef
from idm.errors import BadInput, Fault
from idm.flow.deciding import Act, Made, demand_decision, demand_only, named
from idm.flow.identity import fresh
from idm.flow.known_as import known_as
from idm.flow.powers import PowersNow
from idm.ports import App


def decide(act: Act) -> Made:
    """The contacts appointed for this case, or the standing ones confirmed; raises `BadInput` with every fault."""
    decision = demand_decision(act.answer, "appoint")
    demand_only(act, "pay", "it")
    found: list[Fault] = []
    wanted: dict[Authority, list[str]] = {}
    teams = {f"{TEAM}{team}" for team in act.app.policies.current().authority.teams}
    for authority in APPOINTED:
        value = act.values.get(authority.value, [])
        people = [value] if isinstance(value, str) else list(value) if isinstance(value, list | tuple) else []
        people = [known_as(act.app, person) if isinstance(person, str) else person for person in people]
        wanted[authority] = people
        known = {*act.app.store.people([person for person in people if isinstance(person, str)]), *teams}
        for person in people:
            if person not in known:
                found.append(Fault(f"values.{authority}", "unknown-person", "one of the persons named isn't in the organisation"))
            elif person == act.case.person:
                found.append(Fault(f"values.{authority}", "own-hire", "the person hired can't hold an authority in their own hire"))
        if not people and not _standing(act, authority):
            found.append(
                Fault(f"values.{authority}", "required", f"name who holds the {authority.value} authority: no standing delegation does")
            )
    if found:
        raise BadInput("The contacts can't be appointed so.", faults=found, next_step="Mend what is named; nobody was appointed.")
    delegations = [
        Delegation(fresh(act.app, "d"), authority, act.case.facts.unit, person, act.approval.by, act.app.clock.today(), None, act.case.id)
        for authority, people in wanted.items()
        for person in dict.fromkeys(people)
    ]
    after = transitions.decide(act.case, act.graph, act.step.id, named(act.approval, act.case.facts), act.now)
    payload = {"decision": decision, **{authority.value: people for authority, people in wanted.items()}}
    return after, payload, delegations


def _standing(act: Act, authority: Authority) -> bool:
    return bool(PowersNow(act.app).holders(act.case, Actor(authority.value)))


def describe(app: App, case: Case, step: StepDef) -> Mapping[str, Any]:
    """The two authorities; each must be named unless somebody holds it already."""
    now = PowersNow(app)
    fields = [{"id": name.value, "type": "persons", "required": not now.holders(case, Actor(name.value))} for name in APPOINTED]
    return {"decisions": ["appoint"], "fields": fields, "example": {"decision": "appoint", "values": {"pay": ["P1"], "it": ["P2"]}}}
