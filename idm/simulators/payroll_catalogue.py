"""What the embedded payroll system knows: agreements with their pay classes, scale steps and pension codes.

Invented, in the shape of Danish municipal agreements. Payroll staff would maintain such a table in their own system.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class PayClass:
    """A pay class of an agreement: its title, and the first and last step of the pay scale it can be paid by."""

    title: str
    first_step: int
    last_step: int

    def has_step(self, step: str) -> bool:
        """Whether `step`, a whole number as text, is one of this class."""
        return step.isascii() and step.isdigit() and len(step) < 4 and self.first_step <= int(step) <= self.last_step


@dataclass(frozen=True, slots=True)
class Agreement:
    """A collective agreement: its title, its pay classes by code, its pension codes, and the ways it can be paid."""

    title: str
    classes: Mapping[str, PayClass]
    pension_codes: tuple[str, ...]
    pay_types: tuple[str, ...] = ("monthly", "hourly")


PENSIONS: Mapping[str, str] = {
    "P00": "No pension",
    "P10": "Administrative staff's pension fund",
    "P20": "Care staff's pension fund",
    "P30": "Educators' pension fund",
    "P40": "Teachers' pension fund",
    "P50": "Academics' pension fund",
    "P60": "Health professionals' pension fund",
    "P70": "Social workers' pension fund",
    "P80": "Service staff's pension fund",
    "P85": "Road and park workers' pension fund",
    "P90": "Civil servant's pension",
}

AGREEMENTS: Mapping[str, Agreement] = {
    "ADM": Agreement(
        "Administration and IT",
        {
            "ADM-1": PayClass("Office assistant", 11, 20),
            "ADM-2": PayClass("Case worker", 21, 34),
            "ADM-3": PayClass("Specialist", 31, 44),
            "ADM-9": PayClass("Trainee and student help", 1, 4),
        },
        ("P00", "P10", "P90"),
    ),
    "CARE": Agreement(
        "Social and health care",
        {
            "CARE-1": PayClass("Care helper", 12, 22),
            "CARE-2": PayClass("Care assistant", 18, 29),
            "CARE-3": PayClass("Nurse", 24, 37),
            "CARE-4": PayClass("Head of a care home", 38, 46),
            "CARE-9": PayClass("Care trainee", 3, 8),
        },
        ("P00", "P20"),
    ),
    "EDU": Agreement(
        "Educators in day care and schools",
        {
            "EDU-1": PayClass("Educational assistant", 12, 21),
            "EDU-2": PayClass("Educator", 24, 33),
            "EDU-3": PayClass("Head of a day care centre", 36, 48),
            "EDU-4": PayClass("Childminder", 14, 24),
            "EDU-9": PayClass("Youth club helper", 5, 10),
        },
        ("P00", "P30"),
    ),
    "TEACH": Agreement(
        "Teachers in primary and lower secondary school",
        {
            "TEACH-1": PayClass("Teacher", 31, 40),
            "TEACH-2": PayClass("Head of school", 42, 51),
            "TEACH-3": PayClass("Music teacher", 26, 36),
            "TEACH-4": PayClass("Deputy head of school", 40, 47),
            "TEACH-9": PayClass("Substitute without teacher training", 20, 26),
        },
        ("P40", "P90"),
        ("monthly",),
    ),
    "ACAD": Agreement(
        "Academics",
        {
            "ACAD-1": PayClass("Academic officer", 4, 8),
            "ACAD-2": PayClass("Special consultant", 40, 49),
            "ACAD-3": PayClass("Manager", 47, 55),
            "ACAD-4": PayClass("Dentist", 45, 52),
        },
        ("P50", "P90"),
        ("monthly",),
    ),
    "HEALTH": Agreement(
        "Health professionals",
        {
            "HEALTH-1": PayClass("Physiotherapist and occupational therapist", 26, 36),
            "HEALTH-2": PayClass("Health visitor", 30, 40),
            "HEALTH-3": PayClass("Clinical specialist", 34, 42),
        },
        ("P00", "P60"),
    ),
    "SOC": Agreement(
        "Social workers and housing support",
        {
            "SOC-1": PayClass("Social worker", 26, 36),
            "SOC-2": PayClass("Senior social worker", 34, 42),
            "SOC-3": PayClass("Housing support worker", 20, 29),
        },
        ("P00", "P70"),
    ),
    "SERV": Agreement(
        "Service, kitchen and cleaning",
        {
            "SERV-1": PayClass("Cleaner", 11, 18),
            "SERV-2": PayClass("Kitchen assistant", 12, 20),
            "SERV-3": PayClass("Caretaker", 17, 27),
            "SERV-4": PayClass("Lifeguard", 15, 22),
        },
        ("P00", "P80"),
    ),
    "ROAD": Agreement(
        "Roads, parks and grounds",
        {
            "ROAD-1": PayClass("Road worker", 14, 22),
            "ROAD-2": PayClass("Gardener", 16, 25),
            "ROAD-3": PayClass("Foreman", 26, 34),
        },
        ("P00", "P85"),
    ),
    "MGMT": Agreement(
        "Executives",
        {
            "MGMT-1": PayClass("Head of section", 45, 53),
            "MGMT-2": PayClass("Director", 50, 55),
        },
        ("P50", "P90"),
        ("monthly",),
    ),
}

SUPPLEMENTS: Mapping[str, tuple[str, str]] = {
    "ADM-FUNC": ("ADM", "Function supplement"),
    "ADM-SYS": ("ADM", "Responsibility for a system"),
    "ADM-LOCAL": ("ADM", "Local qualification supplement"),
    "CARE-NIGHT": ("CARE", "Permanent night shift"),
    "CARE-EVE": ("CARE", "Permanent evening shift"),
    "CARE-SPEC": ("CARE", "Specialist training"),
    "CARE-KEY": ("CARE", "Telephone and driving"),
    "EDU-SPEC": ("EDU", "Special needs educator"),
    "EDU-PRACT": ("EDU", "Supervisor of trainees"),
    "EDU-BADGE": ("EDU", "In charge of first aid"),
    "TEACH-UV": ("TEACH", "Teaching supplement, high"),
    "TEACH-UVL": ("TEACH", "Teaching supplement, low"),
    "TEACH-MENT": ("TEACH", "Mentor of new teachers"),
    "TEACH-LEAD": ("TEACH", "Large school"),
    "ACAD-QUAL": ("ACAD", "Qualification supplement"),
    "ACAD-PROJ": ("ACAD", "Project lead"),
    "HEALTH-SPEC": ("HEALTH", "Special function"),
    "SOC-DUTY": ("SOC", "On call"),
    "SERV-KEY": ("SERV", "Keys and alarms"),
    "SERV-EARLY": ("SERV", "Early morning"),
    "ROAD-WINTER": ("ROAD", "Winter service"),
    "ROAD-CERT": ("ROAD", "Machine certificate"),
    "MGMT-SIZE": ("MGMT", "Large area"),
}
"""Supplements by code: the agreement they belong to, and their title."""


def catalogue() -> dict[str, Any]:
    """The whole table as the JSON object that `GET /catalogue` answers."""
    return {
        "agreements": [
            {
                "code": code,
                "title": agreement.title,
                "pay_types": list(agreement.pay_types),
                "pension_codes": list(agreement.pension_codes),
                "pay_classes": [
                    {"code": name, "title": pay.title, "first_step": pay.first_step, "last_step": pay.last_step}
                    for name, pay in agreement.classes.items()
                ],
            }
            for code, agreement in AGREEMENTS.items()
        ],
        "pension_codes": [{"code": code, "title": title} for code, title in PENSIONS.items()],
        "supplements": [{"code": code, "agreement": agreement, "title": title} for code, (agreement, title) in SUPPLEMENTS.items()],
    }
