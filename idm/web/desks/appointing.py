"""The manager appoints the contacts of one hire: who holds the authority anyway, or somebody for this hire alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from idm.domain.authority import APPOINTED
from idm.errors import BadInput, Fault, NotFound
from idm.flow.candidates import candidates, holders_now
from idm.flow.deciding import Decision
from idm.web.desks.desk import Desk
from idm.web.picking import STANDING, Picker, picked, picker
from idm.web.portal import Visit

_OFFERED = 8
"""How many are offered beside who holds the authority anyway."""


def show(visit: Visit) -> Mapping[str, Any]:
    """Of each authority who holds it now, and who could hold it for this hire."""
    standing = holders_now(visit.app, visit.case.id, visit.case.facts.unit, visit.case.person)
    return {
        "authorities": [
            {
                "id": authority.value,
                "standing": [person.full_name for person in standing[authority].people],
                "backup": standing[authority].backup,
                "picker": picker_of(visit, authority.value, STANDING if standing[authority].people else ""),
            }
            for authority in APPOINTED
        ]
    }


def picker_of(visit: Visit, name: str, default: str = "") -> Picker:
    """Whom one can choose from for an authority. Raises `NotFound` if `name` is none."""
    authority = next((each for each in APPOINTED if each.value == name), None)
    if authority is None:
        raise NotFound
    case = visit.case
    offered = candidates(visit.app, case.facts.unit, authority, visit.language, {case.person})[:_OFFERED]
    return picker(visit, name, f"/tasks/{visit.task.id}/find", offered=offered, but={case.person}, default=default)


def read(visit: Visit) -> Decision:
    """Who was chosen for each authority; nobody where the standing ones go on. Raises `BadInput` with every name that isn't clear."""
    values, faults, unclear = {}, list[Fault](), list[BadInput]()
    for authority in APPOINTED:
        try:
            chosen = picked(visit, authority.value, {visit.case.person})
        except BadInput as error:
            faults += error.faults
            unclear.append(error)
            continue
        if chosen and chosen != STANDING:
            values[authority.value] = [chosen]
    if unclear:
        raise BadInput(unclear[0].message, faults=faults, next_step=unclear[0].next_step)
    return Decision("appoint", "", values)


DESK = Desk("appoint.html", show, read, {"appoint": "The contacts are appointed. They see the hire in their lists now."})
