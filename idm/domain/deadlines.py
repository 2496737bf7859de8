"""Deadlines: when a task is due, when a hire is at short notice, how late a task is, and how far up it has gone by then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from idm.domain.hours import Hours
from idm.domain.journey import Source
from idm.domain.people import Organisation
from idm.domain.working_days import WorkingDays

START = "start_date"
CUT_OFF = "payroll_cut_off"
BEFORE = (START, CUT_OFF)
"""What a due date can be counted back from."""

NOTICES = (
    "invitation",
    "documents_wanted",
    "document_returned",
    "consent_wanted",
    "permit_expiring",
    "reminder",
    "question_answered",
    "start_moved",
    "place_changed",
    "hire_cancelled",
)
"""The mails that a new hire gets on the way, each of which policy may leave out."""


@dataclass(frozen=True, slots=True)
class DueRule:
    """When tasks are due: `days` working days before an anchor, but at least `at_least` working days after the task opened.

    It holds for the kinds of task in `tasks` and the steps in `steps`; for every task if both are empty.
    """

    id: str
    days: int
    at_least: int
    before: str = START
    tasks: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    source: Source = Source()

    def fits(self, kind: str, step: str) -> bool:
        """Whether it holds for a task of that kind, opened by that step (`review-contract` is a step of `review`)."""
        everything = not self.tasks and not self.steps
        return everything or kind in self.tasks or step in self.steps or step.partition("-")[0] in self.steps


@dataclass(frozen=True, slots=True)
class CutOff:
    """A payroll run: it closes on day `closes` of the start month (or the month before), for starts from one day to another."""

    id: str
    starts_from: int
    starts_until: int
    closes: int
    month_before: bool
    source: Source = Source()


@dataclass(frozen=True, slots=True)
class ShortNotice:
    """A hire told of with fewer than `days` working days left is at short notice: its tasks are due after `due` working days."""

    days: int = 10
    due: int = 1
    source: Source = Source()


@dataclass(frozen=True, slots=True)
class Escalation:
    """After so many working days overdue the next manager up may act too; one level more for each `every` days after."""

    after: int = 3
    every: int = 2
    source: Source = Source()

    def level(self, overdue: int) -> int:
        """How many levels up a task has gone that is so many working days overdue."""
        return 0 if overdue < self.after else 1 + (overdue - self.after) // self.every


@dataclass(frozen=True, slots=True)
class Stranded:
    """What becomes of a task that nobody can act on: whether it goes to the next manager up, and who is told if nobody is left."""

    manager_above: bool = True
    tell: tuple[str, ...] = ()
    source: Source = Source()


_OFFICE = Hours(7, 18, closing_days=False)
_AT_HOME = Hours(8, 20, closing_days=True)


@dataclass(frozen=True, slots=True)
class MailTimes:
    """When people are written to, in which language, and which mails a new hire gets. `digest` is the hour of the daily one."""

    digest: int = 7
    staff: Hours = _OFFICE
    hires: Hours = _AT_HOME
    language: str = "da"
    citizens: Mapping[str, str] = field(default_factory=dict)
    send: tuple[str, ...] = NOTICES
    source: Source = Source()

    def language_for(self, citizenship: str, told: str = "") -> str:
        """The language in which a new hire is written to: the one that was `told` of them, else by citizenship ("" if unknown)."""
        return told or self.citizens.get(citizenship, self.language)


_RULES = (
    DueRule("appoint", 15, 2, tasks=("appoint",)),
    DueRule("documents", 12, 3, tasks=("document",), steps=("personal_data",)),
    DueRule("reviews", 10, 2, tasks=("review",)),
    DueRule("payroll", 2, 2, before=CUT_OFF, tasks=("form",)),
    DueRule("payroll_approvals", 1, 1, before=CUT_OFF, steps=("approve_whole", "payroll_control")),
    DueRule("everything_else", 5, 2),
)
_RUNS = (CutOff("first_half", 1, 15, 20, month_before=True), CutOff("second_half", 16, 31, 8, month_before=False))


@dataclass(frozen=True, slots=True)
class DeadlinePolicy:
    """The rules of `deadlines.yaml`. Its defaults hold for a policies folder without that file, and are what is shipped.

    `link_days`: for how many days a new hire's personal link can be used.
    """

    rules: tuple[DueRule, ...] = _RULES
    cut_offs: tuple[CutOff, ...] = _RUNS
    moved_cut_offs: Mapping[date, date] = field(default_factory=dict)
    every_year: frozenset[tuple[int, int]] = frozenset({(6, 5), (12, 24), (12, 31)})
    closing_days: frozenset[date] = frozenset()
    short_notice: ShortNotice = ShortNotice()
    reminders: tuple[int, ...] = (-2, 0, 2, 5)
    escalation: Escalation = Escalation()
    stranded: Stranded = Stranded()
    mail: MailTimes = field(default_factory=MailTimes)
    link_days: int = 30
    source: Source = Source()

    def closes(self, day: date) -> bool:
        """Whether the municipality is closed on `day` by its own rule."""
        return (day.month, day.day) in self.every_year or day in self.closing_days

    def rule_for(self, kind: str, step: str) -> DueRule:
        """The first rule that fits a task; what no rule fits is due as the last one says."""
        return next((rule for rule in self.rules if rule.fits(kind, step)), self.rules[-1])

    def cut_off(self, start: date, calendar: WorkingDays) -> date:
        """The day on which the payroll run closes that pays somebody who starts on `start`: a working day.

        A day that the month doesn't have is its last; one that is a closing day moves to the working day before.
        """
        run = next((run for run in self.cut_offs if run.starts_from <= start.day <= run.starts_until), None)
        if run is None:
            return calendar.on_or_before(start)
        month = start.replace(day=1)
        if run.month_before:
            month = (month - timedelta(days=1)).replace(day=1)
        day = min(month + timedelta(days=run.closes - 1), _last_of(month))
        return calendar.on_or_before(self.moved_cut_offs.get(day, day))


def _last_of(month: date) -> date:
    """The last day of the month that begins on `month`."""
    return (month + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def due_date(
    policy: DeadlinePolicy,
    calendar: WorkingDays,
    kind: str,
    step: str,
    opened: date,
    start: date,
    *,
    needed: date | None = None,
    short: bool = False,
    paused: int = 0,
    last: date | None = None,
) -> date:
    """The working day on which a task is due that opened on `opened`, in a hire that starts on `start`.

    `needed`: when the paper that it is about is needed at the latest. `short`: the hire is at short notice. `paused`: working days for
    which the task waited with good reason; they don't count. `last`: the day after which it can't be done any more, whatever it waited for.
    """
    due = _counted(policy, calendar, kind, step, opened, start, needed, short=short, paused=paused)
    return due if last is None else min(due, max(calendar.on_or_before(last), calendar.add(opened, 0)))


def _counted(
    policy: DeadlinePolicy,
    calendar: WorkingDays,
    kind: str,
    step: str,
    opened: date,
    start: date,
    needed: date | None,
    *,
    short: bool,
    paused: int,
) -> date:
    """The due date by the rules of policy."""
    if short:
        return calendar.add(opened, policy.short_notice.due + paused)
    rule = policy.rule_for(kind, step)
    anchor = start if rule.before == START else policy.cut_off(start, calendar)
    # 0 days before means on the anchor, or the last working day before it: after it would be too late.
    wanted = calendar.add(anchor, -rule.days) if rule.days else calendar.on_or_before(anchor)
    if needed is not None:
        wanted = min(wanted, calendar.on_or_before(needed))
    soonest = calendar.add(opened, rule.at_least)
    due = max(wanted, soonest)
    return calendar.add(due, paused) if paused else due


def is_short_notice(policy: DeadlinePolicy, calendar: WorkingDays, told: date, start: date) -> bool:
    """Whether a hire that idm learns of on `told` starts too soon for the ordinary deadlines."""
    return calendar.between(told, start) < policy.short_notice.days


def overdue(due: date | None, today: date, calendar: WorkingDays) -> int:
    """How many working days have gone since a task was due; 0 if it isn't late."""
    return max(0, calendar.between(due, today)) if due is not None and due < today else 0


def chain(unit: str, hire: str, organisation: Organisation, holders: Sequence[str] = ()) -> tuple[str, ...]:
    """The managers of `unit` and of those above it, nearest first, each once; without the person hired and who holds it anyway."""
    managers = (above.manager for above in organisation.path(unit))
    return tuple(dict.fromkeys(person for person in managers if person and person != hire and person not in holders))
