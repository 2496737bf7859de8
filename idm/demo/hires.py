"""The hire events of the demo, and what must come of each: people of many kinds, one wrong event and one replayed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

SOURCE = "/hr/nyborup"

_TEACHER = {"agreement": "TEACH", "pay_class": "TEACH-1", "scale_step": 31, "pension_code": "P40", "pay_type": "monthly"}
_OFFICE = {"agreement": "ADM", "pay_class": "ADM-2", "scale_step": 24, "pension_code": "P10", "pay_type": "monthly"}


@dataclass(frozen=True, slots=True)
class Hire:
    """One good event of the demo. `person` is the person's part of it; `late` starts a fortnight after the others.

    `appoints`: who the manager names as (pay, IT) contacts, where no standing delegations do. `asks_for`: a role that the IT contact
    adds. `ldap` and `erp` are the rights that the shipped roles give; `cancelled` hires lose everything again.
    """

    id: str
    what: str
    cpr: str = field(repr=False)
    given_name: str
    family_name: str
    unit: str
    position: str
    hours: float
    pay: Mapping[str, Any]
    ldap: tuple[str, ...]
    erp: tuple[str, ...] = ()
    citizenship: str = "DK"
    late: bool = False
    months: int = 0
    appoints: tuple[str, str] | None = None
    asks_for: str = ""
    cancelled: bool = False

    @property
    def name(self) -> str:
        """The person's full name."""
        return f"{self.given_name} {self.family_name}"

    def start(self, dates: Dates) -> date:
        """The first day of work."""
        return dates.second if self.late else dates.first

    def end(self, dates: Dates) -> date | None:
        """The last day of work, if it is agreed."""
        return self.start(dates) + timedelta(days=30 * self.months) if self.months else None


@dataclass(frozen=True, slots=True)
class Dates:
    """The two days on which people start: the first of a coming month, and a fortnight later."""

    first: date
    second: date


def dates_after(today: date) -> Dates:
    """Start dates that leave at least three weeks, as real hires do."""
    later = today + timedelta(days=21)
    first = (later.replace(day=1) + timedelta(days=32)).replace(day=1)
    return Dates(first, first + timedelta(days=14))


HIRES = (
    Hire(
        "hire-01",
        "a teacher, full time; the manager appoints a pay and an IT contact",
        "0310963544",
        "Freja",
        "Møller",
        "school_north",
        "teacher",
        37,
        {"institution": "0210", **_TEACHER},
        ("all-staff", "learning-platform", "school-north", "schools", "teachers"),
        appoints=("P111", "P113"),
    ),
    Hire(
        "hire-02",
        "a nurse; standing delegations decide who does what",
        "2207853188",
        "Lærke",
        "O'Connor-Sørensen",
        "care",
        "nurse",
        32,
        {"institution": "0310", "agreement": "CARE", "pay_class": "CARE-3", "scale_step": 26, "pension_code": "P20", "pay_type": "monthly"},
        ("all-staff", "care", "care-records"),
        citizenship="IE",
    ),
    Hire(
        "hire-03",
        "part time; the manager keeps both authorities",
        "1302913319",
        "Åse",
        "Birkegård",
        "daycare",
        "pedagogue",
        20,
        {"institution": "0410", "agreement": "EDU", "pay_class": "EDU-2", "scale_step": 25, "pension_code": "P30", "pay_type": "monthly"},
        ("all-staff", "child-records", "daycare"),
        appoints=("P105", "P105"),
    ),
    Hire(
        "hire-04",
        "temporary, with an end date; a citizen of another country",
        "1203783192",
        "Yusuf",
        "Demir",
        "school_south",
        "substitute_teacher",
        25,
        {"institution": "0220", **_TEACHER},
        ("all-staff", "learning-platform", "school-south", "schools", "substitutes"),
        citizenship="TR",
        late=True,
        months=4,
    ),
    Hire(
        "hire-05",
        "a student worker, paid by the hour, no pension",
        "0906059171",
        "Emil",
        "Thorup",
        "daycare",
        "student_worker",
        10,
        {"institution": "0410", "agreement": "EDU", "pay_class": "EDU-1", "scale_step": 12, "pension_code": "P00", "pay_type": "hourly"},
        ("all-staff", "child-records", "daycare"),
        appoints=("P105", "P113"),
    ),
    Hire(
        "hire-06",
        "the first of two employments of one person: teacher",
        "2611893346",
        "Signe",
        "Vestergaard",
        "school_north",
        "teacher",
        20,
        {"institution": "0210", **_TEACHER, "scale_step": 34},
        ("all-staff", "learning-platform", "school-north", "schools", "teachers"),
        appoints=("P111", "P114"),
    ),
    Hire(
        "hire-07",
        "the second of them: case worker, from a fortnight later",
        "2611893346",
        "Signe",
        "Vestergaard",
        "town_hall",
        "case_worker",
        17,
        {"institution": "0101", **_OFFICE},
        ("all-staff", "case-handling", "town-hall"),
        ("case_worker",),
        late=True,
    ),
    Hire(
        "hire-08",
        "a manager, hired into the unit that he manages",
        "2704843196",
        "Rasmus",
        "Lindqvist",
        "school_south",
        "school_head",
        37,
        {"institution": "0220", **_TEACHER, "pay_class": "TEACH-2", "scale_step": 44},
        ("all-staff", "learning-platform", "school-leaders", "school-south", "schools"),
        ("approver", "budget_viewer", "requester"),
        citizenship="SE",
        appoints=("P111", "P113"),
    ),
    Hire(
        "hire-09",
        "an IT technician, who gets a right that must be asked for",
        "0509933664",
        "Björn",
        "Åkesson",
        "town_hall",
        "it_technician",
        37,
        {"institution": "0101", **_OFFICE, "pay_class": "ADM-3", "scale_step": 33},
        ("all-staff", "it-admins", "remote-access", "town-hall"),
        ("requester",),
        citizenship="SE",
        asks_for="remote_access",
    ),
    Hire(
        "hire-10",
        "a payroll officer who takes another job before the first day",
        "2905873534",
        "Camilla",
        "Raun",
        "town_hall",
        "payroll_officer",
        37,
        {"institution": "0101", **_OFFICE, "scale_step": 28},
        ("all-staff", "payroll-viewers", "town-hall"),
        ("budget_viewer", "invoice_viewer"),
        cancelled=True,
    ),
)

WRONG_ID = "hire-11"
WRONG_PATHS = (
    "data.employment.end_date",
    "data.employment.position",
    "data.employment.unit",
    "data.employment.weekly_hours",
    "data.person.cpr",
    "data.person.family_name",
    "data.person.mobile",
)
"""Everything that is wrong with the wrong event; all of it must be named at once."""

REPLAYED = HIRES[0]


def event(hire: Hire, dates: Dates, now: datetime) -> dict[str, Any]:
    """The hire as a CloudEvent."""
    end = hire.end(dates)
    number = hire.id[-2:]
    return _event(
        hire.id,
        now,
        {
            "cpr": hire.cpr,
            "given_name": hire.given_name,
            "family_name": hire.family_name,
            "private_email": f"private.{number}@example.com",
            "mobile": f"+45 200000{number}",
            "citizenship": hire.citizenship,
        },
        {
            "unit": hire.unit,
            "position": hire.position,
            "start_date": hire.start(dates).isoformat(),
            **({"end_date": end.isoformat()} if end else {}),
            "weekly_hours": hire.hours,
        },
    )


def wrong_event(dates: Dates, now: datetime) -> dict[str, Any]:
    """An event with seven faults: a person without a family name, born on 31 February, with half a telephone number, and so on."""
    return _event(
        WRONG_ID,
        now,
        {"cpr": "3102903553", "given_name": "Nobody", "private_email": "private.11@example.com", "mobile": "1234"},
        {
            "unit": "school_west",
            "position": "astronaut",
            "start_date": dates.first.isoformat(),
            "end_date": (dates.first - timedelta(days=1)).isoformat(),
            "weekly_hours": 60,
        },
    )


def _event(id: str, now: datetime, person: Mapping[str, Any], employment: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": id,
        "source": SOURCE,
        "type": "dk.idm.hire",
        "time": now.astimezone(UTC).isoformat(timespec="seconds"),
        "datacontenttype": "application/json",
        "data": {"person": dict(person), "employment": dict(employment)},
    }
