"""The shape of deadlines.yaml."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StrictBool, StrictInt, StringConstraints, model_validator

from idm.policy_files.shapes import COUNTRY, DAY, DAY_OF_YEAR, Id, Ids, Names, Outside, Refs, Shape

Days = Annotated[StrictInt, Field(ge=0, le=250), Outside("a year has about 250 working days, so it would be late before anybody is hired")]
"""Working days: a year has about 250."""
DayOfMonth = Annotated[StrictInt, Field(ge=1, le=31)]


def _date(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"there is no day {text}") from None
    return text


def _day_of_year(text: str) -> str:
    _date(f"2028-{text}")  # a leap year, so that 29 February is a day
    return text


Day = Annotated[str, StringConstraints(pattern=DAY), AfterValidator(_date)]
DayOfYear = Annotated[str, StringConstraints(pattern=DAY_OF_YEAR), AfterValidator(_day_of_year)]


class ClosingDays(Shape):
    """The municipality's own closing days."""

    every_year: Annotated[list[DayOfYear], Field(max_length=60)] = Field(default_factory=list)
    days: Annotated[list[Day], Field(max_length=400)] = Field(default_factory=list)


class Due(Shape):
    """When a task is due."""

    days: Days
    at_least: Days
    before: Literal["start_date", "payroll_cut_off"] = "start_date"
    tasks: Ids | None = None
    steps: Ids | None = None


class Run(Shape):
    """A payroll run: whom it serves, and when it closes."""

    first: DayOfMonth
    last: DayOfMonth
    closes: DayOfMonth
    month: Literal["before", "same"]

    @model_validator(mode="after")
    def _fits(self) -> Run:
        if self.last < self.first:
            raise ValueError("'last' is before 'first', so the run would serve nobody")
        return self


class Short(Shape):
    """Hires at short notice."""

    days: Days
    due: Days


class Climb(Shape):
    """How late tasks go up the hierarchy."""

    after: Annotated[StrictInt, Field(ge=1, le=250), Outside("a late task would never get to anybody above")]
    every: Annotated[StrictInt, Field(ge=1, le=250), Outside("a late task would never get to the level after the next")]


class Nobody(Shape):
    """Tasks that nobody can do."""

    manager_above: StrictBool = True
    tell: Refs | None = None


class Between(Shape):
    """Hours of the day, and whether on closing days too."""

    since: Annotated[StrictInt, Field(ge=0, le=23)]
    until: Annotated[StrictInt, Field(ge=1, le=24)]
    closing_days: StrictBool = False

    @model_validator(mode="after")
    def _fits(self) -> Between:
        if self.until <= self.since:
            raise ValueError("'until' is not after 'since', so nobody would ever be written to")
        return self


class MailShape(Shape):
    """When people are written to, and in which language."""

    digest: Annotated[StrictInt, Field(ge=0, le=23)]
    staff: Between
    hires: Between
    language: Literal["da", "en"] = "da"
    citizens: dict[Annotated[str, StringConstraints(pattern=COUNTRY)], Literal["da", "en"]] = Field(default_factory=dict)
    send: Names | None = None


class LinksShape(Shape):
    """The personal links in mails to new hires."""

    days: Annotated[StrictInt, Field(ge=1, le=90), Outside("a link in an old mailbox would open for ever, or none at all")] = 30


class DeadlinesFile(Shape):
    """deadlines.yaml: when tasks are due, and what happens when they are late."""

    closing_days: ClosingDays = ClosingDays()
    due: Annotated[dict[Id, Due], Field(min_length=1)]
    payroll_cut_offs: Annotated[dict[Id, Run], Field(min_length=1)]
    moved_cut_offs: dict[Day, Day] = Field(default_factory=dict)
    short_notice: Short
    reminders: Annotated[list[Annotated[StrictInt, Field(ge=-60, le=60)]], Field(max_length=30)]
    escalation: Climb
    stranded: Nobody = Nobody()
    mail: MailShape
    links: LinksShape = LinksShape()
