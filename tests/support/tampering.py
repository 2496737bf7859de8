"""What somebody with the database's rights, and without the sealing key, can do to the audit by SQL."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from idm.domain.audit import Entry, chain
from idm.domain.case_json import micros
from idm.flow.verify import verify_audit
from idm.ports import Sealing
from idm.sealing import AnchorFiles, SealKeyFile
from tests.support.world import World


def with_seals(world: World, folder: Path) -> World:
    """The world with a sealing key and an anchor in `folder`."""
    keys = SealKeyFile.open(folder / "seal.keys") or SealKeyFile.create(folder / "seal.keys")
    world.app = replace(world.app, sealing=Sealing(keys, AnchorFiles([folder / "anchor" / "seals.jsonl"])))
    return world


def found(world: World, stream: str = "") -> list[tuple[str, int, str]]:
    """What verifying finds: stream, number and kind of each fault."""
    return [(fault.stream, fault.entry, fault.kind) for fault in verify_audit(world.app, stream).faults]


def entries(world: World, stream: str) -> list[Entry]:
    """A stream's entries by their numbers."""
    return sorted(world.store.audit(stream), key=lambda entry: entry.seq)


def rewritten(old: list[Entry], at: int, actor: str = "nobody") -> list[Entry]:
    """The stream with another actor in entry `at` (from 1), and every hash from there on worked out anew."""
    made: list[Entry] = []
    for entry in old:
        head = (made[-1].seq, made[-1].hash) if made else (0, "")
        who = actor if entry.seq == at else entry.actor
        made.append(chain(entry.stream, head, entry.at, who, entry.action, json.loads(entry.payload or "{}"), entry.salt or ""))
    return made


def put(world: World, stream: str, new: list[Entry], *, sealed: bool = True) -> None:
    """Replace a stream by other entries, with a head that fits: all that can be done without the key."""
    world.sql("delete from audit where stream = :stream", stream=stream)
    for entry in new:
        world.sql(
            "insert into audit (stream, seq, at, actor, action, payload, salt, payload_hash, previous, hash, sealed) values"
            " (:stream, :seq, :at, :actor, :action, :payload, :salt, :payload_hash, :previous, :hash, :sealed)",
            stream=stream,
            seq=entry.seq,
            at=micros(entry.at),
            actor=entry.actor,
            action=entry.action,
            payload=entry.payload,
            salt=entry.salt,
            payload_hash=entry.payload_hash,
            previous=entry.previous,
            hash=entry.hash,
            sealed=sealed,
        )
    head = new[-1] if new else None
    seq, hash = (head.seq, head.hash) if head else (0, "")
    world.sql("update cases set head_seq = :seq, head_hash = :hash where id = :stream", seq=seq, hash=hash, stream=stream)
    world.sql("update streams set seq = :seq, hash = :hash where id = :stream", seq=seq, hash=hash, stream=stream)
