"""Seals: from time to time the newest entry of every stream that has grown is written down under a key that the database lacks.

Each seal holds the MAC of the one before, so that the newest one, kept elsewhere, vouches for all. Who rebuilds a stream with
all its hashes, or takes away its end, can't make the seal that would go with it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from idm.domain.audit import GENESIS, ChainFault, Entry, Verified, broken, missing, verify
from idm.domain.case_json import micros

SEALS = "seals"
"""The name under which faults of the seals themselves are told: it stands where a stream's would."""

Mac = Callable[[bytes, str], str | None]
"""The MAC (hex) of bytes under the key of that id; None if that key isn't known."""


@dataclass(frozen=True, slots=True)
class SealedHead:
    """The newest entry of a stream when it was sealed."""

    stream: str
    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Seal:
    """One seal. `number` counts from 1; `heads` is how many streams it covers, `digest` theirs; `previous` the MAC of the seal before."""

    number: int
    at: datetime
    key: str
    heads: int
    digest: str
    previous: str
    mac: str = ""

    @property
    def signed(self) -> bytes:
        """The bytes that the MAC is made of."""
        parts = [self.number, micros(self.at), self.key, self.heads, self.digest, self.previous]
        return json.dumps(parts, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class Anchored:
    """What is known of the newest seal outside the database."""

    number: int
    mac: str


NOTHING = Anchored(0, GENESIS)
"""Before the first seal."""


def digest_of(heads: Iterable[SealedHead]) -> str:
    """The digest of the heads that one seal covers, in whatever order they come."""
    lines = sorted(json.dumps([head.stream, head.seq, head.hash], ensure_ascii=False, separators=(",", ":")).encode() for head in heads)
    return hashlib.sha256(b"\n".join(lines)).hexdigest()


def check_seal(seal: Seal, heads: Iterable[SealedHead], expected: Anchored, mac: Mac | None) -> str:
    """What is wrong with a seal, given the heads that the database has for it and the seal before; "" if nothing.

    Without `mac` the key isn't at hand: then only what needs none is checked.
    """
    found = list(heads)
    if mac is not None and mac(seal.signed, seal.key) != seal.mac:
        return "changed"
    if seal.previous != expected.mac:
        return "changed"
    if digest_of(found) == seal.digest:
        return ""
    return "removed" if len(found) < seal.heads else "inserted" if len(found) > seal.heads else "changed"


def check_seals(seals: Iterable[tuple[Seal, Iterable[SealedHead]]], anchor: Anchored, mac: Mac | None) -> Iterator[ChainFault]:
    """Every fault of the seals, in order of their numbers: each by itself, those that are missing, and against what is known outside."""
    last = NOTHING
    met = anchor.number == 0
    for seal, heads in seals:
        for number in missing(last.number + 1, seal.number - 1):
            yield ChainFault(SEALS, number, "removed")
        expected = last if seal.number == last.number + 1 else Anchored(seal.number - 1, seal.previous)
        fault = check_seal(seal, heads, expected, mac)
        if seal.number == anchor.number:
            met = True
            fault = fault or ("changed" if seal.mac != anchor.mac else "")
        if fault:
            yield ChainFault(SEALS, seal.number, fault)
        last = Anchored(seal.number, seal.mac)
    if not met:
        for number in missing(last.number + 1, anchor.number):
            yield ChainFault(SEALS, number, "truncated")


def check_stream(
    stream: str, read: Callable[[str], Iterable[tuple[Entry, bool]]], head: tuple[int, str], sealed: Mapping[int, str]
) -> Verified:
    """How many entries a stream has, and every fault: of its chain, and against the heads that were sealed of it.

    `read` gives a stream's entries in order, each with whether it is marked as sealed; `sealed` maps numbers to the hashes that seals vouch
    for. A sound stream is never held in memory as a whole.
    """
    chain = _Forward(sealed)
    for entry, marked in read(stream):
        chain.take(entry, marked)
    if not chain.broken and (chain.seq, chain.hash) == head and not chain.against and chain.seq >= max(sealed, default=0):
        return Verified(chain.count, ())
    entries = [entry for entry, _ in read(stream)]
    faults = {fault.entry: fault for fault in verify(stream, entries, head)}
    for fault in [*chain.against, *_cut(stream, entries, sealed)]:
        faults.setdefault(fault.entry, fault)
    return Verified(chain.count, tuple(faults[number] for number in sorted(faults)))


class _Forward:
    """A stream read from its first entry to its last: whether all links hold, and what seals say against it."""

    def __init__(self, sealed: Mapping[int, str]) -> None:
        self._sealed = sealed
        self._newest = max(sealed, default=0)
        self.seq = 0
        self.hash = GENESIS
        self.count = 0
        self.broken = False
        self.against: list[ChainFault] = []

    def take(self, entry: Entry, marked: bool) -> None:
        """Go on by one entry."""
        self.count += 1
        self.broken = self.broken or entry.seq != self.seq + 1 or entry.previous != self.hash or broken(entry)
        self.seq, self.hash = entry.seq, entry.hash
        # After the first difference all later hashes differ too, because each holds the one before.
        if self._sealed.get(entry.seq, entry.hash) != entry.hash and not any(fault.kind == "changed" for fault in self.against):
            self.against.append(ChainFault(entry.stream, entry.seq, "changed"))
        elif marked and entry.seq > self._newest:
            self.against.append(ChainFault(entry.stream, entry.seq, "inserted"))


def _cut(stream: str, entries: list[Entry], sealed: Mapping[int, str]) -> Iterator[ChainFault]:
    """The entries at the end that a seal vouches for and that are gone; and any in the middle."""
    present = {entry.seq for entry in entries}
    last = max(present, default=0)
    for number in sorted(sealed):
        if number < last and number not in present:
            yield ChainFault(stream, number, "removed")
    for number in missing(last + 1, max(sealed, default=0)):
        yield ChainFault(stream, number, "truncated")
