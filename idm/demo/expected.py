"""What each event of the demo must end as: `data/expected.csv`, written by hand from the rules before anything ran."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from idm.demo.municipality import table

HIRE = "the new employee"
"""How the table names the person hired, whose id isn't known beforehand."""


class Ending(enum.StrEnum):
    """What an event can end as."""

    COMPLETED = "completed"
    WAITING = "waiting"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    REPLAYED = "replayed"


@dataclass(frozen=True, slots=True)
class Expected:
    """What must come of an event.

    `opens`: the account is open in the end. `waits_for` at which `step`: whom a waiting case waits for, by id, or `HIRE`. `because`: the
    reason in words; for a refused event the fields that must be named. `ldap` and `erp`: the rights that the person must hold.
    """

    ends: Ending
    opens: bool = False
    waits_for: str = ""
    step: str = ""
    because: str = ""
    ldap: tuple[str, ...] = ()
    erp: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an event ended as: the step at which a case waits, the people whom it waits for by id, and the reason in words.

    `fields`: what a refusal names. `told`: the reason that somebody gave.
    """

    ends: str
    step: str = ""
    people: tuple[str, ...] = ()
    reason: str = ""
    fields: frozenset[str] = frozenset()
    told: str = ""

    def fits(self, wanted: Expected, person: str) -> bool:
        """Whether it is as the table says. `person` is the id of the person hired."""
        if self.ends != wanted.ends.value:
            return False
        if wanted.ends is Ending.REFUSED:
            return self.fields == frozenset(wanted.because.split()) and bool(self.reason)
        if wanted.ends is Ending.WAITING:
            waits_for = person if wanted.waits_for == HIRE else wanted.waits_for
            told = not self.told or wanted.because.lower() in self.told.lower()
            return self.step == wanted.step and waits_for in self.people and bool(self.reason) and told
        return True


def expected() -> dict[int, Expected]:
    """The table, by the numbers of the events."""
    return {
        int(row["number"]): Expected(
            Ending(row["ends"]),
            row["opens"] == "yes",
            row["waits_for"],
            row["step"],
            row["because"],
            tuple(row["ldap"].split()),
            tuple(row["erp"].split()),
        )
        for row in table("expected")
    }
