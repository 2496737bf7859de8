"""Rights of a hire: what rules propose, what may be added, what clashes with what the person holds, and on what terms all of it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from idm.domain.case import Case, CaseState
from idm.domain.grants import Grant
from idm.domain.matching import Circumstances
from idm.domain.people import Organisation, Person
from idm.domain.policy import Policies
from idm.domain.roles import NEEDS_REASON, REFUSE, Clash, Held, Role, RoleRule, clashes, until_end
from idm.errors import Conflict, Fault
from idm.flow.circumstances import circumstances_of
from idm.flow.facts import organisation
from idm.flow.graphs import graph_of
from idm.flow.rights_requests import Request, read_requests
from idm.ports import App
from idm.ports_store import Writer


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is known when the rights of a case are decided: its hire, what rules propose, and what the person holds by other cases."""

    case: Case
    hire: Circumstances
    policies: Policies
    tree: Organisation
    rules: Mapping[str, RoleRule]
    elsewhere: tuple[Held, ...]
    today: date

    def above(self, unit: str) -> Sequence[str]:
        """The ids from a unit to the top."""
        return [each.id for each in self.tree.path(unit)]

    def standing(self, role: Role) -> Grant:
        """The terms on which a role is given unless somebody asks for narrower ones."""
        rule = self.rules.get(role.id)
        return Grant(rule.id if rule is not None else "", reach=role.limit.reach(self.case.facts.unit))

    def held(self, role: str, grant: Grant) -> Held:
        """A role of this case as conflicts see it: no longer than the employment."""
        return Held(role, self.case.employment, until_end(grant, self.case.facts.end_date))

    def clashing(self, grants: Mapping[str, Grant]) -> tuple[Clash, ...]:
        """The conflicts among `grants`, and between them and what the person holds by other cases."""
        return clashes(self.policies.conflicts, [self.held(role, grant) for role, grant in grants.items()], self.elsewhere)


def proposal(app: App, case: Case, person: Person, policies: Policies) -> Proposal:
    """What rules propose for the hire of `case` now, and what its person holds by other cases today or later."""
    hire = circumstances_of(app, case, person, policies)
    today = app.clock.today()
    elsewhere = held_elsewhere(app, case, today) if policies.conflicts else ()
    return Proposal(case, hire, policies, organisation(app), policies.proposed_roles(hire), elsewhere, today)


def held_elsewhere(app: App, case: Case, today: date) -> tuple[Held, ...]:
    """The confirmed roles of the person's other cases, as far as their employments go, without those that are over."""
    found: list[Held] = []
    for other in app.store.cases_of(case.person, case.id):
        if other.state is CaseState.CANCELLED or not other.approved("rights", graph_of(app, other)):
            continue
        for role in other.roles:
            grant = until_end(other.grants.get(role, Grant()), other.facts.end_date)
            if grant.until is None or grant.until >= today:
                found.append(Held(role, other.employment, grant))
    return tuple(found)


def demand_apart(app: App, writer: Writer, case: Case) -> None:
    """Raise `Conflict` if, since the decision was checked, the person was given by another case what must not meet this one's rights.

    The person is locked first: of two decisions at the same time, the second one sees the first.
    """
    conflicts = app.policies.current().conflicts
    if not conflicts or not case.grants:
        return
    writer.lock_person(case.person)
    elsewhere = held_elsewhere(app, case, app.clock.today())
    mine = [Held(role, case.employment, until_end(grant, case.facts.end_date)) for role, grant in case.grants.items()]
    for clash in clashes(conflicts, mine, elsewhere):
        if clash.conflict.severity == REFUSE or clash.conflict.id not in case.grants[clash.one.role].accepted:
            raise Conflict(
                "Another case of this person was decided in the meantime; nothing was saved.",
                faults=[Fault("values", "conflict", clash.words())],
                next_step="Look at the task again: `idm task show` tells what clashes.",
            )


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What a decision on rights comes to: the terms by role in order, what was asked for and left out, and which conflicts it accepts."""

    grants: Mapping[str, Grant]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    accepted: tuple[Clash, ...]


def confirmed(asked: Proposal, values: Mapping[str, Any], by: str, reason: str) -> tuple[Confirmed, list[Fault]]:
    """What `values` (`add`, `remove`) come to, decided by a person for `reason`; and every fault, in which case it must not be used."""
    policies = asked.policies
    requests, faults = read_requests(values.get("add"))
    leaving, more = read_requests(values.get("remove"), "values.remove")
    remove = tuple(dict.fromkeys(request.role for request in leaving))
    for request in requests:
        if request.role in remove:
            faults.append(Fault(request.place, "twice", f"role '{request.role}' is both added and removed"))
        faults += _refused(asked, request)
    faults += more
    faults += [Fault("values.remove", "not-proposed", f"role '{role}' was not proposed") for role in remove if role not in asked.rules]
    grants = {role: asked.standing(policies.roles[role]) for role in asked.rules if role in policies.roles and role not in remove}
    for request in requests:
        if (role := policies.roles.get(request.role)) is not None:
            terms = asked.standing(role)
            grants[role.id] = replace(terms, start=request.start, until=request.until, reach=request.reach(terms.reach))
    found = asked.clashing(grants)
    faults += _apart(found, reason)
    accepted = tuple(clash for clash in found if clash.conflict.severity == NEEDS_REASON)
    terms_of = {role: _with_accepted(role, grant, accepted, by, reason) for role, grant in grants.items()}
    return Confirmed(terms_of, tuple(request.role for request in requests), remove, accepted), faults


def _refused(asked: Proposal, request: Request) -> Iterable[Fault]:
    """Why a request is more than may be granted; nothing if it isn't."""
    role = asked.policies.roles.get(request.role)
    if role is None or (role.grantable is None and role.id not in asked.rules):
        yield Fault("values.add", "not-grantable", f"role '{request.role}' is not one that an IT contact may add")
        return
    if request.until is not None and request.until < asked.today:
        yield Fault(f"{request.place}.until", "past", "lies in the past")
    unknown = [unit for unit in request.units if unit not in asked.tree.units]
    if unknown:
        yield Fault(f"{request.place}.units", "unknown-unit", f"the organisation has no unit '{unknown[0]}'")
    widest = role.limit.reach(asked.case.facts.unit)
    if not unknown and not request.reach(widest).within(widest, asked.above):
        yield Fault(request.place, "beyond-limit", f"role '{role.id}' reaches no further than {widest.words()}")
    if role.id not in asked.rules and role.grantable is not None:
        unmet = role.grantable.when.unmet(asked.hire)
        if unmet:
            yield Fault("values.add", "not-grantable", f"role '{role.id}' may only be added where this holds: {'; '.join(unmet)}")
        yield from _too_long(asked, request, role.grantable.most_days)


def _too_long(asked: Proposal, request: Request, most_days: int | None) -> Iterable[Fault]:
    if most_days is None:
        return
    ends = min(request.until or date.max, asked.case.facts.end_date or date.max)
    days = (ends - max(request.start or asked.today, asked.today)).days + 1
    if days > most_days:
        yield Fault(f"{request.place}.until", "too-long", f"role '{request.role}' is given for at most {most_days} days; name its last day")


def _apart(found: Iterable[Clash], reason: str) -> Iterable[Fault]:
    for clash in found:
        if clash.conflict.severity == REFUSE:
            yield Fault("values", "conflict", f"{clash.words()}: leave one out")
        elif not reason:
            yield Fault("reason", "conflict", f"{clash.words()}: leave one out, or say why both are needed")


def _with_accepted(role: str, grant: Grant, accepted: Iterable[Clash], by: str, reason: str) -> Grant:
    """The terms with the conflicts that were accepted for this role, by whom and why."""
    ids = tuple(dict.fromkeys(clash.conflict.id for clash in accepted if role in (clash.one.role, clash.other.role)))
    return replace(grant, accepted=ids, by=by, reason=reason) if ids else grant


def offered(app: App, case: Case) -> dict[str, Any]:
    """What the task of confirming rights takes: proposed roles with their rules, what may be added and how far, and what clashes."""
    person = app.store.person(case.person)
    policies = app.policies.current()
    if person is None:
        return {"decisions": ["confirm"], "proposed": {}, "grantable": [], "terms": {}, "conflicts": []}
    asked = proposal(app, case, person, policies)
    proposed = {role: asked.standing(policies.roles[role]) for role in asked.rules}
    extra = [role for role in policies.roles.values() if role.grantable is not None and role.grantable.when.fits(asked.hire)]
    extra = [role for role in extra if role.id not in proposed]
    return {
        "decisions": ["confirm"],
        "proposed": {role: rule.id for role, rule in asked.rules.items()},
        "grantable": [role.id for role in extra],
        "terms": {
            **{role: {**_terms(grant), "most_days": None} for role, grant in proposed.items()},
            **{role.id: {**_terms(asked.standing(role)), "most_days": role.grantable.most_days} for role in extra if role.grantable},
        },
        "held": {role: grant.as_json() for role, grant in case.grants.items()},
        "conflicts": [
            {"conflict": clash.conflict.id, "severity": clash.conflict.severity, "roles": [clash.one.role, clash.other.role]}
            | {"rules": [clash.one.grant.rule or None, clash.other.grant.rule or None], "words": clash.words()}
            for clash in asked.clashing({**{role.id: asked.standing(role) for role in extra}, **proposed})
        ],
        "example": {"decision": "confirm", "values": {"add": [], "remove": []}},
    }


def _terms(grant: Grant) -> dict[str, Any]:
    reach = grant.reach
    return {"units": list(reach.units), "below": reach.below, "amount": str(reach.amount) if reach.amount is not None else None}
