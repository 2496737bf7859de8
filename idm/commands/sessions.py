"""`idm session`: who is signed in to the portal, and how to put them out."""

from __future__ import annotations

from typing import Any

import click

from idm.commands.answer import Answer
from idm.commands.command import IdmGroup
from idm.commands.session import administrator, demand_known, installation
from idm.commands.text import local, table
from idm.domain.sessions import Session
from idm.errors import BadUsage, NotFound

session = IdmGroup(
    "session",
    help="Who is signed in to the portal.",
    examples=("idm session list", "idm session revoke head_north"),
)


@session.add("list", examples=("idm session list", "idm session list --person head_north --json"), exits={4: "there is no such person"})
@click.option("--person", default="", help="Only those of this person.")
def list_(person: str) -> Answer:
    """List who is signed in, since when, when they were last seen, and when it ends."""
    from idm.flow.sessions import sessions_of

    with installation() as found:
        person = demand_known(found.app, person=person)
        rows = sessions_of(found.app, person)
        names = {id: each.full_name for id, each in found.app.store.people({row.person for row in rows}).items()}
    items = [_item(row, names.get(row.person)) for row in rows]
    heads = ("id", "person", "name", "as", "case", "since", "seen", "until")
    shown = [
        (i["id"], i["person"], i["name"], i["kind"], i["case"], local(i["opened_at"]), local(i["seen_at"]), local(i["until"]))
        for i in items
    ]
    return Answer({"items": items}, table(heads, shown, "Nobody is signed in."))


@session.add(
    "revoke",
    examples=("idm session revoke head_north", "idm session revoke --session w-4x7k2m9qhv --json"),
    exits={4: "there is no such person or session"},
)
@click.argument("person", required=False, default="")
@click.option("--session", "id", default="", metavar="SESSION", help="Only this session.")
def revoke(person: str, id: str) -> Answer:
    """End every session of PERSON, or one: they must sign in again. At once, in every process."""
    from idm.flow.sessions import close_all, close_one

    if bool(person) == bool(id):
        raise BadUsage("Name a person, or a session by --session.", next_step="`idm session list` shows both.")
    with installation() as found:
        if id:
            if not close_one(found.app, id, administrator()):
                raise NotFound(f"There is no session '{id}'.", next_step="`idm session list` shows them.")
            return Answer({"person": None, "session": id, "revoked": 1}, [f"Session {id} is ended."])
        person = demand_known(found.app, person=person)
        count = close_all(found.app, person, administrator())
    said = f"{count} session(s) of {person} ended." if count else f"{person} wasn't signed in."
    return Answer({"person": person, "session": None, "revoked": count}, [said])


def _item(row: Session, name: str | None) -> dict[str, Any]:
    return {
        "id": row.id,
        "person": row.person,
        "name": name,
        "kind": row.kind.value,
        "case": row.case or None,
        "opened_at": row.opened_at.isoformat(timespec="seconds"),
        "seen_at": row.seen_at.isoformat(timespec="seconds"),
        "until": row.idle_until.isoformat(timespec="seconds"),
        "language": row.language or None,
        "agent": row.agent or None,
    }
