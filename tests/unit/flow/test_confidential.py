"""Confidential answers: encrypted in the case, in no list, mail or record, opened for systems and for those who may see them."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text

from idm.connector import Confidential
from idm.errors import NotAllowed
from idm.flow.confidential import all_values, answers_for, digest, opened
from idm.flow.explain import explain
from idm.flow.graphs import graph_of
from idm.flow.history import history
from idm.flow.show import show_case
from idm.flow.tasks import describe, task
from tests import data
from tests.support.world import World

ACCOUNT = {"pay_to": "account", "registration_number": "0040", "account_number": "440116243"}
HOME = {"street": "Hemmelig Sti 77", "postcode": "8541", "town": "Skjulby"}
PRIVATE = ("0440116243", "440116243", *HOME.values())


def told(world: World) -> str:
    """A hire whose person has told their data."""
    case = world.hire()
    world.appoint(case)
    world.tell_personal(case, **ACCOUNT, **HOME)
    return case


def test_answers_are_kept_encrypted_and_stand_nowhere_readable(world: World) -> None:
    case = told(world)
    world.all_documents(case)
    world.fill_payroll(case)
    world.work()
    with world.database.reading() as connection:
        tables = ("cases", "tasks", "audit", "notices", "resources", "runs", "decisions")
        rows = [str(dict(row)) for table in tables for row in connection.execute(text(f"select * from {table}")).mappings()]  # noqa: S608 - names of this test's own

    shown = json.dumps(
        [
            show_case(world.app, case),
            explain(world.app, case),
            describe(world.app, task(world.app, f"{case}.personal_data.1")),
            describe(world.app, task(world.app, f"{case}.payroll_form.1")),
            history(world.app, case, "en"),
            repr(world.case(case)),
        ],
        default=str,
        ensure_ascii=False,
    )

    assert not [secret for secret in PRIVATE for text in (shown, *rows) if secret in text]
    assert "personal" in world.case(case).sealed and "personal" not in world.case(case).values


def test_systems_get_them_as_confidential(world: World) -> None:
    case = told(world)
    world.all_documents(case)
    world.fill_payroll(case)
    world.work()

    record = world.targets["payroll"].held("record", world.case(case).employment)

    assert record is not None
    wanted = {**HOME, **ACCOUNT, "account_number": "0440116243"}
    assert {name: record.attributes[name] for name in wanted} == wanted
    values = all_values(world.app, world.case(case))
    assert all(isinstance(value, Confidential) for value in values["personal"].values())
    assert not any(isinstance(value, Confidential) for value in values["payroll"].values())


def test_the_person_hired_and_the_pay_contact_see_them_and_nobody_else(world: World) -> None:
    case = told(world)
    loaded = world.case(case)
    step = graph_of(world.app, loaded)["personal_data"]

    for person in (loaded.person, data.PAY):
        seen = answers_for(world.app, loaded, step, person)
        assert (seen["account_number"], seen["street"]) == ("0440116243", "Hemmelig Sti 77")
        assert seen["private_email"] == data.hire_event("h1")["data"]["person"]["private_email"]
    for person in (data.IT, data.HEAD_NORTH, data.TEACHER):
        with pytest.raises(NotAllowed, match="confidential"):
            answers_for(world.app, loaded, step, person)


def test_a_digest_tells_equal_answers_and_nothing_of_them(world: World) -> None:
    case = told(world)
    same, other = {"account_number": "1"}, {"account_number": "2"}
    assert digest(world.app, "personal", same) == digest(world.app, "personal", {"account_number": Confidential("1")})
    assert digest(world.app, "personal", same) != digest(world.app, "personal", other)
    assert digest(world.app, "personal", same) != digest(world.app, "payroll", same)
    assert opened(world.app, world.case(case), "payroll") == {}
