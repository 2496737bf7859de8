from __future__ import annotations

from dataclasses import replace

from idm.connector import State
from idm.flow.advance import Advanced, advance
from tests import data
from tests.support.world import World


def test_a_hire_goes_from_event_to_open_accounts(world: World) -> None:
    case = world.hire()
    assert world.states(case)["appoint"] == "waiting"
    world.appoint(case)
    world.work()
    person = world.case(case).person
    account = world.targets["ldap"].held("account", person)
    assert account is not None and account.state is State.DISABLED and account.entitlements == frozenset()

    world.all_documents(case)
    world.fill_payroll(case)
    world.confirm_rights(case)
    world.work()
    assert world.case(case).state == "waiting"
    world.arrive()
    world.work()

    assert set(world.states(case).values()) == {"done"}
    assert world.case(case).state == "completed"
    account = world.targets["ldap"].held("account", person)
    assert account is not None and account.state is State.ENABLED
    assert account.entitlements == {"all-staff", "schools", "school-north", "teachers", "learning-platform"}
    record = world.targets["payroll"].held("record", world.case(case).employment)
    assert record is not None
    assert record.attributes["seniority_date"] == "2020-08-01"
    assert record.attributes["from_date"] == data.START
    assert len(world.targets["personnel_file"].attachments) == 3
    assert set(world.targets["personnel_file"].attachments.values()) == {data.pdf()}
    assert len(world.targets["mail"].everything) == 1


def test_steps_go_on_in_the_lane_that_policy_gives_their_system_meanwhile(world: World) -> None:
    case = world.hire()
    world.appoint(case)
    for lane in ("erp", "mailbox"):
        assert advance(world.app, case, lane) is Advanced.WORKED
    hire = world.policies.current().journeys["hire"]
    moved = tuple(replace(step, lane="directories") if step.system == "ldap" else step for step in hire.steps)
    world.policies.edit(journeys={"hire": replace(hire, steps=moved)})
    world.policies.edit_system("ldap", lambda system: replace(system, lane="directories"))
    world.app.journeys.clear()

    world.work()

    assert world.states(case)["account"] == "done"
    assert "directories" in world.lanes(case)
    assert "lanes-moved" in world.actions(case)
