"""Stored documents: their pages as pictures, and the file itself to take away. Each look is on record before a byte leaves the vault."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

from starlette.responses import Response

from idm.domain.access_rules import Act
from idm.domain.file_names import file_name
from idm.errors import NotFound
from idm.flow.document_pages import file_bytes, look_at, page_image
from idm.rows import DocumentRow
from idm.web.access import OfDocument, OwnDocument
from idm.web.portal import Routes, Visit

pages = Routes()

WIDTHS = {"small": 640, "normal": 1000, "large": 1800}
"""How wide a page can be drawn, in pixels."""
AT_ONCE = 20
"""Pages that one page of the portal shows."""

_ENDINGS = {"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}
_PLAINER = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "Æ": "Ae", "Ø": "Oe", "Å": "Aa"})
_SHUT = "default-src 'none'; sandbox; frame-ancestors 'none'"


@pages.get("/documents/{document}", access=OfDocument(Act.READ_DOCUMENT))
def show(visit: Visit) -> Response:
    """The document, some of its pages at a time."""
    return _show(visit, "/documents", visit.back(f"/cases/{visit.case.id}#papers"))


@pages.get("/my/documents/{document}", access=OwnDocument(Act.READ_DOCUMENT))
def show_own(visit: Visit) -> Response:
    """The new hire's own document, as it was handed in."""
    return _show(visit, "/my/documents", visit.back("/my/receipt"))


def _show(visit: Visit, place: str, back: str) -> Response:
    looked = look_at(visit.app, visit.person, visit.document.id, session=visit.session)
    first = _number(visit.query("from")) if visit.query("from") else 1
    if not 1 <= first <= max(looked.pages, 1):
        raise NotFound
    person = visit.app.store.person(visit.case.person)
    return visit.page(
        "document.html",
        here=f"{place}/{looked.row.id}",
        file=looked.row,
        title=title_of(visit, looked.row),
        name=person.full_name if person is not None else "",
        count=looked.pages,
        shown=range(first, min(first + AT_ONCE, looked.pages + 1)),
        at_once=AT_ONCE,
        size=visit.query("size") if visit.query("size") in WIDTHS else "normal",
        back=back,
    )


@pages.get("/documents/{document}/pages/{number}", access=OfDocument(Act.READ_DOCUMENT))
@pages.get("/my/documents/{document}/pages/{number}", access=OwnDocument(Act.READ_DOCUMENT))
def page(visit: Visit) -> Response:
    """One page as a picture, which no cache keeps."""
    width = WIDTHS.get(visit.query("size"), WIDTHS["normal"])
    picture = page_image(visit.app, visit.person, visit.document.id, _number(visit.path["number"]), width, session=visit.session)
    return Response(picture, media_type="image/png", headers={"content-security-policy": _SHUT, "cache-control": "no-store"})


@pages.get("/documents/{document}/file", access=OfDocument(Act.READ_DOCUMENT))
@pages.get("/my/documents/{document}/file", access=OwnDocument(Act.READ_DOCUMENT))
def file(visit: Visit) -> Response:
    """The file itself, to take away: browsers save it and open nothing of it."""
    row, content = file_bytes(visit.app, visit.person, visit.document.id, session=visit.session)
    headers = {"content-disposition": attachment(file_name(title_of(visit, row), _ENDINGS.get(row.media_type, "")))}
    return Response(content, media_type=row.media_type, headers={**headers, "content-security-policy": _SHUT, "cache-control": "no-store"})


def title_of(visit: Visit, row: DocumentRow) -> str:
    """What the document's kind is called in the visitor's language."""
    kind = visit.app.policies.current().documents.get(row.kind)
    return kind.titles.get(visit.language, row.kind) if kind is not None else row.kind


def attachment(name: str) -> str:
    """A Content-Disposition that saves the answer as `name` (RFC 6266): as it is, and in plain letters for old programs."""
    safe = file_name(name, "")
    plain = unicodedata.normalize("NFKD", safe.translate(_PLAINER)).encode("ascii", "ignore").decode() or "document"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(safe)}"


def _number(text: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,4}", text, re.ASCII):
        raise NotFound
    return int(text)
