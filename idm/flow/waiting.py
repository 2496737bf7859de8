"""Justified waiting: let a case or a task wait for a reason that policy names, and go on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from idm.domain import transitions
from idm.domain.case import Case
from idm.domain.journey import Actor, Graph
from idm.domain.pauses import Pause, WaitingReason, begin, end, waited
from idm.errors import BadInput, Fault, NotAllowed, NotFound
from idm.flow.changing import Note, change
from idm.flow.deadlines import calendar
from idm.flow.known_as import known_as
from idm.flow.tasks import actors, task
from idm.ports import App


def wait(app: App, case: str, reason: str, until: date, person: str, *, task_id: str = "", administrator: str = "") -> Case:
    """Let a case wait until the end of `until`, or only the task `task_id` of it: the days don't count as lateness.

    Raises `BadInput` for a reason that policy doesn't have or a day that it doesn't allow, `NotAllowed`, `Conflict` if it waits already.
    """
    person = known_as(app, person)
    today = app.clock.today()
    known = _reason(app, reason)
    _demand_day(known, today, until)
    step = _step_of(app, case, task_id)

    def mutate(before: Case, graph: Graph, now: datetime) -> tuple[Case, Note]:
        transitions.demand_going(before)
        _demand_may(app, before, person, known.who)
        if step:
            transitions.demand_open(before, step)
        pause = Pause(reason, today, until, person, step, None, administrator)
        told = {"reason": reason, "until": until.isoformat(), "step": step, "administrator": administrator}
        return replace(before, pauses=begin(before.pauses, pause)), Note(person, "waiting-began", told)

    return change(app, case, mutate)


def resume(app: App, case: str, person: str, *, task_id: str = "", administrator: str = "") -> Case:
    """End the waiting of a case, or of one task, before its time: today counts again. Raises `NotAllowed`, `Conflict` if nothing waits."""
    person = known_as(app, person)
    today = app.clock.today()
    step = _step_of(app, case, task_id)

    def mutate(before: Case, graph: Graph, now: datetime) -> tuple[Case, Note]:
        transitions.demand_going(before)
        pauses, ended = end(before.pauses, step, today)
        known = app.policies.current().waiting.get(ended.reason)
        who = known.who if known is not None else ()
        _demand_may(app, before, person, (*who, Actor.MANAGER))
        told = {"reason": ended.reason, "until": ended.until.isoformat(), "step": step, "administrator": administrator}
        return replace(before, pauses=pauses), Note(person, "waiting-ended", told)

    return change(app, case, mutate)


def pauses_shown(app: App, case: Case) -> list[dict[str, Any]]:
    """The periods of waiting in the outside contract's shape, oldest first; working days up to today."""
    policies, today = app.policies.current(), app.clock.today()
    days = calendar(policies.deadlines)
    return [
        {
            "reason": pause.reason,
            "titles": dict(policies.waiting[pause.reason].titles) if pause.reason in policies.waiting else {},
            "step": pause.step or None,
            "since": pause.since.isoformat(),
            "until": pause.until.isoformat(),
            "ended": pause.ended.isoformat() if pause.ended else None,
            "by": pause.by,
            "runs": pause.runs(today) and not case.over,
            "working_days": waited([pause], pause.step, days, pause.since, today),
        }
        for pause in case.pauses
    ]


def waited_days(app: App, case: Case) -> int:
    """For how many working days the whole case has waited with good reason up to today; waiting of single tasks apart."""
    if not case.pauses:
        return 0
    whole = [pause for pause in case.pauses if not pause.step]
    return waited(whole, "", calendar(app.policies.current().deadlines), date.min, app.clock.today())


def _reason(app: App, reason: str) -> WaitingReason:
    known = app.policies.current().waiting
    if reason not in known:
        words = f"policy has: {', '.join(sorted(known)) or 'none'}"
        raise BadInput(
            f"Policy has no reason for waiting '{reason}'.",
            faults=[Fault("reason", "unknown-reason", words)],
            next_step="Name one of them, or add it to waiting.yaml.",
        )
    return known[reason]


def _demand_day(reason: WaitingReason, today: date, until: date) -> None:
    latest = today + timedelta(days=reason.longest)
    if until < today:
        fault = Fault("until", "past", f"{until} is over; today is {today}")
    elif until > latest:
        fault = Fault("until", "too-long", f"'{reason.id}' may last {reason.longest} days at most: until {latest}")
    else:
        return
    raise BadInput("The waiting can't end on that day.", faults=[fault], next_step="Name another day; nothing was changed.")


def _step_of(app: App, case: str, task_id: str) -> str:
    if not task_id:
        return ""
    found = task(app, task_id)
    if found.case != case:
        raise NotFound(f"Task {task_id} belongs to case {found.case}.", next_step=f"`idm task list --case {case}` lists its tasks.")
    return found.step


def _demand_may(app: App, case: Case, person: str, who: tuple[Actor, ...]) -> None:
    if app.store.person(person) is None:
        raise NotFound(f"There is no person '{person}'.", next_step="Persons carry the ids of the organisation file.")
    may = {holder.person for actor in dict.fromkeys(who) for holder in actors(app, case, actor)} - {case.person}
    if person not in may:
        names = ", ".join(sorted(may)) or "nobody"
        raise NotAllowed(f"{person} may not let this case wait for that reason, or end it.", next_step=f"Who may: {names}.")
