"""Why a task is somebody's, said of them to others: whose power it is, on whose word, until when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from babel.dates import format_date

from idm.domain.authority import Ground
from idm.domain.picture import Waiter
from idm.render_pages import LOCALES
from idm.web.portal import Visit

_GROUNDS: Mapping[Ground, str] = {
    Ground.HIRE: "",
    Ground.NAMED: "named as the manager of this hire",
    Ground.MANAGER: "manager of the unit",
    Ground.BACKUP: "central back-up, as nobody nearer can act",
    Ground.CASE: "appointed for this hire by {name}",
    Ground.UNIT: "appointed for the unit by {name}",
}
"""What a power rests on: texts of the portal's catalogues."""


def why_they(waiter: Waiter, visit: Visit) -> str:
    """By what power somebody may act; "" of the person hired, who needs none."""
    holder = waiter.holder
    text = _GROUNDS[holder.ground]
    said = visit.say(text, name=waiter.granter) if text else ""
    if holder.team:
        said = visit.say("in a team that is {ground}", ground=said)
    if holder.substitute_for and holder.until is not None and holder.until != date.max:
        day = format_date(holder.until, "long", LOCALES[visit.language])
        said = visit.say("stands in until {day} for {name}, {ground}", day=day, name=waiter.stands_in_for, ground=said)
    elif holder.substitute_for:
        said = visit.say("stands in for {name}, {ground}", name=waiter.stands_in_for, ground=said)
    return visit.say("{ground}; asked too, as it waited too long", ground=said) if holder.escalated else said
