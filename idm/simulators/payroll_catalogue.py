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
    "P00": "No pension (under 21, student help)",
    "P10": "Administrative staff's pension fund",
    "P20": "Care staff's pension fund",
    "P30": "Educators' pension fund",
    "P40": "Teachers' pension fund",
    "P50": "Academics' pension fund",
    "P90": "Civil servant's pension",
}

AGREEMENTS: Mapping[str, Agreement] = {
    "ADM": Agreement(
        "Administration and IT",
        {
            "ADM-1": PayClass("Office assistant", 11, 20),
            "ADM-2": PayClass("Case worker", 21, 34),
            "ADM-3": PayClass("Specialist", 31, 44),
            "ADM-9": PayClass("Trainee", 1, 4),
        },
        ("P00", "P10", "P90"),
    ),
    "CARE": Agreement(
        "Social and health care",
        {
            "CARE-1": PayClass("Care helper", 12, 22),
            "CARE-2": PayClass("Care assistant", 18, 29),
            "CARE-3": PayClass("Nurse", 24, 37),
        },
        ("P00", "P20"),
    ),
    "EDU": Agreement(
        "Educators in day care and schools",
        {
            "EDU-1": PayClass("Educational assistant", 12, 21),
            "EDU-2": PayClass("Educator", 24, 33),
            "EDU-3": PayClass("Head of a day care centre", 36, 48),
        },
        ("P00", "P30"),
    ),
    "TEACH": Agreement(
        "Teachers in primary and lower secondary school",
        {"TEACH-1": PayClass("Teacher", 31, 40), "TEACH-2": PayClass("Head of school", 42, 51)},
        ("P40", "P90"),
        ("monthly",),
    ),
    "ACAD": Agreement(
        "Academics",
        {
            "ACAD-1": PayClass("Academic officer", 4, 8),
            "ACAD-2": PayClass("Special consultant", 40, 49),
            "ACAD-3": PayClass("Manager", 47, 55),
        },
        ("P50", "P90"),
        ("monthly",),
    ),
}


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
    }
