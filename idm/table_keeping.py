"""Keeping the payroll tables: what a file or a changed row would do, taking it, and the running cases held against it.

The command line and the portal do it in the same way: nothing is taken unseen, and what is taken goes on record with who took it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from idm.domain.policy import Policies
from idm.errors import BadInput, Fault, NotFound
from idm.flow.payroll_import import STREAM, take_table
from idm.flow.payroll_recheck import Concerned, concerned
from idm.policy_files.payroll_change import Proposal, demand_sound, propose, put_in_place, rows_on
from idm.policy_files.payroll_columns import TABLES
from idm.policy_files.payroll_csv import Record, read_table, written
from idm.policy_files.read import policy_text
from idm.ports import App


@dataclass(frozen=True, slots=True)
class Look:
    """What a table would change: the difference, the running cases that it concerns, and what is worth a look."""

    proposal: Proposal
    policies: Policies
    cases: Sequence[Concerned]
    warnings: Sequence[Fault]


def look(app: App, folder: Path, table: str, file: str, content: bytes) -> Look:
    """What would follow if `content`, the whole table as CSV, took the place of `table` in `folder`; `file` names it in messages.

    Raises `BadInput` with every fault by line. Nothing is changed.
    """
    proposal = propose(folder, table, file, content, organisation=app.store.organisation(), today=app.clock.today())
    policies = demand_sound(proposal, file)
    cases = concerned(app, policies.payroll) if proposal.changes else []
    return Look(proposal, policies, cases, of_payroll(proposal.warnings, file))


def take(app: App, folder: Path, proposal: Proposal, by: str, administrator: str = "") -> None:
    """Take the table and put on record who did; a table that is in force and on record already is left as it is.

    Raises `Conflict` if the file has changed since it was compared, `Unavailable` if the disk doesn't take it.
    """
    before = proposal.before.hash if proposal.before is not None else ""
    text = proposal.text if proposal.changes or proposal.before is None else proposal.before
    if not proposal.changes and recorded(app, proposal.table) == text.hash:
        return
    take_table(
        app,
        table=proposal.table,
        file=text.file,
        text=text.text,
        hash=text.hash,
        before=before,
        counts=proposal.counts(),
        put_in_place=(lambda: put_in_place(folder, proposal)) if proposal.changes else _nothing_to_place,
        by=by,
        administrator=administrator,
    )
    app.policies.renew()


def _nothing_to_place() -> Callable[[], None]:
    """The file is in place already, so nothing is to be put back either."""
    return lambda: None


def recorded(app: App, table: str) -> str:
    """The hash under which the table was last taken; "" if it never was."""
    taken: list[dict[str, Any]] = [json.loads(entry.payload) for entry in app.store.audit(STREAM) if entry.payload is not None]
    return next((str(each["hash"]) for each in reversed(taken) if each.get("table") == table), "")


def of_payroll(warnings: Sequence[Fault], file: str) -> list[Fault]:
    """The warnings that are about the payroll tables, or about that file."""
    return [warning for warning in warnings if warning.path.startswith(("payroll/", f"{file}:"))]


def rows(app: App, table: str, on: date | None = None) -> tuple[str, Sequence[Record]]:
    """The file's hash and the rows of a table in force, all of them or those that hold on a day. Raises `NotFound`."""
    file = f"payroll/{table}.csv"
    texts = app.policies.texts()
    if table not in TABLES or file not in texts:
        raise NotFound("There is no such payroll table.", next_step=f"There are: {', '.join(TABLES)}.")
    return texts[file][0], rows_on(read_table(table, policy_text(file, texts[file][1])), on)


def with_row(app: App, table: str, line: int | None, cells: Mapping[str, str], seen: str) -> bytes:
    """The table as CSV with the row at `line` replaced by `cells`, or with one more row (None). `seen`: the hash it was edited under.

    Raises `BadInput` for cells that can't be a row, or a table that was changed since.
    """
    hash, known = rows(app, table)
    if hash != seen:
        raise BadInput("The table was changed by somebody else meanwhile.", next_step="Open the row anew, and change it again.")
    columns = list(TABLES[table].columns)
    if not any(cells.get(name) for name in columns):
        faults = [Fault("row", name, f"'{name}' is empty") for name, column in TABLES[table].columns.items() if not column.empty]
        raise BadInput("The row is empty.", faults=faults, next_step="Fill it in; a row that is to end gets a last day.")
    kept = [dict(record.cells) if record.line != line else {name: cells.get(name, "") for name in columns} for record in known]
    if line is None:
        kept.append({name: cells.get(name, "") for name in columns})
    elif all(record.line != line for record in known):
        raise NotFound("There is no such row.")
    read = [Record(number, row, {}) for number, row in enumerate(kept, start=2)]
    return written(table, read).encode()
