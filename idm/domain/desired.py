"""The desired state: what every target system should hold for a person on a date, each with the reasons for it.

A pure function of approved facts, policies and the date. A hire, a change, a cancel, a retry, a dry run and "why does she
have this right?" all ask it the same question.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from idm.connector import Confidential, State, Value
from idm.domain.case import Approval
from idm.domain.grants import PLAIN, Grant
from idm.domain.matching import Circumstances
from idm.domain.orders import REVERSED, SENT, OrderLine, line_key
from idm.domain.people import Person
from idm.domain.policy import Policies, ResourceRule, SystemPolicy
from idm.domain.roles import Role, RoleRule


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something should be there: the rule with file, line and content hash, the case, who approved it, and a right's terms."""

    rule: str
    file: str
    line: int
    policy_hash: str
    case: str
    approver: str
    terms: Grant | None = None

    def as_json(self) -> dict[str, Any]:
        """The reason in the outside contract's shape."""
        return {
            "rule": self.rule,
            "file": self.file,
            "line": self.line,
            "policy_hash": self.policy_hash,
            "case": self.case,
            "approver": self.approver,
            **({"terms": self.terms.as_json()} if self.terms is not None else {}),
        }


@dataclass(frozen=True, slots=True)
class AcceptedDocument:
    """A document that its reviewer accepted: the stored document's id, its kind, title and file name."""

    id: str
    kind: str
    title: str
    name: str


@dataclass(frozen=True, slots=True)
class EmploymentFacts:
    """What is known and approved of one employment.

    `approvals` by name, each with every decision behind it, absent until it is complete. `values` are the forms' fields, `roles` the
    confirmed roles with the entitlements that were shown when they were confirmed. `withdrawn`: the hire was cancelled. `cleared`: nothing
    that blocks the first day is missing. `grants` are the terms of the roles, `orders` the lines of its equipment order.
    """

    id: str
    case: str
    unit: str
    unit_name: str
    unit_path: tuple[str, ...]
    position: str
    position_title: str
    start_date: date
    end_date: date | None = None
    weekly_hours: str = ""
    manager_name: str = ""
    withdrawn: bool = False
    cleared: bool = True
    approvals: Mapping[str, tuple[Approval, ...]] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    roles: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    grants: Mapping[str, Grant] = field(default_factory=dict)
    documents: tuple[AcceptedDocument, ...] = ()
    orders: tuple[OrderLine, ...] = ()

    def approved(self, names: Iterable[str]) -> bool:
        """Whether all of `names` are approved."""
        return all(name in self.approvals for name in names)

    def ended(self, day: date) -> bool:
        """Whether the employment is over on `day`."""
        return self.withdrawn or (self.end_date is not None and self.end_date < day)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One record that a system should hold. `entitlements` each with its reasons. `gated`: only an opening may enable it."""

    system: str
    kind: str
    key: str
    person: str
    employment: str
    state: State
    attributes: Mapping[str, Value]
    reasons: tuple[Reason, ...]
    entitlements: Mapping[str, tuple[Reason, ...]] = field(default_factory=dict)
    gated: bool = False
    posting: bool = False
    document: str = ""


def desired_state(
    person: Person, employments: Iterable[EmploymentFacts], policies: Policies, today: date, system: str = ""
) -> tuple[Wanted, ...]:
    """Everything that every system (or the one called `system`) should hold for `person` on `today`, over all employments at once.

    A record per person is wanted as long as any approved employment wants it; its rights are the union over employments. What only a
    withdrawn employment wanted is not in the answer: then it should not be there. What takes its orders back is.
    """
    everybody = sorted(employments, key=lambda e: (e.ended(today), e.start_date, e.id))
    alive = [employment for employment in everybody if not employment.withdrawn]
    return tuple(
        wanted
        for each in policies.systems.values()
        if not system or each.name == system
        for rule in each.resources.values()
        for wanted in _wanted(person, everybody if rule.reverses else alive, each, rule, policies, today)
    )


def _wanted(
    person: Person, employments: list[EmploymentFacts], system: SystemPolicy, rule: ResourceRule, policies: Policies, today: date
) -> Iterator[Wanted]:
    # What is taken back was approved when it went; that it is asked again since must not keep it there.
    approved = employments if rule.reverses else [e for e in employments if e.approved(rule.approved_by)]
    if not approved:
        return
    match rule.per:
        case "person":
            yield _record(person, approved, approved[0], system, rule, policies, today, person.id)
        case "employment":
            for employment in approved:
                yield _record(person, [employment], employment, system, rule, policies, today, employment.id)
        case "order_line" | "order_return":
            states = SENT if rule.per == "order_line" else REVERSED
            for employment in approved:
                for line in (line for line in employment.orders if line.state in states):
                    key = line_key(employment.case, line.number)
                    yield _record(person, [employment], employment, system, rule, policies, today, key, line=line)
        case _:
            for employment in approved:
                for document in employment.documents:
                    yield _record(person, [employment], employment, system, rule, policies, today, document.id, document)


def _record(
    person: Person,
    behind: list[EmploymentFacts],
    first: EmploymentFacts,
    system: SystemPolicy,
    rule: ResourceRule,
    policies: Policies,
    today: date,
    key: str,
    document: AcceptedDocument | None = None,
    line: OrderLine | None = None,
) -> Wanted:
    return Wanted(
        system=system.name,
        kind=rule.kind,
        key=key,
        person=person.id,
        employment=first.id,
        state=_state(behind, rule, today),
        attributes=attributes(
            person, first, rule, document, line, language=policies.deadlines.mail.language_for(person.citizenship, person.language)
        ),
        reasons=tuple(
            reason for employment in behind for reason in _reasons(f"{system.name}.{rule.kind}", rule, employment, rule.approved_by)
        ),
        entitlements=_entitlements(behind, system, policies, today) if rule.rights else {},
        gated=bool(rule.opens),
        posting=rule.posting,
        document=document.id if document else "",
    )


def _state(behind: list[EmploymentFacts], rule: ResourceRule, today: date) -> State:
    if not rule.opens:
        return State.ENABLED
    going = [employment for employment in behind if employment.cleared and not employment.ended(today)]
    if not going:
        return State.DISABLED
    opens = [employment.end_date if rule.opens == "end_date" else employment.start_date for employment in going]
    return State.ENABLED if any(day is not None and day <= today for day in opens) else State.DISABLED


def _reasons(rule: str, where: ResourceRule | Role | RoleRule, employment: EmploymentFacts, approved_by: Iterable[str]) -> Iterator[Reason]:
    approvers = {approval.by: None for name in approved_by for approval in employment.approvals.get(name, ())}
    for approver in approvers:
        yield Reason(rule, where.source.file, where.source.line, where.source.hash, employment.case, approver)


def _entitlements(behind: list[EmploymentFacts], system: SystemPolicy, policies: Policies, today: date) -> dict[str, tuple[Reason, ...]]:
    """The rights in `system`: what the confirmed roles give, as far as the approval named it (a role that has grown asks again)."""
    found: dict[str, list[Reason]] = {}
    for employment in behind:
        if employment.ended(today) or not employment.approvals.get("rights"):
            continue
        for role_id, named in employment.roles.items():
            role, grant = policies.roles.get(role_id), employment.grants.get(role_id, PLAIN)
            if role is None or not grant.covers(today):
                continue
            rule = _rule_behind(role_id, grant, employment, policies)
            name = f"roles.{rule.id} -> {role_id}" if rule is not None else f"requested role {role_id}"
            for entitlement in role.entitlements.get(system.name, ()):
                if entitlement in named.get(system.name, ()):
                    reasons = (replace(reason, terms=grant) for reason in _reasons(name, rule or role, employment, ("rights",)))
                    found.setdefault(entitlement, []).extend(reasons)
    return {entitlement: tuple(reasons) for entitlement, reasons in found.items()}


def _rule_behind(role: str, grant: Grant, employment: EmploymentFacts, policies: Policies) -> RoleRule | None:
    """The rule that proposed a confirmed role, as it stands now; None for a requested one, or if the rule gives it no more.

    Of a role that was confirmed before its rule was noted, the rule is found by position and unit.
    """
    if grant.rule:
        rule = policies.role_rule(grant.rule)
        return rule if rule is not None and role in rule.roles else None
    if employment.grants:
        return None
    hire = Circumstances(employment.position, employment.unit_path, employment.start_date)
    return policies.proposed_roles(hire).get(role)


def attributes(
    person: Person,
    employment: EmploymentFacts,
    rule: ResourceRule,
    document: AcceptedDocument | None = None,
    line: OrderLine | None = None,
    *,
    language: str = "",
) -> dict[str, Value]:
    """The attributes of a record by its rule; what has no value is an empty text, which removes it where it was.

    `language` is the one in which the person is written to.
    """
    facts = known_facts(person, employment, document) | (_order_facts(employment, line) if line is not None else {})
    facts["language"] = language
    return {name: facts.get(attribute.fact, "") if attribute.fact else attribute.value for name, attribute in rule.attributes.items()}


def _order_facts(employment: EmploymentFacts, line: OrderLine) -> dict[str, Value]:
    """What a rule may name of an order line; amounts in kroner with a point."""
    return {
        "order.key": line_key(employment.case, line.number),
        "order.item": line.item,
        "order.title": line.title,
        "order.quantity": str(line.quantity),
        "order.account": line.account,
        "order.price": str(line.price),
        "order.supplier": line.supplier,
        "order.requester": line.by,
        "order.state": line.state.value,
    }


def known_facts(person: Person, employment: EmploymentFacts, document: AcceptedDocument | None = None) -> dict[str, Value]:
    """Every fact that a rule or a form may name, by name: of the person, the employment, its forms, and the document if there is one."""
    facts: dict[str, Value] = {
        "person.id": person.id,
        "given_name": person.given_name,
        "family_name": person.family_name,
        "full_name": person.full_name,
        "username": person.username,
        "address": person.address,
        "cpr": Confidential(person.cpr.reveal()),
        "private_email": person.private_email,
        "mobile": person.mobile,
        "employment.id": employment.id,
        "unit.id": employment.unit,
        "unit.name": employment.unit_name,
        "position.id": employment.position,
        "position.title": employment.position_title,
        "start_date": employment.start_date.isoformat(),
        "end_date": employment.end_date.isoformat() if employment.end_date else "",
        "weekly_hours": employment.weekly_hours,
        "manager.name": employment.manager_name,
    }
    if document is not None:
        facts |= {
            "document.id": document.id,
            "document.kind": document.kind,
            "document.title": document.title,
            "document.file": document.name,
        }
    for form, values in employment.values.items():
        facts |= {f"{form}.{field}": value for field, value in values.items()}
    return facts
