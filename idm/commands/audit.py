"""`idm audit`: what was done, when and by whom, and whether the record of it is whole."""

from __future__ import annotations

import json
from typing import Any

import click

from idm.commands.answer import Answer
from idm.commands.command import IdmGroup
from idm.commands.session import case_id, installation
from idm.commands.text import local, table
from idm.domain.audit import Entry
from idm.errors import CheckFailed
from idm.ports import App

audit = IdmGroup(
    "audit", help="The audit trail: a chain of entries for each case.", examples=("idm audit list c-4x7k2m9qhv", "idm audit verify")
)

_NONE = {4: "there is no such case"}


@audit.add("list", examples=("idm audit list", "idm audit list c-4x7k2m9qhv", "idm audit list delegations --json"), exits=_NONE)
@click.argument("case", required=False, default="")
@click.option("--limit", type=click.IntRange(1, 10_000_000), default=100_000, show_default=True, help="At most so many.")
def list_(case: str, limit: int) -> Answer:
    """List audit entries in order: who did what, when, with which particulars.

    CASE is a case's or an employment's id, or the stream `delegations`, `organisation` or `clock`; all of them, if left out.
    """
    with installation() as found:
        entries = found.app.store.audit(_stream(found.app, case), limit=limit)
    items = [_item(entry) for entry in entries]
    shown = [(i["case"], i["entry"], local(i["at"]), i["actor"], i["action"], _brief(i["payload"])) for i in items]
    return Answer({"items": items}, table(("case", "entry", "at", "who", "did", "particulars"), shown, "No entries."))


def _stream(app: App, id: str) -> str:
    """The stream that an id means: one of that name, else the case that has it or whose employment has it."""
    return id if not id or app.store.audit(id, limit=1) else case_id(app, id)


def _item(entry: Entry) -> dict[str, Any]:
    return {
        "entry": entry.seq,
        "case": entry.stream,
        "at": entry.at.isoformat(timespec="microseconds"),
        "actor": entry.actor,
        "action": entry.action,
        "payload": json.loads(entry.payload) if entry.payload is not None else None,
        "hash": entry.hash,
        "previous": entry.previous,
    }


def _brief(payload: dict[str, Any] | None) -> str:
    if payload is None:
        return "(erased)"
    said = [
        f"{name}={value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}" for name, value in payload.items() if value
    ]
    return " ".join(said)


@audit.add(
    "verify",
    examples=("idm audit verify", "idm audit verify c-4x7k2m9qhv --json"),
    exits={**_NONE, 8: "an entry was changed, removed, reordered, inserted or truncated"},
)
@click.argument("case", required=False, default="")
def verify(case: str) -> Answer:
    """Verify that no entry was changed, removed, reordered, inserted or cut off, and name each that was.

    CASE is a case's or an employment's id, or the stream `delegations`, `organisation` or `clock`; all of them, if left out.
    """
    from idm.flow.verify import verify_audit

    with installation() as found:
        result = verify_audit(found.app, _stream(found.app, case))
    faults = [fault.as_json() for fault in result.faults]
    document = {"ok": not faults, "entries": result.entries, "faults": faults}
    if not faults:
        return Answer(document, [f"All {result.entries} entries are as they were written."])
    lines = [f"  case {fault['case']}, entry {fault['entry']}: {fault['kind']}" for fault in faults]
    return Answer(document, [f"{len(faults)} fault(s) in {result.entries} entries:", *lines], CheckFailed.exit_code)
