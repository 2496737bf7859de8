"""Acting on many tasks at once, where that is safe: where every one of them would be answered the same way after a look at the list.

- Equipment that came (`receive`), a check that was ordered or came (`ordered`, `received`): it is noted that something happened, and the
  line of the list names it. A mistake is seen by whoever waits for the thing, and grants nobody anything.
- Rights exactly as rules propose them (`rights`), where nothing clashes: the roles stand in the list, and rules of policy answer for them.
- Delegations that go on (`confirm_many`): the same holder, unit and authority as before.

Nothing else. Documents are accepted one by one, because each must have been looked at; forms, orders and approvals each say something
of their own; consent and assessments are a person's own word; appointing names people.

What is shown may change before the person acts. So each item carries a mark of what it showed, and one that shows something else by
then is left alone, and said to be. Every item is an act of its own: one that fails keeps no other from being done.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from idm.domain.grants import pack
from idm.domain.journey import TaskKind
from idm.domain.projection import Task
from idm.errors import IdmError
from idm.flow.deciding import Decision
from idm.flow.delegation_life import confirm
from idm.flow.graphs import load
from idm.flow.rights import confirmed, proposal
from idm.flow.tasks import describe, do_task, task
from idm.ports import App

DECISIONS = {
    TaskKind.RECEIVE.value: "receive",
    TaskKind.ORDERED.value: "done",
    TaskKind.RECEIVED.value: "done",
    TaskKind.RIGHTS.value: "confirm",
}
"""The kinds of task that many may be done of at once, each with what is answered."""

MOST = 100
"""How many are done in one go; the rest is left for the next."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A task that may be done together with others. `what` are the roles, lines or papers that it is about; `mark` stands for them.

    `why_not`: in words, why this one must be looked at by itself; "" if it may be done.
    """

    task: Task
    what: tuple[str, ...]
    mark: str
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A task that the person chose, with the mark of what they were shown."""

    task: str
    mark: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one item: `done`, or why not, in words, with what to do next."""

    id: str
    done: bool
    why_not: str = ""
    next_step: str = ""


def offer(app: App, row: Task) -> Offer | None:
    """What doing `row` together with others would mean; None for a kind that is always done by itself."""
    if row.kind not in DECISIONS or row.state != "open":
        return None
    told = describe(app, row)
    if told["decisions"] != [DECISIONS[row.kind]]:
        return Offer(row, (), "", "a second person must agree, and look at what was decided")
    if row.kind == TaskKind.RIGHTS.value:
        return _rights(app, row)
    what = tuple(f"{line['quantity']} × {line['title']}" for line in told["ordered"]) if "ordered" in told else (row.document,)
    return Offer(row, what, _mark(row, what))


def _rights(app: App, row: Task) -> Offer:
    """The roles that rules propose, if they may be confirmed as they are without another word."""
    case = load(app, row.case).case
    person = app.store.person(case.person)
    if person is None:
        return Offer(row, (), "", f"person {case.person} isn't in the database")
    made, faults = confirmed(proposal(app, case, person, app.policies.current()), {}, "", "")
    what = tuple(sorted(made.grants))
    if faults or made.accepted:
        return Offer(row, what, "", "roles clash, and somebody must say what becomes of them")
    if not what:
        return Offer(row, what, "", "no role is proposed, so somebody must look")
    return Offer(row, what, _mark(row, [[role, pack(made.grants[role])] for role in what]))


def _mark(row: Task, what: Sequence[Any]) -> str:
    return hashlib.sha256(json.dumps([row.id, *what], ensure_ascii=False).encode()).hexdigest()[:16]


def act_many(app: App, person: str, chosen: Sequence[Chosen], administrator: str = "") -> tuple[Outcome, ...]:
    """Do each of the `chosen` tasks as `person`, as it was shown to them: what became of each, in order. At most `MOST` are tried."""
    tried = [_act(app, person, each, administrator) for each in chosen[:MOST]]
    left = [Outcome(each.task, False, f"only {MOST} are done at once", "Do these next.") for each in chosen[MOST:]]
    return (*tried, *left)


def _act(app: App, person: str, chosen: Chosen, administrator: str) -> Outcome:
    try:
        row = task(app, chosen.task)
        offered = offer(app, row)
        if row.state != "open":
            return Outcome(row.id, False, "it was answered already", "Nothing is to be done.")
        if offered is None or offered.why_not:
            why = offered.why_not if offered is not None else "tasks of this kind are done one by one"
            return Outcome(row.id, False, why, "Open it and decide there.")
        if offered.mark != chosen.mark:
            return Outcome(row.id, False, "it has changed since it was shown", "Look at it again.")
        do_task(app, row.id, person, Decision(DECISIONS[row.kind]), administrator)
    except IdmError as error:
        return Outcome(chosen.task, False, error.message, error.next_step)
    return Outcome(chosen.task, True)


def confirm_many(app: App, manager: str, delegations: Iterable[str], administrator: str = "") -> tuple[Outcome, ...]:
    """Confirm each of these delegations as `manager`: what became of each, in order."""
    outcomes = []
    for id in dict.fromkeys(delegations):
        try:
            confirm(app, [id], manager, administrator)
            outcomes.append(Outcome(id, True))
        except IdmError as error:
            outcomes.append(Outcome(id, False, error.message, error.next_step))
    return tuple(outcomes)
