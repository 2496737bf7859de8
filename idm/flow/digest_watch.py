"""Sections of the digest that keep watch: what came back, and what ends, lapses or must be returned, for who can do something about it.

What is far off is told once a week; within `NEAR` of its day, every day.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from idm.domain.authority import Matter
from idm.domain.authority_powers import Confirmation
from idm.domain.case import CaseState
from idm.domain.four_eyes import first_look
from idm.domain.journey import Actor, TaskKind
from idm.domain.orders import LineState
from idm.domain.payroll_watch import ending_rows, lost_places
from idm.flow.board import Board, Card, reader
from idm.flow.delegation_life import confirmation
from idm.flow.digest_morning import Item, Morning
from idm.flow.powers import matter_of

NEAR = timedelta(days=14)
"""How close a day must be for what happens on it to be told every day."""

_RETURNABLE = ("hire", "documents", "rights")
"""What an approval can return besides the fields of forms."""


def returned(morning: Morning) -> Iterator[tuple[str, Item]]:
    """What came back to each reader since they were last told, with the reason, and the field where one was named."""
    for card in morning.board.cards:
        again = card.case.steps[card.task.step].round > 1 and first_look(card.case, card.task.step) is None
        if not again or not card.task.reason:
            continue
        told = {**_about(card), **_field(morning, card.task.reason)}
        asked = [reader(holder) for holder in card.resolution.asked if holder.person != card.case.person]
        yield from ((each, told) for each in dict.fromkeys(asked) if card.task.since > morning.since(each))


def _field(morning: Morning, reason: str) -> Item:
    """The field that an approval returned, as its reason begins with it, and the rest of the reason on one line."""
    field, _, rest = reason.partition(": ")
    part = field.partition(".")[0]
    named = bool(rest) and " " not in field and part in (*_RETURNABLE, *morning.app.policies.current().forms)
    return {"field": field if named else "", "why": " ".join((rest if named else reason).split())}


def ending(morning: Morning) -> Iterator[tuple[str, Item]]:
    """New employees' documents that end soon and are asked for anew, for the manager and the pay contact."""
    for card in morning.board.cards:
        document = card.case.documents.get(card.task.document)
        if card.task.kind != TaskKind.DOCUMENT.value or document is None or document.expires is None:
            continue
        if card.task.actor is not Actor.HIRE or not _told_today(morning.board, document.expires):
            continue
        pay = morning.board.powers.resolve(Actor.PAY, card.matter).asked
        readers = [*morning.board.managers(card), *(reader(holder) for holder in pay)]
        item = {**_about(card), "document": card.task.document, "day": document.expires.isoformat()}
        yield from ((each, item) for each in dict.fromkeys(readers))


def confirm(morning: Morning) -> Iterator[tuple[str, Item]]:
    """Delegations that are to be confirmed soon, or lapsed, for the manager on whose word each stands; else the unit's manager."""
    rule = morning.board.powers.policy.confirm
    delegations = {each.id: each for each in morning.app.store.delegations()} if rule is not None else {}
    for id, state in confirmation(morning.app, delegations.values()).items():
        each = delegations[id]
        if rule is None or state is Confirmation.FINE or not _told_today(morning.board, rule.lapses(each)):
            continue
        found = morning.board.powers.resolve(Actor.MANAGER, Matter("", each.unit, ""))
        word = each.confirmed_by or each.granted_by
        known = {holder.person for holder in (*found.holders, *found.beyond)}
        item = {
            "delegation": each.id,
            "authority": each.authority.value,
            "by": each.to,
            "unit": each.unit,
            "day": rule.lapses(each).isoformat(),
            "lapsed": state is Confirmation.LAPSED,
        }
        yield from ((manager, item) for manager in ([word] if word in known else [holder.person for holder in found.asked]))


def tables(morning: Morning) -> Iterator[tuple[str, Item]]:
    """Payroll tables that end soon with nothing after them, for those who hold the pay authority at the top."""
    payroll, tree = morning.app.policies.current().payroll, morning.board.powers.tree
    today = morning.board.late.today
    rows = [(day, rows) for day, rows in ending_rows(payroll, today) if _told_today(morning.board, day)]
    if not rows:
        return
    tops = [unit.id for unit in tree.units.values() if not unit.parent]
    asked = [holder for top in tops for holder in morning.board.powers.resolve(Actor.PAY, Matter("", top, "")).asked]
    for day, found in rows:
        after = day + timedelta(days=1)
        lost = lost_places(payroll, after, tree) - lost_places(payroll, day, tree)
        item = {
            "file": found[0].source.file,
            "line": found[0].source.line,
            "more": len(found) - 1,
            "day": day.isoformat(),
            "places": len(lost),
        }
        yield from ((each, item) for each in dict.fromkeys(reader(holder) for holder in asked))


def to_return(morning: Morning) -> Iterator[tuple[str, Item]]:
    """Equipment of cancelled hires that is still to be returned, for the IT contact of each, else the manager."""
    powers = morning.board.powers
    for case in morning.app.store.cases_with_orders(state=CaseState.CANCELLED.value):
        lines = [f"{line.quantity} × {line.title}" for line in case.orders if line.state is LineState.TO_RETURN]
        if not lines:
            continue
        asked = powers.resolve(Actor.IT, matter_of(case)).asked or powers.resolve(Actor.MANAGER, matter_of(case)).asked
        item = {"person": case.person, "unit": case.facts.unit, "case": case.id, "what": ", ".join(lines)}
        yield from ((each, item) for each in dict.fromkeys(reader(holder) for holder in asked))


def _about(card: Card) -> Item:
    task = card.task
    return {"task": task.id, "kind": task.kind, "document": task.document, "person": task.person, "unit": task.unit}


def _told_today(board: Board, day: date) -> bool:
    """Whether what happens on `day` is told today: when it is near, else on the first open day of a week."""
    today = board.late.today
    if abs(day - today) <= NEAR:
        return True
    monday = today - timedelta(days=today.weekday())
    return not any(board.late.days.is_open(monday + timedelta(days=passed)) for passed in range(today.weekday()))
