"""Policies: the typed form of the files that administrators own. Every rule knows the file and line it stands at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from idm.connector import Value
from idm.domain.authority_powers import AuthorityPolicy
from idm.domain.deadlines import DeadlinePolicy
from idm.domain.equipment import EquipmentPolicy
from idm.domain.forms import Form
from idm.domain.journey import Actor, Journey, Source
from idm.domain.matching import Group

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
    "order.reason",
)
"""The facts that a system's attribute may name. Form values come as `<form>.<field>`, such as `payroll.agreement`."""

APPROVALS = ("hire", "documents", "payroll", "rights")
"""What can be approved: the facts of the hire event, the documents, the payroll form, the rights."""


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """A kind of document: who reviews it, what may be uploaded (media types, bytes), and for which positions (empty: all)."""

    id: str
    titles: Mapping[str, str]
    reviewer: Actor
    media_types: tuple[str, ...]
    max_bytes: int
    positions: tuple[str, ...] = ()
    source: Source = Source()

    def wanted_for(self, position: str) -> bool:
        """Whether a hire in `position` must hand it in."""
        return not self.positions or position in self.positions


@dataclass(frozen=True, slots=True)
class Role:
    """A named set of entitlements per system. `grantable`: an IT contact may add it to a hire that doesn't get it anyway."""

    id: str
    titles: Mapping[str, str]
    entitlements: Mapping[str, tuple[str, ...]]
    grantable: bool = False
    source: Source = Source()


@dataclass(frozen=True, slots=True)
class RoleRule:
    """Who gets which roles: the positions (empty: all, a birthright) and units (empty: all, else those and all below)."""

    id: str
    roles: tuple[str, ...]
    positions: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    source: Source = Source()

    def applies(self, position: str, unit_path: tuple[str, ...]) -> bool:
        """Whether it holds for a position in a unit, given as the ids from the unit itself to the top."""
        return (not self.positions or position in self.positions) and (not self.units or any(unit in self.units for unit in unit_path))


@dataclass(frozen=True, slots=True)
class Attribute:
    """Where an attribute of a record comes from: the name of a fact, or a fixed value."""

    fact: str = ""
    value: Value = ""


@dataclass(frozen=True, slots=True)
class ResourceRule:
    """When a system holds a record of a kind, and what it says.

    `per`: "person", "employment" or "document" (each accepted one). `approved_by`: the approvals it takes. `opens`: the date
    fact before which it stays disabled ("" opens at once). `rights`: whether it carries entitlements. `posting`: happens once.
    """

    kind: str
    per: str
    approved_by: tuple[str, ...]
    attributes: Mapping[str, Attribute]
    opens: str = ""
    rights: bool = False
    posting: bool = False
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
class NamingPolicy:
    """User names and addresses. Patterns hold `{given}` and `{family}`, each with an optional length: `{given:3}{family:3}`."""

    username: str = "{given:3}{family:3}"
    username_length: int = 20
    address: str = "{given}.{family}"
    domain: str = "example.org"
    transliteration: Mapping[str, str] = field(default_factory=dict)
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
    hash: str = ""
    files: Mapping[str, str] = field(default_factory=dict)

    def journey_for(self, event: str) -> Journey | None:
        """The journey that an event of that type starts, if any."""
        return next((journey for journey in self.journeys.values() if journey.event == event), None)

    def proposed_roles(self, position: str, unit_path: tuple[str, ...]) -> dict[str, RoleRule]:
        """The roles that follow from a position in a unit, each with the first rule that gives it."""
        proposed: dict[str, RoleRule] = {}
        for rule in self.role_rules:
            if rule.applies(position, unit_path):
                for role in rule.roles:
                    proposed.setdefault(role, rule)
        return proposed
