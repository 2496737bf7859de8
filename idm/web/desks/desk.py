"""A desk: how one kind of task is shown in a page, and how the page's form becomes the decision that the flow takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from idm.flow.deciding import Decision
from idm.web.portal import Visit


@dataclass(frozen=True, slots=True)
class Desk:
    """`template` lies below `tasks/`; `show` gathers what it shows; `read` makes the decision of the posted form.

    `said` says what was done, by decision, in English: a text of the portal's catalogues. `beside` tells of the paths that a refusal of
    the posted form may name beside which field each is said; "" is above the form. `told` says what was done where that depends on what
    became of it, "" to leave it to `said`.
    """

    template: str
    show: Callable[[Visit], Mapping[str, Any]]
    read: Callable[[Visit], Decision]
    said: Mapping[str, str]
    beside: Callable[[Visit], Mapping[str, str]] = field(default=lambda _: {})
    told: Callable[[Visit, Decision], str] = field(default=lambda _, __: "")


def decided(visit: Visit) -> str:
    """Which button was pressed."""
    return visit.form.text("decision")


def plain(visit: Visit) -> Decision:
    """A decision with its reason and nothing else."""
    return Decision(decided(visit), reason_of(visit))


def reason_of(visit: Visit) -> str:
    """The reason: standard words that were ticked, then one's own."""
    parts = [*visit.form.all("standard_reason"), visit.form.text("reason")]
    return " ".join(part for part in parts if part)


def language_of_the_hire(visit: Visit) -> str:
    """The language in which the person hired is written to: what they are to read is best said in theirs."""
    person = visit.app.store.person(visit.case.person)
    mail = visit.app.policies.current().deadlines.mail
    return mail.language_for(person.citizenship, person.language) if person is not None else visit.language


def read_by_the_hire(visit: Visit) -> str:
    """Which language that is, in a sentence for whoever writes to them."""
    return visit.say("They are written to in English." if language_of_the_hire(visit) == "en" else "They are written to in Danish.")
