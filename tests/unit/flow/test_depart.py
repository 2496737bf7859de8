"""A hire departs from plan: what is asked again, what is brought into line, what is refused, and that looking ahead changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from idm.connector import Change, State, Verb
from idm.domain.authority import Authority
from idm.domain.case import Case, CaseState
from idm.errors import NotAllowed
from idm.flow.delegate import delegate
from idm.flow.depart import Word, foresee_move, move
from idm.flow.sweep import sweep_once
from idm.flow.tasks import task
from tests import data
from tests.support.answering import sound_values
from tests.support.world import World

LATER = date(2027, 2, 1)
WHY = Word(reason="agreed with the old employer")


def moved(world: World, case: str, **facts: Any) -> Case:
    return move(world.app, case, facts, WHY)


def words(world: World, case: str, facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(each.what, each.about) for each in foresee_move(world.app, case, facts, WHY)]


def account(world: World, case: str) -> Any:
    found = world.targets["ldap"].held("account", world.case(case).person)
    assert found is not None
    return found


def fill(world: World, case: str, by: str = data.PAY) -> Case:
    """The pay contact fills in the form, wherever the hire is."""
    return world.do(
        case, "payroll_form", by, "submit", values=sound_values(world.app, task(world.app, world.task_of(case, "payroll_form")))
    )


def test_what_follows_is_told_and_nothing_is_changed(world: World) -> None:
    case = world.whole_hire()
    before = world.case(case)

    told = words(world, case, {"start_date": LATER})

    assert world.case(case) == before
    assert ("fact", "start_date") in told
    assert ("timer", "opening") in told
    assert ("brought-into-line", "ldap.account") in told


@pytest.mark.parametrize(
    ("start", "minded"),
    [
        ("2026-01-05", ["start-passed"]),
        ("2027-02-28", ["start-closed"]),
        ("2026-01-03", ["start-passed", "start-closed"]),
        (str(LATER), []),
    ],
)
def test_a_first_day_that_is_past_or_no_working_day_is_said_beforehand(world: World, start: str, minded: list[str]) -> None:
    case = world.hire()

    told = words(world, case, {"start_date": date.fromisoformat(start)})

    assert [what for what, _ in told if what.startswith("start-")] == minded
    assert ("mail", "start_moved") in told


def test_a_later_start_closes_the_accounts_of_a_completed_hire_until_that_day(world: World) -> None:
    case = world.whole_hire()
    assert account(world, case).state is State.ENABLED

    assert moved(world, case, start_date=LATER).state is not CaseState.COMPLETED
    world.work()

    assert account(world, case).state is State.DISABLED
    paid = world.targets["payroll"].held("record", world.case(case).employment)
    assert paid is not None
    assert paid.attributes["from_date"] == "2027-02-01"
    world.arrive("2027-02-01")
    world.work()
    assert account(world, case).state is State.ENABLED
    assert world.case(case).state is CaseState.COMPLETED
    assert world.actions(case).count("hire-moved") == 1


def test_an_earlier_start_opens_earlier_also_on_the_day_itself(world: World) -> None:
    case = world.hire()
    world.people_act(case)
    world.work()
    assert account(world, case).state is State.DISABLED

    moved(world, case, start_date=world.clock.today())
    sweep_once(world.app)
    world.work()

    assert account(world, case).state is State.ENABLED


@pytest.mark.parametrize("when", ["taken", "appointed", "provisioned", "answered"])
def test_a_start_moves_in_every_state_and_the_hire_still_comes_to_its_end(world: World, when: str) -> None:
    case = world.hire()
    if when in ("appointed", "provisioned"):
        world.appoint(case)
    if when == "provisioned":
        world.work()
    if when == "answered":
        world.people_act(case)

    moved(world, case, start_date=LATER)
    world.work()
    if when != "answered":
        world.people_act(case)
        world.work()
    world.arrive(data.START)
    world.work()
    assert account(world, case).state is State.DISABLED
    world.arrive("2027-02-01")
    world.work()

    assert world.case(case).state is CaseState.COMPLETED


def test_an_end_date_comes_and_goes_and_hours_are_asked_of_the_pay_contact_again(world: World) -> None:
    case = world.hire()
    world.people_act(case)

    assert moved(world, case, end_date=date(2027, 6, 30)).facts.end_date == date(2027, 6, 30)
    assert world.states(case)["payroll_form"] == "done"
    assert moved(world, case, end_date=None).facts.end_date is None
    moved(world, case, weekly_hours="30")
    assert world.states(case)["payroll_form"] == "waiting"
    assert world.step(case, "payroll_form").reason == WHY.reason


def test_another_unit_before_the_start_asks_its_manager_and_takes_rights_back_until_they_are_confirmed(world: World) -> None:
    case = world.hire()
    world.people_act(case)
    world.work()
    assert account(world, case).entitlements

    after = moved(world, case, unit="school_south")
    world.work()

    assert {step for step, status in after.steps.items() if status.state == "waiting"} == {"appoint"}
    assert {after.steps[step].state for step in ("payroll_form", "confirm_rights")} == {"pending"}
    assert not account(world, case).entitlements
    assert {kind: document.state.value for kind, document in after.documents.items()} == dict.fromkeys(data.DOCUMENTS, "accepted")
    with pytest.raises(NotAllowed):
        world.do(case, "appoint", data.HEAD_NORTH, "appoint", values={"pay": data.PAY, "it": data.IT})
    world.appoint(case, by=data.HEAD_SOUTH)
    fill(world, case)
    world.confirm_rights(case)
    world.work()
    assert account(world, case).entitlements


def test_standing_delegations_of_the_new_unit_name_the_contacts_and_those_of_the_old_are_contacts_no_more(world: World) -> None:
    delegate(world.app, Authority.PAY, "school_south", [data.HEAD_SOUTH])
    delegate(world.app, Authority.IT, "school_south", [data.IT])
    case = world.hire()
    world.people_act(case)

    after = moved(world, case, unit="school_south")

    assert after.steps["appoint"].state == "done"
    assert after.approvals["appoint"].delegation
    with pytest.raises(NotAllowed):
        fill(world, case)
    fill(world, case, data.HEAD_SOUTH)


def test_contacts_that_stand_are_named_also_if_nobody_was_appointed_before_the_move(world: World) -> None:
    world.delegate("school_south")
    case = world.hire()
    assert world.states(case)["appoint"] == "waiting"

    moved(world, case, unit="school_south")

    assert world.states(case)["appoint"] == "done"


def test_another_position_wants_its_papers_and_keeps_what_was_handed_in(world: World) -> None:
    case = world.hire()
    world.appoint(case)
    world.hand_in(case, "diploma")

    after = moved(world, case, position="caretaker")

    kinds = {paper.kind for paper in after.wanted}
    assert {"contract", "seniority_proof", "id_photo", "diploma"} <= kinds
    assert "child_protection" in kinds  # the unit is one of the group's
    assert after.documents["diploma"].state == "handed_in"


def test_a_change_while_its_systems_are_brought_into_line_is_brought_into_line_too(world: World) -> None:
    case = world.hire()
    world.people_act(case)
    world.work()
    moved(world, case, start_date=LATER)

    def strike(change: Change) -> None:
        world.targets["payroll"].meanwhile = None
        moved(world, case, start_date=date(2027, 3, 1))

    world.targets["payroll"].meanwhile = strike
    world.work()

    held = world.targets["payroll"].held("record", world.case(case).employment)
    assert held is not None
    assert held.attributes["from_date"] == "2027-03-01"
    assert world.states(case)["revise-payroll"] == "done"


def test_the_time_between_now_and_a_moved_start_is_never_open(world: World) -> None:
    """Whatever day it moves to, the account is open on and after the start, and never before."""
    case = world.whole_hire()
    today = world.clock.today()
    for days in (30, 3, 400, -10):
        moved(world, case, start_date=today + timedelta(days=days))
        sweep_once(world.app)
        world.work()
        assert (account(world, case).state is State.ENABLED) == (days <= 0)
    assert not [each for each in world.targets["ldap"].applied(Verb.CREATE) if each.kind == "account"][1:]
