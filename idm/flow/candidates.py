"""Candidates: whom a manager may be offered for an authority or as a substitute, and who is meant by a name that was typed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from idm.domain.authority import APPOINTED, TEAM, Authority, Matter
from idm.domain.journey import Actor
from idm.domain.people import Organisation, Person
from idm.errors import BadInput, Fault
from idm.flow.managing import is_there
from idm.flow.powers import PowersNow
from idm.ports import App

MOST = 200
"""The most persons that a page offers; anybody else is named by id, name or address."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody, or a team behind `team:`, who could hold an authority; `where` says what they are; `known`: they hold it somewhere near."""

    id: str
    name: str
    where: str = ""
    known: bool = False


def candidates(app: App, unit: str, authority: Authority | None, language: str, but: Collection[str] = ()) -> list[Candidate]:
    """Who could hold `authority` in `unit`: those who hold it there or above first, then teams, then colleagues of the unit and above.

    Only who is there to act; not who stands in `but`.
    """
    tree = app.store.organisation()
    path = [each.id for each in tree.path(unit)]
    holding = [] if authority is None else [each.to for each in app.store.delegations_among(path, ()) if each.authority is authority]
    teams = app.policies.current().authority.teams if authority is not None else {}
    people = {each.id: each for each in app.store.list_people(units=path, limit=MOST)}
    people |= app.store.people([id for id in holding if not id.startswith(TEAM)])
    states = app.store.person_states(set(people))
    today = app.clock.today()
    places = _places(app, people, tree)
    found = [
        Candidate(person.id, person.full_name, places.get(person.id, ""), person.id in holding)
        for person in people.values()
        if person.id not in but and is_there(states.get(person.id), today)
    ]
    offered = [Candidate(f"{TEAM}{id}", team.titles.get(language, id), "", f"{TEAM}{id}" in holding) for id, team in teams.items()]
    return sorted([*found, *offered], key=lambda each: (not each.known, not each.id.startswith(TEAM), each.name))


def _places(app: App, people: Collection[str], tree: Organisation) -> dict[str, str]:
    """Person -> position and unit of their employment of today."""
    today = app.clock.today()
    found = {}
    for person, held in app.store.employments_by_person(people).items():
        now = next((each for each in held if each.start_date <= today and (each.end_date is None or today <= each.end_date)), None)
        if now is not None:
            position, unit = tree.positions.get(now.position), tree.units.get(now.unit)
            found[person] = ", ".join(part for part in (position.title if position else "", unit.name if unit else "") if part)
    return found


def meant(app: App, typed: str, field: str) -> str:
    """The id of the person (or team) that was typed: an id, a work address, or a full name that only one person bears.

    Raises `BadInput` naming `field` if nobody is, or several are.
    """
    typed = " ".join(typed.split())
    if typed.startswith(TEAM):
        return typed
    known = app.store.person_ids({typed}).get(typed)
    if known is not None:
        return known
    found = app.store.people_called(username=typed, email=typed, full_name=typed) if typed else ()
    if len(found) == 1:
        return next(iter(found))
    words = "nobody here has that id, work address or full name"
    if found:
        words = "several people are called so: give their id or work address"
    raise BadInput("That person wasn't found.", faults=[Fault(field, "unknown-person", words)], next_step="Nothing was saved.")


def holders_now(app: App, case: str, unit: str, person: str, powers: PowersNow | None = None) -> dict[Authority, list[Person]]:
    """Who holds pay and IT authority in a unit today by standing delegations, for a page that shows what happens if nothing is chosen."""
    now = powers or PowersNow(app)
    found: dict[Authority, list[Person]] = {}
    for authority in APPOINTED:
        holders = now.resolve(Actor(authority.value), Matter(case, unit, person)).holders
        people = app.store.people({holder.person for holder in holders})
        found[authority] = [people[holder.person] for holder in holders if holder.person in people]
    return found
