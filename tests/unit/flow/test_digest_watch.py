"""What the digest keeps watch over: what came back, ends, lapses or must be returned, each for who can do something about it."""

from __future__ import annotations

import dataclasses
import json
from datetime import date
from typing import Any

import pytest

from idm.domain.approvals import AskedOf
from idm.domain.authority import Authority
from idm.domain.authority_powers import AuthorityPolicy, ConfirmRule
from idm.domain.four_eyes import FourEyesRule
from idm.domain.journey import Source
from idm.domain.matching import EVERYBODY, Match
from idm.domain.notices import DIGEST, notice_id
from idm.flow.board import Board
from idm.flow.delegate import delegate
from idm.flow.delegation_life import confirm
from idm.flow.depart import Word, cancel
from idm.flow.digest import write_digests
from idm.flow.equipment import give_back
from idm.flow.tend import tend
from tests import data
from tests.support.payroll import built, with_rows
from tests.support.world import World
from tests.unit.flow.test_digest import digest, morning
from tests.unit.flow.test_equipment import LAPTOP, SCREEN, order
from tests.unit.flow.test_sending import mails
from tests.unit.flow.test_stranded import leave

CONTROLLER = data.HEAD_SOUTH
REASON = "Too high\nfor the seniority."


@pytest.fixture
def controlled(world: World) -> str:
    """A hire that waits for payroll control; its case."""
    policies = world.policies.current()
    asked = dataclasses.replace(policies.approvals["payroll_control"], asked=(AskedOf("all", Match(), Source("approvals.yaml", 7, "x")),))
    world.policies.edit(approvals={**policies.approvals, "payroll_control": asked})
    delegate(world.app, Authority.CONTROL, "town", [CONTROLLER])
    case = world.hire()
    world.people_act(case)
    return case


def give_back_entry(world: World, case: str, field: str = "payroll.scale_step") -> None:
    world.do(case, "payroll_control", CONTROLLER, "return", reason=REASON, values={"field": field})


def test_what_control_returns_is_told_to_whoever_mends_it_with_field_and_reason(world: World, controlled: str) -> None:
    give_back_entry(world, controlled)
    morning(world)
    (item,) = digest(world, data.PAY)["returned"]
    assert (item["kind"], item["field"], item["why"]) == ("form", "payroll.scale_step", "Too high for the seniority.")
    assert item["task"] == world.task_of(controlled, "payroll_form")
    assert "returned" not in digest(world, data.IT)


def test_the_mail_names_the_field_as_the_form_does(world: World, controlled: str) -> None:
    give_back_entry(world, controlled)
    world.clock.set_day(date(2026, 11, 24))
    tend(world.app)
    fields = {field.id: field.titles["da"] for field in world.policies.current().forms["payroll"].fields}
    told = [json.loads(mail["context_json.returned"]) for mail in mails(world, DIGEST) if "context_json.returned" in mail]
    assert [[line["field_title"] for line in lines] for lines in told] == [[fields["scale_step"]]]


def test_what_came_back_is_told_once_as_returned_and_then_waits_as_a_task(world: World, controlled: str) -> None:
    give_back_entry(world, controlled)
    world.clock.set_day(date(2026, 11, 24))
    tend(world.app)
    morning(world, "2026-11-25")
    again = digest(world, data.PAY)
    assert "returned" not in again
    assert [item["task"] for item in again["tasks"]] == [world.task_of(controlled, "payroll_form")]


def test_a_task_that_waits_for_a_second_person_did_not_come_back(world: World) -> None:
    world.policies.edit(authority=AuthorityPolicy(four_eyes=(FourEyesRule("two", ("form",)),)))
    case = world.hire()
    world.appoint(case)
    world.all_documents(case)
    delegate(world.app, Authority.PAY, "school_north", [data.TEACHER], case=case)
    world.fill_payroll(case)
    morning(world)
    assert [item["kind"] for item in digest(world, data.TEACHER)["tasks"]] == ["form"]
    assert "returned" not in digest(world, data.TEACHER)


def test_equipment_of_a_cancelled_hire_is_asked_back_every_day_until_it_is_returned(world: World) -> None:
    world.policies.edit(equipment=dataclasses.replace(world.policies.current().equipment, ask=EVERYBODY))
    world.delegate()
    case = world.hire()
    order(world, case, SCREEN, LAPTOP)
    world.work()
    cancel(world.app, case, Word(administrator="admin", reason="the hire fell through"))
    for day in ("2026-11-24", "2026-11-25"):
        morning(world, day)
        (item,) = digest(world, data.IT)["to_return"]
        assert (item["case"], item["what"]) == (case, '2 × Skærm 27", 1 × Bærbar pc 14"')
    give_back(world.app, case, 1, data.IT)
    morning(world, "2026-11-26")
    assert digest(world, data.IT)["to_return"][0]["what"] == '1 × Bærbar pc 14"'
    give_back(world.app, case, 2, data.IT)
    assert morning(world, "2026-11-27") == 0


def test_a_task_of_receipt_says_what_is_awaited(world: World) -> None:
    world.policies.edit(equipment=dataclasses.replace(world.policies.current().equipment, ask=EVERYBODY))
    world.delegate()
    case = world.hire()
    order(world, case, SCREEN, LAPTOP)
    world.work()
    world.clock.set_day(date(2026, 11, 24))
    tend(world.app)
    lines = [line for mail in mails(world, DIGEST) for line in json.loads(mail.get("context_json.tasks", "[]"))]
    assert [line["title"] for line in lines if line["kind"] == "receive"] == ['Bekræft modtagelse af udstyr (1 × Bærbar pc 14")']


def written(world: World, reader: str, day: date) -> dict[str, Any]:
    """The sections of a reader's digest of that day; none if none was written."""
    notice = world.store.notice(notice_id(f"{DIGEST}/{reader}/{day}"))
    sections: Any = notice.context["sections"] if notice is not None else []
    return dict(sections)


def weekly_then_daily(world: World, reader: str, list: str, days: dict[str, bool]) -> None:
    """Write the digests of these days, and see on which the list is told."""
    for day, told in days.items():
        morning(world, day)
        assert (list in written(world, reader, date.fromisoformat(day))) is told, day


def test_a_delegation_is_to_be_confirmed_by_the_manager_on_whose_word_it_stands(world: World) -> None:
    world.policies.edit(authority=AuthorityPolicy(confirm=ConfirmRule(12, grace_days=30, warn_days=30)))
    (granted,) = delegate(world.app, Authority.PAY, "school_north", [data.PAY])
    # Due on Tuesday 23 November 2027, lapsing on 23 December.
    weekly_then_daily(
        world,
        data.HEAD_NORTH,
        "confirm",
        {"2027-10-18": False, "2027-10-25": True, "2027-10-26": False, "2027-11-01": True, "2027-12-09": True, "2027-12-10": True},
    )
    (item,) = digest(world, data.HEAD_NORTH)["confirm"]
    assert (item["delegation"], item["by"], item["day"], item["lapsed"]) == (granted.id, data.PAY, "2027-12-23", False)
    morning(world, "2027-12-28")
    assert digest(world, data.HEAD_NORTH)["confirm"][0]["lapsed"] is True
    confirm(world.app, [granted.id], data.DIRECTOR)
    assert morning(world, "2027-12-29") == 0


def test_who_confirmed_last_is_asked_next_and_where_they_left_the_manager_is(world: World) -> None:
    world.policies.edit(authority=AuthorityPolicy(confirm=ConfirmRule(12, grace_days=30, warn_days=30)))
    (granted,) = delegate(world.app, Authority.PAY, "school_north", [data.PAY])
    confirm(world.app, [granted.id], data.DIRECTOR)
    morning(world, "2027-12-20")
    assert [item["delegation"] for item in digest(world, data.DIRECTOR)["confirm"]] == [granted.id]
    leave(world, data.DIRECTOR)
    morning(world, "2027-12-21")
    assert [item["delegation"] for item in digest(world, data.HEAD_NORTH)["confirm"]] == [granted.id]


def test_a_payroll_table_that_ends_is_told_to_who_holds_the_pay_authority_at_the_top(world: World) -> None:
    ended = "TEACH-1,TEACH,Lærer,Teacher,main,31,40,seniority_proof,2015-01-01,2027-03-31"
    world.policies.edit(payroll=built(with_rows("classes", ended, without="TEACH-1,")))
    world.delegate()
    delegate(world.app, Authority.PAY, "school_north", [data.TEACHER])
    ahead = world.policies.current().payroll.warn_days
    assert ahead >= 21
    weekly_then_daily(world, data.PAY, "tables", {"2027-03-15": True, "2027-03-16": False, "2027-03-17": True, "2027-03-18": True})
    (item,) = digest(world, data.PAY)["tables"]
    assert (item["file"], item["day"], item["more"]) == ("payroll/classes.csv", "2027-03-31", 0)
    assert item["places"] > 0
    assert not [notice for notice in world.store.notices(person=data.TEACHER) if notice.slug == DIGEST]


def test_nobody_is_told_of_tables_that_go_on(world: World) -> None:
    world.delegate()
    assert morning(world) == 0


def test_a_permit_that_ends_is_told_to_manager_and_pay_contact(world: World) -> None:
    case = world.hire("h1", citizenship="UA")
    world.appoint(case)
    world.all_checks(case)
    for kind in world.case(case).documents:
        world.hand_in(case, kind)
        expires: dict[str, Any] = {"values": {"expires": "2027-09-30"}} if kind == "work_permit" else {}
        world.do(case, f"review-{kind}", data.PAY, "accept", **expires)
    world.arrive("2027-08-31")
    assert world.states(case)["document-work_permit"] == "waiting"
    told: dict[str, list[str]] = {data.HEAD_NORTH: [], data.PAY: []}
    for day in map(date.fromordinal, range(date(2027, 9, 1).toordinal(), date(2027, 10, 1).toordinal())):
        world.clock.set_day(day, 8)
        write_digests(world.app, lambda: Board(world.app))
        for reader, seen in told.items():
            seen += [day.isoformat()] if "ending" in written(world, reader, day) else []
    assert told[data.HEAD_NORTH] == told[data.PAY] != []
    near = [day for day in told[data.PAY] if day >= "2027-09-16"]
    assert near == [day for day in near if date.fromisoformat(day).weekday() < 5]
    assert len(near) == 11
    assert {date.fromisoformat(day).weekday() for day in told[data.PAY] if day < "2027-09-16"} == {0}
