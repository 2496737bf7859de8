from __future__ import annotations

from collections.abc import Callable

import pytest

from idm.flow.verify import verify_audit
from tests import data
from tests.support.world import World


@pytest.fixture
def case(world: World) -> str:
    case = world.hire()
    world.appoint(case)
    world.work()
    return case


def faults(world: World, stream: str = "") -> list[tuple[str, int, str]]:
    return [(fault.stream, fault.entry, fault.kind) for fault in verify_audit(world.app, stream).faults]


def test_what_idm_wrote_verifies_in_every_stream(world: World, case: str) -> None:
    other = world.whole_hire("h2")
    verified = verify_audit(world.app)

    assert verified.faults == ()
    assert verified.entries == sum(len(world.store.audit(stream)) for stream in (case, other, "organisation", "delegations"))
    assert verify_audit(world.app, case).entries == len(world.store.audit(case))
    assert {entry.stream for entry in world.store.audit()} == {case, other, "organisation", "delegations"}


Tamper = Callable[[World, str], None]


def change_payload(world: World, case: str) -> None:
    world.sql("update audit set payload = '{}' where stream = :case and seq = 2", case=case)


def change_actor(world: World, case: str) -> None:
    world.sql("update audit set actor = 'somebody else' where stream = :case and seq = 2", case=case)


def change_moment(world: World, case: str) -> None:
    world.sql("update audit set at = at + 1 where stream = :case and seq = 2", case=case)


def remove(world: World, case: str) -> None:
    world.sql("delete from audit where stream = :case and seq = 2", case=case)


def truncate(world: World, case: str) -> None:
    world.sql("delete from audit where stream = :case and seq = (select max(seq) from audit where stream = :case)", case=case)


def swap(world: World, case: str) -> None:
    for before, after in ((2, 99), (3, 2), (99, 3)):
        world.sql("update audit set seq = :after where stream = :case and seq = :before", case=case, before=before, after=after)


def insert(world: World, case: str) -> None:
    world.sql(
        "insert into audit select stream, 50, at, actor, action, payload, salt, payload_hash, previous, 'other', sealed"
        " from audit where stream = :case and seq = 2",
        case=case,
    )


@pytest.mark.parametrize(
    ("tamper", "found"),
    [
        (change_payload, [(2, "changed")]),
        (change_actor, [(2, "changed")]),
        (change_moment, [(2, "changed")]),
        (remove, [(2, "removed")]),
        (truncate, [(8, "truncated")]),
        (swap, [(2, "reordered"), (3, "reordered")]),
        (insert, [(50, "inserted")]),
    ],
)
def test_whatever_was_altered_in_the_database_is_named(world: World, case: str, tamper: Tamper, found: list[tuple[int, str]]) -> None:
    assert len(world.store.audit(case)) == 8
    tamper(world, case)

    assert faults(world) == faults(world, case) == [(case, seq, kind) for seq, kind in found]
    assert faults(world, "organisation") == []


def test_a_stream_whose_head_is_gone_counts_as_put_in(world: World, case: str) -> None:
    world.sql("delete from streams where id = 'organisation'")
    assert faults(world) == [("organisation", 1, "inserted")]


def test_a_stream_whose_entries_are_gone_counts_as_cut(world: World, case: str) -> None:
    world.sql("delete from audit where stream = 'delegations'")
    count = len(world.store.delegations())
    assert faults(world) == [("delegations", seq, "truncated") for seq in range(1, count + 1)]


def test_erased_payloads_verify(world: World, case: str) -> None:
    world.sql("update audit set payload = null, salt = null where stream = :case", case=case)
    assert faults(world) == []


def test_no_private_data_enters_the_audit(world: World) -> None:
    case = world.whole_hire()
    person = world.store.person(world.case(case).person)
    assert person is not None
    text = " ".join(f"{entry.payload} {entry.actor} {entry.action}" for entry in world.store.audit())
    for secret in (person.cpr.reveal(), person.private_email.reveal(), person.mobile.reveal(), person.family_name, data.cpr(1)):
        assert secret not in text
