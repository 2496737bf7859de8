"""`idm audit`: what was done, when and by whom, and whether the record of it is whole."""

from __future__ import annotations

import json
from typing import Any

import click

from idm.commands.answer import Answer
from idm.commands.command import IdmGroup
from idm.commands.session import administrator, case_id, installation
from idm.commands.text import local, table
from idm.domain.audit import Entry
from idm.domain.seals import SEALS
from idm.errors import BadInput, CheckFailed, Conflict, Fault, NotFound
from idm.ports import App

audit = IdmGroup(
    "audit",
    help="The audit trail: a chain of entries for each case, sealed under a key.",
    examples=("idm audit list c-4x7k2m9qhv", "idm audit verify", "idm audit seal"),
)

_NONE = {4: "there is no such case"}


@audit.add("list", examples=("idm audit list", "idm audit list c-4x7k2m9qhv", "idm audit list delegations --json"), exits=_NONE)
@click.argument("case", required=False, default="")
@click.option("--limit", type=click.IntRange(1, 10_000_000), default=100_000, show_default=True, help="At most so many.")
def list_(case: str, limit: int) -> Answer:
    """List audit entries in order: who did what, when, with which particulars.

    CASE is a case's or an employment's id, or one of the streams `delegations`, `organisation`, `payroll`, `notices` and `clock`; all of
    them, if left out.
    """
    with installation() as found:
        entries = found.app.store.audit(_stream(found.app, case), limit=limit)
    items = [_item(entry) for entry in entries]
    shown = [(i["case"], i["entry"], local(i["at"]), i["actor"], i["action"], _brief(i["payload"])) for i in items]
    return Answer({"items": items}, table(("case", "entry", "at", "who", "did", "particulars"), shown, "No entries."))


_STREAMS = ("delegations", "organisation", "payroll", "notices", "clock")
"""What is on record beside cases; one of these may be empty as yet."""


def _stream(app: App, id: str) -> str:
    """The stream that an id means: one of that name, else the case that has it or whose employment has it."""
    return id if not id or id in _STREAMS or app.store.audit(id, limit=1) else case_id(app, id)


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
    exits={**_NONE, 7: "an anchor can't be read", 8: "an entry or a seal was changed, removed, reordered, inserted or truncated"},
)
@click.argument("case", required=False, default="")
def verify(case: str) -> Answer:
    """Verify that no entry was changed, removed, reordered, inserted or cut off, and name each that was.

    CASE is a case's or an employment's id, or one of the streams `delegations`, `organisation`, `payroll`, `notices` and `clock`; all of
    them, if left out. Only then are the seals verified too, against the anchor outside the database.
    """
    from idm.flow.seal import age
    from idm.flow.verify import verify_audit

    with installation() as found:
        result = verify_audit(found.app, _whole_stream(found.app, case))
        waits = age(result.oldest, found.app.clock.now())
    faults = [fault.as_json() for fault in result.faults]
    document = {
        "ok": not faults,
        "entries": result.entries,
        "faults": faults,
        "unsealed": {"entries": result.unsealed, "oldest_seconds": round(waits)},
        "seals": {"count": result.seals, "keyed": result.keyed, "anchored": result.anchored},
    }
    lines = [_vouched(result.unsealed, waits), *([] if case else [_seals_told(result.seals, result.keyed, result.anchored)])]
    if not faults:
        return Answer(document, [f"All {result.entries} entries are as they were written.", *lines])
    told = [f"  {'seal' if f['case'] == SEALS else 'case ' + f['case'] + ', entry'} {f['entry']}: {f['kind']}" for f in faults]
    return Answer(document, [f"{len(faults)} fault(s) in {result.entries} entries:", *told, *lines], CheckFailed.exit_code)


def _whole_stream(app: App, case: str) -> str:
    """The stream to verify: one that is gone altogether may still be known by its seals, so an unknown id is verified as it stands."""
    try:
        return _stream(app, case)
    except NotFound:
        with app.store.audit_snapshot() as snapshot:
            known = any(head[0] or sealed for _, head, sealed in snapshot.streams(case))
        if not known:
            raise
        return case


def _vouched(unsealed: int, waits: float) -> str:
    if not unsealed:
        return "All of them are sealed."
    return f"{unsealed} of them are not sealed yet, the oldest for {round(waits)} seconds: so far only the database vouches for these."


def _seals_told(seals: int, keyed: bool, anchored: int) -> str:
    if not seals and not anchored:
        return "There are no seals yet: `idm audit seal` makes one, and so does the server by itself."
    key = "with their key" if keyed else "WITHOUT their key, which lies on another machine: forged seals wouldn't show here"
    anchor = f"the anchor knows seal {anchored}" if anchored else "no anchor knows any of them"
    return f"{seals} seal(s) were verified {key}; {anchor}."


@audit.add(
    "seal",
    examples=("idm audit seal", 'idm audit seal --restored "disk failed, back-up of 3 March put back"'),
    exits={3: "the reason is empty", 7: "there is no key here, or an anchor can't be written", 8: "the anchor knows a newer seal"},
)
@click.option("--restored", metavar="REASON", help="The database was restored on purpose: go on from its newest seal. Goes on record.")
def seal(restored: str | None) -> Answer:
    """Seal all entries that aren't yet, and anchor the newest seal outside the database. The server does it by itself."""
    from idm.flow.seal import accept_restore, seal_audit

    if restored is not None and not restored.strip():
        raise BadInput("The reason is empty.", faults=[Fault("restored", "required", "say why the database is older")], next_step="Say it.")
    with installation() as found:
        if restored is not None:
            accept_restore(found.app, restored.strip(), administrator())
        done = seal_audit(found.app)
    document = {"seals": done.seals, "streams": done.heads, "newest": done.newest.number, "mac": done.newest.mac or None}
    if not done.seals:
        return Answer(document, [f"Everything is sealed; the newest seal is {done.newest.number}."])
    return Answer(document, [f"{done.heads} streams are sealed by {done.seals} seal(s); the newest is {done.newest.number}."])


@audit.add(
    "key",
    examples=("idm audit key", "idm audit key --rotate"),
    exits={6: "there are seals already, so a key exists elsewhere or was lost", 7: "the key file can't be read or written"},
)
@click.option("--rotate", is_flag=True, help="Put a new key before the others; servers use it once they are started again.")
def key(rotate: bool) -> Answer:
    """Make the key that seals the audit if this installation has none yet, or rotate it."""
    from idm.sealing import KEYS, SealKeyFile

    with installation() as found:
        path = found.settings.home / "keys" / KEYS
        here = SealKeyFile.open(path)
        if rotate:
            here, made = SealKeyFile.add(path), True
        elif here is not None:
            made = False
        elif found.store.newest_seal().number:
            raise Conflict(
                "There are seals already, but no key here: it is held on another machine, or was lost.",
                next_step=f"Put {path} back from its back-up, or seal where it lies.",
            )
        else:
            here, made = SealKeyFile.create(path), True
    words = f"Seals are made with key {here.current} from now on." if made else f"Seals are made with key {here.current}, as before."
    return Answer({"key": here.current, "made": made, "file": str(path)}, [words, f"Keep a copy of {path} where the database isn't."])
