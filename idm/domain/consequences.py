"""What a departure from plan brings about, in words for whoever is about to do it: told by comparing the case before and after."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from idm.domain.case import Case, CaseState, StepState
from idm.domain.departures import changed_facts
from idm.domain.journey import Graph, StepKind
from idm.domain.orders import LineState
from idm.domain.plan import Owned
from idm.domain.timers import falls
from idm.domain.working_days import WorkingDays


@dataclass(frozen=True, slots=True)
class Consequence:
    """One thing that follows: what it is, the step, system or document it is about, and the words."""

    what: str
    about: str
    words: str

    def as_json(self) -> dict[str, Any]:
        """The consequence as commands answer it."""
        return {"what": self.what, "about": self.about, "words": self.words}


def consequences(before: Case, after: Case, old: Graph, new: Graph, owned: Iterable[Owned]) -> tuple[Consequence, ...]:
    """Everything that follows from taking a case from `before` to `after`; `owned` is what the systems hold for the person now."""
    held = [each for each in owned if not each.gone and each.employment == before.employment]
    if after.state is CaseState.CANCELLED:
        return (*_withdrawn(before, old), *_taken_back(before, after, held), *_orders(before, after))
    return (
        *_facts(before, after),
        *_asked(before, after, old, new),
        *_papers(before, after),
        *_timers(before, after, new),
        *_brought_into_line(before, after, held),
    )


def day_warnings(before: Case, after: Case, today: date, days: WorkingDays) -> Iterator[Consequence]:
    """What is to be minded about another first day: that it is past, or no working day."""
    start = after.facts.start_date
    if start != before.facts.start_date and after.state is not CaseState.CANCELLED:
        yield from start_warnings(start, today, days)


def start_warnings(start: date, today: date, days: WorkingDays) -> Iterator[Consequence]:
    """What is to be minded about the first day `start` of any hire."""
    if start < today:
        words = f"the first day, {start}, is past: whatever waits for it happens as soon as the rest is done"
        yield Consequence("start-passed", "start_date", words)
    if not days.is_open(start):
        yield Consequence("start-closed", "start_date", f"the first day, {start}, is no working day")


def mail_told(mail: str) -> Consequence:
    """That the person hired is written to, in which `mail` by the name of its template: one that a departure sends."""
    return Consequence("mail", mail, _MAILS[mail])


_MAILS = {
    "hire_cancelled": "the new employee is told by mail that the hire is cancelled",
    "start_moved": "the new employee is told by mail of the new first day",
    "place_changed": "the new employee is told by mail of the new place or position",
}


def _facts(before: Case, after: Case) -> Iterator[Consequence]:
    for name in changed_facts(before.facts, after.facts):
        was, now = getattr(before.facts, name), getattr(after.facts, name)
        words = f"{name} was {was}, and becomes {now}"
        if not was:
            words = f"{name} was not given, and becomes {now}"
        elif not now:
            words = f"{name} was {was}, and becomes not given"
        yield Consequence("fact", name, words)


def _asked(before: Case, after: Case, old: Graph, new: Graph) -> Iterator[Consequence]:
    for step in new:
        was, now = before.steps.get(step.id), after.steps[step.id]
        if step.kind is StepKind.HUMAN and was is not None and was.state is StepState.DONE and now.state is not StepState.DONE:
            decided = step.id in before.approvals
            words = (
                f"'{step.id}' was decided, and is asked again" if decided else f"'{step.id}' was not asked, or was done, and is asked now"
            )
            yield Consequence("asked-again", step.id, words)
    for step in old:
        if step.kind is StepKind.HUMAN and step.id not in new.steps and before.steps[step.id].state is StepState.WAITING:
            yield Consequence("task-withdrawn", step.id, f"'{step.id}' is not asked any more")


def _papers(before: Case, after: Case) -> Iterator[Consequence]:
    old, new = {paper.kind for paper in before.wanted}, {paper.kind for paper in after.wanted}
    for kind in sorted(new - old):
        yield Consequence("paper-wanted", kind, f"'{kind}' is wanted now")
    for kind in sorted(old - new):
        yield Consequence("paper-dropped", kind, f"'{kind}' is not wanted any more")


def _timers(before: Case, after: Case, new: Graph) -> Iterator[Consequence]:
    for step in new:
        if step.kind is not StepKind.TIMER:
            continue
        was, now = falls(before, step.until), falls(after, step.until)
        if was != now and now is not None:
            yield Consequence("timer", step.id, f"what waits for {step.until} happens on {now.date()}")


def _brought_into_line(before: Case, after: Case, held: list[Owned]) -> Iterator[Consequence]:
    later = after.facts.start_date > before.facts.start_date
    for each in held:
        shut = each.opened and later
        words = f"the {each.kind} in {each.system} is brought into line" + (", and closed until the new start" if shut else "")
        yield Consequence("brought-into-line", f"{each.system}.{each.kind}", words)


def _orders(before: Case, after: Case) -> Iterator[Consequence]:
    told = {
        LineState.WITHDRAWN: "was not sent yet and is withdrawn",
        LineState.TO_RETURN: "was ordered and must be returned",
        LineState.KEPT: "was ordered, can't be returned and stays with the unit",
    }
    was = {line.number: line.state for line in before.orders}
    for line in after.orders:
        if line.state is not was.get(line.number) and line.state in told:
            yield Consequence("order-line", str(line.number), f"{line.quantity} x {line.title} (line {line.number}) {told[line.state]}")


def _withdrawn(before: Case, old: Graph) -> Iterator[Consequence]:
    for step in old:
        if step.kind is StepKind.HUMAN and before.steps[step.id].state is StepState.WAITING:
            yield Consequence("task-withdrawn", step.id, f"the task '{step.id}' is withdrawn")


def _taken_back(before: Case, after: Case, held: list[Owned]) -> Iterator[Consequence]:
    for each in held:
        removed = f"the {each.kind} in {each.system} was never opened and is removed"
        words = f"the {each.kind} in {each.system} was in use and is ended" if each.opened else removed
        yield Consequence("taken-back", f"{each.system}.{each.kind}", words)
    for system in after.undo:
        if all(each.system != system for each in held):
            words = f"{system} may hold something of a call whose answer is out; it is looked for and taken back"
            yield Consequence("looked-after", system, words)
    if before.state is CaseState.COMPLETED:
        yield Consequence("reopened", before.id, "the case was completed, and works once more to take back what it did")
