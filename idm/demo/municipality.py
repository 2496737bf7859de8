"""The invented municipality of the demo: its units, positions, people, and who has which standing authority.

Nobody here exists. No CPR number of the demo passes modulus 11, and the dates are none on which such numbers were issued.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from idm.domain.authority import Authority

DIRECTOR, SCHOOLS, NORTH, SOUTH, DAYCARE, CARE, HALL = "P101", "P102", "P103", "P104", "P105", "P106", "P107"
PAY_ONE, PAY_TWO, IT_ONE, IT_TWO = "P111", "P112", "P113", "P114"

SOUTH_HEAD_CPR = "2704843196"
"""The coming head of South School: known to the organisation, and hired in the demo into the unit he manages."""

_UNITS = (
    ("municipality", "Nyborup Municipality", None, DIRECTOR),
    ("schools", "Schools", "municipality", SCHOOLS),
    ("school_north", "School North", "schools", NORTH),
    ("school_south", "School South", "schools", SOUTH),
    ("daycare", "Day care", "municipality", DAYCARE),
    ("care", "Care", "municipality", CARE),
    ("town_hall", "Town hall", "municipality", HALL),
)

_POSITIONS = (
    ("director", "Director"),
    ("head_of_section", "Head of section"),
    ("school_head", "Head of school"),
    ("teacher", "Teacher"),
    ("substitute_teacher", "Substitute teacher"),
    ("pedagogue", "Pedagogue"),
    ("student_worker", "Student worker"),
    ("nurse", "Nurse"),
    ("caretaker", "Caretaker"),
    ("case_worker", "Case worker"),
    ("payroll_officer", "Payroll officer"),
    ("it_technician", "IT technician"),
)

_PEOPLE = (
    (DIRECTOR, "1405683431", "Karen", "Østergaard", "municipality", "director", "2012-03-01"),
    (SCHOOLS, "2303713504", "Lone", "Bæk", "schools", "head_of_section", "2015-08-01"),
    (NORTH, "0209743254", "Mette", "Holm", "school_north", "school_head", "2018-08-01"),
    (DAYCARE, "0807793149", "Birgit", "Lund-Hansen", "daycare", "head_of_section", "2016-01-01"),
    (CARE, "1901763940", "Søren", "Dahl", "care", "head_of_section", "2019-05-01"),
    (HALL, "3011663766", "Hans-Peter", "Friis", "town_hall", "head_of_section", "2010-10-01"),
    (PAY_ONE, "0610813648", "Anne", "Skov", "town_hall", "payroll_officer", "2014-02-01"),
    (PAY_TWO, "2502703159", "Ib", "Madsen", "town_hall", "payroll_officer", "2009-09-01"),
    (IT_ONE, "1112883474", "Pia", "Winther", "town_hall", "it_technician", "2020-01-01"),
    (IT_TWO, "1706903696", "Omar", "Haddad", "town_hall", "it_technician", "2021-06-01"),
)


@dataclass(frozen=True, slots=True)
class Standing:
    """A standing delegation: a manager gives an authority over a unit, and all below it, to one person."""

    authority: Authority
    unit: str
    granted_by: str
    to: str


STANDING = (
    Standing(Authority.PAY, "care", CARE, PAY_ONE),
    Standing(Authority.IT, "care", CARE, IT_ONE),
    Standing(Authority.PAY, "town_hall", HALL, PAY_TWO),
    Standing(Authority.IT, "town_hall", HALL, IT_TWO),
    Standing(Authority.PAY, "school_south", SOUTH, PAY_TWO),
    Standing(Authority.IT, "school_south", SOUTH, IT_TWO),
    Standing(Authority.PAY, "schools", SCHOOLS, PAY_ONE),
)
"""Care, the town hall and School South are settled once and for all; School North has a pay contact only, and day care has nobody."""


def organisation_file() -> dict[str, Any]:
    """The organisation file, as an HR system would export it."""
    people = [
        {
            "id": id,
            "cpr": cpr,
            "given_name": given,
            "family_name": family,
            "email": f"{id.lower()}@example.org",
            "employments": [{"unit": unit, "position": position, "start_date": start}],
        }
        for id, cpr, given, family, unit, position, start in _PEOPLE
    ]
    people.append(
        {
            "id": SOUTH,
            "cpr": SOUTH_HEAD_CPR,
            "given_name": "Rasmus",
            "family_name": "Lindqvist",
            "email": "p104@example.org",
            "employments": [],
        }
    )
    return {
        "units": [
            {"id": id, "name": name, **({"parent": parent} if parent else {}), "manager": manager} for id, name, parent, manager in _UNITS
        ],
        "positions": [{"id": id, "title": title} for id, title in _POSITIONS],
        "people": people,
    }
