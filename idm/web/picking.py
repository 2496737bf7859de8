"""Naming a person in a form: some are offered, anybody else is found by part of what they are called, and one of all these is chosen.

Of a picker called `pay`, the form sends `pay`, who was chosen, and `pay_find`, what was typed to find somebody. Its button to find sends
the whole form to an address of its own, which answers the form as it stands with whom it found; with htmx it answers them alone.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from idm.errors import BadInput, Fault
from idm.flow.candidates import Candidate, Found, candidate, find_people, meant
from idm.web.portal import Visit

FIND = "_find"
"""Ends the name of the field in which somebody is looked for."""

NOBODY = "nobody"
STANDING = "standing"
_NO_PERSON = (NOBODY, STANDING, "")


@dataclass(frozen=True, slots=True)
class Picker:
    """What a form shows where a person is to be named; `find` is the address that finds."""

    name: str
    find: str
    offered: Sequence[Candidate]
    found: Found
    chosen: str
    others: Sequence[Candidate]
    """Those found, and who was chosen before, of whom nobody is offered anyway."""


def picker(
    visit: Visit, name: str, find: str, *, offered: Sequence[Candidate] = (), but: Collection[str] = (), default: str = ""
) -> Picker:
    """The picker as the form left it. Not who stands in `but` is found; `default` is chosen where nothing was yet."""
    chosen = visit.form.text(name) or default
    found = find_people(visit.app, visit.form.text(name + FIND), but)
    known = {each.id for each in offered}
    others = [each for each in found.people if each.id not in known]
    if chosen not in _NO_PERSON and chosen not in known and chosen not in {each.id for each in others}:
        before = candidate(visit.app, chosen, visit.language)
        others = [*([before] if before is not None else []), *others]
    return Picker(name, find, offered, found, chosen, others)


def picked(visit: Visit, name: str, but: Collection[str] = ()) -> str:
    """Who was named: their id, `NOBODY`, `STANDING`, or "" if the form says nothing.

    Who was chosen counts, whatever was typed to find others. Where nobody was chosen, a name that means one person for certain does.
    Raises `BadInput` if it doesn't, naming the field to find somebody.
    """
    chosen, typed = visit.form.text(name), visit.form.text(name + FIND)
    if not typed or chosen not in _NO_PERSON:
        return chosen
    if chosen:
        fault = Fault(name + FIND, "unclear", "choose one of those found, or empty this field")
        raise BadInput("It isn't clear who is meant.", faults=[fault], next_step="Nothing was saved.")
    return meant(visit.app, typed, name + FIND, but)
