from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from typing import BinaryIO

import pytest

from idm.domain.journey import Actor
from idm.errors import BadInput, Conflict, NotAllowed
from idm.flow.depart import Word, cancel
from idm.flow.documents import add_document, document_states, missing
from tests import data
from tests.support.world import World


def add(world: World, case: str, kind: str, name: str, content: bytes, person: str = "") -> str:
    return add_document(world.app, case, kind, name, io.BytesIO(content), person, "admin").id


def kept(world: World) -> set[str]:
    """The files in the vault, whatever the rows say: a sweep that knows none removes, and so names, all."""
    return set(world.app.vault.sweep(world.store.vault_names(), timedelta(days=-1)))


@pytest.fixture
def case(world: World) -> str:
    case = world.hire(position="nurse", unit="care")
    world.appoint(case, by=data.DIRECTOR)
    return case


def test_a_document_is_checked_encrypted_and_handed_in(world: World, case: str) -> None:
    id = add(world, case, "id_photo", "me.png", data.png())
    row = world.store.document(id)

    assert row is not None
    assert (row.case, row.kind, row.name, row.media_type, row.size, row.added_by) == (
        case,
        "id_photo",
        "me.png",
        "image/png",
        len(data.png()),
        "admin",
    )
    with world.app.vault.open(row.id, row.vault_name, row.wrapped_key) as file:
        assert file.read() == data.png()
    assert [each.id for each in world.store.documents(case)] == [id]
    assert {each["kind"]: each["state"] for each in document_states(world.case(case))}["id_photo"] == "handed_in"
    assert "id_photo" not in missing(world.case(case))
    assert "contract" in missing(world.case(case))
    assert world.actions(case)[-1] == "document-handed-in"
    assert row.wrapped_key not in repr(row)


def test_a_second_file_takes_the_first_ones_place_until_it_is_accepted(world: World, case: str) -> None:
    add(world, case, "id_photo", "me.png", data.png())
    second = add(world, case, "id_photo", "me.jpg", data.jpeg())
    assert world.case(case).documents["id_photo"].id == second
    world.accept(case, "id_photo", data.IT)
    with pytest.raises(Conflict, match="accepted already"):
        add(world, case, "id_photo", "me.png", data.png())


@pytest.mark.parametrize(
    ("kind", "name", "content", "rule"),
    [
        ("contract", "c.pdf", b"no document at all", "type"),
        ("contract", "c.png", data.png(), "type"),
        ("id_photo", "me.pdf", data.png(), "extension"),
        ("contract", "c.pdf", b"", "empty"),
        ("passport", "p.pdf", data.pdf(), "unknown-document-kind"),
    ],
)
def test_what_is_not_what_it_claims_is_refused_and_leaves_nothing(
    world: World, case: str, kind: str, name: str, content: bytes, rule: str
) -> None:
    before = world.case(case)
    with pytest.raises(BadInput) as refusal:
        add(world, case, kind, name, content)

    assert [fault.rule for fault in refusal.value.faults] == [rule]
    assert world.case(case) == before
    assert kept(world) == set()


def test_only_the_person_hired_hands_in(world: World, case: str) -> None:
    with pytest.raises(NotAllowed, match=data.TEACHER):
        add(world, case, "contract", "c.pdf", data.pdf(), data.TEACHER)
    assert add(world, case, "contract", "c.pdf", data.pdf(), world.case(case).person)


def test_documents_are_not_taken_before_their_time_nor_after_the_end(world: World, case: str) -> None:
    early = world.hire("h2")
    with pytest.raises(Conflict, match="not asked for yet"):
        add(world, early, "contract", "c.pdf", data.pdf())
    cancel(world.app, case, Word(reason="no"))
    with pytest.raises(Conflict, match="cancelled"):
        add(world, case, "contract", "c.pdf", data.pdf())


def test_a_cancel_while_the_file_is_being_written_leaves_no_file(world: World, case: str) -> None:
    class Slow(io.BytesIO):
        """An upload during whose last reading the case is cancelled."""

        cancelled = False

        def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
            return super().seek(offset, whence)

        def read(self, size: int | None = -1, /) -> bytes:
            if not self.cancelled and self.tell() == 0:
                Slow.cancelled = True
                cancel(world.app, case, Word(reason="while it was sent"))
            return super().read(size)

    source: BinaryIO = Slow(data.pdf())
    with pytest.raises(Conflict, match="cancelled"):
        add_document(world.app, case, "contract", "c.pdf", source)
    assert kept(world) == set()
    assert world.store.documents(case) == []


def test_a_document_whose_provider_is_the_manager_is_handed_in_by_them_alone(world: World) -> None:
    kinds = world.policies.current().documents
    world.policies.edit(documents={**kinds, "contract": replace(kinds["contract"], provider=Actor.MANAGER)})
    made = world.hire()
    world.appoint(made)

    for person in ("", data.PAY, world.case(made).person):
        with pytest.raises(NotAllowed, match="the manager does"):
            add(world, made, "contract", "c.pdf", data.pdf(), person)
    add(world, made, "contract", "c.pdf", data.pdf(), data.HEAD_NORTH)

    assert world.states(made)["document-contract"] == "done"
    assert next(entry.actor for entry in world.store.audit(made) if entry.action == "document-handed-in") == data.HEAD_NORTH


def test_a_kind_that_policy_tells_of_no_more_is_still_taken_where_it_is_wanted(world: World) -> None:
    made = world.hire()
    world.appoint(made)
    kinds = world.policies.current().documents
    world.policies.edit(documents={id: kind for id, kind in kinds.items() if id != "contract"})

    add(world, made, "contract", "c.pdf", data.pdf())
    world.do(made, "review-contract", data.PAY, "accept")

    assert world.case(made).documents["contract"].state == "accepted"
