"""The overview of hires: how far each is, what it waits for now and whose that is, and whether its first day is at risk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from idm.domain.authority import Holder
from idm.domain.authority_powers import Team
from idm.domain.case import Case, CaseState, StepState
from idm.domain.day_one import at_risk
from idm.domain.journey import Graph, StepDef
from idm.domain.picture import how_far, mark_of
from idm.domain.projection import Task
from idm.domain.search_words import typed_words
from idm.errors import BadInput, Fault
from idm.flow.action_list import cursor
from idm.flow.deadlines import Lateness, lateness
from idm.flow.graphs import graph_of
from idm.flow.powers import PowersNow, matter_of
from idm.flow.reaching import reach
from idm.flow.relations import STAFF, manages_case
from idm.flow.step_titles import shown_title
from idm.ports import App
from idm.ports_lists import HireSearch

UNDER_WAY, OVER = "under_way", "over"
STATES: Mapping[str, tuple[str, ...]] = {
    UNDER_WAY: (CaseState.RUNNING.value, CaseState.WAITING.value),
    OVER: (CaseState.COMPLETED.value, CaseState.CANCELLED.value),
    "all": tuple(state.value for state in CaseState),
    **{state.value: (state.value,) for state in CaseState},
}
"""What can be asked for by state; "" is what is under way."""


@dataclass(frozen=True, slots=True)
class Waits:
    """A step that a hire waits for now: its title, the names of whom it waits for (teams by their title), until when, how late it is.

    `people` is empty of what waits for a system or a date. `refused`: a system said no, and somebody must look at it.
    """

    step: str
    title: str
    people: tuple[str, ...] = ()
    due: date | None = None
    overdue_days: int = 0
    refused: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Together:
    """What waits for the same people, as late or as refused, so that it is told once. `hire`: for the person hired alone."""

    titles: tuple[str, ...]
    people: tuple[str, ...]
    hire: bool
    overdue_days: int
    refused: bool


@dataclass(frozen=True, slots=True)
class Hire:
    """One hire. `done` of `steps`: counted as on the page of the hire (`how_far`).

    `risks`: the titles of the steps that endanger the first day, or, once it has `passed`, of those that it was missed for.
    """

    case: str
    person_name: str
    position_title: str
    unit: str
    unit_name: str
    start_date: date
    state: CaseState
    short_notice: bool
    done: int
    steps: int
    waits: tuple[Waits, ...] = ()
    overdue_days: int = 0
    risks: tuple[str, ...] = ()
    passed: bool = False

    @property
    def day_one_missed(self) -> bool:
        """Whether the first day has passed, and not everything is open."""
        return self.passed and bool(self.risks)

    @property
    def day_one_at_risk(self) -> bool:
        """Whether anything endangers the first day, which is still to come or today."""
        return not self.passed and bool(self.risks)

    @property
    def together(self) -> tuple[Together, ...]:
        """What it waits for, by whom it waits for and how late that is."""
        found: dict[tuple[tuple[str, ...], int, bool], list[str]] = {}
        for each in self.waits:
            found.setdefault((each.people, each.overdue_days, each.refused), []).append(each.title)
        return tuple(
            Together(tuple(titles), people, people == (self.person_name,), late, refused)
            for (people, late, refused), titles in found.items()
        )

    @property
    def refused(self) -> tuple[Waits, ...]:
        """What a system refused."""
        return tuple(each for each in self.waits if each.refused)


@dataclass(frozen=True, slots=True)
class HirePage:
    """A page of hires. `next` is the cursor of the page after it; "" if there is none. `units`: those to choose from, id -> name."""

    items: tuple[Hire, ...]
    next: str = ""
    units: Mapping[str, str] = field(default_factory=dict)


def hires(
    app: App, person: str, *, unit: str = "", state: str = "", text: str = "", after: str = "", limit: int = 50, language: str = "da"
) -> HirePage:
    """The hires that `person` watches over, by start date: of the units they manage, with those below, or stand in for; of the units
    whose contact they are; and those they are appointed or named for alone. `unit`: that one and those below. `text`: names of the
    person hired, or how they begin.

    Raises `BadInput` for a state or a cursor that doesn't exist.
    """
    if state and state not in STATES:
        fault = Fault("state", "unknown-state", f"there are: {', '.join(STATES)}")
        raise BadInput("There is no such state.", faults=[fault], next_step="Choose one of them.")
    place = cursor(after)
    mine = reach(app, person)
    units = frozenset(each for each in mine.watched if not unit or any(above.id == unit for above in mine.powers.tree.path(each)))
    words = tuple(typed_words(text))
    search = HireSearch(units, STATES[state or UNDER_WAY], mine.search.holders, mine.search.stands_for, words)
    found = app.store.search_hires(search, after=place, limit=limit + 1) if words or not text.strip() else ()
    following = f"{found[limit - 1].facts.start_date}~{found[limit - 1].id}" if len(found) > limit else ""
    mine.powers.read(cases=found)
    cases = [case for case in found[:limit] if _watches(mine.powers, person, case) and _in(mine.powers, case, unit)]
    names = {each: mine.powers.tree.units[each].name for each in mine.watched}
    return HirePage(tuple(_shown(app, cases, mine.powers, language)), following, dict(sorted(names.items(), key=lambda named: named[1])))


def _in(powers: PowersNow, case: Case, unit: str) -> bool:
    return not unit or any(above.id == unit for above in powers.tree.path(case.facts.unit))


def _watches(powers: PowersNow, person: str, case: Case) -> bool:
    """Whether the person manages the hire's unit or one above it, or is the manager or a contact whom the case would ask now."""
    matter = matter_of(case)
    if person == case.person:
        return False
    return manages_case(powers, person, matter) or any(powers.resolve(actor, matter).holder(person) is not None for actor in STAFF)


def _shown(app: App, cases: Iterable[Case], powers: PowersNow, language: str) -> Iterator[Hire]:
    known = list(cases)
    tasks: dict[str, dict[str, Task]] = {}
    for task in app.store.open_tasks_of({case.id for case in known}):
        tasks.setdefault(task.case, {})[task.step] = task
    graphs = {case.id: graph_of(app, case) for case in known}
    asked = {
        (case.id, step): powers.holders(case, task.actor, graphs[case.id].steps.get(step), task.escalated)
        for case in known
        for step, task in tasks.get(case.id, {}).items()
    }
    names = app.store.names({case.person for case in known} | {each.person for found in asked.values() for each in found})
    desk = _Desk(app, names, lateness(app), language)
    for case in known:
        mine = tasks.get(case.id, {})
        holders = {step: asked[case.id, step] for step in mine}
        yield _hire(case, graphs[case.id], mine, holders, desk, powers)


class _Desk:
    """What every hire of a page is written with."""

    def __init__(self, app: App, names: Mapping[str, str], late: Lateness, language: str) -> None:
        self.names, self.late, self.language = names, late, language
        self.policies = app.policies.current()
        self.papers = {id: kind.titles.get(language, id) for id, kind in self.policies.documents.items()}
        self.papers |= {id: check.titles.get(language, id) for id, check in self.policies.checks.items()}

    def title(self, step: StepDef) -> str:
        """What is to be done."""
        return shown_title(step, self.papers, self.policies, self.language)

    def who(self, holders: Iterable[Holder]) -> tuple[str, ...]:
        """Whom it waits for: a team once, by its title."""
        teams: Mapping[str, Team] = self.policies.authority.teams
        found: dict[str, None] = {}
        for each in holders:
            team = teams.get(each.team)
            name = team.titles.get(self.language, team.id) if team is not None else self.names.get(each.person, each.person)
            found[name] = None
        return tuple(found)


def _hire(
    case: Case, graph: Graph, tasks: Mapping[str, Task], holders: Mapping[str, Iterable[Holder]], desk: _Desk, powers: PowersNow
) -> Hire:
    unit, position = powers.tree.units.get(case.facts.unit), powers.tree.positions.get(case.facts.position)
    far = how_far(mark_of(case, step) for step in graph)
    waits = tuple(_waits(case, graph, tasks, holders, desk)) if not case.over else ()
    dues = {step: task.due for step, task in tasks.items() if task.due is not None}
    return Hire(
        case=case.id,
        person_name=desk.names.get(case.person, ""),
        position_title=position.title if position is not None else case.facts.position,
        unit=case.facts.unit,
        unit_name=unit.name if unit is not None else case.facts.unit,
        start_date=case.facts.start_date,
        state=case.state,
        short_notice=case.short_notice,
        done=far.done,
        steps=far.asked,
        waits=waits,
        overdue_days=max((each.overdue_days for each in waits), default=0),
        risks=tuple(desk.title(graph[step]) for step in at_risk(case, graph, desk.late.today, dues)),
        passed=desk.late.today > case.facts.start_date,
    )


def _waits(case: Case, graph: Graph, tasks: Mapping[str, Task], holders: Mapping[str, Iterable[Holder]], desk: _Desk) -> Iterator[Waits]:
    """What the hire waits for: what was refused first, then people, the latest first, then systems and dates."""
    found: list[tuple[int, Waits]] = []
    for step in graph:
        status, task = case.steps[step.id], tasks.get(step.id)
        if status.state is StepState.REFUSED:
            found.append((0, Waits(step.id, desk.title(step), refused=True, reason=status.reason)))
        elif task is not None:
            late = desk.late.of(task)
            found.append((1, Waits(step.id, desk.title(step), desk.who(holders[step.id]), task.due, late, reason=status.reason)))
        elif status.state in (StepState.WAITING, StepState.RETRY, StepState.UNKNOWN):
            found.append((2, Waits(step.id, desk.title(step), reason=status.reason)))
    yield from (each for _, each in sorted(found, key=lambda ranked: (ranked[0], -ranked[1].overdue_days, ranked[1].due or date.max)))
