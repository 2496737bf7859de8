"""The shapes of the policy files, as strict models. What is checked here needs one file only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field, StrictBool, StrictInt, StringConstraints, Tag, model_validator

from idm.policy_files.equipment import EquipmentFile
from idm.policy_files.models_access import AccessFile
from idm.policy_files.models_approvals import ApprovalsFile
from idm.policy_files.models_authority import AuthorityFile
from idm.policy_files.models_deadlines import DeadlinesFile
from idm.policy_files.models_forms import FormFile
from idm.policy_files.models_journey import JourneyFile
from idm.policy_files.models_naming import NamingFile
from idm.policy_files.models_papers import DocumentsFile
from idm.policy_files.models_roles import RolesFile
from idm.policy_files.models_waiting import WaitingFile
from idm.policy_files.payroll_models import PayrollFile
from idm.policy_files.shapes import ATTRIBUTE, Id, Names, Outside, Shape, Text, once
from idm.policy_files.when import GroupsFile


def _text_or_list(value: Any) -> str:
    return "list" if isinstance(value, list) else "text"


class FixedValue(Shape):
    """An attribute that is the same for everybody."""

    value: Annotated[Annotated[Text, Tag("text")] | Annotated[Names, Tag("list")], Discriminator(_text_or_list)]


def _fact_or_value(value: Any) -> str:
    return "value" if isinstance(value, dict | FixedValue) else "fact"


AttributeName = Annotated[str, StringConstraints(pattern=ATTRIBUTE)]
Attribute = Annotated[Annotated[Text, Tag("fact")] | Annotated[FixedValue, Tag("value")], Discriminator(_fact_or_value)]
"""The name of a fact, or a fixed value."""


class Resource(Shape):
    """A kind of record that a system holds."""

    per: Literal["person", "employment", "document", "order_line", "order_return"]
    approved_by: Annotated[list[Literal["hire", "documents", "payroll", "rights", "order"]], AfterValidator(once)]
    attributes: Annotated[dict[AttributeName, Attribute], Field(min_length=1)]
    opens: Literal["start_date"] | None = None
    rights: StrictBool = False
    posting: StrictBool = False
    reverses: Id | None = None

    @model_validator(mode="after")
    def _fits(self) -> Resource:
        if self.posting and (self.opens is not None or self.rights):
            raise ValueError("a posting happens once and is never opened or given rights; remove 'opens' and 'rights', or 'posting'")
        if self.per == "document" and not self.posting:
            raise ValueError("a record per document is sent once; add 'posting: true'")
        if self.per in ("order_line", "order_return"):
            if not self.posting:
                raise ValueError("what goes per order line is sent once; add 'posting: true'")
            if "order" not in self.approved_by:
                raise ValueError("an order goes only when it is decided; add 'order' to 'approved_by'")
        if (self.per == "order_return") != (self.reverses is not None):
            raise ValueError("a record 'per: order_return' names the kind that it takes back under 'reverses', and no other does")
        return self


class Retry(Shape):
    """How a system's failures are met; times in seconds."""

    first: Annotated[float, Field(gt=0, le=3600)] = 2.0
    factor: Annotated[float, Field(ge=1, le=10), Outside("a system that is down would be asked ever more often, or hardly again")] = 2.0
    most: Annotated[float, Field(gt=0, le=86400)] = 300.0
    circuit_failures: Annotated[StrictInt, Field(ge=1, le=1000)] = 5
    cool_down: Annotated[float, Field(gt=0, le=86400)] = 30.0

    @model_validator(mode="after")
    def _fits(self) -> Retry:
        if self.most < self.first:
            raise ValueError("'most' is shorter than 'first', so the waits could never grow")
        return self


def _settings(config: dict[str, Any]) -> dict[str, Any]:
    for key, value in config.items():
        parts = value if isinstance(value, list) else list(value.values()) if isinstance(value, dict) else []
        if not all(isinstance(part, str) for part in parts):
            raise ValueError(f"'{key}' must be a plain value, a list of texts, or a mapping to texts")
    return config


class System(Shape):
    """A target system."""

    connector: Id
    config: Annotated[dict[str, Any], AfterValidator(_settings)] = Field(default_factory=dict)
    lane: Id | None = None
    lane_limit: Annotated[StrictInt, Field(ge=1, le=256), Outside("no case would ever be worked, or all at once")] = 8
    retry: Retry = Retry()
    doubt: Literal["ask", "accept"] = "ask"
    resources: Annotated[dict[Id, Resource], Field(min_length=1)]


class SystemsFile(Shape):
    """systems.yaml: the target systems and what each holds."""

    systems: dict[Id, System]


SHAPES: Mapping[str, type[Shape]] = {
    "journeys/*.yaml": JourneyFile,
    "forms/*.yaml": FormFile,
    "groups.yaml": GroupsFile,
    "documents.yaml": DocumentsFile,
    "approvals.yaml": ApprovalsFile,
    "authority.yaml": AuthorityFile,
    "access.yaml": AccessFile,
    "equipment.yaml": EquipmentFile,
    "deadlines.yaml": DeadlinesFile,
    "waiting.yaml": WaitingFile,
    "roles.yaml": RolesFile,
    "systems.yaml": SystemsFile,
    "naming.yaml": NamingFile,
    "payroll.yaml": PayrollFile,
}
"""Which shape each file of the policies folder has."""


def schema() -> dict[str, Any]:
    """The JSON Schema of each file, by its name (`*` stands for a name of one's own), for editors that check while typing."""
    return {name: shape.model_json_schema() for name, shape in SHAPES.items()}
