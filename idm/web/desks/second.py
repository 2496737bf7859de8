"""The second pair of eyes: another person agrees with what the first decided, or says why not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from idm.flow.deciding import Decision
from idm.flow.task_head import names_of
from idm.flow.tasks import describe
from idm.web.desks.desk import Desk, decided
from idm.web.portal import Visit


def show(visit: Visit) -> Mapping[str, Any]:
    """What the first person decided, and when."""
    told = describe(visit.app, visit.task)
    first = told["first"]
    return {
        "told": told,
        "first": first,
        "first_name": names_of(visit.app, {first["by"]}).get(first["by"], ""),
        "reason": visit.form.text("reason"),
    }


def read(visit: Visit) -> Decision:
    """Agree, or disagree with the reason."""
    return Decision(decided(visit), visit.form.text("reason") if decided(visit) == "disagree" else "")


DESK = Desk("second.html", show, read, {"agree": "You agreed: it is decided.", "disagree": "You disagreed: it is decided anew."})
