"""The new hire's checklist: what they are asked for, what it is for, by when, and what became of what they gave."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from idm.domain.case import Case, DocumentState, StepState
from idm.domain.journey import Actor, StepDef, TaskKind
from idm.domain.papers import LAPSED, UNWILLING
from idm.domain.picture import passed_over
from idm.domain.policy import Policies
from idm.domain.projection import Task
from idm.flow.compose import manager_name, title_of
from idm.flow.graphs import graph_of
from idm.flow.wording import task_title
from idm.ports import App

ASKED, BEGUN, RETURNED, WITH_US, DONE = "asked", "begun", "returned", "with_us", "done"
AGAIN, REFUSED = "again", "refused"
"""How an entry stands: to be done, saved and not handed in, back with a reason, handed in and looked at by us, in order; a consent also:
asked for again as we didn't use it in time, and not given, which can still be changed."""

LEFT = (RETURNED, AGAIN, REFUSED, BEGUN, ASKED)
"""What the person still has to do something for, in the order in which it is shown."""
_ORDER = (*LEFT, WITH_US, DONE)
_OF_CONSENT: Mapping[str, str] = {LAPSED: AGAIN, UNWILLING: REFUSED}


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that is asked. `task` is the id of the open task, "" if none is; `reason` says why it came back."""

    kind: TaskKind
    id: str
    title: str
    why: str
    state: str
    task: str = ""
    due: date | None = None
    overdue: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Checklist:
    """Everything that is asked of the person hired, what came back first; and what they want to know beside it."""

    entries: Sequence[Entry]
    unit_name: str
    position_title: str
    start_date: date
    started: bool
    """Whether the first day is past."""
    manager_name: str
    over: bool

    @property
    def left(self) -> int:
        """How many entries the person still has to do something for."""
        return sum(entry.state in LEFT for entry in self.entries)

    @property
    def with_us(self) -> int:
        """How many entries are handed in and not looked at yet, so that they may come back."""
        return sum(entry.state == WITH_US for entry in self.entries)


def checklist(app: App, case: Case, language: str) -> Checklist:
    """The checklist of a case, in `language`."""
    graph, policies, tree = graph_of(app, case), app.policies.current(), app.store.organisation()
    tasks = {task.step: task for task in app.store.tasks(case=case.id, state="open")}
    today, begun = app.clock.today(), _begun(app, case, tasks.values())
    found = [
        _entry(case, step, step.task, tasks.get(step.id), policies, language, today)
        for step in graph
        if step.actor is Actor.HIRE
        and step.task is not None
        and case.steps[step.id].state not in (StepState.PENDING, StepState.WITHDRAWN)
        and not passed_over(case, step)
    ]
    unit, position = tree.units.get(case.facts.unit), tree.positions.get(case.facts.position)
    return Checklist(
        sorted(
            (_as_begun(entry, begun) for entry in found),
            key=lambda entry: (_ORDER.index(entry.state), entry.due or date.max),
        ),
        unit.name if unit is not None else "",
        position.title if position is not None else "",
        case.facts.start_date,
        case.facts.start_date < today,
        manager_name(app, case),
        case.over,
    )


def _begun(app: App, case: Case, tasks: Iterable[Task]) -> frozenset[str]:
    """The open tasks for which something is saved that isn't handed in: pages of a document, or a form's draft."""
    kinds = {page.kind for page in app.store.pages(case.id)}
    return frozenset(
        task.id
        for task in tasks
        if (task.kind == TaskKind.DOCUMENT and task.document in kinds)
        or (task.kind == TaskKind.FORM and app.store.draft(task.id, case.person) is not None)
    )


def _as_begun(entry: Entry, begun: Collection[str]) -> Entry:
    return replace(entry, state=BEGUN) if entry.state == ASKED and entry.task in begun else entry


def _entry(case: Case, step: StepDef, kind: TaskKind, task: Task | None, policies: Policies, language: str, today: date) -> Entry:
    state = _state(case, step, task)
    due = task.due if task is not None else None
    return Entry(
        kind,
        step.document or step.form,
        _title(step, kind, policies, language),
        _why(step, policies, language),
        state,
        task.id if task is not None else "",
        due,
        due is not None and due < today,
        case.steps[step.id].reason if state == RETURNED else "",
    )


def _state(case: Case, step: StepDef, task: Task | None) -> str:
    if task is not None:
        reason = case.steps[step.id].reason
        return _OF_CONSENT.get(reason, RETURNED) if reason else ASKED
    document = case.documents.get(step.document)
    if step.task is TaskKind.DOCUMENT and document is not None and document.state is not DocumentState.ACCEPTED:
        return WITH_US
    return DONE


def _title(step: StepDef, kind: TaskKind, policies: Policies, language: str) -> str:
    if step.document:
        return title_of(policies, step.document, language)
    form = policies.forms.get(step.form)
    if form is not None and form.titles.get(language):
        return form.titles[language]
    return task_title(kind.value, "", language)


def _why(step: StepDef, policies: Policies, language: str) -> str:
    known: Mapping[str, str] = {}
    if step.document:
        kind = policies.documents.get(step.document) or policies.checks.get(step.document)
        known = kind.why if kind is not None else {}
    elif (form := policies.forms.get(step.form)) is not None:
        known = form.why
    return known.get(language, "")
