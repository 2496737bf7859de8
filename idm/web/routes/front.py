"""The way in and what every page needs: the front page, the files that pages load, the language."""

from __future__ import annotations

from starlette.responses import Response

from idm.domain.sessions import SessionKind
from idm.errors import NotFound
from idm.web.access import Anyone, Playful, SignedIn
from idm.web.portal import Routes, Visit
from idm.web.texts import LANGUAGES

pages = Routes()

_KEPT = "public, max-age=31536000, immutable"


@pages.get("/", access=SignedIn())
def front(visit: Visit) -> Response:
    """Lead each to what is theirs."""
    hire = visit.session is not None and visit.session.kind is SessionKind.HIRE
    return visit.go("/my" if hire else "/tasks")


@pages.get("/static/{name:path}", access=Anyone())
def static(visit: Visit) -> Response:
    """A file that pages load. Under an address that carries its digest it may be kept for good."""
    found = visit.site.assets.get(visit.path["name"])
    if found is None:
        raise NotFound
    kept = _KEPT if visit.query("v") == found.digest else "no-cache"
    return Response(found.content, media_type=found.media_type, headers={"cache-control": kept})


@pages.post("/language", access=Anyone())
def language(visit: Visit) -> Response:
    """Choose the language of the pages."""
    chosen = visit.form.text("language")
    if chosen in LANGUAGES:
        visit.set_language(chosen)
    return visit.go(visit.back("/"))


@pages.post("/theme", access=Anyone())
def theme(visit: Visit) -> Response:
    """Choose light or dark pages, or what the device asks for."""
    chosen = visit.form.text("theme")
    if chosen in ("", "light", "dark"):
        visit.set_theme(chosen)
    return visit.go(visit.back("/"))


@pages.get("/look", access=Playful())
def look(visit: Visit) -> Response:
    """The style page: every part that pages are made of, in every state."""
    return visit.page("look.html")
