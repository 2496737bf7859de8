"""What a digest is made of: sections, each of which says who should read what this morning.

A feature that has something to tell staff every day adds a function to `SECTIONS`; one that has news to tell once calls
`notices.tell`. Both need their name among the digest's in `mail_texts`, and a part in the templates `email/digest`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from idm.domain.journey import TaskKind
from idm.domain.orders import awaited
from idm.flow import digest_watch
from idm.flow.board import Card, reader
from idm.flow.digest_morning import FIRST_LOOK, Item, Morning, Section
from idm.flow.escalate import above
from idm.flow.questions import questions
from idm.flow.stranded import strandings


def tasks(morning: Morning) -> Iterator[tuple[str, Item]]:
    """What waits for each reader and isn't late."""
    return _waiting(morning, late=False)


def overdue(morning: Morning) -> Iterator[tuple[str, Item]]:
    """What waits for each reader and is late, the latest first."""
    return _waiting(morning, late=True)


def _waiting(morning: Morning, *, late: bool) -> Iterator[tuple[str, Item]]:
    for card in morning.board.cards:
        if bool(card.late) is late:
            # New hires are written to by themselves; a team reads of a task once, however many its members.
            asked = [reader(holder) for holder in card.resolution.asked if not holder.escalated and holder.person != card.case.person]
            yield from ((each, task_item(card)) for each in dict.fromkeys(asked))


def escalated(morning: Morning) -> Iterator[tuple[str, Item]]:
    """What others left lying and the reader may do now, too."""
    for card in morning.board.cards:
        asked = [reader(holder) for holder in card.resolution.asked if holder.escalated]
        yield from ((each, task_item(card)) for each in dict.fromkeys(asked))


def below(morning: Morning) -> Iterator[tuple[str, Item]]:
    """What lies late in the units of a manager who can't do it themself: with whom it lies."""
    for card in morning.board.cards:
        if card.task.escalated:
            told = set(above(morning.board, card, card.task.escalated)) - {holder.person for holder in card.resolution.holders}
            for person in told:
                yield person, {**task_item(card), "lies_with": list(card.asked)}


def stranded(morning: Morning) -> Iterator[tuple[str, Item]]:
    """What nobody can do, for the manager above or whom policy names."""
    for each in strandings(morning.board):
        for person in each.told:
            yield person, {**task_item(each.card), "reasons": [list(reason) for reason in each.reasons]}


def decided(morning: Morning) -> Iterator[tuple[str, Item]]:
    """What was decided in the reader's place since they were last told."""
    oldest = min([morning.now - FIRST_LOOK, *morning.last.values()])
    for decision in morning.app.store.decisions(limit=10_000):
        if decision.at < oldest:
            return
        if decision.place_of and morning.since(decision.place_of) < decision.at <= morning.now:
            task = morning.app.store.task(decision.task)
            if task is not None:
                told = {"kind": task.kind, "actor": task.actor.value, "document": task.document, "person": task.person, "unit": task.unit}
                yield decision.place_of, {"task": task.id, "action": decision.action, "by": decision.by, **told}


SECTIONS: Mapping[str, Section] = {
    "overdue": overdue,
    "escalated": escalated,
    "returned": digest_watch.returned,
    "questions": questions,
    "tasks": tasks,
    "to_return": digest_watch.to_return,
    "stranded": stranded,
    "below": below,
    "ending": digest_watch.ending,
    "confirm": digest_watch.confirm,
    "tables": digest_watch.tables,
    "decided": decided,
}
"""Every section by its name, in the order of the mail."""


def task_item(card: Card) -> Item:
    """A task as a line of a digest."""
    return {
        "task": card.task.id,
        "kind": card.task.kind,
        "actor": card.task.actor.value,
        "document": card.task.document,
        "person": card.task.person,
        "unit": card.task.unit,
        "due": card.task.due.isoformat() if card.task.due is not None else "",
        "late": card.late,
        "start": card.case.facts.start_date.isoformat(),
        "short": card.case.short_notice,
        "what": _what(card),
    }


def _what(card: Card) -> str:
    """What a task is about that its title can't say: the equipment whose receipt is to be confirmed."""
    if card.task.kind != TaskKind.RECEIVE.value:
        return ""
    return ", ".join(f"{line.quantity} × {line.title}" for line in awaited(card.case.orders))
