"""Every look at a document is for who may, and on record: who, which, as what, and once for each look."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from idm.domain.sessions import SessionKind, new_session
from idm.errors import CheckFailed, NotFound
from idm.flow.depart import Word, cancel
from idm.flow.looking import LOOK, open_document
from tests import data
from tests.support.world import World


@pytest.fixture
def case(world: World) -> str:
    case = world.hire()
    world.appoint(case)
    return case


@pytest.fixture
def document(world: World, case: str) -> str:
    return world.hand_in(case)


def looks(world: World, case: str) -> list[tuple[str, dict[str, Any]]]:
    """Who looked, and the particulars."""
    entries = [each for each in world.store.audit(case) if each.action in ("document-opened", "document-handed-out")]
    return [(each.actor, json.loads(each.payload or "")) for each in entries]


def test_who_reviews_a_paper_and_who_provided_it_open_it_on_record(world: World, case: str, document: str) -> None:
    hired = world.case(case).person
    for person, relation in ((hired, "hire"), (data.PAY, "pay")):
        opened = open_document(world.app, person, document, case=case)
        with opened.content as content:
            assert content.read() == data.pdf()
        assert (opened.row.id, opened.relation.value) == (document, relation)

    told = {"document": document, "kind": "contract", "administrator": ""}
    assert looks(world, case) == [(hired, {**told, "as": "hire"}), (data.PAY, {**told, "as": "pay"})]


def test_nobody_else_opens_it_and_learns_that_it_is_there(world: World, case: str, document: str) -> None:
    other = world.hire("h2")
    with pytest.raises(NotFound) as absent:
        open_document(world.app, data.PAY, "doc-0")
    asked = [
        (data.HEAD_NORTH, ""),
        (data.DIRECTOR, ""),
        (data.IT, ""),
        (data.TEACHER, ""),
        ("nobody", ""),
        ("", ""),
        (world.case(other).person, ""),
        (data.PAY, other),
    ]
    for person, of_case in asked:
        with pytest.raises(NotFound) as refused:
            open_document(world.app, person, document, case=of_case)
        assert refused.value.message == absent.value.message.replace("doc-0", document), person
    assert looks(world, case) == []


def test_a_copy_that_somebody_takes_and_who_typed_it_are_told(world: World, case: str, document: str) -> None:
    open_document(world.app, data.PAY, document, administrator="root", copy=True).content.close()

    assert world.actions(case)[-1] == "document-handed-out"
    assert looks(world, case)[-1][1]["administrator"] == "root"


def test_paging_through_a_document_is_one_look_and_coming_back_another(world: World, case: str, document: str) -> None:
    mine = new_session("w-1", data.PAY, SessionKind.STAFF, "", world.clock.machine())
    for _ in range(3):
        open_document(world.app, data.PAY, document, session=mine).content.close()
    assert len(looks(world, case)) == 1

    open_document(world.app, data.PAY, document, session=mine, copy=True).content.close()
    open_document(world.app, world.case(case).person, document).content.close()
    assert len(looks(world, case)) == 3

    world.clock.pass_seconds(LOOK.total_seconds() + 1)
    open_document(world.app, data.PAY, document, session=mine).content.close()
    assert len(looks(world, case)) == 4
    world.clock.pass_seconds(timedelta(hours=1).total_seconds())
    open_document(world.app, data.PAY, document, session=mine).content.close()
    assert len([name for name in world.app.cache if name.startswith("look/")]) == 1, "what is over is forgotten"


def test_a_look_that_was_allowed_a_moment_ago_is_asked_for_again(world: World, case: str, document: str) -> None:
    hired = world.case(case).person
    open_document(world.app, hired, document).content.close()
    cancel(world.app, case, Word(reason="withdrew"))

    with pytest.raises(NotFound):
        open_document(world.app, hired, document)


def test_what_is_gone_from_the_vault_is_no_look(world: World, case: str, document: str) -> None:
    row = world.store.document(document)
    assert row is not None
    world.app.vault.destroy(row.vault_name)

    with pytest.raises(CheckFailed):
        open_document(world.app, data.PAY, document)
    assert looks(world, case) == []


def test_the_story_tells_who_looked(world: World, case: str, document: str) -> None:
    from idm.flow.history import history

    open_document(world.app, data.PAY, document).content.close()
    for language, said in (("da", "så på"), ("en", "looked at")):
        texts = [item["text"] for day in history(world.app, case, language)["days"] for item in day["items"]]
        assert any(said in text and "Pia Lønholm" in text for text in texts), texts
