"""New identifiers, and the user name and address of a person, reserved for ever before any target is asked."""

from __future__ import annotations

from collections.abc import Iterator
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


class Names:
    """Candidates for one person's user name and address. `reserve` takes the first that are free.

    A name that turns out to be taken is left out at the next try, so the transaction is begun anew and can't be spoilt half-way.
    """

    def __init__(self, person: Person, policy: NamingPolicy) -> None:
        self._person = person
        self._username = usernames(person.given_name, person.family_name, policy)
        self._address = addresses(person.given_name, person.family_name, policy)

    def reserve(self, writer: Writer, now: datetime) -> Person:
        """The person with user name and address, reserved through `writer`. A person who has them keeps them."""
        username = self._person.username or _first_free("username", self._username, writer, self._person.id, now)
        address = self._person.address or _first_free("address", self._address, writer, self._person.id, now)
        return replace(self._person, username=username, address=address)


def _first_free(kind: str, candidates: Iterator[str], writer: Writer, person: str, now: datetime) -> str:
    for name in candidates:
        try:
            writer.reserve_name(kind, name, person, now)
        except NameTaken:
            continue
        return name
    raise AssertionError("candidates never end")
