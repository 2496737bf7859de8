from __future__ import annotations

import json
from datetime import date

from stdnum.dk import cpr

from idm.demo import hires, municipality
from idm.demo.dates import dates_after
from idm.inputs.organisation import read_organisation

TODAY = date(2026, 11, 23)
WEIGHTS = (4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
HIRES = hires.hires(dates_after(TODAY))


def test_it_can_be_imported_and_has_the_units_positions_and_people_of_hires_and_delegations() -> None:
    found = read_organisation(json.dumps(municipality.organisation_file()), TODAY)
    units, people = {unit.id for unit in found.units}, {person.id for person in found.people}
    assert (len(found.units), len(found.positions), len(found.people)) == (60, 40, 300)
    assert {hire.unit for hire in HIRES if hire.taken} <= units
    assert {hire.position for hire in HIRES if hire.taken} <= {position.id for position in found.positions}
    standing = municipality.standing()
    assert {person for each in standing for person in (each.to, each.granted_by)} <= people
    assert {each.unit for each in standing} <= units
    managed = {unit.id: unit.manager for unit in found.units}
    assert {each.granted_by for each in standing if managed[each.unit] != each.granted_by} == {"P102"}, "only the vacant school's"


def test_no_cpr_number_of_the_demo_can_be_a_real_persons() -> None:
    people = read_organisation(json.dumps(municipality.organisation_file()), TODAY).people
    numbers = {person.cpr.reveal() for person in people} | {hire.cpr for hire in HIRES if hire.number not in (hires.WRONG, 48)}
    for number in numbers:
        assert sum(int(digit) * weight for digit, weight in zip(number, WEIGHTS, strict=True)) % 11 != 0
        assert cpr.get_birth_date(number).strftime("%d%m") != "0101"
