"""Due dates as they stand: counted when a task opens, when the start date moves, and when policy or the calendar change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from idm.domain.case import Case
from idm.domain.deadlines import DeadlinePolicy, due_date, is_short_notice, overdue
from idm.domain.hours import HOME
from idm.domain.journey import Graph, TaskKind
from idm.domain.pauses import waited
from idm.domain.policy import Policies
from idm.domain.projection import Task, tasks
from idm.domain.timers import usable_until
from idm.domain.working_days import WorkingDays
from idm.flow.graphs import graph_of
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
    policies = app.policies.current()
    days = calendar(policies.deadlines)
    known = {task.id for task in changed}
    moved = [task for task in tasks(after, graph).values() if task.id not in known and task.state == "open"] if moves else []
    return tuple(
        replace(task, due=_due(policies, days, after, graph, task)) if task.state == "open" else task for task in (*changed, *moved)
    )


def _moves(before: Case | None, after: Case) -> bool:
    """Whether a change moves the due dates of tasks that it doesn't touch."""
    if before is None:
        return False
    return (before.facts.start_date, before.short_notice, before.pauses) != (after.facts.start_date, after.short_notice, after.pauses)


def _due(policies: Policies, days: WorkingDays, case: Case, graph: Graph, task: Task) -> date:
    opened, start = _day(task.since), case.facts.start_date
    paused = waited(case.pauses, task.step, days, opened) if case.pauses else 0
    paper = policies.documents.get(task.document) or policies.checks.get(task.document)
    asked = task.kind in (TaskKind.DOCUMENT.value, TaskKind.CONSENT.value)
    needed = start + timedelta(days=paper.needed_by) if asked and paper is not None and paper.needed_by is not None else None
    held = case.documents.get(task.document)
    if held is not None and held.expires is not None:
        # It is asked for anew because it ends: what counts is that day, not a start that may be long past.
        start = needed = held.expires
    last = usable_until(case, graph, task.step)
    return due_date(
        policies.deadlines, days, task.kind, task.step, opened, start, needed=needed, short=case.short_notice, paused=paused, last=last
    )


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
    policies = app.policies.current()
    counted_by = f"{policies.deadlines.source.hash}/{policies.files.get('documents.yaml', '')}/{calendar_version()}"
    if app.cache.get(COUNTED_BY, (0.0, ""))[1] == counted_by:
        return 0
    changed = 0
    if app.store.settings().get(COUNTED_BY) != counted_by:
        days, cases = calendar(policies.deadlines), app.store.open_cases()
        known = [task for task in app.store.tasks(state="open", limit=_ALL) if task.case in cases]
        due = {task.id: _due(policies, days, cases[task.case], graph_of(app, cases[task.case]), task) for task in known}
        changed = app.store.redate({task.id: due[task.id] for task in known if due[task.id] != task.due})
        with app.store.write() as writer:
            writer.put_setting(COUNTED_BY, counted_by)
    app.cache[COUNTED_BY] = (0.0, counted_by)
    return changed


_ALL = 1_000_000


def _day(moment: datetime) -> date:
    """The day in Denmark."""
    return moment.astimezone(HOME).date()
