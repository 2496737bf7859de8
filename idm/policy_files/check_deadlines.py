"""What deadlines.yaml must fulfil by itself and beside the journeys, and what only deserves a warning."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from idm.domain.deadlines import NOTICES
from idm.domain.journey import TaskKind
from idm.errors import Fault
from idm.policy_files import models_journey
from idm.policy_files.build import Draft
from idm.policy_files.models_deadlines import DeadlinesFile
from idm.policy_files.read import ReadFile, nearest, one_of

_LONG = 120
"""Working days: half a year. A deadline that far ahead is more likely a mistake than meant."""


def deadline_faults(draft: Draft) -> Iterator[Fault]:
    """Every fault of deadlines.yaml, as far as the journeys it refers to could be read."""
    if found := draft.one(DeadlinesFile):
        yield from _rules(*found, draft)
        yield from _runs(*found)
        yield from _mail(*found)
        yield from _short(*found)


def deadline_warnings(draft: Draft) -> Iterator[Fault]:
    """What is sound but probably not meant."""
    if found := draft.one(DeadlinesFile):
        file, model = found
        for id_, due in model.due.items():
            if due.days > _LONG:
                words = f"'{id_}' is due {due.days} working days ahead, more than half a year; most tasks would open late"
                yield file.fault(("due", id_, "days"), "far-ahead", words)
            if due.at_least > 20:
                words = f"'{id_}' leaves {due.at_least} working days, a month or more, whatever the start date: many would come too late"
                yield file.fault(("due", id_, "at_least"), "too-late", words)
        if not model.reminders:
            yield file.fault(("reminders",), "no-reminders", "nobody is ever reminded of a task")
        if model.escalation.after > 20:
            words = f"a task lies {model.escalation.after} working days late, a month or more, before anyone above hears of it"
            yield file.fault(("escalation", "after"), "late-escalation", words)
        if model.short_notice.days > 60:
            words = f"with {model.short_notice.days} working days, three months or more, nearly every hire is at short notice"
            yield file.fault(("short_notice", "days"), "always-short", words)
        yield from _weekends(file, model)


def _rules(file: ReadFile, model: DeadlinesFile, draft: Draft) -> Iterator[Fault]:
    kinds = [kind.value for kind in TaskKind]
    steps = {id_ for _, journey in draft.each(models_journey.JourneyFile) for id_ in journey.steps}
    last = list(model.due)[-1]
    for id_, due in model.due.items():
        for index, kind in enumerate(due.tasks or ()):
            if kind not in kinds:
                words = f"no kind of task is called '{kind}'{nearest(kind, kinds)}; there are: {one_of(kinds)}"
                yield file.fault(("due", id_, "tasks", index), "unknown-task", words)
        for index, step in enumerate(due.steps or ()):
            if steps and step not in steps:
                words = f"no journey has a step '{step}'{nearest(step, steps)}, so the rule would never hold; there are: {one_of(steps)}"
                yield file.fault(("due", id_, "steps", index), "unknown-step", words)
        everything = due.tasks is None and due.steps is None
        if everything and id_ != last:
            words = f"'{id_}' fits every task, so no rule after it would ever hold; move it to the end"
            yield file.fault(("due", id_), "hides-others", words)
        if not everything and id_ == last:
            words = "the last rule must fit every task: add one without 'tasks' and 'steps', or some tasks would have no due date"
            yield file.fault(("due", id_), "no-rule-for-the-rest", words)


def _runs(file: ReadFile, model: DeadlinesFile) -> Iterator[Fault]:
    served: dict[int, str] = {}
    for id_, run in model.payroll_cut_offs.items():
        both = [day for day in range(run.first, run.last + 1) if day in served]
        if both:
            words = f"starts on day {both[0]} are served by '{served[both[0]]}' already, so it isn't clear which run pays them"
            yield file.fault(("payroll_cut_offs", id_), "overlap", words)
        served.update(dict.fromkeys(range(run.first, run.last + 1), id_))
    missing = [day for day in range(1, 32) if day not in served]
    if missing:
        words = f"no run serves starts on day {missing[0]} of a month, so their payroll tasks would have no cut-off"
        yield file.fault(("payroll_cut_offs",), "not-served", words)
    for old, new in model.moved_cut_offs.items():
        if abs((date.fromisoformat(old) - date.fromisoformat(new)).days) > 31:
            words = f"the cut-off of {old} is moved to {new}, more than a month away; look at the year"
            yield file.fault(("moved_cut_offs", old), "far-move", words)
        if int(old[8:]) not in {run.closes for run in model.payroll_cut_offs.values()}:
            words = f"no run closes on day {int(old[8:])} of a month, so moving {old} would do nothing"
            yield file.fault(("moved_cut_offs", old), "moves-nothing", words)


def _mail(file: ReadFile, model: DeadlinesFile) -> Iterator[Fault]:
    mail = model.mail
    for index, slug in enumerate(mail.send or ()):
        if slug not in NOTICES:
            words = f"no mail is called '{slug}'{nearest(slug, NOTICES)}; there are: {one_of(NOTICES)}"
            yield file.fault(("mail", "send", index), "unknown-mail", words)
    if not mail.staff.since <= mail.digest < mail.staff.until:
        words = f"the digest's hour {mail.digest} is outside the hours in which staff are written to, so none would ever be sent"
        yield file.fault(("mail", "digest"), "never-sent", words)
    for name, hours in (("staff", mail.staff), ("hires", mail.hires)):
        if hours.since < 6 or hours.until > 22:
            words = f"mails between {hours.since} and {hours.until} o'clock would come at night; keep to 6 until 22"
            yield file.fault(("mail", name), "at-night", words)


def _short(file: ReadFile, model: DeadlinesFile) -> Iterator[Fault]:
    least = min(due.at_least for due in model.due.values())
    if model.short_notice.due > least:
        words = (
            f"tasks of a hire at short notice would be due after {model.short_notice.due} working days, "
            f"later than other hires' ({least}); lower it, or raise 'at_least' of the rules"
        )
        yield file.fault(("short_notice", "due"), "not-tighter", words)


def _weekends(file: ReadFile, model: DeadlinesFile) -> Iterator[Fault]:
    for index, day in enumerate(model.closing_days.days):
        if date.fromisoformat(day).weekday() >= 5:
            yield file.fault(("closing_days", "days", index), "weekend", f"{day} is on a weekend and closed anyway; look at the date")
