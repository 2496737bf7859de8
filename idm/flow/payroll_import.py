"""Taking a payroll table: the file is put in place and the audit tells of it, both or neither."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from idm import faults
from idm.domain import audit
from idm.ports import App

STREAM = "payroll"
"""The audit stream of the payroll tables."""


def take_table(
    app: App,
    *,
    table: str,
    file: str,
    text: str,
    hash: str,
    before: str,
    counts: Mapping[str, int],
    put_in_place: Callable[[], Callable[[], None]],
    by: str,
    administrator: str,
) -> None:
    """Write down who takes the table with which content (`hash`, in place of `before`), keep its text, and put the file in place.

    `put_in_place` comes last, in the open transaction: if it fails nothing is written down. What it answers puts the former file back,
    which happens if the transaction can't be committed. A process that is killed between file and commit leaves a table that is in force
    and not on record: taking the same file again puts it on record.
    """
    now = app.clock.now()
    payload = {"table": table, "file": file, "hash": hash, "before": before, **counts, "administrator": administrator}
    undo: Callable[[], None] | None = None
    try:
        with app.store.write() as writer:
            writer.append(STREAM, lambda head: audit.chain(STREAM, head, now, by, "table-taken", payload, app.random(12).hex()))
            writer.put_policy(hash, file, text, now)
            faults.point("table.before-place")
            undo = put_in_place()
            faults.point("table.before-commit")
    except BaseException:
        if undo is not None:
            undo()
        raise
