"""Events that depart from what a hire event told: facts changed, the hire cancelled, the person corrected."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from idm.connector import Confidential
from idm.domain.hire import Correction, Event, HireCancelled, HireChanged, PersonCorrected
from idm.domain.prose import HOLDS_CPR, holds_cpr
from idm.errors import BadInput, Fault
from idm.inputs import events
from idm.inputs.fields import Fields
from idm.inputs.json_text import read_json

CHANGED = "dk.idm.hire.changed"
CANCELLED = "dk.idm.hire.cancelled"
CORRECTED = "dk.idm.person.corrected"

_NEXT = "Mend the event and send it again with the same id."


def check_event(event: object, today: date) -> Event:
    """The event in `event`, the content of a `RawEvent`, by its type; an unknown type is checked as a hire, and refused as such.

    Raises BadInput with every fault at once; none repeats a value.
    """
    kind = event.get("type") if isinstance(event, Mapping) else None
    match kind:
        case str() if kind == CHANGED:
            return _changed(event)
        case str() if kind == CANCELLED:
            return _cancelled(event)
        case str() if kind == CORRECTED:
            return _corrected(event, today)
        case _:
            return events.check_hire(event, today)


def _begun(event: object, type: str, faults: list[Fault]) -> tuple[Fields, dict[str, str]]:
    root = Fields(event, "", faults)
    envelope = events.envelope_of(root, type, subject=True)
    return root.part("data"), envelope


def _content(event: object) -> Confidential:
    return Confidential(events.canonical(event) if isinstance(event, Mapping) else "")


def _demand_sound(faults: list[Fault], what: str, next_step: str = _NEXT) -> None:
    if faults:
        raise BadInput(f"The {what} breaks {len(faults)} rule(s).", faults=faults, next_step=next_step)


def _changed(event: object) -> HireChanged:
    faults: list[Fault] = []
    data, envelope = _begun(event, CHANGED, faults)
    employment = data.part("employment")
    facts = changed_facts(employment)
    if employment.sound and not facts and not faults:
        employment.fault("*", "required", "says nothing that changed: give at least one field")
    for part in (employment, data):
        part.nothing_else()
    _demand_sound(faults, "event of a changed hire")
    return HireChanged(**envelope, facts=facts, content=_content(event))


def changed_facts(employment: Fields) -> dict[str, Any]:
    """What of an employment is said to be otherwise, by name; faults are gathered."""
    facts: dict[str, Any] = {}
    for name in ("unit", "position", "manager"):
        if employment.has(name):
            facts[name] = employment.id(name, required=name != "manager")
    if employment.has("start_date"):
        facts["start_date"] = employment.day("start_date")
    if employment.has("end_date"):
        facts["end_date"] = employment.day("end_date", required=False)
    if employment.has("weekly_hours"):
        facts["weekly_hours"] = events.hours(employment)
    return facts


def _cancelled(event: object) -> HireCancelled:
    faults: list[Fault] = []
    data, envelope = _begun(event, CANCELLED, faults)
    reason = data.text("reason", most=500)
    if holds_cpr(reason):
        data.fault("reason", "cpr-number", HOLDS_CPR)
    data.nothing_else()
    _demand_sound(faults, "event of a cancelled hire")
    return HireCancelled(**envelope, reason=reason, content=_content(event))


def _corrected(event: object, today: date) -> PersonCorrected:
    faults: list[Fault] = []
    data, envelope = _begun(event, CORRECTED, faults)
    correction = read_correction(data.part("person"), today)
    data.nothing_else()
    _demand_sound(faults, "event of a corrected person")
    return PersonCorrected(**envelope, correction=correction, content=_content(event))


def read_correction(person: Fields, today: date) -> Correction:
    """What of a person is corrected; faults are gathered, also if nothing is."""
    named = {name: person.person_name(name, most=100) for name in ("given_name", "family_name") if person.has(name)}
    correction = Correction(
        cpr=person.cpr("cpr", today) if person.has("cpr") else None,
        given_name=named.get("given_name"),
        family_name=named.get("family_name"),
        private_email=person.email("private_email") if person.has("private_email") else None,
        mobile=events.mobile(person) if person.has("mobile") else None,
        citizenship=events.citizenship(person) if person.has("citizenship") else None,
        language=events.language(person) if person.has("language") else None,
    )
    if person.sound and not correction.fields and not person.faults:
        person.fault("*", "required", "says nothing that is to be corrected: give at least one field")
    person.nothing_else()
    return correction


def correction_in(raw: bytes | str, today: date) -> Correction:
    """The correction in a JSON object of its own. Raises BadInput with every fault; none repeats a value."""
    faults: list[Fault] = []
    correction = read_correction(Fields(read_json(raw, "The correction"), "", faults), today)
    _demand_sound(faults, "correction", "Mend the file and give it again; nothing was corrected.")
    return correction
