"""The action list: what waits for a person, why them, and until when; the latest first, then what is due next.

It looks where the person can possibly act (see `reaching`), a page at a time, and asks of every task found who may act on it now, as
`open_tasks` does for all tasks there are. So a page may be shorter than asked for, but it is never wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from idm.domain.authority import Holder
from idm.domain.case import Case
from idm.domain.journey import TaskKind
from idm.domain.projection import Task
from idm.errors import BadInput, Fault
from idm.flow.deadlines import Lateness, lateness
from idm.flow.decided import delegated as delegated
from idm.flow.decided import did as did
from idm.flow.graphs import graph_of
from idm.flow.powers import PowersNow
from idm.flow.reaching import Reach, reach
from idm.ports import App
from idm.ports_lists import Tally

COUNTED = 500
"""How many tasks are counted at the most; with more, the list says so."""
FEW_PLACES, COUNTED_EACH = 20, 25
"""For somebody who can act in more places than these, so many are counted in each."""
_MORE = 4
"""How many times as many tasks are looked at where the first look leaves less than half a page."""


@dataclass(frozen=True, slots=True)
class Action:
    """A task that waits for the person, with the power by which they would act (`holder`), and what it is about.

    `overdue_days` are working days. `since` is when the task opened.
    """

    task: Task
    case: str
    person_name: str
    unit: str
    unit_name: str
    position_title: str
    start_date: date
    kind: str
    document: str
    holder: Holder
    due: date | None
    overdue_days: int
    short_notice: bool
    since: datetime


@dataclass(frozen=True, slots=True)
class ActionPage:
    """A page of the list. `next` is the cursor of the page after it; "" if there is none.

    `units` (by id) and `kinds` say how many tasks there are of each, `total` how many fit the filters, `overdue` how many of all are late.
    At the most `COUNTED` are counted, and `COUNTED_EACH` of a unit for somebody with many units (`capped`: there are more). On a list of
    several pages a few may be counted that turn out to be another's when their page is looked at.
    """

    items: tuple[Action, ...]
    next: str = ""
    units: Mapping[str, int] = field(default_factory=dict)
    unit_names: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, int] = field(default_factory=dict)
    total: int = 0
    overdue: int = 0
    capped: bool = False


def action_list(app: App, person: str, *, unit: str = "", kind: str = "", after: str = "", limit: int = 50) -> ActionPage:
    """What `person` may act on now, of one unit and kind if given, after the cursor `after`. Raises `BadInput` for no such cursor."""
    place = cursor(after)
    mine = reach(app, person)
    found, following = _page(app, person, mine, unit, kind, place, limit)
    items = _shown(app, found, mine.powers)
    if not (unit or kind or after or following):
        late = sum(item.overdue_days > 0 for item in items)
        here, sorts = dict(Counter(item.unit for item in items)), dict(Counter(item.kind for item in items))
        return ActionPage(items, "", here, _unit_names(mine.powers, here), sorts, len(items), late)
    each = COUNTED_EACH if len(mine.search.levels) > FEW_PLACES else COUNTED
    tallies = app.store.tally_tasks(mine.search, app.clock.today(), COUNTED + 1, each)
    capped = sum(tally.tasks for tally in tallies) > COUNTED or max(_counted(tallies, "unit").values(), default=0) >= each
    units = _counted(tallies, "unit", kind=kind, chosen=unit if unit in mine.powers.tree.units else "")
    kinds = _counted(tallies, "kind", unit=unit, chosen=kind if kind in set(TaskKind) else "")
    total = sum(tally.tasks for tally in tallies if unit in ("", tally.unit) and kind in ("", tally.kind))
    late = sum(tally.overdue for tally in tallies)
    return ActionPage(items, following, units, _unit_names(mine.powers, units), kinds, total, late, capped)


def cursor(after: str) -> tuple[str, str]:
    """The two parts of a cursor; both "" for none. Raises `BadInput` for what no page gave out."""
    if not after:
        return "", ""
    first, parted, last = after.partition("~")
    try:
        date.fromisoformat(first)
    except ValueError:
        parted = ""
    if not parted or not last:
        fault = Fault("after", "cursor", "it is no place in this list")
        raise BadInput("There is no such page.", faults=[fault], next_step="Begin at the first page.")
    return first, last


Found = list[tuple[Task, Case, Holder]]


def _page(app: App, person: str, mine: Reach, unit: str, kind: str, place: tuple[str, str], limit: int) -> tuple[Found, str]:
    """Up to `limit` tasks that the person may act on, and the cursor after the last that was looked at."""
    kept: Found = []
    look = limit
    for _ in range(2):
        rows = app.store.search_tasks(mine.search, unit=unit, kind=kind, after=place, limit=look + 1)
        more, rows = len(rows) > look, rows[:look]
        for row, case, holder in _certain(app, person, rows, mine.powers):
            if len(kept) == limit:
                return kept, _place(kept[-1][0])
            kept.append((row, case, holder))
        if not more:
            return kept, ""
        place = (_due(rows[-1]), rows[-1].id)
        if len(kept) * 2 >= limit:
            break
        look = limit * _MORE
    return kept, "~".join(place)


def _place(task: Task) -> str:
    return f"{_due(task)}~{task.id}"


def _due(task: Task) -> str:
    return task.due.isoformat() if task.due is not None else ""


def _certain(app: App, person: str, rows: Sequence[Task], powers: PowersNow) -> Found:
    """Those of `rows` that the person may act on, by what the cases themselves say."""
    cases = app.store.load_many({row.case for row in rows})
    powers.read(cases=cases.values())
    found: Found = []
    for row in rows:
        case = cases.get(row.case)
        holder = _holder(app, person, row, case, powers) if case is not None else None
        if case is not None and holder is not None:
            found.append((row, case, holder))
    return found


def _holder(app: App, person: str, row: Task, case: Case, powers: PowersNow) -> Holder | None:
    step = graph_of(app, case).steps.get(row.step)
    return next((holder for holder in powers.holders(case, row.actor, step, row.escalated) if holder.person == person), None)


def _shown(app: App, found: Found, powers: PowersNow) -> tuple[Action, ...]:
    names = app.store.names({case.person for _, case, _ in found})
    late = lateness(app)
    return tuple(_action(row, case, holder, names, powers, late) for row, case, holder in found)


def _action(row: Task, case: Case, holder: Holder, names: Mapping[str, str], powers: PowersNow, late: Lateness) -> Action:
    unit, position = powers.tree.units.get(case.facts.unit), powers.tree.positions.get(case.facts.position)
    return Action(
        task=row,
        case=case.id,
        person_name=names.get(case.person, ""),
        unit=case.facts.unit,
        unit_name=unit.name if unit is not None else case.facts.unit,
        position_title=position.title if position is not None else case.facts.position,
        start_date=case.facts.start_date,
        kind=row.kind,
        document=row.document,
        holder=holder,
        due=row.due,
        overdue_days=late.of(row),
        short_notice=case.short_notice,
        since=row.since,
    )


def _counted(tallies: Sequence[Tally], by: str, *, unit: str = "", kind: str = "", chosen: str = "") -> dict[str, int]:
    # What is filtered by stays among those to choose from: else the page would say "all" and show none.
    found: Counter[str] = Counter({chosen: 0} if chosen else {})
    for each in tallies:
        if unit in ("", each.unit) and kind in ("", each.kind):
            found[getattr(each, by)] += each.tasks
    return dict(found)


def _unit_names(powers: PowersNow, units: Mapping[str, int]) -> dict[str, str]:
    return {unit: powers.tree.units[unit].name if unit in powers.tree.units else unit for unit in units}
