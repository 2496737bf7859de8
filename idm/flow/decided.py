"""What a person decided, what was decided in their place, what they granted to others, and what those did with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from idm.domain.authority import TEAM, Delegation
from idm.domain.authority_directory import state_of
from idm.domain.authority_powers import Powers
from idm.domain.case_json import micros, moment
from idm.domain.people import Organisation
from idm.errors import BadInput, Fault
from idm.flow.facts import organisation
from idm.ports import App
from idm.ports_lists import Decided, Granted

MOST_GRANTS = 200
"""How many of somebody's grants are shown: standing ones first, then those for single cases, the newest first."""
MOST_WORK = 100
"""How far open work is counted."""


@dataclass(frozen=True, slots=True)
class Did:
    """One decision. `mine`: the person made it; else `by_name` made it in their place. `place_of_name`: in whose place they made it.

    `action` is the kind of task and what was decided, as `review-accept`; `via` is how whoever decided came to act.
    """

    at: datetime
    task: str
    case: str
    action: str
    kind: str
    document: str
    person_name: str
    unit: str
    unit_name: str
    mine: bool
    by_name: str
    place_of_name: str
    via: str
    authority: str
    delegation: str


@dataclass(frozen=True, slots=True)
class DidPage:
    """A page of decisions, newest first. `next` is the cursor of the page after it; "" if there is none."""

    items: tuple[Did, ...]
    next: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """A delegation that the person granted or confirmed. `state`: `holds`, or why it doesn't (`case-over`: its case is over).

    `decisions` were made by it, the last one at `last`. `open_work`: open tasks that it is for, `MOST_WORK` at the most; of a standing
    one those without a contact of their own. `hire_name`: whose case it is for, "" for a standing one.
    """

    delegation: Delegation
    to_name: str
    unit_name: str
    hire_name: str
    state: str
    decisions: int
    last: datetime | None
    open_work: int


def did(app: App, person: str, after: str = "", limit: int = 50) -> DidPage:
    """What `person` decided, and what others decided in their place, after the cursor `after`. Raises `BadInput` for no such cursor."""
    found = app.store.decided(person, before=_before(after), limit=limit + 1)
    more, found = len(found) > limit, found[:limit]
    names = app.store.names(_persons(found))
    tree = organisation(app)
    items = tuple(_did(each, person, names, tree) for each in found)
    return DidPage(items, f"{micros(items[-1].at)}~{items[-1].task}" if more else "")


def _before(after: str) -> tuple[datetime, str] | None:
    at, _, task = after.partition("~")
    if not after:
        return None
    if not (task and at.isascii() and at.isdigit() and len(at) < 18):
        fault = Fault("after", "cursor", "it is no place in this list")
        raise BadInput("There is no such page.", faults=[fault], next_step="Begin at the first page.")
    return moment(int(at)), task


def _persons(found: Iterable[Decided]) -> set[str]:
    return {person for each in found for person in (each.person, each.decision.by, each.decision.place_of)} - {""}


def _did(each: Decided, person: str, names: Mapping[str, str], tree: Organisation) -> Did:
    made = each.decision
    return Did(
        at=made.at,
        task=made.task,
        case=made.case,
        action=made.action,
        kind=each.kind,
        document=each.document,
        person_name=names.get(each.person, ""),
        unit=each.unit,
        unit_name=_unit_name(each.unit, tree),
        mine=made.by == person,
        by_name=names.get(made.by, made.by),
        place_of_name=names.get(made.place_of, made.place_of),
        via=made.via,
        authority=made.authority,
        delegation=made.delegation,
    )


def delegated(app: App, person: str, language: str = "da") -> tuple[Given, ...]:
    """What `person` granted or confirmed, standing delegations first, and what was done with each; the newest `MOST_GRANTS`."""
    found = app.store.granted_by(person, MOST_GRANTS)
    tree = organisation(app)
    policy = app.policies.current().authority
    alone = [each.delegation.case for each in found if each.delegation.case]
    cases = app.store.load_many(alone)
    names = app.store.names({each.delegation.to for each in found} | {case.person for case in cases.values()})
    names = {**names, **{f"{TEAM}{team.id}": team.titles.get(language, team.id) for team in policy.teams.values()}}
    work = _work(app, found, tree)
    day, powers = app.clock.today(), Powers(policy=policy)
    return tuple(
        Given(
            delegation=each.delegation,
            to_name=names.get(each.delegation.to, each.delegation.to),
            unit_name=_unit_name(each.delegation.unit, tree),
            hire_name=names.get(cases[each.delegation.case].person, "") if each.delegation.case in cases else "",
            state="case-over" if each.over else state_of(each.delegation, powers, day),
            decisions=each.decisions,
            last=each.last,
            open_work=min(work[each.delegation.id], MOST_WORK),
        )
        for each in found
    )


def _work(app: App, found: Sequence[Granted], tree: Organisation) -> dict[str, int]:
    """How many open tasks each delegation is for."""
    below: dict[str, set[str]] = {}
    for unit in tree.units:
        for above in tree.path(unit):
            below.setdefault(above.id, set()).add(unit)
    places = {
        each.delegation.id: {(each.delegation.authority.value, unit) for unit in below.get(each.delegation.unit, ())}
        for each in found
        if not each.delegation.case
    }
    counted = app.store.count_open({place for some in places.values() for place in some}, MOST_WORK)
    work = {id: sum(counted.get(place, 0) for place in some) for id, some in places.items()}
    tasks = app.store.open_tasks_of({each.delegation.case for each in found if each.delegation.case})
    for each in found:
        if each.delegation.case:
            mine = (each.delegation.case, each.delegation.authority.value)
            work[each.delegation.id] = sum((task.case, task.actor.value) == mine for task in tasks)
    return work


def _unit_name(unit: str, tree: Organisation) -> str:
    return tree.units[unit].name if unit in tree.units else unit
