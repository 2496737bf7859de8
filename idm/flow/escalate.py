"""Reminders and escalation: once per task, level and day, however many processes sweep."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from idm import faults
from idm.domain.case import Case
from idm.domain.deadlines import chain
from idm.domain.journey import Actor, Graph
from idm.errors import IdmError, stops_everything
from idm.flow.board import Board, Card
from idm.flow.changing import Note, change
from idm.flow.notices import notify_hire
from idm.ports import App
from idm.ports_store import Writer

log = logging.getLogger("idm.escalate")

REMINDER = 0
STRANDED = -1


class Told(Exception):
    """Another process has written this very reminder; nothing of the second one is written."""


@dataclass(frozen=True, slots=True)
class Nudge:
    """Something to be done about a late task today: a reminder (level 0), or an escalation to a level from 1 on."""

    card: Card
    level: int


def nudges(board: Board) -> Iterator[Nudge]:
    """What policy wants for the tasks on the board today."""
    for card in board.cards:
        if card.task.due is None:
            continue
        if board.late.days.between(card.task.due, board.late.today) in board.policy.reminders and board.late.days.is_open(board.late.today):
            yield Nudge(card, REMINDER)
        level = board.policy.escalation.level(card.late)
        if level > card.task.escalated:
            yield Nudge(card, level)


def nudge_all(app: App, board: Board) -> int:
    """Remind and escalate as policy says for today. How many reminders and escalations were written by this call."""
    return sum(write_once(app, nudge.card, nudge.level, board, _payload(board, nudge)) for nudge in nudges(board))


def _payload(board: Board, nudge: Nudge) -> Mapping[str, object]:
    card = nudge.card
    payload: dict[str, object] = {"task": card.task.id, "step": card.task.step, "late": card.late, "waits_for": list(card.asked)}
    if card.task.due is not None:
        payload["due"] = card.task.due.isoformat()
    if nudge.level:
        told = above(board, card, nudge.level)
        asked = board.powers.resolve(card.task.actor, card.matter, escalated=nudge.level).asked
        more = tuple(dict.fromkeys(holder.person for holder in asked if holder.escalated))
        payload |= {"level": nudge.level, "to": list(more), "told": list(told)}
    return payload


def above(board: Board, card: Card, level: int) -> tuple[str, ...]:
    """The managers who hear of a task at that level: so many up the hierarchy, without those whom it waits for anyway."""
    return chain(card.matter.unit, card.matter.hire, board.powers.tree, card.asked)[:level]


def write_once(app: App, card: Card, level: int, board: Board, payload: Mapping[str, object]) -> bool:
    """Put a reminder, escalation or stranding on record, and do what follows; False if it is there already, or the task isn't open."""

    written: list[bool] = []

    def mutate(before: Case, graph: Graph, now: datetime) -> tuple[Case, Note] | None:
        status = before.steps.get(card.task.step)
        if status is None or status.state != "waiting" or not card.task.id.endswith(f".{status.round}"):
            return None
        if level > 0:
            return before, Note("idm", "escalated", payload)
        if level == STRANDED:
            return before, Note("idm", "stranded", payload)
        return before, Note("idm", "reminded", payload)

    def also(writer: Writer, case: Case) -> None:
        # That a task is stranded is told every day in the digest; on record it stands once.
        day = card.task.since.date() if level == STRANDED else board.late.today
        if not writer.add_reminder(card.task.id, level, day):
            raise Told
        if level > 0:
            writer.escalate(card.task.id, level)
        if level == REMINDER and card.task.actor is Actor.HIRE:
            # One mail a day, however many documents are missing: what is still missing is looked up when it is sent.
            notify_hire(app, writer, case, "reminder", f"{case.id}/{day}", {"day": day.isoformat()})
        written.append(True)
        faults.point("escalate.before-commit")

    try:
        change(app, card.task.case, mutate, also)
    except Told:
        return False
    except IdmError as error:
        if stops_everything(error):
            raise
        # One case that can't be read must not keep all others from being seen.
        log.warning("task %s: %s", card.task.id, error.message)
        return False
    return bool(written)
