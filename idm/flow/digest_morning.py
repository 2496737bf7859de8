"""What every section of a digest looks at, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from idm.flow.board import Board
from idm.ports import App

FIRST_LOOK = timedelta(days=14)
"""How far back the first digest of a reader looks."""

Item = Mapping[str, object]
"""What a section's text needs of one thing: ids and plain values. Names are looked up when the mail is made, by `person`, `unit`, `by`."""


@dataclass(frozen=True, slots=True)
class Morning:
    """What sections look at: the board, and when each reader was last told (by person or `team:` id)."""

    app: App
    board: Board
    now: datetime
    last: Mapping[str, datetime] = field(default_factory=dict)

    def since(self, reader: str) -> datetime:
        """What happened after this moment, the reader hasn't been told of."""
        return self.last.get(reader, self.now - FIRST_LOOK)


Section = Callable[[Morning], Iterator[tuple[str, Item]]]
"""Who reads what: readers (persons, or `team:` and a team's id), each with one thing of the section."""
