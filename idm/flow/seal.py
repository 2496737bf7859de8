"""Seal the audit: vouch for what was written, under a key and in a place that the database doesn't have."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from idm.domain.seals import Anchored, Seal, SealedHead, digest_of
from idm.errors import CheckFailed, IdmError, Unavailable
from idm.ports import App, Sealing
from idm.ports_audit import SealKeys

log = logging.getLogger("idm.seal")

STREAMS = 200
"""Streams that one seal covers at most: writers wait no longer for it than for a large commit of their own."""

LEAD = "seal"
"""What the one process that seals leads."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What a round of sealing did: how many seals and heads, and the newest seal there is now."""

    seals: int
    heads: int
    newest: Anchored


def seal_audit(app: App) -> Sealed:
    """Seal everything that isn't yet, and anchor the newest seal. Safe in any number of processes.

    Raises `Unavailable` without a key or if the anchor can't be written, and `CheckFailed` if the anchor knows a seal that the database
    doesn't hold: then nothing is sealed, so that no trace is covered.
    """
    sealing, keys = _demand_key(app)
    _demand_whole(app, sealing)
    now = app.clock.machine()

    def make(last: Anchored, heads: Sequence[SealedHead]) -> Seal:
        return signed(keys, Seal(last.number + 1, now, keys.current, len(heads), digest_of(heads), last.mac))

    seals = heads = 0
    while made := app.store.seal(make, STREAMS):
        seals, heads = seals + 1, heads + made.heads
        sealing.anchor.append(Anchored(made.number, made.mac), made.at)
    newest = app.store.newest_seal()
    if newest.number:
        # A process that died between its seal and the anchor left this to the next.
        sealing.anchor.append(newest, now)
    return Sealed(seals, heads, newest)


def signed(keys: SealKeys, seal: Seal) -> Seal:
    """The seal with its MAC under the key that it names. Raises `Unavailable` if that key isn't here."""
    mac = keys.mac(seal.signed, seal.key)
    if mac is None:
        raise Unavailable(f"The key {seal.key} isn't here.", next_step="Seal on the machine that holds seal.keys.")
    return replace(seal, mac=mac)


def sweep_seals(app: App) -> int:
    """Seal, if this process has a key and no other is at it; how many seals. What is wrong goes to the log, and stops nothing else."""
    if app.sealing is None or app.sealing.keys is None:
        return 0
    with app.store.lead(LEAD) as leads:
        if not leads:
            return 0
        try:
            return seal_audit(app).seals
        except IdmError as error:
            log.warning("the audit was not sealed: %s %s", error.message, error.next_step)
            return 0


def accept_restore(app: App, reason: str, administrator: str) -> Anchored:
    """Let sealing go on from the database as it is, after a restore from a back-up; it goes on record in every anchor. The newest seal."""
    sealing, _ = _demand_key(app)
    newest = app.store.newest_seal()
    sealing.anchor.accept(newest, app.clock.machine(), administrator, reason)
    return newest


def sealing_in_words(app: App) -> str:
    """How sealing stands. Raises `Unavailable` if an anchor can't be read, `CheckFailed` if it knows a seal that the database lacks."""
    if app.sealing is None:
        return "nothing seals the audit here"
    _demand_whole(app, app.sealing)
    newest = app.store.newest_seal().number
    with app.store.audit_snapshot() as snapshot:
        unsealed, oldest = snapshot.unsealed()
    waits = (
        f"{unsealed} entries to seal, the oldest for {round(age(oldest, app.clock.now()))} seconds" if unsealed else "all entries sealed"
    )
    key = "" if app.sealing.keys is not None else "; the key lies on another machine, or `idm audit key` makes one"
    return f"{newest} seal(s), {waits}{key}"


def _demand_key(app: App) -> tuple[Sealing, SealKeys]:
    if app.sealing is None or app.sealing.keys is None:
        raise Unavailable(
            "There is no sealing key on this machine.", next_step="Run it where keys/seal.keys lies, or make one with `idm audit key`."
        )
    return app.sealing, app.sealing.keys


def _demand_whole(app: App, sealing: Sealing) -> None:
    anchored, newest = sealing.anchor.newest(), app.store.newest_seal()
    if anchored.number > newest.number or (anchored.number == newest.number and anchored.mac != newest.mac):
        raise CheckFailed(
            f"The anchor knows seal {anchored.number}; the newest in the database is {newest.number}, or another of that number.",
            next_step="`idm audit verify` shows what is missing. After a restore on purpose: `idm audit seal --restored REASON`.",
        )


def age(oldest: datetime | None, now: datetime) -> float:
    """Seconds since the oldest entry that isn't sealed was written; 0 if all are."""
    return max(0.0, (now - oldest).total_seconds()) if oldest is not None else 0.0
