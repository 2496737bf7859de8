"""Candidates: whom a manager may be offered for an authority or as a substitute, who is found by part of a name, and who is meant."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from idm.domain.authority import APPOINTED, TEAM, Authority, Ground, Matter
from idm.domain.journey import Actor
from idm.domain.people import Organisation, Person
from idm.domain.search_words import search_words, typed_words
from idm.errors import BadInput, Fault
from idm.flow.managing import is_there
from idm.flow.powers import PowersNow
from idm.ports import App

MOST = 200
"""The most persons that are looked at to offer some; anybody else is found by name, address or unit."""

MOST_FOUND = 20
"""The most persons that are shown of those found: whoever misses somebody types more of the name."""

_SHORTEST, _LONGEST, _MOST_WORDS = 2, 200, 6
"""Letters of a word that is looked for and of all that is typed, and words."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody, or a team behind `team:`, who could hold an authority; `where` says what they are; `known`: they hold it somewhere near."""

    id: str
    name: str
    where: str = ""
    known: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """Whom `typed` may mean; `more`: others too."""

    typed: str = ""
    people: tuple[Candidate, ...] = ()
    more: bool = False


def candidates(app: App, unit: str, authority: Authority | None, language: str, but: Collection[str] = ()) -> list[Candidate]:
    """Who could hold `authority` in `unit`: those who hold it there or above first, then teams, then colleagues of the unit and above.

    Only who is there to act; not who stands in `but`.
    """
    tree = app.store.organisation()
    path = [each.id for each in tree.path(unit)]
    holding = [] if authority is None else [each.to for each in app.store.delegations_among(path, ()) if each.authority is authority]
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
    offered = [replace(team, known=team.id in holding) for team in teams(app, language)] if authority is not None else []
    return sorted([*found, *offered], key=lambda each: (not each.known, not each.id.startswith(TEAM), each.name))


def teams(app: App, language: str) -> list[Candidate]:
    """The teams that may hold an authority, as policy knows them."""
    known = app.policies.current().authority.teams
    return [Candidate(f"{TEAM}{id}", team.titles.get(language, id)) for id, team in known.items()]


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


def find_people(app: App, typed: str, but: Collection[str] = ()) -> Found:
    """Whom what was typed may mean, by name: those here today of whom every word of it begins a word of their name, user name or
    address at work, or stands in what their unit is called. Nobody before two letters are typed; not who stands in `but`."""
    words = [word for word in typed_words(typed[:_LONGEST]) if len(word) >= _SHORTEST][:_MOST_WORDS]
    tree = app.store.organisation()
    asked = [(word, [unit.id for unit in tree.units.values() if word in " ".join(search_words(unit.name))]) for word in words]
    ids = app.store.find_people(asked, today=app.clock.today(), limit=MOST_FOUND + len(but) + 1)
    found = [id for id in ids if id not in but]
    people = app.store.people(found[:MOST_FOUND])
    places = _places(app, people, tree)
    shown = [Candidate(id, people[id].full_name, places.get(id, "")) for id in found[:MOST_FOUND] if id in people]
    return Found(typed, tuple(shown), len(found) > MOST_FOUND)


def candidate(app: App, id: str, language: str) -> Candidate | None:
    """Somebody, or a team, who was chosen by id already; None if there is no such."""
    if id.startswith(TEAM):
        team = app.policies.current().authority.teams.get(id.removeprefix(TEAM))
        return Candidate(id, team.titles.get(language, id)) if team is not None else None
    people = app.store.people({id})
    return Candidate(id, people[id].full_name, _places(app, people, app.store.organisation()).get(id, "")) if id in people else None


def meant(app: App, typed: str, field: str, but: Collection[str] = ()) -> str:
    """The id of the person (or team) that was typed: an id, a work address, a user name, or a full name that only one person here bears.

    Raises `BadInput` naming `field` if nobody is meant for certain; `find_people` finds whom it may mean.
    """
    typed = " ".join(typed.split())
    if typed.startswith(TEAM):
        return typed
    known = app.store.person_ids({typed}).get(typed)
    if known is not None:
        return known
    found = find_people(app, typed, but)
    exactly = [person.id for person in app.store.people([each.id for each in found.people]).values() if _is_called(person, typed)]
    if len(exactly) == 1 and not found.more:
        return exactly[0]
    words = "choose who is meant of those found" if found.people else "nobody is found by that name, work address or unit"
    raise BadInput("That person wasn't found.", faults=[Fault(field, "unknown-person", words)], next_step="Nothing was saved.")


def _is_called(person: Person, typed: str) -> bool:
    names = (person.full_name, person.username, person.email, person.address)
    return typed.casefold() in (name.casefold() for name in names if name)


@dataclass(frozen=True, slots=True)
class Standing:
    """Who holds an authority in a unit anyway; `backup`: as central back-up alone, since nobody nearer does."""

    people: tuple[Person, ...]
    backup: bool


def holders_now(app: App, case: str, unit: str, person: str, powers: PowersNow | None = None) -> dict[Authority, Standing]:
    """Who holds pay and IT authority in a unit today without being appointed, for a page that shows what happens if nothing is chosen."""
    now = powers or PowersNow(app)
    found: dict[Authority, Standing] = {}
    for authority in APPOINTED:
        holders = now.resolve(Actor(authority.value), Matter(case, unit, person)).holders
        people = app.store.people({holder.person for holder in holders})
        known = [holder for holder in holders if holder.person in people]
        backup = bool(known) and all(holder.ground is Ground.BACKUP for holder in known)
        found[authority] = Standing(tuple(people[holder.person] for holder in known), backup)
    return found
