"""Powers: a manager appoints contacts for all hires of a unit, confirms or ends that; anybody names who stands in for them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from starlette.responses import Response

from idm.domain.access_rules import Act
from idm.domain.authority import APPOINTED, Authority, Limits
from idm.errors import BadInput, Conflict, Fault, IdmError, NotAllowed, NotFound
from idm.flow.candidates import teams
from idm.flow.delegate import delegate
from idm.flow.delegation_life import confirm, revoke
from idm.flow.managing import managed_units
from idm.flow.powers_page import powers_page
from idm.flow.substitute import AUTHORITIES, Absence, end_substitution, list_substitutions, substitute
from idm.flow.task_head import names_of
from idm.web.access import House, Staff
from idm.web.numbers import read_amount
from idm.web.picking import NOBODY, Picker, picked, picker
from idm.web.portal import Routes, Visit

pages = Routes()

_REFUSALS = (BadInput, Conflict, NotAllowed, NotFound)


@pages.get("/powers", access=House(Act.DELEGATE))
def show(visit: Visit) -> Response:
    """Who holds what in the units that one manages."""
    return _powers(visit)


@pages.post("/powers", access=House(Act.DELEGATE))
def grant(visit: Visit) -> Response:
    """Appoint somebody for all hires of a unit and those below."""
    form, faults = visit.form, list[Fault]()
    try:
        unit = form.text("unit")
        if unit not in managed_units(visit.app, visit.person):
            faults.append(Fault("unit", "not-yours", "choose a unit that you manage"))
        authorities = [Authority(name) for name in form.all("authority") if name in {each.value for each in APPOINTED}]
        if not authorities:
            faults.append(Fault("authority", "required", "choose what they are appointed for"))
        since, until = (_day(visit, name, faults) for name in ("since", "until"))
        limits = Limits(amount=_amount(visit, faults))
        to = _named(visit, "to", faults)
        if faults:
            raise BadInput("The delegation can't be granted.", faults=faults, next_step="Mend what is named; nothing was granted.")
        for authority in authorities:
            delegate(visit.app, authority, unit, [to], granter=visit.person, since=since, until=until, limits=limits)
    except _REFUSALS as error:
        return _powers(visit, error)
    return visit.go("/powers", visit.say("The power is granted. It counts from its first day on."))


@pages.post("/powers/find", access=House(Act.DELEGATE))
def find(visit: Visit) -> Response:
    """Who may be meant by what was typed. Nothing is saved."""
    return visit.part("parts/found.html", picker=_grantee(visit)) if visit.live else _powers(visit)


@pages.post("/powers/{delegation}/revoke", access=House(Act.DELEGATE))
def end(visit: Visit) -> Response:
    """End a delegation at once."""
    held = _managed(visit, visit.path["delegation"])
    try:
        revoke(visit.app, held, revoker=visit.person)
    except _REFUSALS as error:
        return _powers(visit, error)
    return visit.go("/powers", visit.say("The power is ended. What was decided by it stays decided."))


@pages.post("/powers/confirm", access=House(Act.DELEGATE))
def go_on(visit: Visit) -> Response:
    """Say of all that were ticked that they go on."""
    ids = [_managed(visit, id) for id in visit.form.all("delegation")]
    try:
        if not ids:
            raise BadInput("Nothing was ticked.", faults=[Fault("delegation", "required", "tick what goes on")])
        confirm(visit.app, ids, visit.person)
    except _REFUSALS as error:
        return _powers(visit, error)
    return visit.go("/powers", visit.say("It is confirmed that they go on."))


@pages.get("/absence", access=Staff())
def absence(visit: Visit) -> Response:
    """Who stands in for oneself, and for whom one stands in."""
    return _absence(visit)


@pages.post("/absence", access=Staff())
def stand_in(visit: Visit) -> Response:
    """Name a substitute for a period."""
    form, faults = visit.form, list[Fault]()
    try:
        since, until = (_day(visit, name, faults) for name in ("since", "until"))
        to = _named(visit, "substitute", faults, {visit.person})
        if faults:
            raise BadInput("The substitute can't be entered.", faults=faults, next_step="Mend what is named; nothing was entered.")
        chosen = tuple(name for name in form.all("authority") if name in AUTHORITIES)
        wanted = Absence(visit.person, to if to != NOBODY else "", since, until, chosen if len(chosen) < len(AUTHORITIES) else ())
        substitute(visit.app, wanted, by=visit.person)
    except _REFUSALS as error:
        return _absence(visit, error)
    return visit.go("/absence", visit.say("It is noted who stands in for you."))


@pages.post("/absence/find", access=Staff())
def find_substitute(visit: Visit) -> Response:
    """Who may be meant by what was typed. Nothing is saved."""
    return visit.part("parts/found.html", picker=_substitute(visit)) if visit.live else _absence(visit)


@pages.post("/absence/{substitution}/end", access=Staff())
def come_back(visit: Visit) -> Response:
    """End one's own substitution at once."""
    mine = {each.id for each in list_substitutions(visit.app, person=visit.person) if each.person == visit.person}
    if visit.path["substitution"] not in mine:
        raise NotFound
    try:
        end_substitution(visit.app, visit.path["substitution"], by=visit.person)
    except _REFUSALS as error:
        return _absence(visit, error)
    return visit.go("/absence", visit.say("You act for yourself again."))


def _managed(visit: Visit, id: str) -> str:
    """A delegation of a unit that the visitor manages, or one that they granted; of any other they don't learn that it is there."""
    found = visit.app.store.delegation(id)
    if found is None or (found.unit not in managed_units(visit.app, visit.person) and found.granted_by != visit.person):
        raise NotFound
    return id


def _named(visit: Visit, name: str, faults: list[Fault], but: Collection[str] = ()) -> str:
    try:
        found = picked(visit, name, but)
    except BadInput as error:
        faults += error.faults
        return ""
    if not found:
        faults.append(Fault(name, "required", "name somebody"))
    return found


def _grantee(visit: Visit) -> Picker:
    return picker(visit, "to", "/powers/find", offered=teams(visit.app, visit.language))


def _substitute(visit: Visit) -> Picker:
    return picker(visit, "substitute", "/absence/find", but={visit.person})


def _day(visit: Visit, name: str, faults: list[Fault]) -> date | None:
    text = visit.form.text(name)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        faults.append(Fault(name, "date", "must be a date such as 2027-01-04"))
        return None


def _amount(visit: Visit, faults: list[Fault]) -> Decimal | None:
    wrong = len(faults)
    text = read_amount(visit.form.text("amount"), "amount", faults)
    if len(faults) > wrong:
        return None
    try:
        found = Decimal(text) if text else None
    except InvalidOperation:
        found = Decimal("NaN")
    if found is not None and not found.is_finite():
        faults.append(Fault("amount", "number", "must be an amount in kroner above 0"))
        return None
    return found


def _powers(visit: Visit, error: IdmError | None = None) -> Response:
    shown = powers_page(visit.app, visit.person, visit.language)
    typed: dict[str, Any] = {name: visit.form.text(name) for name in ("unit", "since", "until", "amount")}
    context: dict[str, Any] = {
        "shown": shown,
        "typed": typed,
        "to": _grantee(visit),
        "authorities": visit.form.all("authority"),
        "managed": {unit.id for unit in shown.units},
    }
    return visit.asking("powers.html", error, **context)


def _absence(visit: Visit, error: IdmError | None = None) -> Response:
    held = list_substitutions(visit.app, person=visit.person)
    names = names_of(visit.app, {id for each in held for id in (each.person, each.substitute) if id})
    typed = {name: visit.form.text(name) for name in ("since", "until")}
    context: dict[str, Any] = {
        "mine": [each for each in held if each.person == visit.person],
        "others": [each for each in held if each.person != visit.person],
        "names": names,
        "units": {id: unit.name for id, unit in visit.app.store.organisation().units.items()},
        "typed": typed,
        "substitute": _substitute(visit),
        "ticked": visit.form.all("authority"),
    }
    return visit.asking("absence.html", error, **context)
