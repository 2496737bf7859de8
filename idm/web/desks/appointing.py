"""The manager appoints the contacts of one hire: who holds the authority anyway, or somebody for this hire alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from idm.domain.authority import APPOINTED
from idm.flow.candidates import candidates, holders_now, meant
from idm.flow.deciding import Decision
from idm.web.desks.desk import Desk
from idm.web.portal import Visit

OTHER = "other"
STANDING = "standing"


def show(visit: Visit) -> Mapping[str, Any]:
    """Of each authority who holds it now, and who could hold it for this hire."""
    case = visit.case
    standing = holders_now(visit.app, case.id, case.facts.unit, case.person)
    return {
        "authorities": [
            {
                "id": authority.value,
                "standing": [person.full_name for person in standing[authority]],
                "offered": candidates(visit.app, case.facts.unit, authority, visit.language, {case.person}),
                "chosen": visit.form.text(authority.value) or (STANDING if standing[authority] else ""),
                "other": visit.form.text(f"{authority.value}_other"),
            }
            for authority in APPOINTED
        ]
    }


def read(visit: Visit) -> Decision:
    """Who was chosen for each authority; nobody where the standing ones go on."""
    values = {}
    for authority in APPOINTED:
        chosen, other = visit.form.text(authority.value), visit.form.text(f"{authority.value}_other")
        if chosen == OTHER or (other and not chosen):
            values[authority.value] = [meant(visit.app, other, f"values.{authority.value}")]
        elif chosen and chosen != STANDING:
            values[authority.value] = [chosen]
    return Decision("appoint", "", values)


DESK = Desk("appoint.html", show, read, {"appoint": "The contacts are appointed. They see the hire in their lists now."})
