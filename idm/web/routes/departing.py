"""A hire departs from plan: moved or cancelled. What follows is shown first; only the second button does it."""

from __future__ import annotations

from datetime import date
from typing import Any

from starlette.responses import Response

from idm.domain.access_rules import Act
from idm.domain.case import Case
from idm.domain.departures import cancellable
from idm.errors import BadInput, Conflict, Fault, IdmError, NotAllowed
from idm.flow.depart import Word, cancel, foresee_cancel, foresee_move, move
from idm.flow.managing import startable
from idm.inputs.events import hours
from idm.inputs.fields import Fields
from idm.web.access import OfCase
from idm.web.numbers import read_number, typed_number
from idm.web.portal import Routes, Visit

pages = Routes()

_FIELDS = ("start_date", "end_date", "weekly_hours", "unit", "position")


@pages.get("/cases/{case}/move", access=OfCase(Act.MOVE_HIRE))
def move_form(visit: Visit) -> Response:
    """The facts as they are, to be changed."""
    return _move(visit)


@pages.post("/cases/{case}/move", access=OfCase(Act.MOVE_HIRE))
def move_hire(visit: Visit) -> Response:
    """Show what would follow; with the button that stands below that, do it."""
    word = Word(visit.person, reason=visit.form.text("reason"))
    try:
        wanted = _wanted(visit)
        if visit.form.text("step") == "do":
            move(visit.app, visit.case.id, wanted, word)
            return visit.go(f"/cases/{visit.case.id}", visit.say("The hire is changed."))
        return _move(visit, follows=foresee_move(visit.app, visit.case.id, wanted, word), changed=bool(wanted))
    except (BadInput, Conflict, NotAllowed) as error:
        return _move(visit, error)


@pages.get("/cases/{case}/cancel", access=OfCase(Act.CANCEL_HIRE))
def cancel_form(visit: Visit) -> Response:
    """The reason is asked, and what would follow is shown."""
    return _cancel(visit)


@pages.post("/cases/{case}/cancel", access=OfCase(Act.CANCEL_HIRE))
def cancel_hire(visit: Visit) -> Response:
    """Show what would follow; with the button that stands below that, do it."""
    word = Word(visit.person, reason=visit.form.text("reason"))
    try:
        if visit.form.text("step") == "do":
            cancel(visit.app, visit.case.id, word)
            return visit.go(f"/cases/{visit.case.id}", visit.say("The hire is cancelled. What was set up is taken back now."))
        return _cancel(visit, follows=foresee_cancel(visit.app, visit.case.id, word))
    except (BadInput, Conflict, NotAllowed) as error:
        return _cancel(visit, error)


def _wanted(visit: Visit) -> dict[str, Any]:
    """The facts that the form would have otherwise than they are. Raises `BadInput` for what can't be read."""
    faults: list[Fault] = []
    now = _facts(visit.case)
    wanted: dict[str, Any] = {}
    for name in _FIELDS:
        value = visit.form.text(name) if name != "weekly_hours" else read_number(visit.form.text(name))
        if value == now[name]:
            continue
        if name in ("start_date", "end_date"):
            wanted[name] = _day(value, name, faults)
        elif value:
            wanted[name] = _hours(value, faults) if name == "weekly_hours" else value
        else:
            faults.append(Fault(name, "required", "this can't be empty"))
    if faults:
        raise BadInput("The hire can't be changed so.", faults=faults, next_step="Mend what is named; nothing was changed.")
    return wanted


def _day(value: str, name: str, faults: list[Fault]) -> date | None:
    if not value and name == "end_date":
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        faults.append(Fault(name, "date", "must be a date such as 2027-01-04"))
        return None


def _hours(value: str, faults: list[Fault]) -> str:
    """Hours a week as an event would say them."""
    fields = Fields({"weekly_hours": value}, "", faults)
    return hours(fields)


def _facts(case: Case) -> dict[str, str]:
    facts = case.facts
    return {
        "start_date": facts.start_date.isoformat(),
        "end_date": facts.end_date.isoformat() if facts.end_date else "",
        "weekly_hours": facts.weekly_hours,
        "unit": facts.unit,
        "position": facts.position,
    }


def _standing(visit: Visit) -> dict[str, str]:
    """The facts as they stand in the fields."""
    facts = _facts(visit.case)
    return facts | {"weekly_hours": typed_number(facts["weekly_hours"], visit.language)}


def _move(visit: Visit, error: IdmError | None = None, **shown: Any) -> Response:
    units, positions = _places(visit)
    posted = visit.request.method == "POST"
    begun = visit.case.facts.start_date <= visit.app.clock.today()
    context: dict[str, Any] = {
        "person_name": _name(visit),
        "typed": {name: visit.form.text(name) for name in _FIELDS} if posted else _standing(visit),
        "reason": visit.form.text("reason"),
        "units": units,
        "positions": positions,
        "begun": begun,
        "follows": None,
        "changed": False,
        **shown,
    }
    return visit.asking("cases/move.html", error, **context)


def _places(visit: Visit) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The units and positions that can be chosen, each with its name: where the visitor starts hires, and what stands now."""
    tree, facts = visit.app.store.organisation(), visit.case.facts
    places = startable(visit.app, visit.person).places
    units = {facts.unit, *(unit for unit, _ in places)}
    positions = {facts.position, *(position for _, allowed in places for position in allowed)}
    return (
        [(unit.id, unit.name) for unit in tree.units.values() if unit.id in units],
        sorted(((each.id, each.title) for each in tree.positions.values() if each.id in positions), key=lambda each: each[1]),
    )


def _cancel(visit: Visit, error: IdmError | None = None, **shown: Any) -> Response:
    context: dict[str, Any] = {"person_name": _name(visit), "reason": visit.form.text("reason"), "follows": None, **shown}
    context["possible"] = cancellable(visit.case, visit.app.clock.today())
    return visit.asking("cases/cancel.html", error, **context)


def _name(visit: Visit) -> str:
    person = visit.app.store.person(visit.case.person)
    return person.full_name if person is not None else ""
