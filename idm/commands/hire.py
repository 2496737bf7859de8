"""`idm hire`: take hire events from a file; the refused come back as a file to mend."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from idm.commands.answer import Answer, fault_lines, note
from idm.commands.command import single
from idm.commands.session import installation, new_private_file, read_bytes, writing
from idm.errors import BadInput, CheckFailed, Unavailable
from idm.flow.intake import Receipt, Taken


@single(
    "hire",
    examples=("idm hire event.json", "hr-export | idm hire -", "idm hire events.json --json"),
    exits={
        3: "every event was refused; nothing was taken",
        6: "the event's id was taken before with other content",
        8: "some events were refused; they lie in the file that `rejects_file` names",
    },
)
@click.argument("file")
def hire(file: str) -> Answer:
    """Take hire events from FILE: one CloudEvent in JSON or an array of them (- for standard input).

    The same event again answers the same case. Refused events are written to a file, to mend and to send again.
    """
    from idm.taking import take_each

    raw = read_bytes(file)
    receipts: list[Receipt] = []
    rejects: list[Any] = []
    with installation() as found:
        try:
            for event, receipt in take_each(found.app, raw):
                receipts.append(receipt)
                if receipt.outcome is Taken.REFUSED:
                    rejects.append(event.content)
                note(f"{len(receipts)}: {_plain(receipt.id)} {receipt.outcome.value}")
        except Unavailable as error:
            raise _broken_off(error, receipts) from error
        rejects_file = _keep(found.settings.home / "rejects", rejects, found.app.clock.machine()) if rejects else None
    document = {"items": [receipt.as_json() for receipt in receipts], "rejects_file": str(rejects_file) if rejects_file else None}
    return Answer(document, _text(receipts, rejects_file), _exit_code(receipts))


def _broken_off(error: Unavailable, receipts: Sequence[Receipt]) -> Unavailable:
    """The error of a batch that broke off, with what became of those before it."""
    if not receipts:
        return error
    return Unavailable(
        f"{error.message} It broke off after {len(receipts)} event(s), which stay as they are.",
        faults=error.faults,
        next_step=f"{error.next_step} Then send the whole file again: what was taken is answered as replayed.".strip(),
    )


def _keep(folder: Path, rejects: Sequence[Any], at: datetime) -> Path:
    """Write the refused events to a file of their own, which its owner alone may read: they hold personal data."""
    with writing(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for number in range(1, 10_000):
            path = folder / f"{at:%Y%m%dT%H%M%SZ}-{number}.json"
            try:
                descriptor = new_private_file(path)
            except FileExistsError:
                continue
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(rejects, file, ensure_ascii=False, indent=1)
                file.write("\n")
            return path
    raise Unavailable(f"{folder} is full of rejects.", next_step="Clear it: those files hold personal data.")


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
