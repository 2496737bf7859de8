"""Verify the audit: every stream's chain against the head that its own row remembers."""

from __future__ import annotations

from dataclasses import dataclass

from idm.domain.audit import ChainFault, Entry, verify
from idm.ports import App


@dataclass(frozen=True, slots=True)
class Verified:
    """How many entries were read, and every fault found."""

    entries: int
    faults: tuple[ChainFault, ...]


def verify_audit(app: App, stream: str = "") -> Verified:
    """Verify one stream, or all of them; a stream with entries and no head at all counts as inserted."""
    by_stream: dict[str, list[Entry]] = {}
    count = 0
    for entry in app.store.audit(stream, limit=100_000_000):
        by_stream.setdefault(entry.stream, []).append(entry)
        count += 1
    heads = {name: head for name, head in app.store.heads().items() if not stream or name == stream}
    faults: list[ChainFault] = []
    for name in sorted(set(by_stream) | set(heads)):
        faults.extend(verify(name, by_stream.get(name, []), heads.get(name, (0, ""))))
    return Verified(count, tuple(faults))
