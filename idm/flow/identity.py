"""New identifiers, and the user name and address of a person, reserved for ever before any target is asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from idm.domain.ids import new_id
from idm.domain.naming import Choice, address_choice, username_choice
from idm.domain.naming_policy import NamingPolicy
from idm.domain.people import Person
from idm.ports import App
from idm.ports_store import NameTaken, Writer


def fresh(app: App, prefix: str) -> str:
    """A new identifier such as `c-4x7k2m9qhv`."""
    return new_id(prefix, app.random(10))


def with_names(person: Person, policy: NamingPolicy, writer: Writer, now: datetime) -> Person:
    """The person with user name and address, reserved through `writer`. A person who has them keeps them."""
    given, family = person.given_name, person.family_name
    return replace(
        person,
        username=person.username or _reserved("username", username_choice(given, family, policy), writer, person.id, now),
        address=person.address or _reserved("address", address_choice(given, family, policy), writer, person.id, now, person.email.lower()),
    )


def _reserved(kind: str, choice: Choice, writer: Writer, person: str, now: datetime, own: str = "") -> str:
    """The first free name of `choice`, with the next number if none is free without; `own` is the person's already."""
    for name in choice.bare:
        if name == own or _free(kind, name, writer, person, now):
            return name
    while not _free(kind, name := choice.numbered(writer.next_number(kind, choice.counter)), writer, person, now):
        pass
    return name


def _free(kind: str, name: str, writer: Writer, person: str, now: datetime) -> bool:
    """Whether the name was free; it is reserved then."""
    try:
        writer.reserve_name(kind, name, person, now)
    except NameTaken:
        return False
    return True
