"""What people decide about papers, where the rest of the hire follows from it."""

from __future__ import annotations

import pytest

from idm.errors import BadInput
from tests import data
from tests.support.world import World


@pytest.mark.parametrize("decision", ["", "consent"])
def test_consent_is_given_in_so_many_words_only(world: World, decision: str) -> None:
    world.delegate()
    case = world.hire()
    hired = world.case(case).person
    with pytest.raises(BadInput) as refused:
        world.do(case, "consent-child_protection", hired, decision)
    assert [fault.message for fault in refused.value.faults] == ["one of: give, refuse"]
    assert world.states(case)["consent-child_protection"] == "waiting"


def test_a_reference_that_is_not_consented_to_holds_nothing_up(world: World) -> None:
    world.delegate()
    case = world.hire(position="school_head")
    hired = world.case(case).person
    world.do(case, "consent-reference", hired, "refuse")
    after = world.case(case)
    assert [after.steps[step].state for step in ("consent-reference", "received-reference")] == ["done", "done"]
    assert after.steps["received-reference"].reason == "the new employee does not consent"
    assert "consent-reference" not in after.approvals
    assert not [task for task in world.store.tasks(case=case, state="open") if task.document == "reference"]


def test_a_check_that_blocks_the_start_goes_on_blocking_without_consent(world: World) -> None:
    world.delegate()
    case = world.hire()
    hired = world.case(case).person
    world.do(case, "consent-child_protection", hired, "refuse")
    for kind in world.case(case).documents:
        world.hand_in(case, kind)
        world.accept(case, kind)
    world.fill_payroll(case)
    world.confirm_rights(case)
    world.work()
    world.arrive()
    world.work()
    account = world.targets["ldap"].held("account", hired)
    assert account is not None and account.state == "disabled"
    assert world.step(case, "consent-child_protection").reason == "the new employee does not consent"
    world.do(case, "consent-child_protection", hired, "give")
    world.all_checks(case)
    world.work()
    account = world.targets["ldap"].held("account", hired)
    assert account is not None and account.state == "enabled"


def test_a_permit_that_ends_before_the_account_could_open_keeps_it_shut_until_the_new_one_is_accepted(world: World) -> None:
    world.delegate()
    case = world.hire(citizenship="UA")
    hired = world.case(case).person
    for kind in world.case(case).documents:
        world.hand_in(case, kind)
        world.do(case, f"review-{kind}", data.PAY, "accept", values={"expires": "2027-02-28"} if kind == "work_permit" else None)
    world.fill_payroll(case)
    world.confirm_rights(case)
    world.work()
    # The check is late: only it keeps the account shut, while the permit is asked for anew and then ends.
    world.arrive("2027-01-04")
    assert world.case(case).documents["work_permit"].state == "wanted"
    told = [notice.slug for notice in world.store.notices(case=case)]
    assert ("permit_expiring" in told, "document_returned" in told) == (True, False)
    world.arrive("2027-03-01")
    world.all_checks(case)
    world.work()
    account = world.targets["ldap"].held("account", hired)
    assert account is not None and account.state == "disabled"

    world.hand_in(case, "work_permit")
    world.do(case, "review-work_permit", data.PAY, "accept", values={"expires": "2029-02-28"})
    world.work()
    account = world.targets["ldap"].held("account", hired)
    assert account is not None and account.state == "enabled"
