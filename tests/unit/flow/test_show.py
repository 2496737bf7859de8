from __future__ import annotations

from typing import Any

import pytest

from idm.connector import Refused, Retry
from idm.errors import NotFound
from idm.flow.depart import Word, cancel
from idm.flow.show import show_case
from tests import data
from tests.support.world import World


def steps(world: World, case: str) -> dict[str, dict[str, Any]]:
    return {step["id"]: step for step in show_case(world.app, case)["steps"]}


def test_a_case_says_who_what_where_and_from_when(world: World) -> None:
    case = world.hire()
    shown = show_case(world.app, case)
    kept = world.case(case)

    assert {name: shown[name] for name in ("id", "employment", "person", "unit", "position", "version", "start_date", "state")} == {
        "id": case,
        "employment": kept.employment,
        "person": kept.person,
        "unit": "school_north",
        "position": "teacher",
        "version": 1,
        "start_date": data.START,
        "state": "waiting",
    }
    assert shown["journey"] == {"name": "hire", "hash": kept.journey_hash}
    assert [document["kind"] for document in shown["documents"]] == list(data.DOCUMENTS)
    assert [task["step"] for task in shown["tasks"]] == ["appoint"]
    assert " " in shown["person_name"]


def test_every_step_says_what_it_waits_for(world: World) -> None:
    case = world.hire()
    assert steps(world, case)["appoint"]["waits_for"] == {"kind": "person", "ids": [data.HEAD_NORTH], "until": None}
    assert steps(world, case)["account"]["waits_for"] is None
    world.appoint(case)
    world.targets["erp"].trouble(Refused("no such cost centre"))
    world.targets["mailbox"].trouble(Retry("busy", after=60, down=False))
    world.work()
    shown = steps(world, case)

    assert shown["account"]["waits_for"] is None
    assert shown["profile"]["waits_for"] == {"kind": "person", "ids": [], "until": None}
    assert (shown["profile"]["state"], shown["profile"]["reason"]) == ("refused", "no such cost centre")
    assert shown["mailbox"]["waits_for"]["kind"] == "target"
    assert shown["mailbox"]["waits_for"]["ids"] == ["mailbox"]
    assert shown["mailbox"]["waits_for"]["until"]
    assert shown["opening"]["waits_for"] == {"kind": "date", "ids": [], "until": "2027-01-04T00:00:00+01:00"}
    assert shown["document-contract"]["waits_for"]["ids"] == [world.case(case).person]
    assert shown["confirm_rights"]["task"] == f"{case}.confirm_rights.1"
    assert shown["account"]["attempts"] == 1


def test_a_timer_for_a_date_that_is_not_known_has_no_day(world: World) -> None:
    from dataclasses import replace

    hire = world.policies.current().journeys["hire"]
    until_end = tuple(replace(step, until="end_date") if step.id == "opening" else step for step in hire.steps)
    world.policies.edit(journeys={"hire": replace(hire, steps=until_end, source=replace(hire.source, hash="until-end"))})
    case = world.hire()
    world.appoint(case)
    assert steps(world, case)["opening"]["waits_for"] == {"kind": "date", "ids": [], "until": None}


def test_a_cancelled_case_waits_for_nothing(world: World) -> None:
    case = world.hire()
    world.appoint(case)
    cancel(world.app, case, Word(reason="no"))
    assert {step["waits_for"] is None for step in steps(world, case).values()} == {True}
    with pytest.raises(NotFound, match="no case 'x'"):
        show_case(world.app, "x")


def test_a_case_whose_person_is_gone_is_shown_without_a_name(world: World) -> None:
    case = world.hire()
    world.sql("delete from people where id = :id", id=world.case(case).person)
    assert show_case(world.app, case)["person_name"] == ""
