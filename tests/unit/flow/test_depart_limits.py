"""Departures that are refused or cancelled, and those that meet approvals, permits and calls under way."""

from __future__ import annotations

import dataclasses
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from idm.connector import Refused, Retry, State
from idm.domain.approvals import AskedOf
from idm.domain.case import Case
from idm.domain.hire import Correction
from idm.domain.matching import Match
from idm.errors import BadInput, Conflict, NotAllowed
from idm.flow.correct import correct
from idm.flow.depart import Word, cancel, foresee_cancel, move
from idm.flow.sweep import sweep_once
from idm.flow.tasks import task
from tests import data
from tests.support.answering import sound_values
from tests.support.world import World

LATER = date(2027, 2, 1)
WHY = Word(reason="agreed with the old employer")


def moved(world: World, case: str, **facts: Any) -> Case:
    return move(world.app, case, facts, WHY)


def account(world: World, case: str) -> Any:
    found = world.targets["ldap"].held("account", world.case(case).person)
    assert found is not None
    return found


def fill(world: World, case: str, by: str = data.PAY) -> Case:
    """The pay contact fills in the form, wherever the hire is."""
    return world.do(
        case, "payroll_form", by, "submit", values=sound_values(world.app, task(world.app, world.task_of(case, "payroll_form")))
    )


def ask(world: World, id: str, when: Match, percent: str = "0") -> None:
    """Let approvals.yaml ask an approval of those whom `when` means."""
    policies = world.policies.current()
    changed = dataclasses.replace(policies.approvals[id], asked=(AskedOf("rule", when),), sample_percent=Decimal(percent))
    world.policies.edit(approvals={**policies.approvals, id: changed})


def test_place_and_position_change_only_before_the_start(world: World) -> None:
    case = world.whole_hire()

    with pytest.raises(Conflict) as refused:
        moved(world, case, unit="school_south", position="nurse")

    assert [(fault.path, fault.rule) for fault in refused.value.faults] == [("unit", "begun"), ("position", "begun")]


@pytest.mark.parametrize("facts", [{"unit": "school_south"}, {"unit": "school_south", "position": "caretaker"}])
def test_a_manager_moves_a_hire_only_where_they_could_start_it(world: World, facts: dict[str, Any]) -> None:
    case = world.hire()
    before = world.case(case)

    with pytest.raises(BadInput) as refused:
        move(world.app, case, facts, Word(by=data.HEAD_NORTH))

    assert [(fault.path, fault.rule) for fault in refused.value.faults] == [(name, "not-yours") for name in sorted(facts, reverse=True)]
    assert world.case(case) == before
    within = move(world.app, case, {"position": "caretaker"}, Word(by=data.HEAD_NORTH))
    assert within.facts.position == "caretaker"
    assert moved(world, case, unit="school_south").facts.unit == "school_south", "HR's system and an administrator may"


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        ({"unit": "nowhere"}, "unknown-unit"),
        ({"position": "astronaut"}, "unknown-position"),
        ({"manager": "nobody"}, "unknown-person"),
        ({"end_date": date(2026, 12, 1)}, "order"),
    ],
)
def test_facts_that_can_not_be_are_refused_with_the_fault(world: World, facts: dict[str, Any], rule: str) -> None:
    case = world.hire()
    before = world.case(case)

    with pytest.raises(BadInput) as refused:
        moved(world, case, **facts)

    assert [fault.rule for fault in refused.value.faults] == [rule]
    assert world.case(case) == before


def test_the_person_hired_can_not_become_the_manager_of_their_hire(world: World) -> None:
    case = world.hire()

    with pytest.raises(BadInput, match="can't be changed so"):
        moved(world, case, manager=world.case(case).person)


def test_only_the_manager_of_the_hire_may(world: World) -> None:
    case = world.hire()

    with pytest.raises(NotAllowed):
        move(world.app, case, {"start_date": LATER}, Word(by=data.HEAD_SOUTH, reason="no"))
    with pytest.raises(NotAllowed):
        foresee_cancel(world.app, case, Word(by=data.TEACHER, reason="no"))
    move(world.app, case, {"start_date": LATER}, Word(by=data.HEAD_NORTH, reason="yes"))

    assert world.case(case).facts.start_date == LATER


def test_a_cancel_before_anything_was_made_withdraws_the_tasks(world: World) -> None:
    case = world.hire()

    told = [(each.what, each.about) for each in foresee_cancel(world.app, case, Word(reason="withdrew"))]
    after = cancel(world.app, case, Word(reason="withdrew"))

    assert told == [("task-withdrawn", "appoint"), ("mail", "hire_cancelled")]
    assert "hire_cancelled" in {notice.slug for notice in world.store.notices(case=case)}
    assert after.undo == ()
    assert not world.store.tasks(case=case, state="open")


def test_a_cancel_after_accounts_exist_takes_everything_back_and_says_so_beforehand(world: World) -> None:
    case = world.hire()
    world.people_act(case)
    world.work()

    told = [(each.what, each.about) for each in foresee_cancel(world.app, case, Word(reason="withdrew"))]
    cancel(world.app, case, Word(reason="withdrew"))
    world.work()

    assert ("taken-back", "ldap.account") in told and ("taken-back", "payroll.record") in told
    assert world.targets["ldap"].held("account", world.case(case).person) is None or account(world, case).state is State.ENDED
    with pytest.raises(Conflict, match="cancelled before"):
        moved(world, case, start_date=LATER)


def test_a_completed_hire_that_has_begun_is_not_cancelled(world: World) -> None:
    case = world.whole_hire()

    with pytest.raises(Conflict, match="has begun"):
        cancel(world.app, case, Word(reason="too late"))


def test_a_cancel_without_a_reason_is_refused(world: World) -> None:
    with pytest.raises(BadInput):
        cancel(world.app, world.hire(), Word(reason="  "))


def test_an_approval_that_the_new_facts_ask_is_asked_though_it_was_passed_over_before(world: World) -> None:
    ask(world, "manager_approval", Match(units=("school_south",)))
    case = world.hire()
    world.appoint(case)
    assert world.states(case)["approve_whole"] == "done"

    moved(world, case, unit="school_south")
    world.appoint(case, by=data.HEAD_SOUTH)
    world.all_documents(case)
    fill(world, case)
    world.confirm_rights(case)
    world.work()

    assert world.states(case)["approve_whole"] == "waiting"
    assert world.targets["payroll"].held("record", world.case(case).employment) is None


def test_an_approval_that_no_fact_asks_stays_passed_over(world: World) -> None:
    case = world.hire()
    world.people_act(case)
    world.work()
    round = world.step(case, "approve_whole").round

    moved(world, case, start_date=LATER)

    assert world.step(case, "approve_whole").round == round
    assert world.states(case)["approve_whole"] == "done"


def test_a_permit_that_ends_before_the_new_start_is_asked_again_and_nothing_opens_without_it(world: World) -> None:
    case = world.hire(citizenship="UA")
    world.appoint(case)
    for kind in data.DOCUMENTS:
        world.hand_in(case, kind)
        world.accept(case, kind)
    world.hand_in(case, "work_permit")
    world.do(case, "review-work_permit", data.PAY, "accept", values={"expires": "2027-06-30"})
    world.all_checks(case)
    world.fill_payroll(case)
    world.confirm_rights(case)
    world.work()

    moved(world, case, start_date=date(2027, 8, 1))
    world.arrive("2027-08-01")
    world.work()

    assert "before the start" in world.case(case).documents["work_permit"].reason
    assert account(world, case).state is State.DISABLED
    world.hand_in(case, "work_permit")
    world.do(case, "review-work_permit", data.PAY, "accept", values={"expires": "2029-06-30"})
    world.work()
    assert account(world, case).state is State.ENABLED


def test_a_permit_that_is_being_renewed_and_runs_out_before_a_later_start_opens_nothing(world: World) -> None:
    case = world.hire(citizenship="UA")
    world.appoint(case)
    for kind in data.DOCUMENTS:
        world.hand_in(case, kind)
        world.accept(case, kind)
    world.hand_in(case, "work_permit")
    world.do(case, "review-work_permit", data.PAY, "accept", values={"expires": "2027-02-10"})
    world.all_checks(case)
    world.fill_payroll(case)
    world.confirm_rights(case)
    world.clock.set_day(date(2026, 12, 20))
    sweep_once(world.app)
    assert world.states(case)["document-work_permit"] == "waiting"

    moved(world, case, start_date=date(2027, 3, 1))
    world.arrive("2027-03-01")
    world.work()

    assert account(world, case).state is State.DISABLED


def test_a_revise_step_that_waits_for_its_target_is_withdrawn_by_a_cancel(world: World) -> None:
    case = world.hire()
    world.people_act(case)
    world.work()
    world.targets["ldap"].trouble(Retry("it is away", down=True), times=99)
    moved(world, case, start_date=LATER)
    for _ in range(4):
        correct(world.app, world.case(case).person, Correction(family_name="Ny"), WHY)
        world.work_on(times=1)

    cancel(world.app, case, Word(reason="withdrew"))
    world.targets["ldap"].heal()
    world.work_on()

    left = {step: state for step, state in world.states(case).items() if state not in ("done", "withdrawn")}
    assert left == {}
    assert not [done for done in world.targets["ldap"].everything.values() if done.state is not State.ENDED]


def test_two_departures_at_once_are_both_kept(world: World) -> None:
    case = world.hire()
    other = world.another_worker()

    first = moved(world, case, start_date=LATER)
    second = move(other, case, {"weekly_hours": "30"}, WHY)

    assert (first.version + 1, second.facts.start_date, second.facts.weekly_hours) == (second.version, LATER, "30")


def test_a_refused_step_stays_refused_after_a_change_until_it_is_retried(world: World) -> None:
    """What a target refused needs a person's look; that other facts changed doesn't answer it."""
    case = world.hire()
    world.appoint(case)
    world.targets["mailbox"].trouble(Refused("no such domain"))
    world.work()
    assert world.states(case)["mailbox"] == "refused"

    moved(world, case, start_date=LATER)
    world.work()

    assert world.states(case)["mailbox"] == "refused"


def test_the_person_being_hired_there_already_from_that_day_is_refused(world: World) -> None:
    cpr = data.cpr(900)
    world.hire("one", cpr=cpr)
    second = world.hire("two", cpr=cpr, unit="school_south")

    with pytest.raises(Conflict) as refused:
        moved(world, second, unit="school_north")

    assert [fault.rule for fault in refused.value.faults] == ["same-hire"]
