"""The hire events of the demo: sixty, of all kinds, from `data/events.csv`, with what people answer from `data/answers.csv`."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from idm.demo.dates import Dates
from idm.demo.expected import Ending, Expected, expected
from idm.demo.municipality import table

SOURCE = "/hr/nyborup"
OTHER_SOURCE = "/recruitment/nyborup"

STORY = 12
"""The first so many events are told one by one; the others are told of together."""
FROM_TABLE = 55
"""From this event on they come as a table."""
WRONG, REPLAY = 11, 12
"""The event in which everything is wrong, and the one that is the first once more."""

_WEIGHTS = (4, 3, 2, 7, 6, 5, 4, 3, 2, 1)


@dataclass(frozen=True, slots=True)
class Answers:
    """What people answer in a hire: who is appointed, what goes into the payroll form, what is ordered, what the HR system `changes`
    later; where it stops, and `how`.
    """

    appoints: tuple[str, str] | None = None
    pay: Mapping[str, Any] = field(default_factory=dict)
    years: int = 0
    adds: str = ""
    orders: tuple[tuple[str, int], ...] = ()
    changes: tuple[str, str] | None = None
    stops_at: str = ""
    how: str = ""


@dataclass(frozen=True, slots=True)
class Hire:
    """One event of the demo, its dates settled, with the answers to it and what must come of it.

    `told_start` is the first day by the event, `start` the one that holds in the end.
    """

    number: int
    id: str
    about: str
    cpr: str = field(repr=False)
    given_name: str
    family_name: str
    citizenship: str
    unit: str
    position: str
    told_start: date
    start: date
    end: date | None
    hours: float
    manager: str
    leaves_out: str
    answers: Answers
    expected: Expected

    @property
    def name(self) -> str:
        """The person's full name, short enough for a line."""
        full = f"{self.given_name} {self.family_name}".strip()
        return full if len(full) < 40 else f"{full[:38]}…"

    @property
    def source(self) -> str:
        """The system that the event comes from."""
        return SOURCE if self.id.startswith("hire-") else OTHER_SOURCE

    @property
    def taken(self) -> bool:
        """Whether a case of its own must come of it."""
        return self.expected.ends in (Ending.COMPLETED, Ending.WAITING, Ending.CANCELLED)

    @property
    def cancelled(self) -> bool:
        """Whether the person changes their mind."""
        return self.expected.ends is Ending.CANCELLED

    @property
    def stays(self) -> bool:
        """Whether a person comes to be employed by it, now or when somebody has answered."""
        return self.taken and not self.cancelled


def hires(dates: Dates) -> tuple[Hire, ...]:
    """All events, in the order in which they come."""
    answers = {int(row["number"]): _answers(row) for row in table("answers")}
    ends = expected()
    return tuple(_hire(row, dates, answers.get(int(row["number"]), Answers()), ends[int(row["number"])]) for row in table("events"))


def _hire(row: Mapping[str, str], dates: Dates, answers: Answers, ends: Expected) -> Hire:
    start = dates.of(row["start"])
    moved = dates.of(answers.changes[1]) if answers.changes and answers.changes[0] == "start_date" else start
    return Hire(
        int(row["number"]),
        row["id"],
        row["about"],
        _cpr(row["cpr"], start, int(row["number"])),
        row["given_name"],
        row["family_name"],
        row["citizenship"],
        row["unit"],
        row["position"],
        start,
        moved,
        dates.of(row["end"], start) if row["end"] else None,
        float(row["hours"]),
        row["manager"],
        row["leaves_out"],
        answers,
        ends,
    )


def _answers(row: Mapping[str, str]) -> Answers:
    pay = {
        "institution": row["institution"],
        "cost_centre": row["cost_centre"],
        "agreement": row["pay_class"].partition("-")[0],
        "pay_class": row["pay_class"],
        "scale_step": int(row["step"]),
        "pension_code": row["pension"],
        "pay_type": row["pay_type"],
        "supplements": row["supplements"].split(),
    }
    appoints = (row["appoints_pay"], row["appoints_it"]) if row["appoints_pay"] else None
    given = {name: value for name, value in pay.items() if value}
    orders = tuple((item, int(quantity or 1)) for item, _, quantity in (each.partition("*") for each in row["orders"].split()))
    name, _, value = row["changes"].partition("=")
    changes = (name, value) if name else None
    return Answers(appoints, given, int(row["years"]), row["adds"], orders, changes, row["stops_at"], row["how"])


def _cpr(said: str, start: date, number: int) -> str:
    """The CPR number as it stands, or for "age:16" one of somebody who is that old on the first day, as nobody's as all others are."""
    if not said.startswith("age:"):
        return said
    birthday = start - timedelta(days=40)
    born = date(birthday.year - int(said.removeprefix("age:")), birthday.month, min(birthday.day, 28) + (birthday.day == 1))
    # Who was born from 2000 to 2036 has a seventh digit from 4 to 9 (CPR-kontoret, "Personnummeret i CPR").
    return next(_invented(f"{born:%d%m%y}{4 + number % 6}{number % 10}"))


def _invented(beginning: str) -> Iterator[str]:
    """CPR numbers that begin so and don't pass modulus 11."""
    for end in range(100):
        number = f"{beginning}{end:02d}"
        if sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=True)) % 11:
            yield number


def event(hire: Hire, now: datetime) -> dict[str, Any]:
    """The hire as a CloudEvent."""
    person = {
        "cpr": hire.cpr,
        "given_name": hire.given_name,
        "family_name": hire.family_name,
        "private_email": f"private.{hire.number:02d}@example.com",
        # One person has one telephone, whatever they are hired for.
        "mobile": f"+4520{zlib.crc32(hire.cpr.encode()) % 1_000_000:06d}",
        "citizenship": hire.citizenship,
    }
    employment = {
        "unit": hire.unit,
        "position": hire.position,
        "start_date": hire.told_start.isoformat(),
        **({"end_date": hire.end.isoformat()} if hire.end else {}),
        "weekly_hours": hire.hours,
        **({"manager": hire.manager} if hire.manager else {}),
    }
    if hire.number == WRONG:
        person["mobile"] = "1234"
    told = {"person": {name: value for name, value in person.items() if value and name != hire.leaves_out}, "employment": employment}
    return _enveloped(hire.id, hire.source, "dk.idm.hire", told, now)


def change(hire: Hire, now: datetime) -> dict[str, Any]:
    """What the HR system tells later of a hire, as a CloudEvent. Raises ValueError for a hire of which nothing changes."""
    if hire.answers.changes is None:
        raise ValueError(f"nothing changes in {hire.id}")
    name, value = hire.answers.changes
    if name == "family_name":
        told, kind = {"person": {name: value}}, "dk.idm.person.corrected"
    else:
        told = {"employment": {name: hire.start.isoformat() if name == "start_date" else value}}
        kind = "dk.idm.hire.changed"
    return {**_enveloped(f"{hire.id}-change", hire.source, kind, told, now), "subject": hire.id}


def _enveloped(id: str, source: str, kind: str, data: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": id,
        "source": source,
        "type": kind,
        "time": now.astimezone(UTC).isoformat(timespec="seconds"),
        "datacontenttype": "application/json",
        "data": dict(data),
    }
