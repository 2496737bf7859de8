"""Stranded tasks: open ones that nobody can act on, found at once, with why, and who can mend it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from idm.domain.journey import Actor
from idm.flow.board import Board, Card
from idm.flow.escalate import STRANDED, write_once
from idm.flow.wording import HIRE_GONE, NOBODY
from idm.ports import App


@dataclass(frozen=True, slots=True)
class Stranding:
    """A task that nobody can act on: why, in words, and who is told because they can mend it (none: nobody is left).

    `reasons` are those words apart, for any language (`idm.flow.wording.why_nobody`): a person or team, or "", and the reason.
    """

    card: Card
    why: str
    told: tuple[str, ...]
    reasons: tuple[tuple[str, str], ...]


def strandings(board: Board) -> Iterator[Stranding]:
    """Every stranded task on the board, as policy sees it today."""
    for card in board.cards:
        why = _why(board, card)
        if why:
            yield Stranding(card, why, _told(board, card), _reasons(card))


def stranded(app: App) -> list[Stranding]:
    """Every open task that nobody can act on now."""
    return list(strandings(Board(app)))


def _why(board: Board, card: Card) -> str:
    """Why nobody can act on a task; "" if somebody can."""
    if card.task.actor is Actor.HIRE:
        return "" if board.knows(card.case.person) else "the person hired isn't known here any more"
    if card.resolution.holders:
        return ""
    passed = list(dict.fromkeys(f"{passed.holder.person}: {passed.words}" for passed in card.resolution.passed))
    return "; ".join(passed) or f"nobody holds the {card.task.actor.value} authority for {card.task.unit} or a unit above it"


def _reasons(card: Card) -> tuple[tuple[str, str], ...]:
    if card.task.actor is Actor.HIRE:
        return (("", HIRE_GONE),)
    passed = dict.fromkeys((passed.holder.person, passed.skip.value) for passed in card.resolution.passed)
    return tuple(passed) or (("", NOBODY),)


def _told(board: Board, card: Card) -> tuple[str, ...]:
    """Who hears of it by policy: the nearest manager who is there, who can delegate; else those whom policy names."""
    policy = board.policy.stranded
    managers = board.managers(card) if policy.manager_above else ()
    return managers or tuple(person for person in policy.tell if board.knows(person) and person != card.case.person)


def note_stranded(app: App, board: Board) -> int:
    """Put newly stranded tasks on record in their cases, once for each. How many were by this call."""
    written = 0
    for each in strandings(board):
        payload = {"task": each.card.task.id, "step": each.card.task.step, "why": each.why, "told": list(each.told)}
        written += write_once(app, each.card, STRANDED, board, payload)
    return written
