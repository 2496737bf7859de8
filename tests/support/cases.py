"""A small journey and cases of it, for tests of the pure domain."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from idm.domain.case import Approval, Case, HireFacts
from idm.domain.journey import OPENING, RIGHTS, Actor, Graph, Journey, Paper, Source, StepDef, StepKind, TaskKind
from idm.domain.transitions import begin

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
MACHINE = datetime(2030, 1, 1, tzinfo=UTC)
"""Machine time in these tests: far from business time, so that a mix-up of the two shows."""
FACTS = HireFacts("school", "teacher", date(2027, 1, 4), None, "37")
WANTED = (Paper("contract", Actor.PAY), Paper("photo", Actor.IT))


def human(id: str, task: TaskKind, actor: Actor, *needs: str, **more: Any) -> StepDef:
    """A human step."""
    return StepDef(id, StepKind.HUMAN, needs, task=task, actor=actor, **more)


def automatic(id: str, system: str, *needs: str, resources: tuple[str, ...] = ("record",), lane: str = "") -> StepDef:
    """An automatic step."""
    return StepDef(id, StepKind.AUTOMATIC, needs, system=system, resources=resources, lane=lane)


HIRE = Journey(
    "hire",
    "dk.idm.hire",
    (
        human("appoint", TaskKind.APPOINT, Actor.MANAGER, approves=("hire",), by_itself=True),
        automatic("account", "ldap", "appoint", resources=("account",)),
        automatic("profile", "erp", "appoint", lane="shared"),
        automatic("mailbox", "mailbox", "appoint", lane="shared"),
        human("document", TaskKind.DOCUMENT, Actor.HIRE, "appoint", for_each="document"),
        human("review", TaskKind.REVIEW, Actor.REVIEWER, "document", for_each="document", returns_to="document", approves=("documents",)),
        human("form", TaskKind.FORM, Actor.PAY, "review", form="payroll", approves=("payroll",)),
        automatic("record", "payroll", "review", "form"),
        human("rights", TaskKind.RIGHTS, Actor.IT, "appoint", approves=("rights",)),
        automatic("directory_rights", "ldap", "rights", "account", resources=(RIGHTS,)),
        StepDef("opening", StepKind.TIMER, ("appoint",), until="start_date"),
        automatic("open_account", "ldap", "opening", "directory_rights", resources=(OPENING,)),
    ),
    Source("journeys/hire.yaml", 1, "abc"),
)


def approval(by: str = "boss", authority: str = "manager", named: str = "") -> Approval:
    """A decision."""
    return Approval(by, authority, NOW, named=named)


def new_case(*, by_itself: bool = False, wanted: tuple[Paper, ...] = WANTED, facts: HireFacts = FACTS) -> Case:
    """A case that has just begun; with `by_itself`, its contacts are appointed."""
    return begin(
        case="c-1",
        person="p-1",
        employment="e-1",
        journey=HIRE,
        facts=facts,
        wanted=wanted,
        by_itself={"appoint": approval()} if by_itself else {},
        now=NOW,
    )


def graph(case: Case) -> Graph:
    """The case's task graph."""
    return case.graph(HIRE)
