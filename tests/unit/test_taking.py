from __future__ import annotations

import json
from typing import Any

from idm.errors import IdmError
from idm.taking import take_batch
from tests import data
from tests.support.world import World


def faults_of(world: World, event: dict[str, Any]) -> dict[str, str]:
    (receipt,) = take_batch(world.app, json.dumps(event))
    assert isinstance(receipt.error, IdmError)
    return {fault.path: fault.rule for fault in receipt.error.faults}


def test_a_wrong_event_is_told_all_its_faults_at_once_those_of_the_organisation_too(world: World) -> None:
    event = data.hire_event("h1", unit="nowhere", position="astronaut", manager="nobody")
    event["data"]["person"]["mobile"] = "12"
    event["data"]["employment"]["weekly_hours"] = 60

    assert faults_of(world, event) == {
        "data.person.mobile": "mobile",
        "data.employment.weekly_hours": "hours",
        "data.employment.unit": "unknown-unit",
        "data.employment.position": "unknown-position",
        "data.employment.manager": "unknown-person",
    }


def test_a_field_that_is_no_id_has_its_own_fault_and_no_other(world: World) -> None:
    event = data.hire_event("h1", unit=f"{data.cpr(5)}", position="teacher")
    event["data"]["employment"]["position"] = ["teacher"]
    faults = faults_of(world, event)

    assert faults == {"data.employment.unit": "id-is-cpr", "data.employment.position": "text"}


def test_an_event_without_any_employment_has_no_faults_of_the_organisation(world: World) -> None:
    event = data.hire_event("h1")
    event["data"] = "nothing"

    assert faults_of(world, event) == {"data": "object"}
