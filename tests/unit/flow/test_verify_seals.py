from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from idm.errors import CheckFailed
from idm.flow.seal import seal_audit
from idm.flow.verify import verify_audit
from tests.support.tampering import entries, found, put, rewritten, with_seals
from tests.support.world import World


@pytest.fixture
def sealed(world: World, tmp_path: Path) -> tuple[World, str]:
    """An installation with two seals, the second of which vouches for the end of a case of eight entries."""
    with_seals(world, tmp_path)
    case = world.hire()
    seal_audit(world.app)
    world.appoint(case)
    world.work()
    seal_audit(world.app)
    assert len(world.store.audit(case)) == 8
    assert world.store.newest_seal().number == 2
    return world, case


def test_what_was_sealed_verifies_and_says_so(sealed: tuple[World, str]) -> None:
    world, _ = sealed
    verified = verify_audit(world.app)

    assert (verified.faults, verified.unsealed, verified.oldest) == ((), 0, None)
    assert (verified.seals, verified.keyed, verified.anchored) == (2, True, 2)


def test_what_is_not_sealed_yet_is_told_with_its_age(sealed: tuple[World, str]) -> None:
    world, case = sealed
    world.hand_in(case)
    verified = verify_audit(world.app)

    assert (verified.faults, verified.unsealed, verified.oldest) == ((), 1, world.clock.now())
    assert verify_audit(world.app, "organisation").unsealed == 0


Tamper = Callable[[World, str], None]


def rebuild_changed(world: World, case: str) -> None:
    put(world, case, rewritten(entries(world, case), 3))


def rebuild_shorter(world: World, case: str) -> None:
    put(world, case, entries(world, case)[:6])


def rebuild_without_one(world: World, case: str) -> None:
    old = entries(world, case)
    put(world, case, rewritten([*old[:3], *old[4:]], 0))


def rebuild_with_one_more(world: World, case: str) -> None:
    old = entries(world, case)
    put(world, case, rewritten([*old[:3], old[2], *old[3:]], 0))


def rebuild_swapped(world: World, case: str) -> None:
    old = entries(world, case)
    put(world, case, rewritten([*old[:2], old[3], old[2], *old[4:]], 0))


def add_at_the_end_as_sealed(world: World, case: str) -> None:
    old = entries(world, case)
    put(world, case, rewritten([*old, old[-1]], 0))


def remove_the_case(world: World, case: str) -> None:
    for table, column in (("audit", "stream"), ("cases", "id"), ("tasks", "case_id"), ("runs", "case_id")):
        world.sql(f"delete from {table} where {column} = :case", case=case)  # noqa: S608 - names of ours


def remove_all_entries(world: World, case: str) -> None:
    world.sql("delete from audit")
    world.sql("delete from streams")
    world.sql("update cases set head_seq = 0, head_hash = ''")


@pytest.mark.parametrize(
    ("tamper", "expected"),
    [
        (rebuild_changed, [(8, "changed")]),
        (rebuild_shorter, [(7, "truncated"), (8, "truncated")]),
        (rebuild_without_one, [(8, "truncated")]),
        (rebuild_with_one_more, [(8, "changed"), (9, "inserted")]),
        (rebuild_swapped, [(8, "changed")]),
        (add_at_the_end_as_sealed, [(9, "inserted")]),
        (remove_the_case, [(number, "truncated") for number in range(1, 9)]),
        (remove_all_entries, [(number, "truncated") for number in range(1, 9)]),
    ],
)
def test_a_stream_rebuilt_without_the_key_is_found(sealed: tuple[World, str], tamper: Tamper, expected: list[tuple[int, str]]) -> None:
    world, case = sealed
    tamper(world, case)

    of_case = [(number, kind) for stream, number, kind in found(world) if stream == case]
    assert of_case == expected == [(number, kind) for _, number, kind in found(world, case)]


def cut_last_seal(world: World, case: str) -> None:
    world.sql("delete from sealed_heads where seal = 2")
    world.sql("delete from seals where number = 2")


def cut_all_seals(world: World, case: str) -> None:
    world.sql("delete from sealed_heads")
    world.sql("delete from seals")


def remove_first_seal(world: World, case: str) -> None:
    world.sql("delete from sealed_heads where seal = 1")
    world.sql("delete from seals where number = 1")


def change_seal_moment(world: World, case: str) -> None:
    world.sql("update seals set at = at + 1 where number = 1")


def change_seal_mac(world: World, case: str) -> None:
    world.sql("update seals set mac = :mac where number = 2", mac="0" * 64)


def change_sealed_head(world: World, case: str) -> None:
    world.sql("update sealed_heads set hash = :hash where seal = 2 and stream = :case", hash="0" * 64, case=case)


def remove_sealed_head(world: World, case: str) -> None:
    world.sql("delete from sealed_heads where seal = 2 and stream = :case", case=case)


def insert_sealed_head(world: World, case: str) -> None:
    world.sql(
        "insert into sealed_heads (stream, seq, hash, seal) values (:case, 3, :hash, 2)", case=case, hash=entries(world, case)[2].hash
    )


def swap_seals(world: World, case: str) -> None:
    for before, after in ((1, 9), (2, 1), (9, 2)):
        world.sql("update seals set number = :after where number = :before", before=before, after=after)
        world.sql("update sealed_heads set seal = :after where seal = :before", before=before, after=after)


def forge_a_seal(world: World, case: str) -> None:
    columns = "number, at, key, heads, digest, previous, mac"
    world.sql(f"insert into seals ({columns}) select 3, at, key, 0, digest, mac, digest from seals where number = 2")  # noqa: S608 - names of ours


@pytest.mark.parametrize(
    ("tamper", "expected"),
    [
        (cut_last_seal, [(2, "truncated")]),
        (cut_all_seals, [(1, "truncated"), (2, "truncated")]),
        (remove_first_seal, [(1, "removed")]),
        (change_seal_moment, [(1, "changed")]),
        (change_seal_mac, [(2, "changed")]),
        (change_sealed_head, [(2, "changed")]),
        (remove_sealed_head, [(2, "removed")]),
        (insert_sealed_head, [(2, "inserted")]),
        (swap_seals, [(1, "changed"), (2, "changed")]),
        (forge_a_seal, [(3, "changed")]),
    ],
)
def test_whatever_is_done_to_the_seals_is_found(sealed: tuple[World, str], tamper: Tamper, expected: list[tuple[int, str]]) -> None:
    world, case = sealed
    tamper(world, case)

    assert [(number, kind) for stream, number, kind in found(world) if stream == "seals"] == expected


def test_an_older_database_put_back_is_found_and_nothing_is_sealed_over_it(sealed: tuple[World, str]) -> None:
    world, case = sealed
    old = entries(world, case)
    world.hand_in(case)
    seal_audit(world.app)
    put(world, case, old)
    world.sql("delete from sealed_heads where seal = 3")
    world.sql("delete from seals where number = 3")

    assert found(world) == [("seals", 3, "truncated")]
    with pytest.raises(CheckFailed, match="knows seal 3"):
        seal_audit(world.app)
    assert world.store.newest_seal().number == 2


def test_erased_particulars_still_verify(sealed: tuple[World, str]) -> None:
    world, case = sealed
    world.sql("update audit set payload = null, salt = null where stream = :case", case=case)

    assert found(world) == []


def test_a_seal_made_with_another_key_is_found(sealed: tuple[World, str], tmp_path: Path) -> None:
    world, case = sealed
    (tmp_path / "other").mkdir()
    forger = with_seals(world, tmp_path / "other")
    cut_all_seals(world, case)
    world.sql("update audit set sealed = :no", no=False)
    put(world, case, rewritten(entries(world, case), 3), sealed=False)
    seal_audit(forger.app)
    assert found(forger) == []

    with_seals(world, tmp_path)
    assert ("seals", 1, "changed") in found(world)


def test_reset_marks_do_no_harm_and_are_mended(sealed: tuple[World, str]) -> None:
    world, _ = sealed
    world.sql("update audit set sealed = :no", no=False)
    assert found(world) == []

    seal_audit(world.app)
    assert (found(world), verify_audit(world.app).unsealed) == ([], 0)
