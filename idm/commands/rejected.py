"""`idm hire --rejected`: hand out what was refused of the queue of hires, as files to mend."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from idm.commands.answer import Answer
from idm.commands.rejects import keep_rejects
from idm.errors import BadInput, Unavailable
from idm.inputs.events import RawEvent, read_events
from idm.taking import as_text, shown_id

if TYPE_CHECKING:
    from idm.dispatch.hires import Refusal


def hand_out() -> Answer:
    """Move every refused message of the queue into files, and answer why each was refused."""
    from idm.dispatch.hires import hand_over_rejected
    from idm.settings import read_settings

    settings = read_settings()
    if settings.embedded:
        raise Unavailable(
            "Without a broker there is no queue of hires, so nothing of it was refused.",
            next_step=f"Events that a file or POST /events brought are refused in their answers; files lie in {settings.home / 'rejects'}.",
        )
    found = _Found(settings.home / "rejects", datetime.now(UTC))
    hand_over_rejected(settings.broker_url, found.keep)
    document = {"items": found.items, "rejects_file": found.rejects_file, "unreadable": found.unreadable}
    return Answer(document, list(found.text()))


class _Found:
    """What was refused: its receipts, and the files that it was written to."""

    def __init__(self, folder: Path, at: datetime) -> None:
        self._folder = folder
        self._at = at
        self.items: list[dict[str, Any]] = []
        self.rejects_file: str | None = None
        self.unreadable: list[str] = []

    def keep(self, refusals: Sequence[Refusal]) -> None:
        """Write events to one file and each body that holds none to its own. Only when all is on the disk may the queue forget them."""
        events: list[bytes] = []
        for refusal in refusals:
            try:
                read = read_events(refusal.body)
            except BadInput:
                self.unreadable.append(str(keep_rejects(self._folder, refusal.body, ".unreadable", self._at)))
                self._tell(refusal, None)
            else:
                events.extend(as_text(event) for event in read)
                for event in read:
                    self._tell(refusal, event)
        if events:
            self.rejects_file = str(keep_rejects(self._folder, b"[\n" + b",\n".join(events) + b"\n]\n", ".json", self._at))

    def _tell(self, refusal: Refusal, event: RawEvent | None) -> None:
        self.items.append(
            {
                "source": shown_id(event.source, "") if event is not None else "",
                "id": shown_id(event.id, "") if event is not None else "",
                "outcome": "refused",
                "case": None,
                "faults": [fault.as_json() for fault in refusal.faults],
                "reason": refusal.reason,
            }
        )

    def text(self) -> Sequence[str]:
        """The same in words."""
        if not self.items:
            return ["Nothing of the queue was refused."]
        lines = [f"refused  {item['id'] or '-'}  {item['reason']}" for item in self.items]
        if self.rejects_file:
            lines.append(f"Next: mend the events in {self.rejects_file} and take them with `idm hire`; then delete the file.")
        lines += [f"Next: {path} holds a message without events; tell whoever sent it, and delete the file." for path in self.unreadable]
        return lines
