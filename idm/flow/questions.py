"""A way to ask: questions of the person hired, who hears of them, and to whom they may turn.

A question is a comment of theirs on the case; it is answered by the next comment of somebody else that they may see.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from idm.domain.authority import Holder
from idm.domain.case import Case
from idm.domain.comments import Comment
from idm.domain.journey import Actor
from idm.flow.board import reader
from idm.flow.comments import add_comment
from idm.flow.digest_morning import Item, Morning
from idm.flow.graphs import load
from idm.flow.known_as import known_as
from idm.flow.powers import PowersNow, matter_of
from idm.ports import App

ASKED = (Actor.PAY, Actor.IT, Actor.MANAGER)
"""Who hears of a question, and to whom the person hired may turn, in this order: the contacts, then the manager."""


@dataclass(frozen=True, slots=True)
class Helper:
    """Somebody whom the person hired may ask: their id, name and work address ("" if it isn't known), and as what they help."""

    person: str
    name: str
    email: str
    role: str


def ask(app: App, case: str, text: str, administrator: str = "") -> Comment:
    """Let the person hired ask something. `text` was checked when it was read (`idm.inputs.comments`)."""
    return add_comment(app, case, load(app, case).case.person, text, administrator=administrator)


def open_questions(app: App, person: str) -> list[Comment]:
    """The unanswered questions, oldest first, that wait for `person`: of the hires whose manager, pay or IT contact they are today."""
    person = known_as(app, person)
    powers, found = PowersNow(app), _unanswered(app)
    powers.read(cases=[case for _, case in found])
    return [comment for comment, case in found if any(holder.person == person for holder in _hears(powers, case))]


def questions(morning: Morning) -> Iterator[tuple[str, Item]]:
    """The section of the digest: each unanswered question, for those who may answer it."""
    powers = PowersNow(morning.app)
    for comment, case in _unanswered(morning.app):
        for each in dict.fromkeys(reader(holder) for holder in _hears(powers, case)):
            yield each, {"person": case.person, "unit": case.facts.unit, "case": case.id, "day": comment.at.date().isoformat()}


def helpers(app: App, case: str) -> list[Helper]:
    """Whom the person hired may ask: the contacts of the case and its manager, as they are today, each once."""
    roles: dict[str, str] = {}
    for holder in _hears(PowersNow(app), load(app, case).case):
        roles.setdefault(holder.person, holder.authority)
    people = app.store.people(roles)
    known = ((people[person], role) for person, role in roles.items() if person in people)
    return [Helper(person.id, person.full_name, person.email or person.address, role) for person, role in known]


def _unanswered(app: App) -> Sequence[tuple[Comment, Case]]:
    asked = app.store.questions()
    cases = app.store.load_many({comment.case for comment in asked})
    return [(comment, cases[comment.case]) for comment in asked if comment.case in cases]


def _hears(powers: PowersNow, case: Case) -> list[Holder]:
    """Those whom a question of the case waits for."""
    matter = matter_of(case)
    return [holder for actor in ASKED for holder in powers.resolve(actor, matter).asked if holder.person != case.person]
