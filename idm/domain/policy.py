"""Policies: the typed form of the files that administrators own. Every rule knows the file and line it stands at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from idm.connector import Value
from idm.domain.access_policy import AccessPolicy
from idm.domain.approvals import ApprovalPolicy
from idm.domain.authority_powers import AuthorityPolicy
from idm.domain.deadlines import DeadlinePolicy
from idm.domain.equipment import EquipmentPolicy
from idm.domain.forms import Form
from idm.domain.journey import Journey, Source
from idm.domain.match_index import MatchIndex
from idm.domain.matching import Circumstances, Group
from idm.domain.naming_policy import NamingPolicy
from idm.domain.paper_rules import CheckKind, DocumentKind
from idm.domain.pauses import WaitingReason
from idm.domain.payroll_tables import PayrollTables
from idm.domain.roles import Conflict, Role, RoleRule

FACTS = (
    "person.id",
    "given_name",
    "family_name",
    "full_name",
    "username",
    "address",
    "cpr",
    "private_email",
    "mobile",
    "language",
    "employment.id",
    "unit.id",
    "unit.name",
    "position.id",
    "position.title",
    "start_date",
    "end_date",
    "weekly_hours",
    "manager.name",
    "document.id",
    "document.kind",
    "document.title",
    "document.file",
    "order.key",
    "order.item",
    "order.title",
    "order.quantity",
    "order.account",
    "order.price",
    "order.supplier",
    "order.requester",
    "order.state",
)
"""The facts that a system's attribute may name. Form values come as `<form>.<field>`, such as `payroll.agreement`."""

APPROVALS = ("hire", "documents", "payroll", "rights", "order")
"""What can be approved: the facts of the hire event, the documents, the payroll form, the rights, the equipment order."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """Where an attribute of a record comes from: the name of a fact, or a fixed value."""

    fact: str = ""
    value: Value = ""


@dataclass(frozen=True, slots=True)
class ResourceRule:
    """When a system holds a record of a kind, and what it says.

    `per`: "person", "employment", "document" (each accepted one), "order_line" (each that was ordered) or "order_return" (each that is
    taken back). `approved_by`: the approvals it takes. `opens`: the date fact before which it stays disabled ("" opens at once).
    `rights`: whether it carries entitlements. `posting`: happens once.
    `reverses`: the kind of posting that it takes back, under the same key; it is made only where that one is there.
    """

    kind: str
    per: str
    approved_by: tuple[str, ...]
    attributes: Mapping[str, Attribute]
    opens: str = ""
    rights: bool = False
    posting: bool = False
    reverses: str = ""
    source: Source = Source()


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How a system's failures are met: seconds to wait (first, factor, most), failures that open the circuit, its cool-down in seconds."""

    first: float = 2.0
    factor: float = 2.0
    most: float = 300.0
    circuit_failures: int = 5
    cool_down: float = 30.0

    def delay(self, attempt: int) -> float:
        """Seconds to wait after the attempt of that number (from 1)."""
        return float(min(self.most, self.first * self.factor ** max(0, min(attempt, 64) - 1)))


@dataclass(frozen=True, slots=True)
class SystemPolicy:
    """A target system: its connector module, connection settings, lane, failure policy and what it holds.

    `doubt` says what becomes of an effect that can't be read back and got no answer: "ask" a person, or "accept" it as done.
    """

    name: str
    connector: str
    config: Mapping[str, object]
    resources: Mapping[str, ResourceRule]
    lane: str = ""
    lane_limit: int = 8
    retry: RetryPolicy = RetryPolicy()
    doubt: str = "ask"
    source: Source = Source()


@dataclass(frozen=True, slots=True)
class Policies:
    """All policies together, as one set in force. `hash` is over all files; `files` gives each file's own."""

    journeys: Mapping[str, Journey]
    documents: Mapping[str, DocumentKind]
    forms: Mapping[str, Form]
    roles: Mapping[str, Role]
    role_rules: tuple[RoleRule, ...]
    systems: Mapping[str, SystemPolicy]
    naming: NamingPolicy
    groups: Mapping[str, Group] = field(default_factory=dict)
    authority: AuthorityPolicy = field(default_factory=AuthorityPolicy)
    deadlines: DeadlinePolicy = field(default_factory=DeadlinePolicy)
    equipment: EquipmentPolicy = field(default_factory=EquipmentPolicy)
    checks: Mapping[str, CheckKind] = field(default_factory=dict)
    approvals: Mapping[str, ApprovalPolicy] = field(default_factory=dict)
    conflicts: tuple[Conflict, ...] = ()
    payroll: PayrollTables = field(default_factory=PayrollTables)
    waiting: Mapping[str, WaitingReason] = field(default_factory=dict)
    access: AccessPolicy = field(default_factory=AccessPolicy)
    hash: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    rule_index: MatchIndex[RoleRule] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Index the rules, so that a hire is held only against those that may fit."""
        object.__setattr__(self, "rule_index", MatchIndex((rule.match, rule) for rule in self.role_rules))

    def journey_for(self, event: str) -> Journey | None:
        """The journey that an event of that type starts, if any."""
        return next((journey for journey in self.journeys.values() if journey.event == event), None)

    def proposed_roles(self, hire: Circumstances) -> dict[str, RoleRule]:
        """The roles that follow from what is known of a hire, each with the first rule that gives it."""
        proposed: dict[str, RoleRule] = {}
        for rule in self.rule_index.fitting(hire):
            for role in rule.roles:
                proposed.setdefault(role, rule)
        return proposed

    def role_rule(self, id: str) -> RoleRule | None:
        """The rule for roles that is called so, if any."""
        return next((rule for rule in self.role_rules if rule.id == id), None)
