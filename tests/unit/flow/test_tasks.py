from __future__ import annotations

from datetime import date
from functools import partial

import pytest

from idm.connector import Refused
from idm.domain.journey import TaskKind
from idm.errors import BadInput, Conflict, NotAllowed, NotFound
from idm.flow.deciding import Decision
from idm.flow.depart import Word, cancel, move
from idm.flow.tasks import describe, do_task, open_tasks, task
from tests import data
from tests.support.together import together
from tests.support.world import World


def faults(refusal: pytest.ExceptionInfo[BadInput]) -> list[tuple[str, str]]:
    return [(fault.path, fault.rule) for fault in refusal.value.faults]


def audit_of(world: World, case: str) -> dict[str, object]:
    import json

    payload = world.store.audit(case)[-1].payload
    assert payload is not None
    found: dict[str, object] = json.loads(payload)
    return found


def test_the_manager_appoints_and_that_approves_the_hire(world: World) -> None:
    case = world.appoint(world.hire())

    approval = case.approvals["appoint"]
    assert (approval.by, approval.authority, approval.administrator) == (data.HEAD_NORTH, "manager", "admin")
    assert approval.named
    granted = {(each.authority.value, each.to, each.case, each.granted_by) for each in world.store.delegations(units=[], case=case.id)}
    assert granted == {("pay", data.PAY, case.id, data.HEAD_NORTH), ("it", data.IT, case.id, data.HEAD_NORTH)}
    assert world.actions(case.id) == ["hire-taken", "appoint-appoint"]
    told = audit_of(world, case.id)
    assert (told["basis"], told["administrator"], told["pay"]) == ("manager of school_north", "admin", [data.PAY])


def test_appointing_may_leave_to_standing_delegations_what_they_cover(world: World) -> None:
    from idm.domain.authority import Authority
    from idm.flow.delegate import delegate

    delegate(world.app, Authority.PAY, "town", [data.PAY])
    case = world.hire()
    with pytest.raises(BadInput) as refusal:
        world.do(case, "appoint", data.HEAD_NORTH)
    assert faults(refusal) == [("values.it", "required")]
    assert world.do(case, "appoint", data.HEAD_NORTH, values={"it": [data.IT, data.IT]}).steps["appoint"].state == "done"
    assert len(world.store.delegations(units=[], case=case)) == 1


def test_wrong_contacts_are_named_all_at_once_and_nothing_happens(world: World) -> None:
    case = world.hire(cpr=data.cpr(6), position="nurse")
    with pytest.raises(BadInput) as refusal:
        world.do(case, "appoint", data.HEAD_NORTH, "appoint", values={"pay": ["nobody", data.TEACHER]})
    assert faults(refusal) == [("values.pay", "unknown-person"), ("values.pay", "own-hire"), ("values.it", "required")]
    with pytest.raises(BadInput) as refusal:
        world.do(case, "appoint", data.HEAD_NORTH, "appoint", values={"pay": 7, "it": [8], "boss": "x"})
    assert faults(refusal) == [("values.boss", "unknown-field")]
    with pytest.raises(BadInput) as refusal:
        world.do(case, "appoint", data.HEAD_NORTH, "dismiss")
    assert faults(refusal) == [("decision", "unknown-decision")]
    assert world.actions(case) == ["hire-taken"]
    assert list(world.store.delegations()) == []


def test_only_who_holds_the_authority_may_act(world: World) -> None:
    case = world.hire()
    with pytest.raises(NotAllowed, match="teacher_north does not hold the manager authority") as refusal:
        world.appoint(case, by=data.TEACHER)
    assert data.HEAD_NORTH in refusal.value.next_step
    with pytest.raises(NotFound, match="no person"):
        world.appoint(case, by="nobody")
    world.appoint(case)
    with pytest.raises(NotAllowed, match="it authority"):
        world.do(case, "confirm_rights", data.PAY, "confirm")
    with pytest.raises(NotAllowed, match="own hire"):
        world.do(case, "confirm_rights", world.case(case).person, "confirm")


def test_an_authority_that_has_run_out_is_gone_when_somebody_acts(world: World) -> None:
    case = world.hire()
    world.appoint(case)
    world.sql("update delegations set until = '2026-11-30'")
    world.clock.set_day(date(2026, 12, 1))
    with pytest.raises(NotAllowed) as refusal:
        world.do(case, "confirm_rights", data.IT, "confirm")
    assert "idm delegate" in refusal.value.next_step
    world.clock.set_day(date(2026, 11, 30))
    assert world.do(case, "confirm_rights", data.IT, "confirm").steps["confirm_rights"].state == "done"


def test_a_review_accepts_or_returns_with_a_reason(world: World) -> None:
    case = world.hire()
    world.appoint(case)
    document = world.hand_in(case)
    with pytest.raises(BadInput) as refusal:
        world.do(case, "review-contract", data.PAY, "return", "  ")
    assert faults(refusal) == [("reason", "required")]
    with pytest.raises(BadInput) as refusal:
        world.do(case, "review-contract", data.PAY)
    assert faults(refusal) == [("decision", "unknown-decision")]
    old = world.task_of(case, "review-contract")
    returned = world.do(case, "review-contract", data.PAY, "return", " not signed ")

    assert (returned.documents["contract"].state, returned.documents["contract"].reason) == ("returned", "not signed")
    assert returned.steps["document-contract"].round == 2
    assert task(world.app, old).state == "done"
    with pytest.raises(Conflict, match="answered already"):
        do_task(world.app, old, data.PAY, Decision("accept"))
    second = world.hand_in(case)
    assert second != document
    with pytest.raises(Conflict, match="answered already"):
        do_task(world.app, old, data.PAY, Decision("accept"))
    accepted = world.accept(case, "contract")
    assert accepted.approvals["review-contract"].by == data.PAY
    assert audit_of(world, case)["document"] == second


def test_a_document_task_takes_a_file_and_no_input(world: World) -> None:
    case = world.hire()
    world.appoint(case)
    with pytest.raises(BadInput) as refusal:
        world.do(case, "document-contract", world.case(case).person)
    assert faults(refusal) == [("decision", "needs-a-file")]
    assert f"idm document add {case} contract" in refusal.value.next_step


def test_the_payroll_form_is_checked_whole_and_kept_as_text(world: World) -> None:
    case = world.hire()
    world.appoint(case)
    world.all_documents(case)
    with pytest.raises(BadInput) as refusal:
        world.do(case, "payroll_form", data.PAY, "submit", values=data.payroll_values(scale_step="99", agreement="NONE", colour="red"))
    assert faults(refusal) == [
        ("values.colour", "unknown-field"),
        ("values.scale_step", "integer"),
        ("values.agreement", "payroll/agreements.csv"),
    ]
    filled = world.do(case, "payroll_form", data.PAY, values={**data.payroll_values(), "scale_step": 35})

    assert filled.values["payroll"] == data.payroll_values(cost_centre="210100")
    assert world.case(case).values["payroll"]["seniority_date"] == "2020-08-01"
    assert "TEACH" not in str(audit_of(world, case))


def test_rights_are_proposed_by_rule_added_if_grantable_and_left_out(world: World) -> None:
    case = world.hire()
    world.appoint(case)
    with pytest.raises(BadInput) as refusal:
        world.confirm_rights(case, add=["it_operations", "nothing"], remove=["substitute"])
    assert faults(refusal) == [("values.add", "not-grantable"), ("values.add", "not-grantable"), ("values.remove", "not-proposed")]
    with pytest.raises(BadInput) as refusal:
        world.confirm_rights(case, extra=["x"])
    assert faults(refusal) == [("values.extra", "unknown-field")]
    confirmed = world.do(case, "confirm_rights", data.IT, values={"add": "remote_access", "remove": ["school_north"]})

    assert set(confirmed.roles) == {"employee", "school_staff", "teaching", "remote_access"}
    assert confirmed.roles["teaching"] == {"ldap": ("teachers", "learning-platform")}
    assert world.case(case).roles == confirmed.roles
    assert audit_of(world, case)["removed"] == ["school_north"]


def test_input_of_another_shape_is_refused(world: World) -> None:
    case = world.hire()
    world.appoint(case)
    with pytest.raises(BadInput) as refusal:
        world.do(case, "confirm_rights", data.IT, values={"add": 5, "remove": None})
    assert faults(refusal) == [("values.add", "type")]


def test_a_task_is_done_once_even_by_many_at_once(world: World) -> None:
    case = world.hire()
    world.appoint(case)
    answers = together([lambda: world.do(case, "confirm_rights", data.IT, "confirm")] * 5)

    done = [answer for answer in answers if not isinstance(answer, Exception)]
    assert len(done) == 1, answers
    assert all(isinstance(answer, Conflict | StopIteration) for answer in answers if isinstance(answer, Exception)), answers
    assert world.actions(case).count("rights-confirm") == 1


def test_different_tasks_of_a_case_at_the_same_time_are_all_done(world: World) -> None:
    case = world.hire()
    world.appoint(case)
    world.tell_personal(case)
    for kind in data.DOCUMENTS:
        world.hand_in(case, kind)
    answers = together([partial(world.accept, case, kind) for kind in data.DOCUMENTS])

    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert world.states(case)["payroll_form"] == "waiting"
    assert [row.step for row in world.store.tasks(case=case, state="open")].count("payroll_form") == 1


def test_nothing_is_decided_twice_or_in_a_case_that_is_over(world: World) -> None:
    case = world.hire()
    first = world.task_of(case, "appoint")
    world.appoint(case)
    with pytest.raises(Conflict, match="answered already"):
        do_task(world.app, first, data.HEAD_NORTH, Decision("appoint"))
    rights = world.task_of(case, "confirm_rights")
    cancel(world.app, case, Word(reason="no"))
    with pytest.raises(Conflict, match="cancelled"):
        do_task(world.app, rights, data.IT, Decision("confirm"))
    with pytest.raises(NotFound, match="no task 'x'"):
        do_task(world.app, "x", data.IT, Decision())


def test_lists_show_who_may_act_and_only_their_own(world: World) -> None:
    case = world.hire("h1")
    other = world.hire("h2", unit="school_south")
    world.appoint(case)

    assert {row.case for row, _ in open_tasks(world.app)} == {case, other}
    mine = open_tasks(world.app, person=data.IT)
    assert [(row.step, [holder.person for holder in may]) for row, may in mine] == [("confirm_rights", [data.IT])]
    assert [row.step for row, _ in open_tasks(world.app, person=data.HEAD_SOUTH)] == ["appoint"]
    assert {row.step for row, _ in open_tasks(world.app, case=case, state="done")} == {"appoint"}


def test_every_kind_of_task_says_what_it_takes(world: World) -> None:
    case = world.hire()
    told = {}

    def note() -> None:
        for row, _ in open_tasks(world.app, case=case):
            told[TaskKind(row.kind)] = describe(world.app, row)

    note()
    world.appoint(case)
    world.tell_personal(case)
    world.hand_in(case)
    note()
    world.accept(case, "contract")
    for kind in ("diploma", "seniority_proof"):
        world.hand_in(case, kind)
        world.accept(case, kind)
    note()

    asked_here = {TaskKind.APPOINT, TaskKind.DOCUMENT, TaskKind.REVIEW, TaskKind.FORM, TaskKind.RIGHTS, TaskKind.CONSENT}
    assert set(told) == asked_here
    assert [field["required"] for field in told[TaskKind.APPOINT]["fields"]] == [True, True]
    assert f"idm document add {case}" in told[TaskKind.DOCUMENT]["command"]
    assert told[TaskKind.REVIEW]["decisions"] == ["accept", "return"]
    assert told[TaskKind.FORM]["form"] == "payroll"
    assert "seniority_date" in [field["id"] for field in told[TaskKind.FORM]["fields"]]
    assert told[TaskKind.RIGHTS]["proposed"]["teaching"] == "teachers"
    assert told[TaskKind.RIGHTS]["grantable"] == ["purchaser", "invoice_reader", "remote_access", "web_editor", "map_viewer"]


def test_a_form_that_policy_no_longer_has_is_said_in_words(world: World) -> None:
    case = world.hire()
    world.appoint(case)
    world.all_documents(case)
    world.policies.edit(forms={})
    with pytest.raises(NotFound, match="payroll") as refusal:
        world.fill_payroll(case)
    assert refusal.value.next_step
    row = task(world.app, world.task_of(case, "payroll_form"))
    with pytest.raises(NotFound, match="payroll"):
        describe(world.app, row)


def test_a_review_of_a_document_that_was_replaced_is_not_answered(world: World) -> None:
    """Who looked at the first file can't accept the second by the task that showed the first."""
    case = world.hire()
    world.appoint(case)
    world.hand_in(case)
    seen = world.task_of(case, "review-contract")
    second = world.hand_in(case)
    assert world.task_of(case, "review-contract") != seen
    with pytest.raises(Conflict, match="replaced"):
        do_task(world.app, seen, data.PAY, Decision("accept"))
    assert world.accept(case, "contract").documents["contract"].id == second


def test_a_form_whose_value_its_target_refuses_is_asked_again_with_the_reason(world: World) -> None:
    case = world.hire()
    world.appoint(case)
    world.all_documents(case)
    world.targets["payroll"].trouble(Refused("this step is outside the class", field="scale_step"))
    world.fill_payroll(case)
    world.work()

    assert world.states(case)["record"] == "pending"
    assert world.states(case)["payroll_form"] == "waiting"
    asked = world.task_of(case, "payroll_form")
    assert asked.endswith(".2")
    assert "outside the class" in task(world.app, asked).reason

    world.fill_payroll(case)
    world.work()
    assert world.states(case)["record"] == "done"


def test_a_refusal_of_what_no_form_says_waits_for_an_administrator(world: World) -> None:
    case = world.hire()
    world.appoint(case)
    world.all_documents(case)
    world.targets["payroll"].trouble(Refused("unknown department", field="department"))
    world.fill_payroll(case)
    world.work()

    assert (world.states(case)["record"], world.states(case)["payroll_form"]) == ("refused", "done")
    assert [row.refused for row in world.store.list_cases()] == [("record",)]


@pytest.mark.parametrize(("unit", "position"), [("school_north", "teacher"), ("daycare", "pedagogue"), ("town_hall", "case_worker")])
def test_the_example_of_a_form_is_taken_as_it_stands(world: World, unit: str, position: str) -> None:
    world.delegate()
    case = world.hire(unit=unit, position=position)
    world.all_documents(case)
    row = task(world.app, world.task_of(case, "payroll_form"))
    given = describe(world.app, row)["example"]
    after = do_task(world.app, row.id, data.PAY, Decision(given["decision"], values=given["values"]))
    assert after.steps["payroll_form"].state == "done"


def test_whoever_is_asked_again_begins_with_what_they_had_answered(world: World) -> None:
    case = world.hire()
    world.appoint(case)
    world.all_documents(case)
    world.fill_payroll(case)
    move(world.app, case, {"weekly_hours": "30"}, Word(reason="fewer hours"))
    row = task(world.app, world.task_of(case, "payroll_form"))
    fields = {field["id"]: field for field in describe(world.app, row)["fields"]}
    assert (fields["pay_class"]["answer"], fields["seniority_date"]["answer"]) == ("TEACH-1", "2020-08-01")
    assert fields["occupation_rate"]["refused"], "full time doesn't go with thirty hours"
