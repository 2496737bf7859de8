"""The IT contact confirms the roles that rules propose, asks for more within what may be granted, or leaves some out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from idm.domain import transitions
from idm.domain.case import Case
from idm.domain.departures import doubted
from idm.domain.grants import pack
from idm.domain.journey import StepDef
from idm.errors import BadInput, NotFound
from idm.flow.deciding import Act, Made, demand_decision, demand_only, named
from idm.flow.rights import confirmed, offered, proposal
from idm.ports import App

_NEXT = "`idm task show` lists what is proposed and grantable; nothing was saved."


def decide(act: Act) -> Made:
    """Confirm the rights; raises `BadInput` with every fault: what can't be granted, and what nobody may hold together."""
    decision = demand_decision(act.answer, "confirm")
    demand_only(act, "add", "remove")
    person = act.app.store.person(act.case.person)
    if person is None:
        raise NotFound(f"Person {act.case.person} isn't in the database.")
    policies = act.app.policies.current()
    reason = act.answer.reason.strip()
    made, found = confirmed(proposal(act.app, act.case, person, policies), act.values, act.approval.by, reason)
    if found:
        raise BadInput("The rights can't be confirmed like this.", faults=found, next_step=_NEXT)
    roles = {role: dict(policies.roles[role].entitlements) for role in made.grants}
    given = {role: pack(grant) for role, grant in made.grants.items()}
    unsure = doubted(act.case, act.graph)
    after = replace(act.case, roles=roles, grants=made.grants, rights_seen=act.app.clock.today(), doubted=unsure)
    after = transitions.decide(after, act.graph, act.step.id, named(act.approval, [roles, given]), act.now)
    told = {"decision": decision, "roles": list(roles), "added": list(made.added), "removed": list(made.removed), "terms": given}
    if made.accepted:
        told["accepted"] = [clash.words() for clash in made.accepted]
    return after, {**told, "reason": reason} if reason else told, ()


def describe(app: App, case: Case, step: StepDef) -> Mapping[str, Any]:
    """What the task takes: roles that rules propose, roles that may be added and how far each reaches, and what clashes."""
    return offered(app, case)
