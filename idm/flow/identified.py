"""Identified: whom and which employment an organisation file means, by CPR number and by what an employment is, never by name or mail.

A person whom idm met first in a hire event goes by an id of idm's own (`p-…`). The file that lists them later has HR's id for them. Both
then mean the same person: idm's id stays, and HR's is kept beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from idm.domain.people import Employment, Person
from idm.errors import Conflict, Fault
from idm.flow.facts import was_cancelled
from idm.ports import App

_OWN = "p-"
"""How the ids begin that idm gives to people."""


@dataclass(frozen=True, slots=True)
class People:
    """File id -> the id that idm goes by, and those of them that are to be kept as aliases."""

    ids: Mapping[str, str]
    aliases: Mapping[str, str]


def identify_people(app: App, people: Sequence[Person]) -> People:
    """Whom each person of a file is here, found by CPR number and by id.

    Raises `Conflict` with a fault for each whose CPR number belongs to somebody else here, and for each who is one person with another.
    """
    indexes = [app.keys.blind_index("cpr", person.cpr.reveal()) for person in people]
    by_cpr = app.store.people_by_cpr(indexes)
    by_id = app.store.person_ids([person.id for person in people])
    bynames = app.store.person_aliases(list(by_cpr.values()))
    ids: dict[str, str] = {}
    aliases: dict[str, str] = {}
    where: dict[str, str] = {}
    faults: list[Fault] = []
    for number, (person, index) in enumerate(zip(people, indexes, strict=True)):
        path = f"people[{number}]"
        named, owner = by_id.get(person.id), by_cpr.get(index)
        meant = named or owner or person.id
        if owner is not None and owner != named:
            if named is not None or not owner.startswith(_OWN) or owner in bynames:
                faults.append(Fault(f"{path}.cpr", "cpr-taken", f"is the CPR number of {owner} here"))
            else:
                aliases[person.id] = owner
        if (first := where.setdefault(meant, path)) != path:
            faults.append(Fault(f"{path}.id", "same-person", f"is the same person here as {first}: {meant}"))
        ids[person.id] = meant
    if faults:
        raise Conflict(
            "The file and what is here disagree on who is who; nothing was imported.",
            faults=faults,
            next_step="Correct the file: one CPR number is one person, and HR calls a person by one id.",
        )
    return People(ids, aliases)


def identify_employments(app: App, employments: Sequence[Employment], paths: Sequence[str]) -> tuple[list[Employment], dict[str, str]]:
    """The employments of a file (their `person` is the id here) with the ids that they have here; and the file's ids to keep as aliases.

    `paths` are their places in the file. One that isn't known by its id is the one that the person holds in that unit and position from
    that date. Raises `Conflict` if an id belongs to somebody else's employment.
    """
    held = app.store.employments_by_person({each.person for each in employments})
    by_id = app.store.employment_ids([each.id for each in employments if each.id])
    found: list[Employment] = []
    aliases: dict[str, str] = {}
    faults: list[Fault] = []
    for each, path in zip(employments, paths, strict=True):
        theirs = {one.id: one for one in held.get(each.person, ())}
        known = by_id.get(each.id, "")
        if known and known not in theirs:
            faults.append(Fault(f"{path}.id", "employment-taken", f"is somebody else's employment here, not one of {each.person}"))
        elif known:
            found.append(replace(each, id=known))
        elif (same := _same(app, each, theirs)) is not None:
            found.append(replace(each, id=same))
            if each.id:
                aliases[each.id] = same
        else:
            found.append(each)
    if faults:
        raise Conflict(
            "The file gives an employment to another person than it belongs to here; nothing was imported.",
            faults=faults,
            next_step="Correct the file; an employment's id is never used again.",
        )
    return found, aliases


def _same(app: App, wanted: Employment, theirs: Mapping[str, Employment]) -> str | None:
    """The id of the employment that `wanted` is: same unit, position and first day, and not one whose hire was cancelled."""
    told = (wanted.unit, wanted.position, wanted.start_date)
    alike = [one for one in theirs.values() if (one.unit, one.position, one.start_date) == told]
    return next((one.id for one in alike if not was_cancelled(app, one.case)), None)
