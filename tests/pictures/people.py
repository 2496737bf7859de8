"""The municipality of the scenes: the tests' own, with more people, and with names as long as names get."""

from __future__ import annotations

from typing import Any

from tests import data

CONTROL, KEEPER, SECOND, STAND_IN, LONG_HEAD = "control_officer", "payroll_lead", "it_second", "pay_stand_in", "long_head"
"""Who controls the pay, keeps the payroll tables, decides second on rights, stands in for the pay contact, leads the longest-named unit."""

LONG_UNIT = "Institutionen for helhedsorienterede og tværfaglige beskæftigelsesindsatser, Nordvest"
LONG_POSITION = "Specialpædagogisk udviklingskonsulent og koordinator for overgangsforløb i udskolingen"
LONG_GIVEN = "Anne-Margrethe Christiane Wilhelmine Frederikke"
LONG_FAMILY = "von Hardenberg-Reventlow Schimmelmann-Lindenborg"

_MORE = (
    (CONTROL, "Karl", "Kontrol", "town_hall", "accountant"),
    (KEEPER, "Lene", "Lønholt", "town_hall", "payroll_officer"),
    (SECOND, "Inger", "Netværk", "town_hall", "it_technician"),
    (STAND_IN, "Vibeke", "Vikar", "town_hall", "payroll_officer"),
    (LONG_HEAD, "Bodil Kirstine", "Overgaard-Thorvaldsen", "long_unit", "school_head"),
)


def municipality() -> dict[str, Any]:
    """The organisation file."""
    found = data.organisation()
    found["units"].append({"id": "long_unit", "name": LONG_UNIT, "parent": "schools", "manager": LONG_HEAD})
    for id, title in (("engineer", "Ingeniør"), ("accountant", "Regnskabsmedarbejder"), ("long_position", LONG_POSITION)):
        found["positions"].append({"id": id, "title": title})
    for number, (id, given, family, unit, position) in enumerate(_MORE):
        employment = {"id": f"e-{id}", "unit": unit, "position": position, "start_date": "2016-02-01"}
        person = {"id": id, "cpr": data.cpr(50 + number), "given_name": given, "family_name": family, "email": f"{id}@example.org"}
        found["people"].append({**person, "employments": [employment]})
    return found
