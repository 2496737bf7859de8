"""Documents until they are handed in: pages are added, looked at and removed, and become one document when it is handed in."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import replace
from datetime import datetime
from typing import BinaryIO

from idm.domain import transitions
from idm.domain.case import Case
from idm.domain.file_names import file_name, told
from idm.domain.journey import Graph
from idm.domain.paper_rules import PDF
from idm.errors import BadInput, Conflict, Fault, NotFound
from idm.flow.changing import Note, change
from idm.flow.compose import title_of
from idm.flow.documents import destroyed_on_failure, provider_of, taken_for
from idm.flow.graphs import graph_of, load
from idm.flow.identity import fresh
from idm.flow.known_as import known_as
from idm.ports import App
from idm.ports_store import Writer
from idm.rows import DocumentRow, PageRow

MOST_PAGES = 30
"""Files that one document is made of at most."""
_ROOM = 5
"""How often a document's size its pages may have together before they are joined, which makes pictures smaller."""


def pages_of(app: App, case: str, kind: str = "") -> Sequence[PageRow]:
    """The pages that aren't handed in yet, in their order; of one kind of document, if it is given."""
    return app.store.pages(case, kind)


def add_page(app: App, case: str, kind: str, name: str, source: BinaryIO, by: str = "", administrator: str = "") -> PageRow:
    """Add a file (a photo of a page, or a PDF) to a document of `kind`, behind the others. It is checked whole before anything is kept.

    `source` must be seekable. `by` is who hands the document in: the person hired, unless policy says another. Raises what `add_document`
    raises, and `BadInput` if there would be too many or too much.
    """
    person = _demand(app, case, kind, by)
    allowed, limit = taken_for(app, kind)
    held = pages_of(app, case, kind)
    checked = app.check_document(source, name=name, allowed=allowed, limit=limit)
    size = source.seek(0, io.SEEK_END)
    _demand_room(held, size, allowed, limit)
    source.seek(0)
    id = fresh(app, "doc")
    stored = app.vault.put(id, source, limit)
    place = max((page.place for page in held), default=0) + 1
    page = PageRow(
        id,
        case,
        kind,
        name,
        checked.media_type,
        stored.size,
        stored.digest,
        stored.name,
        stored.wrapped_key,
        administrator or person,
        app.clock.now(),
        place,
    )
    with destroyed_on_failure(app, stored.name), app.store.write() as writer:
        writer.add_page(page)
    return page


def add_pages(app: App, case: str, kind: str, files: Sequence[tuple[str, BinaryIO]], by: str = "") -> None:
    """Add several files (name and content each) as `add_page` does. One that lies there already, as after another try, isn't added twice.

    Those that are right are kept, whatever is wrong with others. Raises `BadInput` that names each wrong file, and those that are kept.
    """
    wrong: list[tuple[int, str, BadInput]] = []
    kept = []
    for place, (name, source) in enumerate(files, start=1):
        try:
            if not any(_same(app, page, name, source) for page in pages_of(app, case, kind)):
                add_page(app, case, kind, name, source, by)
        except BadInput as error:
            wrong.append((place, told(name), error))
        else:
            kept.append(told(name) or str(place))
    if wrong:
        raise _not_added(wrong, kept)


def _not_added(wrong: Sequence[tuple[int, str, BadInput]], kept: Sequence[str]) -> BadInput:
    faults = []
    for place, name, error in wrong:
        for fault in error.faults:
            words = f"the file '{name}': {fault.message}" if name else f"file number {place}: {fault.message}"
            faults.append(Fault(fault.path, fault.rule, words))
    if kept:
        faults.append(Fault("", "kept", f"kept, so don't choose it again: {', '.join(kept)}"))
    message = "A file can't be taken." if len(wrong) == 1 else "Some files can't be taken."
    steps = {error.next_step for _, _, error in wrong}
    return BadInput(message, faults=faults, next_step=steps.pop() if len(steps) == 1 else "")


def _same(app: App, page: PageRow, name: str, source: BinaryIO) -> bool:
    """Whether a file is the one that lies there as `page`; `source` is left at its beginning."""
    size = source.seek(0, io.SEEK_END)
    source.seek(0)
    if (page.name, page.size) != (name, size):
        return False
    with app.vault.open(page.id, page.vault_name, page.wrapped_key) as content:
        same = content.read() == source.read()
    source.seek(0)
    return same


def _demand_room(held: Sequence[PageRow], size: int, allowed: Sequence[str], limit: int) -> None:
    rule, words = "", ""
    if held and PDF not in allowed:
        rule, words = "one-file", "this is one file only: remove the other before you add this one"
    elif len(held) >= MOST_PAGES:
        rule, words = "too-many-pages", f"{MOST_PAGES} files are the most; put several pages into one PDF"
    elif sum(page.size for page in held) + size > limit * _ROOM:
        rule, words = "too-large", "the pages are too large together; take the pictures smaller, or scan them into one PDF"
    if rule:
        raise BadInput("This page can't be added.", faults=[Fault("file", rule, words)], next_step="Nothing was changed.")


def remove_page(app: App, case: str, page: str, by: str = "") -> PageRow:
    """Remove a page again. Raises `NotFound` if it isn't there, or was handed in; `NotAllowed` if somebody else hands it in."""
    found = _page(app, case, page)
    _demand(app, case, found.kind, by)
    with app.store.write() as writer:
        if not writer.drop_page(page):
            raise _no_page(page)
    app.vault.destroy(found.vault_name)
    return found


def hand_in(app: App, case: str, kind: str, by: str = "", administrator: str = "") -> DocumentRow:
    """Hand in the pages of a kind as one document: a single file as it is, several joined to a PDF in their order.

    Raises `Conflict` if there are none, or they change meanwhile; `BadInput` if they can't be joined or are too large together.
    """
    person = _demand(app, case, kind, by)
    pages = pages_of(app, case, kind)
    if not pages:
        raise Conflict("There is nothing to hand in yet.", next_step="Add a picture or a file first.")
    made = _alone(pages[0]) if len(pages) == 1 else _joined(app, pages, _called(app, case, kind, person))
    row = replace(made, added_by=administrator or person, added_at=app.clock.now())

    def mutate(before: Case, graph: Graph, now: datetime) -> tuple[Case, Note]:
        after = transitions.hand_in(before, graph, kind, row.id, row.name, now)
        told = {"document": row.id, "kind": kind, "pages": len(pages), "administrator": administrator}
        return after, Note(person, "document-handed-in", told)

    def also(writer: Writer, after: Case) -> None:
        for page in pages:
            if not writer.drop_page(page.id):
                raise Conflict("The pages have changed meanwhile.", next_step="Look at them, and hand in again.")
        writer.add_document(row)

    # A single page is the document: its file was there before.
    with destroyed_on_failure(app, row.vault_name) if len(pages) > 1 else nullcontext():
        change(app, case, mutate, also)
    for page in pages:
        if page.vault_name != row.vault_name:
            app.vault.destroy(page.vault_name)
    return row


def _alone(page: PageRow) -> DocumentRow:
    """The only page, which is the document as it lies."""
    return DocumentRow(
        page.id,
        page.case,
        page.kind,
        page.name,
        page.media_type,
        page.size,
        page.digest,
        page.vault_name,
        page.wrapped_key,
        page.added_by,
        page.added_at,
    )


def _called(app: App, case: str, kind: str, person: str) -> str:
    """What the joined file is called: the title of its kind, in the language in which we write to whoever hands it in."""
    policies, mail = app.policies.current(), app.policies.current().deadlines.mail
    found = app.store.person(person) if person == load(app, case).case.person else None
    language = mail.language_for(found.citizenship, found.language) if found is not None else mail.language
    return file_name(title_of(policies, kind, language), ".pdf")


def _joined(app: App, pages: Sequence[PageRow], name: str) -> DocumentRow:
    first = pages[0]
    _, limit = taken_for(app, first.kind)
    with ExitStack() as stack:
        parts = [(page.media_type, stack.enter_context(app.vault.open(page.id, page.vault_name, page.wrapped_key))) for page in pages]
        content = app.join_pages(parts)
    id = fresh(app, "doc")
    stored = app.vault.put(id, content, limit)
    return replace(
        _alone(first),
        id=id,
        name=name,
        media_type=PDF,
        size=stored.size,
        digest=stored.digest,
        vault_name=stored.name,
        wrapped_key=stored.wrapped_key,
    )


def _demand(app: App, case: str, kind: str, by: str) -> str:
    """Who hands in a document of that kind; raises unless `by` may, and it can be handed in now."""
    loaded = load(app, case).case
    graph = graph_of(app, loaded)
    person = provider_of(app, loaded, graph, kind, known_as(app, by))
    transitions.hand_in(loaded, graph, kind, "probe", "probe", app.clock.now())
    return person


def _page(app: App, case: str, page: str) -> PageRow:
    found = next((each for each in app.store.pages(case) if each.id == page), None)
    if found is None:
        raise _no_page(page)
    return found


def _no_page(page: str) -> NotFound:
    return NotFound(f"There is no page '{page}'.", next_step="It was removed or handed in already.")
