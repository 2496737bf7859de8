from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idm.domain.audit import GENESIS, MOST_NAMED, Entry, chain, missing, verify

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def stream(count: int, name: str = "c-1") -> list[Entry]:
    entries: list[Entry] = []
    head = (0, GENESIS)
    for number in range(1, count + 1):
        entries.append(chain(name, head, AT + timedelta(seconds=number), "boss", f"act-{number}", {"number": number}, f"salt-{number}"))
        head = (entries[-1].seq, entries[-1].hash)
    return entries


def faults(entries: list[Entry], head: tuple[int, str]) -> list[tuple[int, str]]:
    return [(fault.entry, fault.kind) for fault in verify("c-1", entries, head)]


def head_of(entries: list[Entry]) -> tuple[int, str]:
    return (entries[-1].seq, entries[-1].hash) if entries else (0, GENESIS)


@given(st.integers(0, 12), st.randoms())
def test_what_was_written_verifies_in_whatever_order_it_is_read(count: int, random: Random) -> None:
    entries = stream(count)
    shuffled = list(entries)
    random.shuffle(shuffled)

    assert faults(shuffled, head_of(entries)) == []


@given(st.integers(1, 8), st.data())
def test_erased_payloads_still_verify(count: int, data: st.DataObject) -> None:
    entries = stream(count)
    erased = data.draw(st.sets(st.integers(0, count - 1)))
    kept = [replace(entry, payload=None, salt=None) if index in erased else entry for index, entry in enumerate(entries)]

    assert faults(kept, head_of(entries)) == []


CHANGES: dict[str, Callable[[Entry], Entry]] = {
    "payload": lambda entry: replace(entry, payload='{"number":0}'),
    "salt": lambda entry: replace(entry, salt="other"),
    "salt gone": lambda entry: replace(entry, salt=None),
    "payload and its hash": lambda entry: replace(
        chain(entry.stream, (entry.seq - 1, entry.previous), entry.at, entry.actor, entry.action, {"x": 1}, "s"), hash=entry.hash
    ),
    "actor": lambda entry: replace(entry, actor="other"),
    "action": lambda entry: replace(entry, action="other"),
    "moment": lambda entry: replace(entry, at=entry.at + timedelta(microseconds=1)),
    "payload hash": lambda entry: replace(entry, payload_hash="0" * 64),
    "stream": lambda entry: replace(entry, stream="c-2"),
    "own hash": lambda entry: replace(entry, hash="0" * 64),
    "rewritten whole": lambda entry: chain(entry.stream, (entry.seq - 1, entry.previous), entry.at, "other", entry.action, {"x": 1}, "s"),
}


@pytest.mark.parametrize("what", CHANGES)
@given(count=st.integers(1, 8), data=st.data())
def test_any_change_of_one_entry_is_named(what: str, count: int, data: st.DataObject) -> None:
    entries = stream(count)
    at = data.draw(st.integers(0, count - 1))
    head = head_of(entries)
    entries[at] = CHANGES[what](entries[at])

    assert faults(entries, head) == [(at + 1, "changed")]


@given(count=st.integers(2, 8), data=st.data())
def test_an_entry_taken_out_of_the_middle_is_named(count: int, data: st.DataObject) -> None:
    entries = stream(count)
    at = data.draw(st.integers(0, count - 2))
    del entries[at]

    assert faults(entries, (count, entries[-1].hash)) == [(at + 1, "removed")]


@given(count=st.integers(1, 8), data=st.data())
def test_a_cut_end_is_named_entry_by_entry(count: int, data: st.DataObject) -> None:
    entries = stream(count)
    left = data.draw(st.integers(0, count - 1))

    assert faults(entries[:left], head_of(entries)) == [(number, "truncated") for number in range(left + 1, count + 1)]


@given(count=st.integers(2, 8), data=st.data())
def test_two_entries_that_changed_places_are_both_named(count: int, data: st.DataObject) -> None:
    entries = stream(count)
    first, second = sorted(data.draw(st.lists(st.integers(0, count - 1), min_size=2, max_size=2, unique=True)))
    head = head_of(entries)
    one, two = entries[first], entries[second]
    entries[first], entries[second] = replace(one, seq=two.seq), replace(two, seq=one.seq)

    assert faults(entries, head) == [(first + 1, "reordered"), (second + 1, "reordered")]


@given(count=st.integers(0, 8), data=st.data())
def test_an_entry_put_in_is_named(count: int, data: st.DataObject) -> None:
    entries = stream(count)
    head = head_of(entries)
    at = data.draw(st.integers(0, count))
    before = (at, entries[at - 1].hash if at else GENESIS)
    entries.insert(at, chain("c-1", before, AT, "intruder", "act", {}, "s"))

    assert faults(entries, head) == [(at + 1, "inserted")]


def test_a_stream_without_a_head_was_put_in_whole() -> None:
    assert faults(stream(2), (0, GENESIS)) == [(1, "inserted"), (2, "inserted")]


def test_the_chain_holds_what_was_said_and_links_to_what_was_before() -> None:
    first, second = stream(2)
    assert (first.seq, first.previous, first.payload) == (1, GENESIS, '{"number":1}')
    assert (second.seq, second.previous) == (2, first.hash)
    assert verify("c-1", [], (1, "h"))[0].as_json() == {"entry": 1, "case": "c-1", "kind": "truncated"}


def test_the_payload_cannot_be_guessed_from_its_hash() -> None:
    one = chain("c", (0, GENESIS), AT, "a", "b", {"x": 1}, "salt-1")
    two = chain("c", (0, GENESIS), AT, "a", "b", {"x": 1}, "salt-2")
    assert one.payload_hash != two.payload_hash


@pytest.mark.parametrize("claimed", [10**6, 10**15])
def test_a_head_that_claims_any_number_of_entries_is_told_in_bounded_time(claimed: int) -> None:
    entries = stream(3)
    found = faults(entries, (claimed, "0" * 64))

    assert found[-1] == (claimed, "truncated")
    assert {kind for _, kind in found} == {"truncated", "changed"} or {kind for _, kind in found} == {"truncated"}
    assert len(found) <= MOST_NAMED + 10


def test_an_entry_moved_far_away_is_told_in_bounded_time() -> None:
    entries = stream(3)
    far = replace(entries[2], seq=10**15)
    found = faults([*entries[:2], far], (10**15, far.hash))

    assert found
    assert len(found) <= 2 * MOST_NAMED + 10


def test_a_wide_gap_is_named_by_its_edges() -> None:
    assert list(missing(3, 5)) == [3, 4, 5]
    assert list(missing(5, 4)) == []
    wide = list(missing(1, 10**15))
    assert (wide[0], wide[-1], len(wide)) == (1, 10**15, MOST_NAMED + 1)
