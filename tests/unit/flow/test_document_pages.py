"""Documents as pages: on record, for who may, drawn as pictures; what can't be drawn can still be taken away."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import BinaryIO

import pytest
from PIL import Image

from idm.errors import BadInput, NotFound
from idm.flow.document_pages import file_bytes, look_at, page_image
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


def looks(world: World, case: str) -> list[tuple[str, str, str]]:
    """What of the documents is on record: who, what they did, as what."""
    entries = [each for each in world.store.audit(case) if each.action in ("document-opened", "document-handed-out")]
    return [(each.actor, each.action, json.loads(each.payload or "")["as"]) for each in entries]


def test_a_reviewer_pages_through_a_document_and_that_is_one_look(world: World, case: str, document: str) -> None:
    picture = Image.open(io.BytesIO(page_image(world.app, data.PAY, document, 1, 600)))

    assert (picture.format, picture.width) == ("PNG", 600)
    assert looks(world, case) == [(data.PAY, "document-opened", "pay")]


def test_taking_the_file_away_is_on_record_as_that(world: World, case: str, document: str) -> None:
    row, content = file_bytes(world.app, data.PAY, document)

    assert (row.id, content) == (document, data.pdf())
    assert looks(world, case) == [(data.PAY, "document-handed-out", "pay")]


def test_nobody_else_sees_a_page_or_learns_how_many_there_are(world: World, case: str, document: str) -> None:
    for person in (data.HEAD_NORTH, data.IT, data.DIRECTOR, data.TEACHER, "nobody"):
        for ask in (
            lambda person: look_at(world.app, person, document),
            lambda person: page_image(world.app, person, document, 1, 600),
            lambda person: file_bytes(world.app, person, document),
        ):
            with pytest.raises(NotFound):
                ask(person)
    assert looks(world, case) == []


@pytest.mark.parametrize("number", [-1, 0, 2, 99999])
def test_a_page_that_is_not_there_is_not_found(world: World, document: str, number: int) -> None:
    with pytest.raises(NotFound):
        page_image(world.app, data.PAY, document, number, 600)


class Undrawing:
    """Pages of which none can be drawn."""

    asked = 0

    def count(self, content: BinaryIO, media_type: str) -> int:
        self.asked += 1
        raise BadInput("It can't be drawn.")

    def draw(self, content: BinaryIO, media_type: str, number: int, width: int) -> bytes:
        raise BadInput("It can't be drawn.")


def test_a_document_that_cannot_be_drawn_has_no_pages_and_is_tried_once(world: World, document: str) -> None:
    pages = Undrawing()
    app = replace(world.app, pages=pages)

    assert [look_at(app, data.PAY, document).pages for _ in range(3)] == [0, 0, 0]
    assert pages.asked == 1
    assert file_bytes(app, data.PAY, document)[1] == data.pdf()
