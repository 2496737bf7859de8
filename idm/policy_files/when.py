"""`when:`, as every policy file writes whom a rule means, and `groups.yaml`, the names for positions and units that it may use."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, Field, StrictBool, StrictInt, StringConstraints, model_validator

from idm.domain.countries import COUNTRIES
from idm.domain.matching import CITIZENSHIPS, EVERYBODY, Match
from idm.policy_files.shapes import NATIONALITY, Id, Ids, Names, Refs, Shape, once


def _country(code: str) -> str:
    if code not in CITIZENSHIPS and code not in COUNTRIES:
        raise ValueError(f"no country has the code '{code}' (ISO 3166-1), so nobody could be meant")
    return code


Nationality = Annotated[str, StringConstraints(pattern=NATIONALITY), AfterValidator(_country)]
Nationalities = Annotated[list[Nationality], AfterValidator(once)]
Hours = Annotated[float, Field(gt=0, le=168)]
Age = Annotated[StrictInt, Field(ge=1, le=120)]


class When(Shape):
    """Whom a rule means: everybody who meets all criteria given. Hours are weekly, ages whole years at the start, amounts kroner."""

    positions: Refs | None = None
    units: Refs | None = None
    groups: Ids | None = None
    citizenship: Nationalities | None = None
    hours_from: Hours | None = None
    hours_below: Hours | None = None
    temporary: StrictBool | None = None
    hourly: StrictBool | None = None
    age_from: Age | None = None
    age_below: Age | None = None
    new_person: StrictBool | None = None
    manages: StrictBool | None = None
    notice_below: Annotated[StrictInt, Field(ge=1, le=1000)] | None = None
    agreements: Names | None = None
    pay_classes: Names | None = None
    amount_from: Annotated[float, Field(gt=0, le=1e9)] | None = None

    @model_validator(mode="after")
    def _can_fit(self) -> When:
        if not self.model_fields_set:
            raise ValueError("it asks nothing, so everybody would fit; leave it out if you mean that")
        if self.hours_from is not None and self.hours_below is not None and self.hours_from >= self.hours_below:
            raise ValueError("'hours_from' isn't below 'hours_below', so nobody could ever fit")
        if self.age_from is not None and self.age_below is not None and self.age_from >= self.age_below:
            raise ValueError("'age_from' isn't below 'age_below', so nobody could ever fit")
        return self


class GroupShape(Shape):
    """Positions and units under one name."""

    positions: Refs | None = None
    units: Refs | None = None

    @model_validator(mode="after")
    def _holds_something(self) -> GroupShape:
        if self.positions is None and self.units is None:
            raise ValueError("it names neither positions nor units, so nobody would be in it")
        return self


class GroupsFile(Shape):
    """groups.yaml: names for positions and units that rules everywhere may use."""

    groups: dict[Id, GroupShape]


def match_of(when: When | None) -> Match:
    """The criteria as the domain asks them; None means everybody."""
    if when is None:
        return EVERYBODY
    return Match(
        positions=tuple(when.positions or ()),
        units=tuple(when.units or ()),
        groups=tuple(when.groups or ()),
        citizenship=tuple(when.citizenship or ()),
        hours_from=decimal(when.hours_from),
        hours_below=decimal(when.hours_below),
        temporary=when.temporary,
        hourly=when.hourly,
        age_from=when.age_from,
        age_below=when.age_below,
        new_person=when.new_person,
        manages=when.manages,
        notice_below=when.notice_below,
        agreements=tuple(when.agreements or ()),
        pay_classes=tuple(when.pay_classes or ()),
        amount_from=decimal(when.amount_from),
    )


def decimal(number: float | None) -> Decimal | None:
    """A number of a policy file, exactly as it is written there: 50000 without decimals."""
    if number is None:
        return None
    return Decimal(int(number)) if number == int(number) else Decimal(str(number))
