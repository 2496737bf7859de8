"""Documents until they are handed in."""

from __future__ import annotations

import io
from dataclasses import replace

import pikepdf
import pytest

from idm.domain.case import DocumentState
from idm.errors import BadInput, Conflict, NotAllowed, NotFound
from idm.flow import pages
from idm.flow.depart import Word, cancel
from idm.flow.documents import add_document
from idm.flow.sweep import clear_vault
from idm.rows import PageRow
from tests import data
from tests.support.world import World


def begun(world: World) -> str:
    """A case that wants documents."""
    case = world.hire()
    world.appoint(case)
    return case


def add(world: World, case: str, name: str = "page.jpg", content: bytes = b"", kind: str = "diploma") -> PageRow:
    return pages.add_page(world.app, case, kind, name, io.BytesIO(content or data.jpeg()))


def files(world: World) -> set[str]:
    return world.store.vault_names()


def read(world: World, id: str) -> bytes:
    row = world.store.document(id)
    assert row is not None
    with world.app.vault.open(row.id, row.vault_name, row.wrapped_key) as content:
        return content.read()


def test_pages_are_kept_in_their_order_and_hand_nothing_in(world: World) -> None:
    case = begun(world)
    first, second, third = add(world, case), add(world, case, "rest.pdf", data.pdf()), add(world, case, "scan.png", data.png())
    assert [page.id for page in pages.pages_of(world.app, case, "diploma")] == [first.id, second.id, third.id]
    assert pages.pages_of(world.app, case, "contract") == []
    assert world.states(case)["document-diploma"] == "waiting"
    assert world.case(case).documents["diploma"].state is DocumentState.WANTED
    assert clear_vault(world.app) == 0, "what isn't handed in yet is nobody's litter"
    with world.app.vault.open(second.id, second.vault_name, second.wrapped_key) as content:
        assert content.read() == data.pdf()


def test_several_pages_are_handed_in_as_one_pdf(world: World) -> None:
    case = begun(world)
    for name, content in (("1.jpg", data.jpeg()), ("2.pdf", data.pdf()), ("3.png", data.png())):
        add(world, case, name, content)
    row = pages.hand_in(world.app, case, "diploma")
    assert (row.media_type, row.name) == ("application/pdf", "Eksamensbevis eller autorisation.pdf")
    with pikepdf.open(io.BytesIO(read(world, row.id))) as pdf:
        assert len(pdf.pages) == 3
    assert world.states(case)["document-diploma"] == "done"
    assert world.case(case).documents["diploma"].id == row.id
    assert pages.pages_of(world.app, case) == []
    assert files(world) == {row.vault_name}
    assert world.actions(case)[-1] == "document-handed-in"
    world.accept(case, "diploma")


def test_a_single_file_is_handed_in_as_it_is(world: World) -> None:
    case = begun(world)
    page = add(world, case)
    row = pages.hand_in(world.app, case, "diploma")
    assert (row.id, row.name, row.media_type) == (page.id, "page.jpg", "image/jpeg")
    assert read(world, row.id) == data.jpeg()


def test_a_page_can_be_removed_and_replaced(world: World) -> None:
    case = begun(world)
    wrong, right = add(world, case), add(world, case, "right.png", data.png())
    pages.remove_page(world.app, case, wrong.id)
    assert pages.hand_in(world.app, case, "diploma").id == right.id
    with pytest.raises(NotFound):
        pages.remove_page(world.app, case, wrong.id)
    with pytest.raises(NotFound):
        pages.remove_page(world.app, case, right.id)


def test_what_is_handed_in_can_be_replaced_until_it_is_accepted(world: World) -> None:
    case = begun(world)
    add(world, case)
    first = pages.hand_in(world.app, case, "diploma")
    shown = world.task_of(case, "review-diploma")
    add(world, case, "better.png", data.png())
    second = pages.hand_in(world.app, case, "diploma")
    assert world.case(case).documents["diploma"].id == second.id != first.id
    assert world.task_of(case, "review-diploma") != shown
    world.accept(case, "diploma")
    with pytest.raises(Conflict, match="accepted already"):
        add(world, case)


def test_nobody_but_who_hands_it_in_touches_the_pages(world: World) -> None:
    case = begun(world)
    page = add(world, case)
    for person in (data.PAY, data.IT, data.HEAD_NORTH):
        with pytest.raises(NotAllowed):
            pages.add_page(world.app, case, "diploma", "x.jpg", io.BytesIO(data.jpeg()), person)
        with pytest.raises(NotAllowed):
            pages.remove_page(world.app, case, page.id, person)
        with pytest.raises(NotAllowed):
            pages.hand_in(world.app, case, "diploma", person)


def test_what_is_wrong_or_too_much_leaves_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    case = begun(world)
    with pytest.raises(BadInput):
        add(world, case, "page.jpg", b"not a picture")
    with pytest.raises(Conflict, match="nothing to hand in"):
        pages.hand_in(world.app, case, "diploma")
    monkeypatch.setattr(pages, "MOST_PAGES", 2)
    add(world, case)
    add(world, case)
    with pytest.raises(BadInput) as refused:
        add(world, case)
    assert refused.value.faults[0].rule == "too-many-pages"
    assert len(files(world)) == 2


def test_a_kind_that_takes_no_pdf_is_one_file(world: World) -> None:
    case = world.hire(position="teacher")
    world.appoint(case)
    kinds = world.app.policies.current().documents
    only_pictures = {**kinds, "diploma": replace(kinds["diploma"], media_types=("image/jpeg",))}
    world.policies.edit(documents=only_pictures)
    add(world, case)
    with pytest.raises(BadInput) as refused:
        add(world, case)
    assert refused.value.faults[0].rule == "one-file"


def test_a_document_handed_in_at_once_works_as_before(world: World) -> None:
    case = begun(world)
    add(world, case)
    row = add_document(world.app, case, "diploma", "whole.pdf", io.BytesIO(data.pdf()))
    assert world.case(case).documents["diploma"].id == row.id


def test_pages_of_a_case_that_is_over_are_swept(world: World) -> None:
    case = begun(world)
    add(world, case)
    cancel(world.app, case, Word(reason="withdrew"))
    clear_vault(world.app)
    assert (pages.pages_of(world.app, case), files(world)) == ([], set())
