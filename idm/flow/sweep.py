"""The sweeper: re-issues what was lost. Safe to run in any number of processes, at any time."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from idm import faults
from idm.domain import papers
from idm.domain.case import Case
from idm.domain.journey import Graph
from idm.errors import IdmError, stops_everything
from idm.flow.changing import Note, change
from idm.flow.payroll_recheck import recheck_if_changed
from idm.ports import App

log = logging.getLogger("idm.sweep")

LOST_MESSAGE = 30.0
"""Seconds after which a message that no worker took is counted as lost."""

UPLOAD = 3600.0
"""Seconds after which a vault file without a row counts as left behind."""


def sweep_once(app: App) -> int:
    """Take up again: claims of dead processes, expired leases, retries that are due, lost messages, fallen timers, changed payroll tables.

    How many.
    """
    machine = app.clock.machine()
    woken = app.store.wake_due(machine, machine - timedelta(seconds=LOST_MESSAGE))
    return release_dead(app) + woken + fire_timers(app) + recheck_if_changed(app)


def release_dead(app: App) -> int:
    """Release the claims of processes of this machine that are known to be dead, without waiting for their lease."""
    dead = [(case, lane, owner) for case, lane, owner in app.store.claims() if owner != app.owner and not app.alive(owner)]
    for case, lane, owner in dead:
        app.store.release(case, lane, owner)
    return len(dead)


def fire_timers(app: App) -> int:
    """Let the timers fall whose business time has come. How many."""
    fired = 0
    for case, step in app.store.due_timers(app.clock.now()):

        def fall(before: Case, graph: Graph, now: datetime, step: str = step) -> tuple[Case, Note] | None:
            after = papers.fall(before, graph, step, now)
            return None if after is before else (after, Note("idm", "timer-fell", {"step": step}))

        faults.point("sweep.before-commit")
        try:
            change(app, case, fall)
        except IdmError as error:
            if stops_everything(error):
                raise
            # One case that can't be read must not keep all others from their day.
            log.warning("timer '%s' of case %s: %s", step, case, error.message)
            continue
        fired += 1
    return fired


def clear_vault(app: App) -> int:
    """Remove files that an upload left in the vault and whose row was never written, because its process died. How many.

    A file younger than `UPLOAD` may belong to an upload that is under way. Pages that were never handed in go with their case.
    """
    app.store.drop_idle_pages()
    return len(app.vault.sweep(app.store.vault_names(), timedelta(seconds=UPLOAD)))
