"""Organisation: take units, positions and people with their employments from a file, all or nothing."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from idm.domain import audit
from idm.domain.ids import new_id
from idm.domain.people import Employment, Person, Position, Unit
from idm.errors import Conflict, Fault
from idm.flow.identified import identify_employments, identify_people
from idm.flow.notices import tell
from idm.ports import App
from idm.ports_store import Duplicate, NameTaken


@dataclass(frozen=True, slots=True)
class Imported:
    """How many of each were written."""

    units: int
    positions: int
    people: int
    employments: int


def import_organisation(
    app: App,
    units: Sequence[Unit],
    positions: Sequence[Position],
    people: Sequence[Person],
    employments: Sequence[Employment],
    actor: str,
) -> Imported:
    """Write the organisation over. Units and positions that the file leaves out stay; their cases may still be running.

    Whom idm knows already by their CPR number keeps the id they have here, and the file's own id for them is kept as another that they go
    by. Raises `Conflict`, and writes nothing, if the file and what is here disagree on who is who.
    """
    who = identify_people(app, people)
    units = [replace(unit, manager=who.ids.get(unit.manager, unit.manager)) for unit in units]
    people = [replace(person, id=who.ids[person.id]) for person in people]
    employments = [replace(each, person=who.ids.get(each.person, each.person)) for each in employments]
    known = app.store.people([person.id for person in people])
    managed = app.store.organisation().units
    identified, employment_aliases = identify_employments(app, employments, _paths(people, employments))
    named = [employment if employment.id else replace(employment, id=_same_id(employment)) for employment in identified]
    named = [_as_held(each, app.store.employment(each.id)) for each in named]
    now = app.clock.now()
    with app.store.write() as writer:
        for unit in units:
            writer.put_unit(unit)
            before_it = managed.get(unit.id)
            if before_it is not None and unit.manager not in ("", before_it.manager):
                key = f"{unit.id}/{unit.manager}/{now.isoformat()}"
                tell(app, writer, unit.manager, "managed", key, context={"unit": unit.id})
        for position in positions:
            writer.put_position(position)
        for index, person in enumerate(people):
            before = known.get(person.id)
            kept = _with_what_the_file_never_tells(person, before) if before is not None else person
            digest = app.keys.blind_index("cpr", person.cpr.reveal())
            if person.email:
                # What is in use here is never given to a new hire; a user name is often what stands before the @.
                for kind, name in (("address", person.email.lower()), ("username", person.email.lower().partition("@")[0])):
                    with suppress(NameTaken):
                        writer.reserve_name(kind, name, person.id, now)
            try:
                writer.put_person(kept, digest, app.keys.encrypt(person.cpr.reveal()))
            except Duplicate:
                raise Conflict(
                    f"Person {person.id} has a CPR number that belongs to another person here; nothing was imported.",
                    faults=[Fault(f"people[{index}].cpr", "cpr-taken", "another person has this CPR number")],
                    next_step="Import the file again: a hire of this person was taken in the meantime.",
                ) from None
        for employment in named:
            writer.put_employment(employment)
        for alias, id in who.aliases.items():
            writer.put_person_alias(alias, id)
        for alias, id in employment_aliases.items():
            writer.put_employment_alias(alias, id)
        counts = Imported(len(units), len(positions), len(people), len(employments))
        payload = {"units": counts.units, "positions": counts.positions, "people": counts.people, "employments": counts.employments}
        if who.aliases:
            payload["aliases"] = len(who.aliases)
        writer.append(
            "organisation",
            lambda head: audit.chain("organisation", head, now, actor, "organisation-imported", payload, app.random(12).hex()),
        )
    app.cache.pop("organisation", None)
    return counts


def _paths(people: Sequence[Person], employments: Sequence[Employment]) -> list[str]:
    """Where each employment stands in the file: `people[2].employments[0]`."""
    index = {person.id: number for number, person in enumerate(people)}
    seen: Counter[str] = Counter()
    paths: list[str] = []
    for each in employments:
        paths.append(f"people[{index.get(each.person, 0)}].employments[{seen[each.person]}]")
        seen[each.person] += 1
    return paths


def _with_what_the_file_never_tells(person: Person, before: Person) -> Person:
    """The person of the file with reserved names, and what a hire event told of them: an organisation file has no place for it."""
    return replace(
        person,
        private_email=before.private_email,
        mobile=before.mobile,
        citizenship=before.citizenship,
        language=before.language,
        username=before.username,
        address=before.address,
    )


def _as_held(employment: Employment, before: Employment | None) -> Employment:
    """`employment` as the file has it, with what only its hire event told: the hours, the manager named there, and the case."""
    if before is None:
        return employment
    return replace(
        employment,
        weekly_hours=employment.weekly_hours or before.weekly_hours,
        manager=employment.manager or before.manager,
        case=before.case,
    )


def _same_id(employment: Employment) -> str:
    """An id for an employment that the file gives none: the same at every import of the same employment."""
    told = f"{employment.person}\n{employment.unit}\n{employment.position}\n{employment.start_date}"
    return new_id("e", hashlib.sha256(told.encode()).digest())
