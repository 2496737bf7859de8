"""A hire event whose own rules hold: what a source tells of somebody who was hired."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from idm.connector import Confidential
from idm.domain.people import Cpr


@dataclass(frozen=True, slots=True)
class HireEvent:
    """A sound hire event. `weekly_hours` is a decimal number as text; `manager` is "" where the unit's own is meant.

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
