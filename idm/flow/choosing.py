"""Choosing who to be, in an installation to try things out in: who is there, and what each may do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from idm.domain.people import Employment, Organisation, Person
from idm.flow.directory import directory_today
from idm.flow.managing import is_there
from idm.ports import App

MOST_SHOWN = 40
"""How many people are shown at once."""

_PAGE = 500
_PUNCTUATION = ".,;:·"
"""What stands between words where they are shown, and comes along when it is copied."""
_HOLDS = "holds"
_MOST_UNITS = 3


@dataclass(frozen=True, slots=True)
class Role:
    """What somebody is by title (as `titles` calls it), for which units; `more` units beside those named."""

    title: str
    units: tuple[str, ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person whom one can choose to be: the titles of their positions, their units, and their roles."""

    id: str
    name: str
    positions: tuple[str, ...]
    units: tuple[str, ...]
    roles: tuple[Role, ...]


def choosable(app: App, asked: str, titles: Mapping[str, str]) -> tuple[Sequence[Somebody], int]:
    """Those here today whose name, id, position, unit or role has every word of `asked`: `MOST_SHOWN` of them, and how many more.

    First one of each role, then a second of each, and so on; last whoever has none.
    `titles` calls authorities (`manager`, `pay`, `it`, `control`), `payroll_staff` and `auditor` by what people call them.
    """
    words = [word for part in asked.casefold().split() if (word := part.strip(_PUNCTUATION))]
    found = _mixed([each for each in _everybody(app, titles) if _has(each, words)])
    return found[:MOST_SHOWN], max(0, len(found) - MOST_SHOWN)


def _mixed(people: Sequence[Somebody]) -> list[Somebody]:
    counted: dict[str, int] = {}
    turns: dict[str, int] = {}
    for each in sorted(people, key=lambda each: (each.name, each.id)):
        turn = len(people)
        for role in each.roles:
            turn = min(turn, counted.get(role.title, 0))
            counted[role.title] = counted.get(role.title, 0) + 1
        turns[each.id] = turn
    return sorted(people, key=lambda each: (turns[each.id], each.name, each.id))


def _everybody(app: App, titles: Mapping[str, str]) -> Iterator[Somebody]:
    tree, states, today = app.store.organisation(), app.store.person_states(), app.clock.today()
    powers = _powers(app)
    policies = app.policies.current()
    after = ""
    while page := app.store.list_people(after=after, limit=_PAGE):
        after = page[-1].id
        here = [person for person in page if is_there(states.get(person.id), today)]
        held = app.store.employments_by_person([person.id for person in here])
        for person in here:
            keeps = {
                "payroll_staff": policies.access.is_payroll_staff(person.id, policies.authority),
                "auditor": policies.access.is_auditor(person.id, policies.authority),
            }
            roles = {**powers.get(person.id, {}), **{role: [] for role, whether in keeps.items() if whether}}
            now = [each for each in held.get(person.id, ()) if each.covers(today)]
            yield _somebody(person, now, roles, tree, titles)


def _powers(app: App) -> Mapping[str, Mapping[str, list[str]]]:
    """Person -> authority -> the units that they hold it for today."""
    found: dict[str, dict[str, list[str]]] = {}
    for power in directory_today(app).powers:
        if power.state == _HOLDS and not power.case:
            units = found.setdefault(power.person, {}).setdefault(power.authority, [])
            if power.unit and power.unit not in units:
                units.append(power.unit)
    return found


def _somebody(
    person: Person, held: Sequence[Employment], roles: Mapping[str, Sequence[str]], tree: Organisation, titles: Mapping[str, str]
) -> Somebody:
    def unit(id: str) -> str:
        return tree.units[id].name if id in tree.units else id

    def position(id: str) -> str:
        return tree.positions[id].title if id in tree.positions else id

    told = [
        Role(titles.get(role, role), tuple(unit(id) for id in units[:_MOST_UNITS]), max(0, len(units) - _MOST_UNITS))
        for role, units in roles.items()
    ]
    return Somebody(
        person.id,
        person.full_name,
        tuple(dict.fromkeys(position(each.position) for each in held)),
        tuple(dict.fromkeys(unit(each.unit) for each in held)),
        tuple(told),
    )


def _has(somebody: Somebody, words: Sequence[str]) -> bool:
    said = [somebody.id, somebody.name, *somebody.positions, *somebody.units]
    said += [text for role in somebody.roles for text in (role.title, *role.units)]
    text = " ".join(said).casefold()
    return all(word in text for word in words)
