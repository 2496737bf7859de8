"""New identifiers, and the user name and address of a person, reserved for ever before any target is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from idm.domain.ids import new_id
from idm.domain.naming import addresses, usernames
from idm.domain.people import Person
from idm.domain.policy import NamingPolicy
from idm.ports import App
from idm.ports_store import NameTaken, Writer


def fresh(app: App, prefix: str) -> str:
    """A new identifier such as `c-4x7k2m9qhv`."""
    return new_id(prefix, app.random(10))


def with_names(person: Person, policy: NamingPolicy, writer: Writer, now: datetime) -> Person:
    """The person with user name and address, reserved through `writer`. A person who has them keeps them."""
    given, family = person.given_name, person.family_name

    def username(number: int) -> str:
        return next(usernames(given, family, policy, number))

    def address(number: int) -> str:
        return next(addresses(given, family, policy, number))

    return replace(
        person,
        username=person.username or _reserved("username", username, writer, person.id, now),
        address=person.address or _reserved("address", address, writer, person.id, now),
    )


def _reserved(kind: str, candidate: Callable[[int], str], writer: Writer, person: str, now: datetime) -> str:
    """The first free candidate: the bare one, else with the next number, so that the ten-thousandth of a name is as quick as the second."""
    bare = name = candidate(1)
    while True:
        try:
            writer.reserve_name(kind, name, person, now)
        except NameTaken:
            name = candidate(writer.next_number(kind, bare))
            continue
        return name
