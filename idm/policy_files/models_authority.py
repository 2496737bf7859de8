"""The shape of authority.yaml: back-ups, teams, how often powers are confirmed, and where two persons decide."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StrictInt, StringConstraints, model_validator

from idm.policy_files.shapes import HOLDER, MAILBOX, Id, Ids, Outside, Refs, Shape, Titles, once
from idm.policy_files.when import When

Holders = Annotated[list[Annotated[str, StringConstraints(pattern=HOLDER)]], AfterValidator(once)]
"""Persons by the ids of the organisation file, or teams as `team:NAME`."""


class TeamShape(Shape):
    """People who hold powers together and read one mailbox."""

    titles: Titles
    members: Refs
    mailbox: Annotated[str, StringConstraints(pattern=MAILBOX)]


class BackupShape(Shape):
    """Who acts for an authority when nobody else can; with `units`, only in those and below."""

    authority: Literal["manager", "pay", "it", "control"]
    holders: Holders
    units: Refs | None = None


class ConfirmShape(Shape):
    """How often a standing delegation must be confirmed, and the days before and after that."""

    every_months: Annotated[
        StrictInt, Field(ge=1, le=120), Outside("powers would never be looked at anew; leave 'confirm' out if you mean that")
    ]
    grace_days: Annotated[StrictInt, Field(ge=0, le=365)] = 30
    warn_days: Annotated[StrictInt, Field(ge=0, le=365)] = 30

    @model_validator(mode="after")
    def _warns_in_between(self) -> ConfirmShape:
        if self.warn_days >= 28 * self.every_months:
            raise ValueError("'warn_days' isn't shorter than 'every_months', so every delegation would always stand in warning")
        return self


class FourEyesShape(Shape):
    """Where a second person must agree; `tasks` are kinds of task, kinds of document, or forms."""

    tasks: Ids | None = None
    when: When | None = None


class AuthorityFile(Shape):
    """authority.yaml: who acts when others can't, and what keeps powers in order."""

    teams: dict[Id, TeamShape] = Field(default_factory=dict)
    backups: dict[Id, BackupShape] = Field(default_factory=dict)
    confirm: ConfirmShape | None = None
    four_eyes: dict[Id, FourEyesShape] = Field(default_factory=dict)
    amounts: dict[Id, Id] = Field(default_factory=dict)
