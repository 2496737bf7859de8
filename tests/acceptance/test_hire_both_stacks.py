"""A hire from the event to the opened account, on both stacks, with real processes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from idm.errors import NotAllowed
from idm.flow.deciding import Decision
from idm.flow.depart import Word, cancel
from idm.flow.explain import explain
from idm.flow.tasks import do_task, open_tasks
from idm.flow.verify import verify_audit
from tests import data
from tests.acceptance import people
from tests.acceptance.outcome import doubles, outcome
from tests.acceptance.stack import Stack

FIRST_DAY = datetime(2027, 1, 4, 7, tzinfo=UTC)
TEACHER_GROUPS = ["all-staff", "learning-platform", "school-north", "schools", "teachers"]


def only(items: list[dict[str, Any]]) -> dict[str, Any]:
    assert len(items) == 1, items
    return items[0]


def clean(stack: Stack) -> None:
    """Nothing happened twice, and the audit is whole."""
    assert doubles(stack.journal()) == []
    verified = verify_audit(stack.app)
    assert verified.faults == ()
    assert verified.entries > 0


def test_from_the_event_to_the_opened_account(stack: Stack) -> None:
    case = stack.take([data.hire_event("anna")])[0]
    people.appoint(stack.app, case)
    stack.wait_until_idle()
    account = only(stack.targets(case)["ldap"])
    assert (account["state"], account["entitlements"]) == ("disabled", [])
    assert stack.targets(case)["payroll"] == [], "payroll gets approved facts only"

    # A document comes back with a reason, and is handed in again.
    people.hand_in(stack.app, case)
    diploma = next(task for task, _ in open_tasks(stack.app, case=case) if task.document == "diploma")
    do_task(stack.app, diploma.id, data.PAY, Decision("return", reason="Page two is missing."))
    returned = next(step for step in stack.case(case)["steps"] if step["id"] == "document-diploma")
    assert (returned["state"], returned["reason"]) == ("waiting", "Page two is missing.")

    # Everything ends and starts again, as for an update of the machine; nothing is lost.
    codes = stack.stop()
    assert set(codes.values()) == {0}, stack.output()
    people.hand_in(stack.app, case, ["diploma"])
    stack.start()

    people.review(stack.app, case)
    people.fill_in(stack.app, case)
    people.confirm(stack.app, case)
    people.check(stack.app, case)
    stack.wait_until_idle()
    account = only(stack.targets(case)["ldap"])
    assert (account["state"], account["entitlements"]) == ("disabled", TEACHER_GROUPS), "not opened before the first day"
    assert stack.states(case)["opening"] == "waiting"
    assert len(stack.mails("welcome")) == 1

    stack.move_clock(FIRST_DAY)
    stack.wait_until_idle()
    done = outcome(stack, case)
    assert done["state"] == "completed"
    assert set(done["steps"].values()) == {"done"}
    opened = {system: [item["state"] for item in stack.targets(case)[system]] for system in ("ldap", "erp", "mailbox")}
    assert opened == {"ldap": ["enabled"], "erp": ["enabled"], "mailbox": ["enabled"]}
    assert only(stack.targets(case)["payroll"])["attributes"]["pay_class"] == "TEACH-1"
    assert len(stack.targets(case)["personnel_file"]) == 1 + len(data.DOCUMENTS)
    assert done["mails"] == 1
    clean(stack)
    assert "Warning" not in stack.output()
    assert data.hire_event("anna")["data"]["person"]["cpr"] not in stack.output()


def test_explain_names_rule_policy_approver_and_case(stack: Stack) -> None:
    case = stack.take([data.hire_event("berta")])[0]
    people.appoint(stack.app, case)
    people.everything(stack.app, case)
    stack.wait_until_idle()
    items = explain(stack.app, stack.case(case)["employment"])
    texts = {file: hash for file, (hash, _) in stack.installation.app.policies.texts().items()}
    records = {(item["system"], item["kind"]) for item in items if "entitlement" not in item}
    assert {("ldap", "account"), ("erp", "profile"), ("mailbox", "mailbox"), ("payroll", "record"), ("personnel_file", "file")} <= records
    assert sorted(item["entitlement"] for item in items if "entitlement" in item and item["system"] == "ldap") == TEACHER_GROUPS
    for item in items:
        assert item["reasons"], item
        for reason in item["reasons"]:
            assert reason["case"] == case
            assert reason["policy_hash"] == texts[reason["file"]]
            rule = (stack.home / "policies" / reason["file"]).read_text().splitlines()[reason["line"] - 1]
            assert rule.strip().rstrip(":") or rule, reason
            assert reason["rule"]
            assert reason["approver"], item
    approvers = {item["kind"]: {reason["approver"] for reason in item["reasons"]} for item in items if "entitlement" not in item}
    assert any(data.HEAD_NORTH in approver for approver in approvers["account"])
    assert any(data.PAY in approver for approver in approvers["record"])


def test_a_cancelled_hire_is_taken_back(stack: Stack) -> None:
    case = stack.take([data.hire_event("carl")])[0]
    people.appoint(stack.app, case)
    people.everything(stack.app, case)
    stack.wait_until_idle()
    assert only(stack.targets(case)["ldap"])["entitlements"] == TEACHER_GROUPS
    cancel(stack.app, case, Word(reason="took another position"))
    stack.wait_until_idle()
    left = stack.targets(case)
    assert stack.case(case)["state"] == "cancelled"
    assert not [item for system in ("ldap", "erp", "mailbox", "payroll") for item in left[system] if item["state"] == "enabled"]
    assert not [item for system in ("ldap", "erp") for item in left[system] if item["entitlements"]]
    assert not [task for task, _ in open_tasks(stack.app, case=case)]
    clean(stack)


def test_two_employments_of_one_person_have_the_union_of_rights(stack: Stack) -> None:
    first = data.hire_event("dora")
    cpr = first["data"]["person"]["cpr"]
    second = data.hire_event("dora-2", unit="school_south", position="substitute_teacher", cpr=cpr)
    north, south = stack.take([first, second])
    assert stack.case(north)["person"] == stack.case(south)["person"]
    for case in (north, south):
        people.appoint(stack.app, case)
        people.everything(stack.app, case, [document["kind"] for document in stack.case(case)["documents"]])
    stack.wait_until_idle()
    both = only(stack.targets(north)["ldap"])["entitlements"]
    assert both == sorted({*TEACHER_GROUPS, "school-south", "substitutes"})
    cancel(stack.app, south, Word(reason="one is enough"))
    stack.wait_until_idle()
    assert only(stack.targets(north)["ldap"])["entitlements"] == TEACHER_GROUPS
    stack.move_clock(FIRST_DAY)
    stack.wait_until_idle()
    assert only(stack.targets(north)["ldap"])["state"] == "enabled"
    clean(stack)


def test_nobody_decides_on_their_own_hire(stack: Stack) -> None:
    head = next(person for person in data.organisation()["people"] if person["id"] == data.HEAD_NORTH)
    event = data.hire_event("own", unit="school_north", position="pedagogue", cpr=head["cpr"])
    case = stack.take([event])[0]
    assert stack.case(case)["person"] == data.HEAD_NORTH
    task, may = next((task, may) for task, may in open_tasks(stack.app, case=case))
    assert [holder.person for holder in may] == [data.DIRECTOR], "the next manager above decides"
    with pytest.raises(NotAllowed, match="own hire"):
        do_task(stack.app, task.id, data.HEAD_NORTH, Decision("appoint", values={"pay": [data.PAY], "it": [data.IT]}))
    do_task(stack.app, task.id, data.DIRECTOR, Decision("appoint", values={"pay": [data.PAY], "it": [data.IT]}))
    stack.wait_until_idle()
    assert stack.states(case)["account"] == "done"
