"""A reviewer looks at a paper and accepts it, or returns it with a reason that the new employee understands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from idm.domain.access_rules import Act, may
from idm.flow.compose import title_of
from idm.flow.deciding import Decision
from idm.flow.document_pages import look_at
from idm.flow.relations import paper_of
from idm.flow.tasks import describe
from idm.web.desks.desk import Desk, decided, language_of_the_hire, read_by_the_hire, reason_of
from idm.web.portal import Visit

STANDARD_REASONS = (
    "The picture is blurred or too dark to read.",
    "A page is missing.",
    "The signature is missing.",
    "This isn't the paper that we asked for.",
    "The paper has expired.",
    "The paper is about somebody else.",
)
"""What is most often wrong with a paper, each a text of the portal's catalogues."""


def show(visit: Visit) -> Mapping[str, Any]:
    """The paper beside the decision."""
    told, theirs = describe(visit.app, visit.task), language_of_the_hire(visit)
    paper = paper_of(visit.app, visit.case, visit.task.document)
    may_read = may(visit.relations, Act.READ_DOCUMENT, visit.case.state, document=paper)
    handed_in = visit.case.documents.get(visit.task.document)
    looked = look_at(visit.app, visit.person, handed_in.id, session=visit.session) if may_read and handed_in and handed_in.id else None
    return {
        "told": told,
        "reasons": [(visit.site.texts.say(theirs, reason), visit.say(reason)) for reason in STANDARD_REASONS],
        "theirs": read_by_the_hire(visit),
        "ends": bool(told["fields"]),
        "files": [(looked.row, looked.pages)] if looked is not None else [],
        "may_read": may_read,
    }


def read(visit: Visit) -> Decision:
    """Accept, with its last day where it ends; or return with a reason."""
    if decided(visit) == "return":
        return Decision("return", reason_of(visit))
    expires = visit.form.text("expires")
    return Decision(decided(visit), "", {"expires": expires} if expires else None)


_SAID = {
    "accept": "The paper is accepted: {paper}, {name}.",
    "return": "The paper went back, and the new employee is told why: {paper}, {name}.",
}


def told(visit: Visit, decision: Decision) -> str:
    """Which paper of whom was decided on."""
    person = visit.app.store.person(visit.case.person)
    paper = title_of(visit.app.policies.current(), visit.task.document, visit.language)
    return visit.say(_SAID[decision.decision], paper=paper, name=person.full_name if person is not None else "")


DESK = Desk("review.html", show, read, {}, told=told)
