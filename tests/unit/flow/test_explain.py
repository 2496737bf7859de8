from __future__ import annotations

import pytest

from idm.errors import NotFound
from idm.flow.explain import case_by, explain
from tests import data
from tests.support.world import World


def test_every_record_and_right_of_an_employment_has_its_reasons(world: World) -> None:
    case = world.whole_hire()
    items = explain(world.app, case)

    assert explain(world.app, world.case(case).employment) == items
    assert {(item["system"], item["kind"]) for item in items} == {
        ("ldap", "account"),
        ("payroll", "record"),
        ("erp", "profile"),
        ("mailbox", "mailbox"),
        ("personnel_file", "file"),
        ("personnel_file", "document"),
        ("mail", "message"),
    }
    assert all(item["reasons"] for item in items)
    rights = {item["entitlement"]: item["reasons"] for item in items if "entitlement" in item}
    assert set(rights) == {"all-staff", "schools", "school-north", "teachers", "learning-platform"}
    (reason,) = rights["teachers"]
    texts = world.policies.texts()
    assert (reason["rule"], reason["file"], reason["case"], reason["approver"]) == (
        "roles.teachers -> teaching",
        "roles.yaml",
        case,
        data.IT,
    )
    assert reason["policy_hash"] == texts["roles.yaml"][0]
    assert texts["roles.yaml"][1].splitlines()[reason["line"] - 1].strip() == "teachers:"
    account = next(item for item in items if item["kind"] == "account" and "entitlement" not in item)
    assert account["reasons"][0]["approver"] == data.HEAD_NORTH
    assert "systems.yaml" in account["reasons"][0]["file"]
    record = next(item for item in items if item["kind"] == "record")
    assert {reason["approver"] for reason in record["reasons"]} == {data.HEAD_NORTH, data.PAY}


def test_another_employment_of_the_person_is_left_out_and_shared_records_name_both(world: World) -> None:
    world.delegate()
    first = world.hire("h1", cpr=data.cpr(500))
    second = world.hire("h2", cpr=data.cpr(500), position="nurse")
    for case in (first, second):
        world.confirm_rights(case)
    items = explain(world.app, second)

    assert first not in {reason["case"] for item in items if item["system"] == "mail" for reason in item["reasons"]}
    account = next(item for item in items if item["kind"] == "account" and "entitlement" not in item)
    assert {reason["case"] for reason in account["reasons"]} == {first, second}


def test_nothing_is_wanted_for_a_case_that_nobody_approved_or_that_was_cancelled(world: World) -> None:
    from idm.flow.depart import Word, cancel

    case = world.hire()
    assert explain(world.app, case) == []
    world.appoint(case)
    assert explain(world.app, case)
    cancel(world.app, case, Word(reason="no"))
    assert explain(world.app, case) == []


def test_what_is_neither_case_nor_employment_is_not_found(world: World) -> None:
    with pytest.raises(NotFound, match="no case or employment 'x'"):
        explain(world.app, "x")
    case = world.hire()
    assert case_by(world.app, case).id == case_by(world.app, world.case(case).employment).id == case
    world.sql("delete from people where id = :id", id=world.case(case).person)
    with pytest.raises(NotFound, match="isn't in the database"):
        explain(world.app, case)
