"""A payroll table that is to take the place of another: what differs, whether the whole set would hold, and the file put in place."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from idm.domain.people import Organisation
from idm.domain.policy import Policies
from idm.errors import BadInput, Conflict, Fault, NotFound, Unavailable
from idm.policy_files.folder import check_texts, read_texts
from idm.policy_files.payroll_columns import TABLES
from idm.policy_files.payroll_csv import ReadTable, Record, read_table, written
from idm.policy_files.read import PolicyText, nearest, policy_text


@dataclass(frozen=True, slots=True)
class RowChange:
    """One row that differs: what became of it (added, ended, changed, removed), its cells now, and what the changed ones were.

    `line` is that of the new file, or for a removed row of the old one.
    """

    kind: str
    line: int
    cells: Mapping[str, str]
    was: Mapping[str, str]

    def as_json(self) -> dict[str, Any]:
        """The change in the outside contract's shape."""
        return {"kind": self.kind, "line": self.line, "row": dict(self.cells), "was": dict(self.was)}


KINDS = ("added", "ended", "changed", "removed")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A table that might be taken. `policies` is the whole set with it, None if `faults` name what stands against it.

    `before` is the file that it would replace, as it was when it was compared; None if there was none.
    """

    table: str
    text: PolicyText
    before: PolicyText | None
    changes: tuple[RowChange, ...]
    policies: Policies | None
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]

    def counts(self) -> dict[str, int]:
        """How many rows of each kind of change."""
        return {kind: sum(change.kind == kind for change in self.changes) for kind in KINDS}


def table_named(name: str, file: str) -> str:
    """The table that is meant: `name`, else what the file is called. Raises NotFound."""
    wanted = name or Path(file).stem
    if wanted not in TABLES:
        raise NotFound(
            f"There is no payroll table {wanted if wanted.isidentifier() else 'of this name'}{nearest(wanted, TABLES)}.",
            next_step=f"Name one with --table: {', '.join(TABLES)}.",
        )
    return wanted


def propose(
    folder: Path, name: str, file: str, content: bytes, *, organisation: Organisation | None = None, today: date | None = None
) -> Proposal:
    """Hold the CSV `content` of `file` against the table `name` in `folder` and against all the other policies. Changes nothing.

    Faults of the file have its own lines.
    """
    target = f"payroll/{name}.csv"
    texts, unread = read_texts(folder)
    before = next((text for text in texts if text.file == target), None)
    try:
        given = read_table(name, policy_text(file, content.decode("utf-8")))
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        fault = Fault(f"{file}:{line}", "encoding", "the file is not UTF-8; save it as CSV UTF-8")
        return Proposal(name, policy_text(target, ""), before, (), None, (fault,), ())
    text = policy_text(target, written(name, given.records))
    if given.faults:
        return Proposal(name, text, before, (), None, given.faults, ())
    others = [each for each in texts if each.file != target]
    still_unread = [fault for fault in unread if fault.path.rpartition(":")[0] != target]
    policies, faults, warnings = check_texts(
        sorted([*others, text], key=lambda each: each.file), organisation=organisation, unread=still_unread, today=today
    )
    lines = _Lines(file, target, given)
    changes = differences(read_table(name, before) if before is not None else None, given)
    return Proposal(name, text, before, changes, policies, lines.of(faults), lines.of(warnings))


class _Lines:
    """Puts a fault of the table as it would be written onto the line of the file that was given."""

    def __init__(self, file: str, target: str, given: ReadTable) -> None:
        self._file, self._target = file, target
        self._lines = [1, *(record.line for record in given.records)]

    def of(self, faults: Iterable[Fault]) -> tuple[Fault, ...]:
        """The faults with their lines."""
        return tuple(self._moved(fault) for fault in faults)

    def _moved(self, fault: Fault) -> Fault:
        file, _, line = fault.path.rpartition(":")
        if file != self._target or not 1 <= int(line) <= len(self._lines):
            return fault
        return replace(fault, path=f"{self._file}:{self._lines[int(line) - 1]}")


def differences(before: ReadTable | None, after: ReadTable) -> tuple[RowChange, ...]:
    """What differs between two versions of a table, in the order of the new one, with what was removed at the end."""
    old = {_identity(before, record): record for record in before.records} if before is not None else {}
    found: list[RowChange] = []
    for record in after.records:
        known = old.pop(_identity(after, record), None)
        if known is None:
            found.append(RowChange("added", record.line, record.cells, {}))
            continue
        was = {column: known.cells[column] for column in after.table.columns if known.cells[column] != record.cells[column]}
        if was:
            found.append(RowChange("ended" if _ended(known, record, was) else "changed", record.line, record.cells, was))
    found += [RowChange("removed", record.line, record.cells, {}) for record in old.values()]
    return tuple(found)


def _identity(table: ReadTable, record: Record) -> tuple[str, ...]:
    return (*record.key(table.table), record.cells["valid_from"])


def _ended(before: Record, after: Record, was: Mapping[str, str]) -> bool:
    ends = after.values["valid_to"]
    return set(was) == {"valid_to"} and ends is not None and (before.values["valid_to"] is None or ends < before.values["valid_to"])


def demand_sound(proposal: Proposal, file: str) -> Policies:
    """The set as it would be; raises BadInput with every fault."""
    if proposal.policies is None:
        raise BadInput(
            f"{file} can't be the table '{proposal.table}': {len(proposal.faults)} rule(s) are broken.",
            faults=proposal.faults,
            next_step="Mend what is named; nothing was taken.",
        )
    return proposal.policies


def put_in_place(folder: Path, proposal: Proposal) -> Callable[[], None]:
    """Replace the table's file at once, whole; what is answered puts the former one back.

    Raises Conflict if the file has changed since it was compared, Unavailable if the disk doesn't take it. Then nothing has changed.
    """
    path = folder / proposal.text.file
    now = _content(path)
    before = proposal.before.text.encode() if proposal.before is not None else None
    if now != before:
        raise Conflict(
            f"{proposal.text.file} was changed by somebody else meanwhile; nothing was taken.", next_step="Look at the difference again."
        )
    _replace(path, proposal.text.text.encode())

    def undo() -> None:
        if before is None:
            path.unlink(missing_ok=True)
        else:
            _replace(path, before)

    return undo


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unwritable(path, error) from error


def _replace(path: Path, content: bytes) -> None:
    partial = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        path.parent.mkdir(exist_ok=True)
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            partial.chmod(path.stat().st_mode & 0o777)
        partial.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> Unavailable:
    return Unavailable(
        f"{path} can't be replaced: {error.strerror}.", next_step="Mend the folder's rights or make room; nothing was taken."
    )


def rows_on(read: ReadTable, on: date | None) -> Sequence[Record]:
    """The rows of a table that hold on a day; all of them without one."""
    if on is None:
        return read.records
    return [
        row for row in read.records if row.values["valid_from"] <= on and (row.values["valid_to"] is None or on <= row.values["valid_to"])
    ]
