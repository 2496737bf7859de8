"""A check as a process: who may say that it was ordered, that it came, and what it came to. And papers that one of the house hands in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from idm.domain.timers import usable_until
from idm.flow.deciding import Decision
from idm.flow.tasks import describe
from idm.web.desks.desk import Desk, plain
from idm.web.portal import Visit


def show(visit: Visit) -> Mapping[str, Any]:
    """Which step of the check it is, what it can be answered with, and until when the consent can be used that it makes use of."""
    return {"told": describe(visit.app, visit.task), "usable": usable_until(visit.case, visit.graph, visit.task.step)}


DESK = Desk(
    "check.html",
    show,
    plain,
    {
        "give": "Your consent is noted.",
        "refuse": "It is noted that you don't consent.",
        "done": "It is noted.",
        "clear": "The check is noted as clear.",
        "not_clear": "The check is noted as not clear. The hire waits.",
    },
)


def show_document(visit: Visit) -> Mapping[str, Any]:
    """Which files are taken."""
    rule = visit.app.policies.current().documents.get(visit.task.document)
    return {"rule": rule}


def read_document(visit: Visit) -> Decision:
    """A file isn't a decision: the route takes it."""
    return Decision()


DOCUMENT = Desk("document.html", show_document, read_document, {})
