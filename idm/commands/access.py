"""`idm access`: who can't get at idm, so that nothing waits for them."""

from __future__ import annotations

import click

from idm.commands.answer import Answer
from idm.commands.command import IdmGroup
from idm.commands.session import administrator, installation
from idm.commands.text import local, table

access = IdmGroup(
    "access",
    help="Who can't get at idm, so that nothing waits for them.",
    examples=('idm access take head_north --reason "account locked"', "idm access list"),
)


@access.add(
    "take",
    examples=('idm access take head_north --reason "account locked"', 'idm access take head_north --reason "long sick leave" --json'),
    exits={3: "the reason is missing", 4: "there is no such person"},
)
@click.argument("person")
@click.option("--reason", required=True, help="Why, in a few words, without private matters.")
def take(person: str, reason: str) -> Answer:
    """Say that PERSON has no access: they aren't asked any more, and what waited for them goes on at once."""
    from idm.flow.access import take_access

    with installation() as found:
        known = take_access(found.app, person, reason, administrator())
    return Answer({"person": known, "access": False, "reason": reason}, [f"{known} has no access: {reason}."])


@access.add(
    "give",
    examples=("idm access give head_north", "idm access give head_north --json"),
    exits={4: "there is no such person", 6: "they have access already"},
)
@click.argument("person")
def give(person: str) -> Answer:
    """Say that PERSON has access again."""
    from idm.flow.access import give_access

    with installation() as found:
        known = give_access(found.app, person, administrator())
    return Answer({"person": known, "access": True, "reason": None}, [f"{known} has access again."])


@access.add("list", examples=("idm access list", "idm access list --json"))
def list_() -> Answer:
    """List who has no access, since when, why, and who said so."""
    with installation() as found:
        marks = found.app.store.without_access()
        names = {id: person.full_name for id, person in found.app.store.people(marks).items()}
    items = [
        {"person": person, "name": names.get(person), "reason": reason, "by": by, "at": at.isoformat(timespec="seconds")}
        for person, (reason, by, at) in marks.items()
    ]
    heads = ("person", "name", "why", "said by", "since")
    shown = [(i["person"], i["name"], i["reason"], i["by"], local(i["at"])) for i in items]
    return Answer({"items": items}, table(heads, shown, "Everybody has access."))
