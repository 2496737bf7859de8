"""roles.yaml: roles with their limits, the rules that propose them, what may be granted, what nobody holds together, and examples."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, StrictBool, StrictInt, StringConstraints, Tag, model_validator

from idm.policy_files.shapes import REF, Id, Ids, Names, Outside, Refs, Shape, Text, Titles
from idm.policy_files.when import Nationality, When


def _text_or_list(value: Any) -> str:
    return "list" if isinstance(value, list) else "text"


def _yes_or_terms(value: Any) -> str:
    return "terms" if isinstance(value, dict | Granting) else "yes"


_Ref = Annotated[str, StringConstraints(pattern=REF)]
Reach = Annotated[Annotated[Literal["own", "subtree"], Tag("text")] | Annotated[Refs, Tag("list")], Discriminator(_text_or_list)]
UnitOrPath = Annotated[Annotated[_Ref, Tag("text")] | Annotated[Refs, Tag("list")], Discriminator(_text_or_list)]
Never = Annotated[Annotated[Literal["others"], Tag("text")] | Annotated[Ids, Tag("list")], Discriminator(_text_or_list)]
Amount = Annotated[float, Field(gt=0, le=1e9)]


class DataLimits(Shape):
    """How far a role reaches: whose data, and up to which amount in kroner."""

    units: Reach | None = None
    amount: Amount | None = None

    @model_validator(mode="after")
    def _limits_something(self) -> DataLimits:
        if self.units is None and self.amount is None:
            raise ValueError("it limits nothing; leave it out, or name units or an amount")
        return self


class Granting(Shape):
    """To whom an IT contact may give a role, and for at most how many days."""

    when: When | None = None
    most_days: (
        Annotated[StrictInt, Field(ge=1, le=3660), Outside("a role given for a time would never end; leave it out for no end")] | None
    ) = None


class Role(Shape):
    """A named set of entitlements per system."""

    titles: Titles
    entitlements: Annotated[dict[Id, Names], Field(min_length=1)]
    grantable: Annotated[Annotated[StrictBool, Tag("yes")] | Annotated[Granting, Tag("terms")], Discriminator(_yes_or_terms)] = False
    data_limits: DataLimits | None = None


class Rule(Shape):
    """Who gets which roles."""

    roles: Ids
    positions: Refs | None = None
    units: Refs | None = None
    when: When | None = None

    @model_validator(mode="after")
    def _once(self) -> Rule:
        for key in ("positions", "units"):
            if self.when is not None and getattr(self, key) is not None and getattr(self.when, key) is not None:
                raise ValueError(f"'{key}' stands both here and under 'when'; say it once")
        return self


class Conflict(Shape):
    """Roles of which nobody holds two at a time."""

    titles: Titles
    roles: Ids
    severity: Literal["refuse", "needs_reason"]

    @model_validator(mode="after")
    def _of_two(self) -> Conflict:
        if len(self.roles) < 2:
            raise ValueError("'roles' names one role only, so nothing would ever be in conflict; name two or more")
        return self


class Given(Shape):
    """An invented hire. `unit` is an id, or ids from the unit itself to the top where no organisation is at hand."""

    position: _Ref
    unit: UnitOrPath
    citizenship: Nationality | None = None
    weekly_hours: Annotated[float, Field(gt=0, le=168)] | None = None
    temporary: StrictBool = False
    hourly: StrictBool | None = None
    age: Annotated[StrictInt, Field(ge=1, le=120)] | None = None
    new_person: StrictBool = True
    manages: StrictBool = False
    notice_days: StrictInt | None = None
    agreement: Text | None = None
    pay_class: Text | None = None


class Example(Shape):
    """What an invented hire must get: at least `expect`, and nothing of `never` (`others`: nothing else at all)."""

    given: Given
    expect: Annotated[list[Id], Field(default_factory=list)]
    never: Never | None = None

    @model_validator(mode="after")
    def _asks_something(self) -> Example:
        if not self.expect and self.never is None:
            raise ValueError("it expects nothing, so it could never fail; add 'expect' or 'never'")
        return self


class RolesFile(Shape):
    """roles.yaml: roles, and the rules that give them."""

    roles: dict[Id, Role]
    rules: dict[Id, Rule]
    conflicts: dict[Id, Conflict] = Field(default_factory=dict)
    examples: dict[Id, Example] = Field(default_factory=dict)
