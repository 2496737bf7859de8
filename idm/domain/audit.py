"""The audit chain: every entry holds the hash of the one before, so that a change shows.

A payload enters the hash only as a salted digest. When personal data must be erased (GDPR article 17), payload and salt
go, and the chain still verifies.
"""

from __future__ import annotations

import bisect
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

MOST_NAMED = 10_000
"""Missing entries of one gap that are named one by one: whoever tampers could claim any number of them."""

GENESIS = ""
"""What the first entry of a stream gives as the hash before it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a stream (a case, or another subject). `seq` counts from 1; `payload` is JSON text, None once erased."""

    stream: str
    seq: int
    at: datetime
    actor: str
    action: str
    payload: str | None
    salt: str | None
    payload_hash: str
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class ChainFault:
    """One place where a stream isn't as it was written: kind is changed, removed, reordered, inserted or truncated."""

    stream: str
    entry: int
    kind: str

    def as_json(self) -> dict[str, Any]:
        """The fault in the outside contract's shape."""
        return {"entry": self.entry, "case": self.stream, "kind": self.kind}


@dataclass(frozen=True, slots=True)
class Verified:
    """How many entries were read, and every fault found."""

    entries: int
    faults: tuple[ChainFault, ...]


def chain(
    stream: str,
    head: tuple[int, str],
    at: datetime,
    actor: str,
    action: str,
    payload: Mapping[str, Any],
    salt: str,
) -> Entry:
    """The next entry after `head` (sequence number and hash of the last one). `salt` is fresh and random."""
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    digest = _payload_hash(salt, text)
    seq = head[0] + 1
    own = _entry_hash(stream, seq, at, actor, action, digest, head[1])
    return Entry(stream, seq, at, actor, action, text, salt, digest, head[1], own)


def _payload_hash(salt: str, text: str) -> str:
    return hashlib.sha256(f"{salt}\n{text}".encode()).hexdigest()


def _entry_hash(stream: str, seq: int, at: datetime, actor: str, action: str, payload_hash: str, previous: str) -> str:
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    parts = json.dumps([stream, seq, moment, actor, action, payload_hash, previous], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(parts.encode()).hexdigest()


def verify(stream: str, entries: Iterable[Entry], head: tuple[int, str]) -> list[ChainFault]:
    """Every fault of a stream, given its entries and the head (sequence number, hash) that the stream's own row remembers.

    It walks from the head back to the first entry. What the walk misses was removed (at the end: truncated), what it finds in
    another place was reordered, what doesn't match its own hash was changed, and what it never meets was inserted.
    """
    rows = list(entries)
    by_hash = {entry.hash: entry for entry in rows}
    by_seq = {entry.seq: entry for entry in rows}
    known = sorted(by_seq)
    faults: list[ChainFault] = []
    met: set[str] = set()
    seq, wanted = head
    while seq > 0:
        entry = by_hash.get(wanted)
        if entry is not None and entry.hash not in met:
            fault = _fault_of(entry, seq)
        else:
            entry = by_seq.get(seq)
            if entry is None or entry.hash in met:
                faults.append(ChainFault(stream, seq, "truncated" if not met else "removed"))
                seq = _next_below(seq, known)
                wanted = by_seq[seq].hash if seq in by_seq else ""
                continue
            fault = "changed"
        met.add(entry.hash)
        if fault:
            faults.append(ChainFault(stream, seq, fault))
        seq, wanted = seq - 1, entry.previous
    faults.extend(ChainFault(stream, entry.seq, "inserted") for entry in rows if entry.hash not in met)
    return sorted(faults, key=lambda fault: fault.entry)


def _next_below(seq: int, known: Sequence[int]) -> int:
    """The number to look at after `seq`, which is missing: the one below, or past a gap too wide to name every number in it."""
    at = bisect.bisect_left(known, seq)
    below = known[at - 1] if at else 0
    return min(seq - 1, max(below, 0) + MOST_NAMED)


def missing(first: int, last: int) -> Iterable[int]:
    """The numbers from `first` to `last`, or only the outer ones of a gap too wide to name every number in it."""
    return range(first, last + 1) if last - first < MOST_NAMED else (*range(first, first + MOST_NAMED), last)


def broken(entry: Entry) -> bool:
    """Whether an entry doesn't match its own hash."""
    return bool(_fault_of(entry, entry.seq))


def _fault_of(entry: Entry, seq: int) -> str:
    """What is wrong with an entry that the chain expects as number `seq`: "" if nothing."""
    if entry.payload is not None and _payload_hash(entry.salt or "", entry.payload) != entry.payload_hash:
        return "changed"
    own = _entry_hash(entry.stream, seq, entry.at, entry.actor, entry.action, entry.payload_hash, entry.previous)
    if own != entry.hash:
        return "changed"
    return "" if entry.seq == seq else "reordered"
