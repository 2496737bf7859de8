"""The board: every open task with who may act on it today, read at once. Reminders, escalation and digests look at it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from idm.domain.authority import TEAM, Holder, Matter
from idm.domain.authority_resolution import Resolution
from idm.domain.case import Case
from idm.domain.deadlines import DeadlinePolicy
from idm.domain.journey import Actor
from idm.domain.projection import Task
from idm.errors import IdmError
from idm.flow.deadlines import Lateness, lateness
from idm.flow.graphs import graph_of
from idm.flow.powers import PowersNow, matter_at
from idm.ports import App

_ALL = 1_000_000


@dataclass(frozen=True, slots=True)
class Card:
    """One open task: its case, what an authority is wanted for, who may act, and how many working days it is late."""

    task: Task
    case: Case
    matter: Matter
    resolution: Resolution
    late: int

    @property
    def asked(self) -> tuple[str, ...]:
        """Whom it waits for, as readers of mail: persons, or a team for those who act as its members."""
        return tuple(dict.fromkeys(reader(holder) for holder in self.resolution.asked))


def reader(holder: Holder) -> str:
    """Who reads a holder's mail: the team that they act for, else they themselves."""
    return f"{TEAM}{holder.team}" if holder.team else holder.person


class Board:
    """All open tasks as they are at this moment."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.policy: DeadlinePolicy = app.policies.current().deadlines
        self.powers = PowersNow(app, everything=True)
        self.late: Lateness = lateness(app)
        self._people = app.store.person_states()
        self.cards: tuple[Card, ...] = tuple(self._cards())

    def _cards(self) -> Iterator[Card]:
        cases = self.app.store.open_cases()
        for task in sorted(self.app.store.tasks(state="open", limit=_ALL), key=self.late.order):
            case = cases.get(task.case)
            card = self._card(task, case) if case is not None else None
            if card is not None:
                yield card

    def _card(self, task: Task, case: Case) -> Card | None:
        try:
            graph = graph_of(self.app, case)
        except IdmError:
            # A case that can't be read is told of by `doctor`; it must not keep all others from being seen.
            return None
        step = next((step for step in graph if step.id == task.step), None)
        if step is None:
            return None
        matter = matter_at(self.powers.policy, case, step)
        resolution = self.powers.resolve(task.actor, matter, escalated=task.escalated)
        return Card(task, case, matter, resolution, self.late.of(task))

    def knows(self, person: str) -> bool:
        """Whether there is such a person."""
        return person in self._people

    def managers(self, card: Card) -> tuple[str, ...]:
        """The managers who may act for the card's unit today, themselves or as substitutes: the nearest who are there."""
        return tuple(dict.fromkeys(holder.person for holder in self.powers.resolve(Actor.MANAGER, card.matter).asked))
