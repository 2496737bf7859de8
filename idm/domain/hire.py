"""Events whose own rules hold: what a source tells of somebody who was hired, and of how that departs from what it told before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from idm.connector import Confidential
from idm.domain.people import Cpr

_PORTAL = "portal/"


def portal_source(person: str) -> str:
    """The source of an event that `person` started in the portal."""
    return f"{_PORTAL}{person}"


def started_by(source: str) -> str:
    """Who started the event of that source in the portal; "" if it came from elsewhere."""
    return source.removeprefix(_PORTAL) if source.startswith(_PORTAL) else ""


@dataclass(frozen=True, slots=True)
class HireEvent:
    """A sound hire event. `weekly_hours` is a decimal number as text; `manager` is "" where the unit's own is meant.

    `language` is `da` or `en`, or "" where the one of policy is meant.

    `content` is its type and data in a form that is equal whenever they are: what tells a replay from a changed event. It holds
    personal data; only a keyed digest of it is kept.
    """

    id: str
    source: str
    type: str
    time: str
    subject: str
    cpr: Cpr
    given_name: str
    family_name: str
    private_email: Confidential
    mobile: Confidential
    citizenship: str
    unit: str
    position: str
    start_date: date
    end_date: date | None
    weekly_hours: str
    manager: str
    content: Confidential
    language: str = ""


@dataclass(frozen=True, slots=True)
class HireChanged:
    """A sound event that facts of a hire are otherwise; `subject` is the id of the hire event, of the same source.

    `facts` holds what changed by name (`unit`, `position`, `start_date`, `end_date`, `weekly_hours`, `manager`): dates as dates, an
    end that fell away as None, the rest as text.
    """

    id: str
    source: str
    type: str
    time: str
    subject: str
    facts: Mapping[str, str | date | None]
    content: Confidential


@dataclass(frozen=True, slots=True)
class HireCancelled:
    """A sound event that a hire comes to nothing, with the reason."""

    id: str
    source: str
    type: str
    time: str
    subject: str
    reason: str
    content: Confidential


@dataclass(frozen=True, slots=True)
class PersonCorrected:
    """A sound event that the person of a hire is otherwise: what isn't said of them is None."""

    id: str
    source: str
    type: str
    time: str
    subject: str
    correction: Correction
    content: Confidential


@dataclass(frozen=True, slots=True)
class Correction:
    """What of a person was wrong or has changed; None stays as it is."""

    cpr: Cpr | None = None
    given_name: str | None = None
    family_name: str | None = None
    private_email: Confidential | None = None
    mobile: Confidential | None = None
    citizenship: str | None = None
    language: str | None = None

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of what is said, such as `family_name`."""
        return tuple(name for name in self.__slots__ if getattr(self, name) is not None)


Event = HireEvent | HireChanged | HireCancelled | PersonCorrected
"""Whatever a source may tell of a hire."""
