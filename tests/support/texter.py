"""A texter that keeps what it was given."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping

from idm.connector import Confidential
from idm.errors import Unavailable


class MemoryTexter:
    """`idm.ports.Texter`: keeps each message as (id, number, slug, language, values), once by its id, or is away."""

    def __init__(self) -> None:
        self.sent: dict[str, tuple[str, str, str, Mapping[str, str]]] = {}
        self.away = False
        self._lock = threading.Lock()

    def send(self, id: str, to: Confidential, slug: str, language: str, values: Mapping[str, str]) -> bool:
        """See the protocol."""
        if self.away:
            raise Unavailable("The text message can't be sent now.", next_step="Try again in a few minutes.")
        with self._lock:
            self.sent.setdefault(id, (to.reveal(), slug, language, dict(values)))
        return True

    @property
    def code(self) -> str:
        """The newest code."""
        return list(self.sent.values())[-1][3]["code"]

    @property
    def wrong(self) -> str:
        """Six digits that aren't the newest code."""
        assert re.fullmatch(r"[0-9]{6}", self.code)
        return f"{(int(self.code) + 1) % 1_000_000:06d}"
