"""What states, decisions and grounds are called in pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Protocol

from idm.domain.authority import Ground, Holder


class Say(Protocol):
    """A text of the portal in the visitor's language."""

    def __call__(self, message: str, **values: object) -> str:
        """`message` with its {values}."""
        ...


STATES: Mapping[str, str] = {
    "wanted": "Missing",
    "received": "Handed in",
    "accepted": "Accepted",
    "returned": "Returned",
    "running": "Under way",
    "waiting": "Under way",
    "completed": "Completed",
    "cancelled": "Cancelled",
}
"""States of documents and cases: English texts of the portal's catalogues."""

DECISIONS: Mapping[str, str] = {
    "appoint": "Contacts appointed",
    "accept": "Accepted",
    "return": "Returned",
    "submit": "Handed in",
    "confirm": "Confirmed",
    "approve": "Approved",
    "order": "Ordered",
    "none": "Nothing is needed",
    "receive": "Received",
    "give": "Consent given",
    "refuse": "Consent refused",
    "done": "It is done",
    "clear": "It is clear",
    "not_clear": "It isn't clear",
    "agree": "Agreed",
    "disagree": "Disagreed",
}
"""Decisions that were taken: English texts of the portal's catalogues."""


def why(holder: Holder, names: Mapping[str, str], say: Say, day: Callable[[date], str]) -> str:
    """Why a task is somebody's, said to themselves: whose power it is, on whose word, until when."""
    said = _own(holder, names, say)
    if holder.substitute_for:
        away = names.get(holder.substitute_for[0], holder.substitute_for[0])
        until = holder.until
        if until is None or until == date.max:
            said = say("You stand in for {name}. {ground}", name=away, ground=said)
        else:
            said = say("You stand in for {name} until {day}. {ground}", name=away, day=day(until), ground=said)
    return say("It waited too long, so it came to you too. {ground}", ground=said) if holder.escalated else said


def _own(holder: Holder, names: Mapping[str, str], say: Say) -> str:
    yours, theirs = _GROUNDS[holder.ground]
    return say(theirs if holder.substitute_for else yours, name=names.get(holder.granted_by, holder.granted_by))


_BACKUP = "You are central back-up: nobody nearer can act now."
_GROUNDS: Mapping[Ground, tuple[str, str]] = {
    Ground.HIRE: ("It is about yourself.", "It is about yourself."),
    Ground.NAMED: ("You are named as the manager of this hire.", "They are named as the manager of this hire."),
    Ground.MANAGER: ("You manage the unit.", "They manage the unit."),
    Ground.BACKUP: (_BACKUP, _BACKUP),
    Ground.CASE: ("{name} appointed you for this hire.", "{name} appointed the contact of this hire."),
    Ground.UNIT: ("{name} appointed you for the unit.", "{name} appointed the contact of the unit."),
}
"""What a power rests on, said to its holder, and to who stands in for them: texts of the portal's catalogues."""
