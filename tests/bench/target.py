"""A target that does nothing, at once: what is left is the engine's own work."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from idm.connector import Change, Description, Effect, KindInfo, Observed, Ref

KINDS = tuple(f"part{number}" for number in range(1, 9))


class NoTarget:
    """Holds nothing, takes everything. `delay` is how long each change takes, in seconds."""

    def __init__(self, delay: float = 0.0) -> None:
        self._delay = delay
        self._never = threading.Event()

    def describe(self) -> Description:
        return Description({kind: KindInfo(Effect.KEYED) for kind in KINDS}, 1.0)

    def probe(self) -> str:
        return "there is nothing to reach"

    def read(self, ref: Ref) -> Observed | None:
        return None

    def perform(self, change: Change) -> str:
        if self._delay:
            self._never.wait(self._delay)
        return change.key

    def scan(self, kind: str) -> Iterator[Observed]:
        return iter(())
