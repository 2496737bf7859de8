"""A manager starts a hire: the same event that HR's system would send, typed once, checked as it is typed, and read through first.

Until it starts nothing of it is kept here: from page to page the browser sends on what was typed, in the bodies of requests alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from babel import Locale
from starlette.responses import Response

from idm.domain.access_rules import Act
from idm.domain.countries import COUNTRIES
from idm.domain.hire import portal_source
from idm.domain.ids import new_id
from idm.domain.people import Organisation
from idm.errors import BadInput, Fault, IdmError, NotFound
from idm.flow.depart import minded_at_start
from idm.flow.managing import demand_startable, startable
from idm.render_pages import LOCALES
from idm.web.access import House
from idm.web.numbers import read_number
from idm.web.portal import Routes, Visit

pages = Routes()

_PERSON = ("cpr", "given_name", "family_name", "private_email", "mobile", "citizenship", "language")
_EMPLOYMENT = ("unit", "position", "start_date", "end_date", "weekly_hours")
_REQUIRED = frozenset({"cpr", "given_name", "family_name", "private_email", "mobile", "unit", "position", "start_date", "weekly_hours"})


@pages.get("/hires/new", access=House(Act.START_HIRE))
def new(visit: Visit) -> Response:
    """The empty form."""
    return _page(visit)


@pages.post("/hires/check", access=House(Act.START_HIRE), page="/hires/new")
def check(visit: Visit) -> Response:
    """What is wrong with what was typed so far; what wasn't reached yet is no fault. Nothing is saved, and nobody is looked up."""
    error = _wrong(visit)
    typed = {name for name in (*_PERSON, *_EMPLOYMENT) if visit.form.text(name)}
    kept = [fault for fault in error.faults if fault.path.rpartition(".")[2] in typed] if error is not None else []
    shown = BadInput("Some of it isn't right yet.", faults=kept) if kept else None
    return _part(visit, shown) if visit.live else _page(visit, shown)


@pages.post("/hires/summary", access=House(Act.START_HIRE), page="/hires/new")
def summary(visit: Visit) -> Response:
    """Everything that was typed on one page to be read through, each part with a way back to it. Nothing is saved yet."""
    error = _elsewhere(visit) or _wrong(visit)
    return _page(visit, error) if error is not None else visit.page("hires/summary.html", **_told(visit))


@pages.post("/hires/change", access=House(Act.START_HIRE), page="/hires/new")
def change(visit: Visit) -> Response:
    """The form with what was typed, to be changed."""
    return _page(visit)


@pages.post("/hires/new", access=House(Act.START_HIRE))
def start(visit: Visit) -> Response:
    """Take the hire. The same form sent twice makes one hire."""
    error = _elsewhere(visit)
    if error is not None:
        return _page(visit, error)
    receipt = visit.site.take(json.dumps(_event(visit)))[0]
    if receipt.error is not None:
        return _page(visit, receipt.error)
    return visit.go(f"/cases/{receipt.case}", visit.say("The hire is started."))


def _event(visit: Visit) -> dict[str, Any]:
    """The hire as an event. Its source names who started it, and stands in the audit."""
    form = visit.form
    employment: dict[str, Any] = {name: form.text(name) for name in _EMPLOYMENT if form.text(name)}
    if "weekly_hours" in employment:
        employment["weekly_hours"] = read_number(employment["weekly_hours"])
    person = {name: form.text(name) for name in _PERSON if form.text(name)}
    if "cpr" in person:
        person["cpr"] = person["cpr"].replace("-", "").replace(" ", "")
    return {
        "specversion": "1.0",
        "id": form.text("form") or new_id("f", visit.app.random(10)),
        "source": portal_source(visit.person),
        "type": "dk.idm.hire",
        "data": {"person": person, "employment": employment},
    }


def _wrong(visit: Visit) -> IdmError | None:
    """What the event would be refused for, without taking it."""
    return visit.site.look(json.dumps(_event(visit)))


def _elsewhere(visit: Visit) -> IdmError | None:
    """What is wrong if the hire isn't into a unit and position where the visitor may start one, with all else that is.

    None where one of the two is missing: no hire is taken so.
    """
    unit, position = visit.form.text("unit"), visit.form.text("position")
    if not (unit and position):
        return None
    try:
        demand_startable(visit.app, visit.person, unit, position)
    except NotFound as error:
        place = [Fault("unit", "not-yours", "choose a unit and a position in which you can start a hire")]
        return BadInput("The hire can't be started so.", faults=[*place, *_faults(visit)], next_step=error.next_step)
    return None


def _faults(visit: Visit) -> list[Fault]:
    error = _wrong(visit)
    return [fault for fault in error.faults if fault.path.rpartition(".")[2] not in ("unit", "position")] if error is not None else []


def _page(visit: Visit, error: IdmError | None = None) -> Response:
    context = _context(visit)
    if error is not None:
        error.faults = tuple(sorted(error.faults, key=_place))
    return visit.asking("hires/new.html", error, **context)


def _place(fault: Fault) -> int:
    """Where the field of a fault stands in the form."""
    order = (*_PERSON, *_EMPLOYMENT)
    field = fault.path.rpartition(".")[2]
    return order.index(field) if field in order else len(order)


def _part(visit: Visit, error: IdmError | None) -> Response:
    faults: dict[str, Any] = {"faults": visit.faults(error)} if error is not None else {}
    return visit.page("hires/new_fields.html", **_context(visit), **faults)


def _context(visit: Visit) -> Mapping[str, Any]:
    tree = visit.app.store.organisation()
    places = startable(visit.app, visit.person)
    positions = {position for _, offered in places for position in offered}
    return {
        "units": [(unit, _named(tree, unit)) for unit, _ in places],
        "positions": sorted(((id, tree.positions[id].title) for id in positions if id in tree.positions), key=lambda each: each[1]),
        "countries": _countries(visit.language),
        "typed": {name: visit.form.text(name) for name in (*_PERSON, *_EMPLOYMENT)},
        "required": _REQUIRED,
        "form_id": visit.form.text("form") or new_id("f", visit.app.random(10)),
    }


def _told(visit: Visit) -> Mapping[str, Any]:
    """What was typed as it is read, and as it is sent on. Of a CPR number the birthday is shown alone."""
    tree = visit.app.store.organisation()
    typed = _event(visit)["data"]
    person, employment = typed["person"], typed["employment"]
    return {
        "cpr": f"{person['cpr'][:6]}-xxxx",
        "person": {"language": "da", **person},
        "country": dict(_countries(visit.language)).get(person.get("citizenship") or "DK", ""),
        "employment": {"end_date": "", **employment},
        "unit": _named(tree, employment["unit"]),
        "position": tree.positions[employment["position"]].title,
        "minded": minded_at_start(visit.app, date.fromisoformat(employment["start_date"])),
        "sent": {"form": visit.form.text("form") or new_id("f", visit.app.random(10)), **visit.form.given()},
    }


def _countries(language: str) -> list[tuple[str, str]]:
    """Every country by its code, as it is called in `language`: Denmark first, the others by name."""
    named = Locale.parse(LOCALES[language]).territories
    found = [(code, str(named.get(code, code))) for code in COUNTRIES]
    alphabet = {"æ": "{", "ø": "|", "å": "}"}
    return sorted(found, key=lambda each: (each[0] != "DK", "".join(alphabet.get(letter, letter) for letter in each[1].lower())))


def _named(tree: Organisation, unit: str) -> str:
    """A unit by its name, with the one above it."""
    above = [each.name for each in tree.path(unit)][:2]
    return ", ".join(above) if above else unit
