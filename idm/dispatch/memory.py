"""The embedded broker: kombu's in-memory transport, asked to look up often, so that a worker that shall stop does so at once."""

from __future__ import annotations

from typing import Any

from kombu.transport import memory

LOOK_UP = 0.2
"""Seconds for which a worker waits for a message before it looks whether it shall stop."""


class Transport(memory.Transport):
    """kombu's, with a shorter wait."""

    def drain_events(self, connection: Any, timeout: float | None = None, **kwargs: Any) -> None:
        """Deliver a message; raises TimeoutError if none came within `timeout` seconds, or within a moment."""
        super().drain_events(connection, timeout=min(timeout or LOOK_UP, LOOK_UP), **kwargs)
