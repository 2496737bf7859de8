from __future__ import annotations

import json

import pytest

from idm.errors import CheckFailed, NotFound
from idm.flow.handing_out import find_document, hand_out
from tests import data
from tests.support.world import World


@pytest.fixture
def document(world: World) -> str:
    case = world.hire()
    world.appoint(case)
    return world.hand_in(case)


def test_a_document_is_handed_out_whole_and_on_record(world: World, document: str) -> None:
    row = find_document(world.app, document)
    with hand_out(world.app, row, "admin") as content:
        assert content.read() == data.pdf()

    entry = world.store.audit(row.case)[-1]
    assert (entry.actor, entry.action) == ("admin", "document-handed-out")
    assert json.loads(entry.payload or "") == {"document": document, "kind": "contract", "as": "admin", "administrator": ""}


def test_nothing_is_handed_out_that_cannot_be_put_on_record(world: World, document: str) -> None:
    row = find_document(world.app, document)
    world.sql("delete from cases")
    with pytest.raises(NotFound):
        hand_out(world.app, row, "admin")


def test_what_is_not_there_or_was_altered_is_not_handed_out(world: World, document: str) -> None:
    with pytest.raises(NotFound, match="no document 'x'"):
        find_document(world.app, "x")
    row = find_document(world.app, document)
    world.app.vault.destroy(row.vault_name)
    with pytest.raises(CheckFailed):
        hand_out(world.app, row, "admin")
    assert world.actions(row.case)[-1] == "document-handed-in"
