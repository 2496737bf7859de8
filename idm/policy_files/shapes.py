"""What the shapes of all policy files share: strictness, names, texts in two languages, and what a pattern asks for in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from idm.domain.matching import CITIZENSHIPS

ID = r"^[a-z][a-z0-9_]{0,39}$"
NEED = r"^[a-z][a-z0-9_]{0,39}(@(pay|start))?$"
REF = r"^[^\s\x00-\x1f]{1,64}$"
EVENT = r"^[a-z][a-z0-9]*(\.[a-z][a-z0-9_]*)+$"
SIZE = r"^[1-9][0-9]{0,5} (kB|MB)$"
ATTRIBUTE = r"^[a-z][a-z0-9_.]{0,59}$"
DOMAIN = r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$"
LATIN = r"^[A-Za-z]{1,4}$"
NAME = r"^[a-z][a-z0-9._-]{1,39}$"
WORD = r"^[a-z]{2,40}$"
NATIONALITY = rf"^([A-Z]{{2}}|{'|'.join(CITIZENSHIPS)})$"
COUNTRY = r"^[A-Z]{2}$"
DAY = r"^\d{4}-\d{2}-\d{2}$"
DAY_OF_YEAR = r"^\d{2}-\d{2}$"
HOLDER = r"^(team:[a-z][a-z0-9_]{0,39}|[^\s:\x00-\x1f]{1,64})$"
MAILBOX = r"^[!-?A-~]{1,64}@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$"
PATTERNS: Mapping[str, str] = {
    ID: "use at most 40 letters a-z, digits and underscores, beginning with a letter",
    NEED: "name a step, or `step@pay` or `step@start` for those of its papers that block the pay or the start",
    REF: "it must be an id of the organisation file: at most 64 characters, no spaces",
    EVENT: "it must be an event type with dots, such as dk.idm.hire",
    SIZE: "write a size such as 10 MB or 500 kB",
    ATTRIBUTE: "use letters a-z, digits, underscores and dots, beginning with a letter",
    DOMAIN: "it must be a mail domain such as example.org, in small letters",
    LATIN: "it must be one to four letters A-Z",
    NAME: "use small letters a-z, digits, dots, hyphens and underscores, beginning with a letter",
    WORD: "use small letters a-z only, as names are spelt: aa for å, oe for ø",
    NATIONALITY: f"use {', '.join(CITIZENSHIPS)}, or a country's code of two capital letters (ISO 3166-1), such as UA",
    COUNTRY: "use a country's code of two capital letters (ISO 3166-1), such as UA",
    DAY: "write a date as year-month-day, such as 2027-05-07",
    DAY_OF_YEAR: "write a day of the year as month-day, such as 06-05",
    HOLDER: "name a person by the id of the organisation file, or a team as team:NAME",
    MAILBOX: "it must be a mail address such as payroll@example.org, with its domain in small letters",
    r"\S": "it must not be blank",
}
"""What each pattern asks for, in words."""

Id = Annotated[str, StringConstraints(pattern=ID)]
"""A name that policies give. No hyphen: that joins a step and a kind of document."""
Ref = Annotated[str, StringConstraints(pattern=REF)]
"""The id of a unit or position, as the organisation file writes it."""
Text = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"\S")]


def once(values: list[str]) -> list[str]:
    """Refuse an empty list, which reads as nobody but might be taken for everybody, and a value that stands twice."""
    if not values:
        raise ValueError("an empty list would match nothing; leave the key out if you mean all, or remove the whole rule")
    for value in values:
        if values.count(value) > 1:
            raise ValueError(f"'{value}' stands here twice; remove one")
    return values


Refs = Annotated[list[Ref], AfterValidator(once)]
Names = Annotated[list[Text], AfterValidator(once)]
Ids = Annotated[list[Id], AfterValidator(once)]


@dataclass(frozen=True, slots=True)
class Outside:
    """Stands beside the bounds of a number: what a value outside of them would lead to, as a fault says it."""

    words: str


class Shape(BaseModel):
    """Strict: no unknown key, no conversion of types, no change afterwards."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Titles(Shape):
    """What people are shown, in Danish and English."""

    da: Text
    en: Text
