"""The page of one case: its steps as picture and list, papers, rights, comments, and the story."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import partial
from typing import Any

from starlette.responses import Response

from idm.domain.access_rules import Act
from idm.errors import BadInput
from idm.flow.case_page import CommentShown, case_page
from idm.flow.comments import add_comment
from idm.flow.history import history
from idm.inputs.comments import check_comment
from idm.web.access import OfCase
from idm.web.desks.desk import read_by_the_hire
from idm.web.graph_svg import graph_of
from idm.web.grounds import why_they
from idm.web.portal import Routes, Visit

pages = Routes()


@pages.get("/cases/{case}", access=OfCase(Act.SEE_CASE))
def show(visit: Visit) -> Response:
    """The whole page."""
    context = _context(visit)
    return visit.page(
        "case.html", **context, theirs=read_by_the_hire(visit), text="", to_hire=_question_waits(context["page"].comments or ())
    )


@pages.get("/cases/{case}/live", access=OfCase(Act.SEE_CASE))
def live(visit: Visit) -> Response:
    """What changes while one looks; nothing, if the visitor has it already."""
    now = _seen(visit)
    if visit.query("seen") == now:
        return Response(status_code=204)
    if visit.request.headers.get("if-none-match", "") == f'"{now}"':
        return Response(status_code=304, headers={"etag": f'"{now}"'})
    answer = visit.page("parts/case_live.html", **_context(visit))
    answer.headers["etag"] = f'"{now}"'
    return answer


@pages.post("/cases/{case}/comments", access=OfCase(Act.WRITE_COMMENT))
def comment(visit: Visit) -> Response:
    """Write a comment, and stay."""
    text, to_hire = visit.form.text("text"), visit.form.text("to_hire") == "yes"
    try:
        add_comment(visit.app, visit.case.id, visit.person, check_comment(text), to_hire=to_hire)
    except BadInput as error:
        return visit.again("case.html", error, **_context(visit), theirs=read_by_the_hire(visit), text=text, to_hire=to_hire)
    return visit.go(f"/cases/{visit.case.id}#comments", visit.say(_SENT[to_hire]))


_SENT = {
    True: "Your comment was sent. The new employee can read it, too.",
    False: "Your comment was sent. Only the others in this hire can read it.",
}


def _question_waits(comments: Sequence[CommentShown]) -> bool:
    """Whether the person hired asked something that nobody has answered to them yet: the next comment is most likely the answer."""
    seen = [comment for comment in comments if comment.to_hire]
    return bool(seen) and seen[-1].of_hire and seen[-1].text is not None


@pages.get("/cases/{case}/story", access=OfCase(Act.SEE_STORY))
def story(visit: Visit) -> Response:
    """Everything that happened, in words."""
    person = visit.app.store.person(visit.case.person)
    told = history(visit.app, visit.case.id, visit.language)
    return visit.page("story.html", story=told, name=person.full_name if person is not None else "")


def _context(visit: Visit) -> dict[str, Any]:
    page = case_page(visit.app, visit.case, visit.person, visit.relations, visit.language)
    drawn, why = graph_of(page.picture, visit), partial(why_they, visit=visit)
    return {"page": page, "drawn": drawn, "why": why, "seen": _seen(visit), "back": visit.back("/hires")}


def _seen(visit: Visit) -> str:
    """What tells whether a visitor has seen the case as it is: its version, the day, and who they are to it."""
    told = (visit.case.id, visit.case.version, visit.app.clock.today(), visit.language, sorted(visit.relations), visit.person)
    return hashlib.sha256(repr(told).encode()).hexdigest()[:20]
