from __future__ import annotations

import json
from datetime import date

from stdnum.dk import cpr

from idm.demo import hires, municipality
from idm.inputs.organisation import read_organisation

TODAY = date(2026, 11, 23)
WEIGHTS = (4, 3, 2, 7, 6, 5, 4, 3, 2, 1)


def test_the_municipality_can_be_imported_and_has_the_units_and_positions_of_the_hires() -> None:
    found = read_organisation(json.dumps(municipality.organisation_file()), TODAY)
    assert {hire.unit for hire in hires.HIRES} <= {unit.id for unit in found.units}
    assert {hire.position for hire in hires.HIRES} <= {position.id for position in found.positions}
    assert {standing.to for standing in municipality.standing()} <= {person.id for person in found.people}


def test_no_cpr_number_of_the_demo_can_be_a_real_persons() -> None:
    people = read_organisation(json.dumps(municipality.organisation_file()), TODAY).people
    assert (len(municipality.table("units")), len(municipality.table("positions")), len(people)) == (60, 40, 300)
    numbers = {person.cpr.reveal() for person in people} | {hire.cpr for hire in hires.HIRES}
    assert len(numbers) == len(people) + len({hire.cpr for hire in hires.HIRES}) - 1
    for number in numbers:
        assert sum(int(digit) * weight for digit, weight in zip(number, WEIGHTS, strict=True)) % 11 != 0
        assert cpr.get_birth_date(number).strftime("%d%m") != "0101"
