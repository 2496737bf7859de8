from __future__ import annotations

import json
import os
import signal
from datetime import UTC, date, datetime, timedelta

import pytest
from stdnum.dk import cpr

from idm.demo import findings, hires, municipality, papers
from idm.demo.run import ended_in_order
from idm.demo.waiting import until
from idm.errors import BadInput, CheckFailed
from idm.inputs.events import check_hire
from idm.inputs.organisation import read_organisation
from idm.vault_check import check_document

TODAY = date(2026, 11, 23)
WEIGHTS = (4, 3, 2, 7, 6, 5, 4, 3, 2, 1)


@pytest.mark.parametrize("today", [TODAY + timedelta(days=days) for days in range(0, 370, 9)])
def test_people_start_on_two_days_at_least_three_weeks_ahead(today: date) -> None:
    dates = hires.dates_after(today)
    assert timedelta(days=21) <= dates.first - today <= timedelta(days=60)
    assert dates.first.day == 1 and dates.second.day == 15


def test_every_event_but_the_wrong_one_is_sound() -> None:
    dates = hires.dates_after(TODAY)
    now = datetime(2026, 11, 23, 8, tzinfo=UTC)
    checked = [check_hire(hires.event(hire, dates, now), TODAY) for hire in hires.HIRES]
    assert len({event.id for event in checked}) == len(hires.HIRES) == 10
    assert {event.end_date is None for event in checked} == {True, False}

    with pytest.raises(BadInput) as raised:
        check_hire(hires.wrong_event(dates, now), TODAY)
    assert {fault.path for fault in raised.value.faults} < set(hires.WRONG_PATHS)


def test_the_municipality_can_be_imported_and_has_the_units_and_positions_of_the_hires() -> None:
    found = read_organisation(json.dumps(municipality.organisation_file()), TODAY)
    assert {hire.unit for hire in hires.HIRES} <= {unit.id for unit in found.units}
    assert {hire.position for hire in hires.HIRES} <= {position.id for position in found.positions}
    assert {standing.to for standing in municipality.STANDING} <= {person.id for person in found.people}


def test_no_cpr_number_of_the_demo_can_be_a_real_persons() -> None:
    people = read_organisation(json.dumps(municipality.organisation_file()), TODAY).people
    numbers = {person.cpr.reveal() for person in people} | {hire.cpr for hire in hires.HIRES}
    assert len(numbers) == len(people) + len({hire.cpr for hire in hires.HIRES}) - 1
    for number in numbers:
        assert sum(int(digit) * weight for digit, weight in zip(number, WEIGHTS, strict=True)) % 11 != 0
        assert cpr.get_birth_date(number).strftime("%d%m") != "0101"


@pytest.mark.parametrize(("allowed", "ending"), [((papers.PDF, papers.PNG), ".pdf"), ((papers.PNG,), ".png")])
def test_papers_are_what_they_claim_to_be(allowed: tuple[str, ...], ending: str) -> None:
    file, found = papers.paper("Eksamensbevis (Lærke) \\ Åse", allowed)
    assert found == ending
    checked = check_document(file, name=f"paper{ending}", allowed=allowed, limit=100_000)
    assert checked.media_type == allowed[0]


def entry(op: str, effect_key: str = "account/p-1/record", result: str = "applied", system: str = "ldap") -> dict[str, str]:
    return {"system": system, "op": op, "effect_key": effect_key, "result": result}


def test_twice_is_the_same_effect_with_no_inverse_between() -> None:
    twice = [entry("create"), entry("create")]
    assert len(list(findings.doubles(twice))) == 1
    assert not list(findings.doubles([entry("create"), entry("delete"), entry("create")]))
    assert not list(findings.doubles([entry("create"), entry("create", result="unchanged")]))
    assert not list(findings.doubles([entry("create"), entry("create", system="erp")]))
    assert not list(findings.doubles([entry("grant", "a/right/x"), entry("grant", "a/right/y")]))


def test_waiting_for_what_never_comes_fails_and_says_for_what() -> None:
    with pytest.raises(CheckFailed, match="the sun rises in the west"):
        until(lambda: False, 0.02, "the sun rises in the west", each=0.001)
    assert until(iter([0, 0, 7]).__next__, 5, "seven", each=0.001) == 7


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_being_asked_to_end_is_taken_as_an_interruption(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt), ended_in_order():
        os.kill(os.getpid(), number)
    assert signal.getsignal(number) == before
