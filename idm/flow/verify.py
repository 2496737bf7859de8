"""Verify the audit: every stream's chain, what seals vouch for, the seals themselves, and what is known of them outside the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from idm.domain.audit import ChainFault
from idm.domain.seals import NOTHING, SEALS, Anchored, Mac, check_seals, check_stream
from idm.ports import App
from idm.ports_audit import AuditSnapshot


@dataclass(frozen=True, slots=True)
class Verified:
    """How many entries were read, every fault found, and what isn't vouched for.

    `unsealed` entries are only as good as the database; `oldest` is when the first of them was written. `seals` were checked,
    with their MACs if `keyed`, and against the anchor's newest, number `anchored` (0: there is none).
    """

    entries: int
    faults: tuple[ChainFault, ...]
    unsealed: int = 0
    oldest: datetime | None = None
    seals: int = 0
    keyed: bool = False
    anchored: int = 0


def verify_audit(app: App, stream: str = "") -> Verified:
    """Verify one stream, or all of them with the seals; in one snapshot, so that what is written meanwhile disturbs nothing."""
    sealing = app.sealing
    # The anchor first: what it knows was in the database before, and so is in the snapshot.
    anchor = sealing.anchor.newest() if sealing is not None and not stream else NOTHING
    keys = sealing.keys if sealing is not None else None
    mac: Mac | None = keys.mac if keys is not None else None
    faults: list[ChainFault] = []
    entries = seals = 0
    with app.store.audit_snapshot() as snapshot:
        for name, head, sealed in snapshot.streams(stream):
            found = check_stream(name, snapshot.entries, head, sealed)
            entries += found.entries
            faults.extend(found.faults)
        if not stream:
            seals = snapshot.seal_count()
            faults.extend(_seal_faults(snapshot, mac, anchor))
        unsealed, oldest = snapshot.unsealed(stream)
    told = tuple(sorted(faults, key=lambda fault: (fault.stream, fault.entry)))
    return Verified(entries, told, unsealed, oldest, seals, mac is not None, anchor.number)


def _seal_faults(snapshot: AuditSnapshot, mac: Mac | None, anchor: Anchored) -> list[ChainFault]:
    """Every fault of the seals; one whose heads are still there, but not itself, is missing even if the anchor doesn't know it yet."""
    faults = {fault.entry: fault for fault in check_seals(snapshot.seals(), anchor, mac)}
    for number in snapshot.strays():
        faults.setdefault(number, ChainFault(SEALS, number, "truncated"))
    return list(faults.values())
