"""Substitutes: who acts for somebody in a period, entered by themselves or by an administrator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from idm.domain.authority import Authority
from idm.domain.authority_powers import Substitution
from idm.domain.journey import Actor
from idm.errors import BadInput, Conflict, Fault, NotAllowed, NotFound
from idm.flow.identity import fresh
from idm.flow.known_as import known_as
from idm.flow.power_audit import note
from idm.ports import App

AUTHORITIES = (Actor.MANAGER.value, *(authority.value for authority in Authority))
"""What a substitute can stand in for: a manager's own tasks, and every authority that is delegated."""


@dataclass(frozen=True, slots=True)
class Absence:
    """What is to be entered: who is away, who acts for them ("": nobody), in which period, for which authorities and units (none: all)."""

    person: str
    substitute: str = ""
    since: date | None = None
    until: date | None = None
    authorities: tuple[str, ...] = ()
    units: tuple[str, ...] = ()


def substitute(app: App, wanted: Absence, *, by: str = "", administrator: str = "") -> Substitution:
    """Enter that a person is away, and who acts for them. `since` defaults to today.

    `by` is the person themself, who needs nobody's leave; without it the administrator enters it. The very same again is answered as
    it is. Raises `BadInput` with every fault, or `NotAllowed` for somebody who enters another's.
    """
    person, by = known_as(app, wanted.person), known_as(app, by)
    other = known_as(app, wanted.substitute)
    if by and by != person:
        raise NotAllowed(
            f"{by} can't enter a substitute for {person}.",
            next_step="They do it themselves (--as), or an administrator does (without --as).",
        )
    start = wanted.since or app.clock.today()
    faults = _faults(app, replace(wanted, person=person, substitute=other, since=start))
    if faults:
        raise BadInput("The substitute can't be entered.", faults=faults, next_step="Mend what is named; nothing was entered.")
    entered = Substitution(
        fresh(app, "s"),
        person,
        other,
        start,
        wanted.until,
        tuple(sorted(wanted.authorities)),
        tuple(sorted(wanted.units)),
        by or administrator,
    )
    for held in app.store.substitutions(since=app.clock.today(), person=person):
        if replace(held, id=entered.id, entered_by=entered.entered_by) == entered:
            return held
    with app.store.write() as writer:
        writer.put_substitution(entered)
        if other:
            note(app, writer, by or administrator, "substituted", _told(entered, administrator))
        else:
            note(app, writer, by or administrator, "away", _told(entered, administrator))
    return entered


def _faults(app: App, wanted: Absence) -> list[Fault]:
    faults: list[Fault] = []
    known = app.store.people({wanted.person, wanted.substitute} - {""})
    tree = app.store.organisation()
    for name, person in (("person", wanted.person), ("substitute", wanted.substitute)):
        if person and person not in known:
            faults.append(Fault(name, "unknown-person", f"there is no person '{person}'"))
    if wanted.person == wanted.substitute:
        faults.append(Fault("substitute", "oneself", "nobody is their own substitute"))
    if wanted.since is not None and wanted.until is not None and wanted.until < wanted.since:
        faults.append(Fault("until", "order", f"it ends ({wanted.until}) before it begins ({wanted.since})"))
    if wanted.until is not None and wanted.until < app.clock.today():
        faults.append(Fault("until", "over", f"it is over already ({wanted.until}); what is past can't be entered"))
    faults.extend(Fault("unit", "unknown-unit", f"there is no unit '{unit}'") for unit in wanted.units if unit not in tree.units)
    faults.extend(
        Fault("authority", "unknown-authority", f"there is no authority '{name}'; there are: {', '.join(AUTHORITIES)}")
        for name in wanted.authorities
        if name not in AUTHORITIES
    )
    return faults


def end_substitution(app: App, id: str, *, by: str = "", administrator: str = "") -> Substitution:
    """End a substitution at once; what was decided by it stays decided. `by` as in `substitute`.

    Raises `NotFound`, `NotAllowed`, or `Conflict` if it is over.
    """
    by = known_as(app, by)
    found = next((each for each in app.store.substitutions() if each.id == id), None)
    if found is None:
        raise NotFound(f"There is no substitution '{id}'.", next_step="`idm substitute list` shows them.")
    if by and by != found.person:
        raise NotAllowed(f"{by} can't end a substitution of {found.person}.", next_step="They do it themselves, or an administrator does.")
    today = app.clock.today()
    if found.ended is not None or (found.until is not None and found.until < today):
        raise Conflict(f"Substitution {id} is over already.", next_step="Nothing is to be done.")
    ended = replace(found, ended=today)
    with app.store.write() as writer:
        writer.put_substitution(ended)
        note(app, writer, by or administrator, "substitution-ended", _told(ended, administrator))
    return ended


def list_substitutions(app: App, *, person: str = "", everything: bool = False) -> Sequence[Substitution]:
    """Substitutions that hold today or later, of or by `person` ("": of anybody); `everything`: those that are over, too."""
    return app.store.substitutions(since=None if everything else app.clock.today(), person=known_as(app, person))


def _told(each: Substitution, administrator: str) -> dict[str, object]:
    return {
        "substitution": each.id,
        "person": each.person,
        "substitute": each.substitute,
        "since": each.since.isoformat(),
        "until": each.until.isoformat() if each.until else "",
        "authorities": list(each.authorities),
        "units": list(each.units),
        "administrator": administrator,
    }
