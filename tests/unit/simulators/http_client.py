"""A system behind HTTP in this process, and plain requests to it, as curl would make them."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from idm.simulators.service import Failures, Journal, Service

OWN = "own-secret"
READER = "reader-secret"


@dataclass(frozen=True)
class Running:
    """A system that runs: where, its journal and its failures."""

    url: str
    journal: Journal
    failures: Failures

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str | None = OWN,
        effect: str | None = "effect",
        headers: dict[str, str] | None = None,
        timeout: float = 30,
    ) -> tuple[int, Any]:
        """Status and JSON of the answer."""
        status, content = self.ask_raw(method, path, body, token=token, effect=effect, headers=headers, timeout=timeout)
        return status, json.loads(content)

    def ask_raw(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str | None = OWN,
        effect: str | None = "effect",
        headers: dict[str, str] | None = None,
        timeout: float = 30,
    ) -> tuple[int, bytes]:
        """Status and bytes of the answer."""
        sent = dict(headers or {})
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        if effect is not None:
            sent["Idempotency-Key"] = effect
        content = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        wire = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=timeout)
        try:
            wire.request(method, path, content, sent)
            answer = wire.getresponse()
            return answer.status, answer.read()
        finally:
            wire.close()

    def told(self) -> list[tuple[str, str, str, str]]:
        """The journal, without numbers and times."""
        return [(entry.op, entry.key, entry.effect_key, entry.result) for entry in self.journal.entries()]


@contextmanager
def running(path: Path, build: Callable[[int, Journal, Failures], Service]) -> Iterator[Running]:
    """The system that `build` makes on a free port, with its journal at `path`."""
    journal, failures = Journal(path), Failures()
    service = build(0, journal, failures)
    url = service.start()
    try:
        yield Running(url, journal, failures)
    finally:
        service.stop()
        journal.close()
