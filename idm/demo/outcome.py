"""What each event ended as, held against what it must end as."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from idm.demo.expected import Outcome
from idm.demo.hires import REPLAY, Hire
from idm.demo.stage import Stage
from idm.domain.case import Case, StepState
from idm.domain.journey import StepKind
from idm.flow.graphs import graph_of
from idm.flow.tasks import actors


def outcomes(stage: Stage, hires: Iterable[Hire]) -> dict[int, Outcome]:
    """What each of these events has ended as, by its number."""
    return {hire.number: _outcome(stage, hire, stage.events[hire.number - 1]) for hire in hires}


def _outcome(stage: Stage, hire: Hire, receipt: dict[str, Any]) -> Outcome:
    if receipt["outcome"] != "created":
        fields = frozenset(str(fault["path"]) for fault in receipt["faults"])
        reason = "; ".join(f"{fault['path']} {fault['message']}" for fault in receipt["faults"])
        return Outcome(str(receipt["outcome"]), "", (), reason, fields)
    case = stage.case(hire)
    waits = list(_waits(stage, case))
    if case.state != "waiting" or not waits:
        return Outcome(case.state.value)
    # Of several tasks that wait, the one that the table speaks of is compared; the table names one only.
    return next((found for found in waits if found.step == hire.expected.step), waits[0])


def _waits(stage: Stage, case: Case) -> Iterator[Outcome]:
    """Each step of the case that waits for people who are there."""
    for step in graph_of(stage.app, case):
        status = case.steps[step.id]
        if step.kind is StepKind.HUMAN and step.actor is not None and status.state is StepState.WAITING:
            people = tuple(holder.person for holder in actors(stage.app, case, step.actor, step.id))
            reason = status.reason or f"'{step.id}' has not been answered since {status.since:%Y-%m-%d}"
            yield Outcome("waiting", step.id, people, reason, told=status.reason)


def check_table(stage: Stage) -> None:
    """Each of the sixty events ended as the table that was made by hand says."""
    found = stage.ended
    wrong = [
        f"{hire.number}: must end {hire.expected.ends.value} {hire.expected.step}, is {_words(stage, found[hire.number])}"
        for hire in stage.hires
        if not found[hire.number].fits(hire.expected, stage.persons.get(hire.number, ""))
    ]
    counted = Counter(outcome.ends for outcome in found.values())
    detail = "; ".join(wrong) or f"{len(found)} events: " + ", ".join(f"{count} {ends}" for ends, count in counted.most_common())
    stage.check("each event ends as the table made by hand says", not wrong, detail)


def table(stage: Stage) -> Iterator[str]:
    """The outcomes as lines: number, what it was, what it ended as and why."""
    for hire in stage.hires:
        outcome = stage.ended[hire.number]
        ok = outcome.fits(hire.expected, stage.persons.get(hire.number, ""))
        why = _words(stage, outcome) if outcome.ends in ("refused", "waiting") else f"{outcome.ends}: {hire.expected.because}"
        yield f"{'ok ' if ok else 'NOT'}  {hire.number:2}  {hire.name if hire.number != REPLAY else 'the same'}, {hire.about}: {why}"


def rows(stage: Stage) -> list[dict[str, Any]]:
    """The outcomes in the outside contract's shape, each beside what it must be."""
    return [_row(hire, stage.ended[hire.number], stage.persons.get(hire.number, "")) for hire in stage.hires]


def _row(hire: Hire, ended: Outcome, person: str) -> dict[str, Any]:
    wanted = hire.expected
    must = {"ends": wanted.ends.value, "step": wanted.step, "waits_for": wanted.waits_for, "because": wanted.because}
    told = {"ends": ended.ends, "step": ended.step, "waits_for": list(ended.people), "reason": ended.reason}
    return {"number": hire.number, "event": hire.id, **told, "ok": ended.fits(wanted, person), "must": must}


def _words(stage: Stage, outcome: Outcome) -> str:
    match outcome.ends:
        case "refused":
            return f"refused: {outcome.reason}"
        case "waiting":
            people = " or ".join(stage.name_of(person) for person in outcome.people) or "nobody"
            return f"waiting for {people} at {outcome.step}: {outcome.reason}"
        case _:
            return outcome.ends
