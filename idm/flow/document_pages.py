"""A stored document as its pages, each a picture: what the portal shows, so that nothing in a document runs in anybody's browser."""

from __future__ import annotations

from dataclasses import dataclass

from idm.domain.sessions import Session
from idm.errors import BadInput
from idm.flow.looking import open_document
from idm.ports import App
from idm.rows import DocumentRow

_REMEMBERED = 1000


@dataclass(frozen=True, slots=True)
class Paged:
    """A document that somebody looks at: its row, and how many pages it has; 0 if it can't be shown, so that it can be downloaded only."""

    row: DocumentRow
    pages: int


def look_at(app: App, person: str, document: str, *, session: Session | None = None) -> Paged:
    """Begin to look at a document, on record. Raises `NotFound` for one that isn't there or isn't theirs to read."""
    opened = open_document(app, person, document, session=session)
    with opened.content as content:
        known = app.cache.get(_counted(opened.row))
        if known is not None:
            return Paged(opened.row, known[1])
        try:
            pages = app.pages.count(content, opened.row.media_type)
        except BadInput:
            pages = 0
    _remember(app, opened.row, pages)
    return Paged(opened.row, pages)


def page_image(app: App, person: str, document: str, number: int, width: int, *, session: Session | None = None) -> bytes:
    """Page `number` (from 1) of a document as a PNG picture about `width` pixels wide, on record.

    Raises `NotFound` for a document that isn't there or isn't theirs, or hasn't that page; `BadInput` if it can't be drawn.
    """
    opened = open_document(app, person, document, session=session)
    with opened.content as content:
        return app.pages.draw(content, opened.row.media_type, number, width)


def file_bytes(app: App, person: str, document: str, *, session: Session | None = None) -> tuple[DocumentRow, bytes]:
    """The document itself, for whoever takes a copy of it, on record as that. Raises as `look_at` does."""
    opened = open_document(app, person, document, session=session, copy=True)
    with opened.content as content:
        return opened.row, content.read()


def _counted(row: DocumentRow) -> str:
    return f"pages/{row.id}"


def _remember(app: App, row: DocumentRow, pages: int) -> None:
    """Keep the count, which never changes for one document; not for too many, as nobody asks for most of them again."""
    if sum(name.startswith("pages/") for name in list(app.cache)) >= _REMEMBERED:
        for name in [name for name in list(app.cache) if name.startswith("pages/")]:
            app.cache.pop(name, None)
    app.cache[_counted(row)] = (0.0, pages)
