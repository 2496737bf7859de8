from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idm.domain.seals import NOTHING, Anchored, Seal, SealedHead, check_seals, digest_of

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
Sealed = tuple[Seal, list[SealedHead]]


def mac(data: bytes, key: str) -> str | None:
    return hmac.new(key.encode(), data, sha256).hexdigest() if key.startswith("k-") else None


def sealed(count: int, key: str = "k-1") -> list[Sealed]:
    made: list[Sealed] = []
    before = NOTHING
    for number in range(1, count + 1):
        heads = [SealedHead(f"c-{each}", number, f"hash-{each}-{number}") for each in range(number)]
        seal = Seal(number, AT, key, len(heads), digest_of(heads), before.mac)
        made.append((replace(seal, mac=str(mac(seal.signed, key))), heads))
        before = Anchored(number, made[-1][0].mac)
    return made


def newest(seals: Sequence[Sealed]) -> Anchored:
    return Anchored(seals[-1][0].number, seals[-1][0].mac) if seals else NOTHING


def faults(seals: Sequence[Sealed], anchor: Anchored, *, keyed: bool = True) -> list[tuple[int, str]]:
    return [(fault.entry, fault.kind) for fault in check_seals(seals, anchor, mac if keyed else None)]


@given(st.integers(0, 6), st.booleans())
def test_what_was_sealed_is_sound_with_and_without_the_key(count: int, keyed: bool) -> None:
    seals = sealed(count)
    assert faults(seals, newest(seals), keyed=keyed) == faults(seals, NOTHING, keyed=keyed) == []


@given(count=st.integers(1, 6), data=st.data())
def test_a_seal_altered_in_any_field_is_found(count: int, data: st.DataObject) -> None:
    seals = sealed(count)
    at = data.draw(st.integers(0, count - 1))
    seal, heads = seals[at]
    other = data.draw(
        st.sampled_from(
            [
                replace(seal, at=datetime(2026, 11, 24, tzinfo=UTC)),
                replace(seal, key="k-2"),
                replace(seal, key="gone"),
                replace(seal, heads=seal.heads + 1),
                replace(seal, digest="0" * 64),
                replace(seal, previous="0" * 64),
                replace(seal, mac="0" * 64),
            ]
        )
    )
    seals[at] = other, heads
    assert (at + 1, "changed") in faults(seals, newest(sealed(count)))


@given(count=st.integers(1, 6), data=st.data())
def test_seals_that_are_cut_off_are_known_by_the_anchor(count: int, data: st.DataObject) -> None:
    left = data.draw(st.integers(0, count - 1))
    assert faults(sealed(count)[:left], newest(sealed(count))) == [(number, "truncated") for number in range(left + 1, count + 1)]


@given(count=st.integers(2, 6), data=st.data())
def test_a_seal_taken_out_is_named(count: int, data: st.DataObject) -> None:
    seals = sealed(count)
    at = data.draw(st.integers(0, count - 2))
    del seals[at]
    assert faults(seals, newest(sealed(count))) == [(at + 1, "removed")]


def test_all_seals_made_anew_without_the_key_are_found_by_key_and_by_anchor() -> None:
    forged = sealed(3, key="k-forged")
    assert faults(forged, newest(sealed(3)), keyed=False) == [(3, "changed")]
    claimed = [(replace(seal, key="k-1"), heads) for seal, heads in forged]
    assert [number for number, _ in faults(claimed, NOTHING)] == [1, 2, 3]


@pytest.mark.parametrize(("change", "kind"), [(-1, "removed"), (1, "inserted"), (0, "changed")])
def test_heads_that_do_not_belong_to_their_seal_are_found(change: int, kind: str) -> None:
    seals = sealed(3)
    seal, heads = seals[1]
    other = {-1: heads[:-1], 1: [*heads, SealedHead("c-9", 1, "x")], 0: [replace(heads[0], hash="x"), *heads[1:]]}[change]
    seals[1] = seal, other
    assert faults(seals, newest(seals)) == [(2, kind)]


def test_the_digest_knows_no_order_and_no_ambiguity() -> None:
    heads = [SealedHead("a", 1, "x"), SealedHead("b", 2, "y")]
    assert digest_of(heads) == digest_of(reversed(heads))
    assert digest_of([SealedHead("a", 11, "x")]) != digest_of([SealedHead("a1", 1, "x")])
