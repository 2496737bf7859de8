"""Due dates as they stand: counted when a task opens, when the start date moves, and when policy or the calendar change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from idm.domain.case import Case
from idm.domain.deadlines import DeadlinePolicy, due_date, is_short_notice, overdue
from idm.domain.hours import HOME
from idm.domain.journey import Graph
from idm.domain.pauses import waited
from idm.domain.projection import Task, tasks
from idm.domain.working_days import WorkingDays
from idm.ports import App
from idm.public_holidays import calendar_version, is_public_holiday

COUNTED_BY = "deadlines"
"""The setting that names the rules and the calendar by which the due dates in the database were counted."""


def calendar(policy: DeadlinePolicy) -> WorkingDays:
    """The working days: Danish public holidays and the closing days of policy left out."""
    return WorkingDays(lambda day: is_public_holiday(day) or policy.closes(day))


def short_notice(app: App, before: Case | None, after: Case, now: datetime) -> bool:
    """Whether a hire is at short notice: settled when idm learns of its start date, and again when that moves."""
    if before is not None and before.facts.start_date == after.facts.start_date:
        return after.short_notice
    policy = app.policies.current().deadlines
    return is_short_notice(policy, calendar(policy), _day(now), after.facts.start_date)


def dated(app: App, before: Case | None, after: Case, changed: Sequence[Task], graph: Graph) -> tuple[Task, ...]:
    """The changed tasks with their due dates; and every other open task of the case, if the change moves its due date too."""
    moves = _moves(before, after)
    if not moves and not any(task.state == "open" for task in changed):
        return tuple(changed)
    policy = app.policies.current().deadlines
    days = calendar(policy)
    known = {task.id for task in changed}
    moved = [task for task in tasks(after, graph).values() if task.id not in known and task.state == "open"] if moves else []
    return tuple(replace(task, due=_due(policy, days, after, task)) if task.state == "open" else task for task in (*changed, *moved))


def _moves(before: Case | None, after: Case) -> bool:
    """Whether a change moves the due dates of tasks that it doesn't touch."""
    if before is None:
        return False
    return (before.facts.start_date, before.short_notice, before.pauses) != (after.facts.start_date, after.short_notice, after.pauses)


def _due(policy: DeadlinePolicy, days: WorkingDays, case: Case, task: Task) -> date:
    opened = _day(task.since)
    paused = waited(case.pauses, task.step, days, opened) if case.pauses else 0
    return due_date(policy, days, task.kind, task.step, opened, case.facts.start_date, short=case.short_notice, paused=paused)


def lateness(app: App) -> Lateness:
    """How late tasks are today."""
    policy = app.policies.current().deadlines
    return Lateness(app.clock.today(), calendar(policy))


class Lateness:
    """Counts how late tasks are on one day."""

    def __init__(self, today: date, days: WorkingDays) -> None:
        self.today = today
        self.days = days

    def of(self, task: Task) -> int:
        """How many working days an open task is overdue; 0 if it isn't, or isn't open any more."""
        return overdue(task.due, self.today, self.days) if task.state == "open" else 0

    def order(self, task: Task) -> tuple[int, date, datetime, str]:
        """What sorts tasks for people: the latest first, then those due next."""
        return -self.of(task), task.due or date.max, task.since, task.id


def recount(app: App) -> int:
    """Count the due dates anew if policy or calendar are others than those they were counted by. How many tasks moved."""
    policy = app.policies.current().deadlines
    counted_by = f"{policy.source.hash}/{calendar_version()}"
    if app.cache.get(COUNTED_BY, (0.0, ""))[1] == counted_by:
        return 0
    changed = 0
    if app.store.settings().get(COUNTED_BY) != counted_by:
        days, cases = calendar(policy), app.store.open_cases()
        known = [task for task in app.store.tasks(state="open", limit=_ALL) if task.case in cases]
        due = {task.id: _due(policy, days, cases[task.case], task) for task in known}
        changed = app.store.redate({task.id: due[task.id] for task in known if due[task.id] != task.due})
        with app.store.write() as writer:
            writer.put_setting(COUNTED_BY, counted_by)
    app.cache[COUNTED_BY] = (0.0, counted_by)
    return changed


_ALL = 1_000_000


def _day(moment: datetime) -> date:
    """The day in Denmark."""
    return moment.astimezone(HOME).date()
