"""`idm hire`: take hire events from a file; the refused come back as a file to mend."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import click

from idm.commands.answer import Answer, fault_lines, note
from idm.commands.command import single
from idm.commands.rejects import keep_rejects
from idm.commands.session import STDIN, installation, read_bytes
from idm.errors import BadInput, BadUsage, CheckFailed, Unavailable
from idm.flow.intake import Receipt, Taken
from idm.inputs.csv_events import CsvEvents, read_csv_events, reason_of
from idm.inputs.events import RawEvent, read_events


@single(
    "hire",
    examples=(
        "idm hire event.json",
        "idm hire hires.csv",
        "hr-export | idm hire -",
        "hr-export | idm hire - --format csv --json",
        "idm hire --rejected",
    ),
    exits={
        3: "every event was refused, or the file holds none; nothing was taken",
        6: "the event's id was taken before with other content",
        7: "the database or the disk can't be used",
        8: "some events were refused; they lie in the file that `rejects_file` names",
    },
)
@click.argument("file", required=False)
@click.option(
    "--format", "form", type=click.Choice(["json", "csv"]), help="What the file holds; by its name, if left out (.csv, else JSON)."
)
@click.option("--rejected", is_flag=True, help="Take nothing; hand out what was refused of the broker's queue of hires, as files to mend.")
def hire(file: str | None, form: str | None, rejected: bool) -> Answer:
    """Take hire events from FILE (- for standard input): CloudEvents in JSON, one or an array of them, or a table in CSV, a row for each.

    The same event again answers the same case. Refused events are written to a file, to mend and to send again.
    """
    from idm.taking import take_events

    if rejected:
        return _rejected(file)
    if file is None:
        raise BadUsage("Missing argument 'FILE'.", next_step="Name a file, or - for standard input.")
    raw = read_bytes(file)
    as_csv = form == "csv" or (form is None and file.lower().endswith(".csv"))
    batch = _Batch(read_csv_events(raw, "input.csv" if file == STDIN else Path(file).name)) if as_csv else _Batch()
    events = batch.table.events if batch.table else read_events(raw)
    with installation() as found:
        try:
            for event, receipt in take_events(found.app, events):
                batch.add(event, receipt)
                note(f"{len(batch.receipts)}: {_plain(receipt.id)} {receipt.outcome.value}")
        except Unavailable as error:
            raise _broken_off(error, batch.receipts) from error
        rejects_file = batch.keep(found.settings.home / "rejects", found.app.clock.machine())
    document = {"items": [receipt.as_json() for receipt in batch.receipts], "rejects_file": str(rejects_file) if rejects_file else None}
    return Answer(document, _text(batch.receipts, rejects_file), _exit_code(batch.receipts))


def _rejected(file: str | None) -> Answer:
    from idm.commands.rejected import hand_out

    if file is not None:
        raise BadUsage("--rejected takes no FILE: it hands out what lies in the broker's queue.", next_step="Leave FILE out.")
    return hand_out()


@dataclass
class _Batch:
    """One input on its way: the `table` that it came as, if it did, and what became of its events."""

    table: CsvEvents | None = None
    receipts: list[Receipt] = field(default_factory=list)
    refused: list[tuple[RawEvent, Receipt]] = field(default_factory=list)

    def add(self, event: RawEvent, receipt: Receipt) -> None:
        """Count an event that was answered. What is wrong with one of a table is named by the place in it."""
        if self.table is not None and receipt.error is not None:
            self.table.placed(event, receipt.error)
        self.receipts.append(receipt)
        if receipt.outcome is Taken.REFUSED:
            self.refused.append((event, receipt))

    def keep(self, folder: Path, at: datetime) -> Path | None:
        """Write the refused events as they came, to a file of their own; None if there are none."""
        if not self.refused:
            return None
        try:
            if self.table is None:
                text = json.dumps([event.content for event, _ in self.refused], ensure_ascii=False, indent=1) + "\n"
                return keep_rejects(folder, text.encode("utf-8", "backslashreplace"), ".json", at)
            reasons = [(event, reason_of(receipt.error)) for event, receipt in self.refused if receipt.error is not None]
            return keep_rejects(folder, self.table.rejects(reasons), ".csv", at)
        except Unavailable as error:
            taken = len(self.receipts) - len(self.refused)
            raise Unavailable(
                f"{error.message} The {len(self.refused)} refused event(s) could not be kept there; {taken} event(s) were taken.",
                faults=[fault for _, receipt in self.refused if receipt.error is not None for fault in receipt.error.faults],
                next_step=f"{error.next_step} Then send the whole file again: what was taken is answered as replayed.",
            ) from error


def _broken_off(error: Unavailable, receipts: Sequence[Receipt]) -> Unavailable:
    """The error of a batch that broke off, with what became of those before it."""
    if not receipts:
        return error
    return Unavailable(
        f"{error.message} It broke off after {len(receipts)} event(s), which stay as they are.",
        faults=error.faults,
        next_step=f"{error.next_step} Then send the whole file again: what was taken is answered as replayed.".strip(),
    )


def _text(receipts: Sequence[Receipt], rejects: Path | None) -> list[str]:
    lines: list[str] = []
    for receipt in receipts:
        if receipt.error is None:
            told = f". {receipt.reason}" if receipt.reason else ""
            lines.append(f"{receipt.outcome.value:8}  {_plain(receipt.id)}  case {receipt.case}{told}")
        else:
            lines.append(f"{receipt.outcome.value:8}  {_plain(receipt.id)}  {receipt.error.message}")
            lines.extend(f"        {line}" for line in fault_lines(receipt.error.faults))
    if rejects is not None:
        lines.append(f"Next: mend the refused events in {rejects} and take them with `idm hire {rejects}`; then delete the file.")
    return lines


def _plain(id: str) -> str:
    """An event's id as a terminal may show it: a refused one may hold anything."""
    return "".join(letter if letter.isprintable() else "?" for letter in id[:100])


def _exit_code(receipts: Sequence[Receipt]) -> int:
    """0 if all were taken (or had been); if all were refused the code of the only one, else 3; 8 if some were."""
    refused = [receipt for receipt in receipts if receipt.error is not None]
    if not refused:
        return 0
    if len(refused) < len(receipts):
        return CheckFailed.exit_code
    only = refused[0].error
    return only.exit_code if len(refused) == 1 and only is not None else BadInput.exit_code
