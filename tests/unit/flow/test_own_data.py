"""What the person hired tells of themself, and what follows when they tell it anew."""

from __future__ import annotations

import pytest

from idm.domain.authority_powers import AuthorityPolicy
from idm.domain.four_eyes import FourEyesRule
from idm.errors import BadInput, Conflict, NotAllowed
from idm.flow.depart import Word, cancel
from idm.flow.own_data import give_anew
from tests import data
from tests.support.world import World

OTHER = {"pay_to": "iban", "iban": "DE89 3704 0044 0532 0130 00"}


def paid(world: World) -> str:
    """A hire that payroll has."""
    case = world.hire()
    world.appoint(case)
    world.all_documents(case)
    world.fill_payroll(case)
    world.work()
    return case


def pay_record(world: World, case: str) -> dict[str, object]:
    record = world.targets["payroll"].held("record", world.case(case).employment)
    assert record is not None
    return dict(record.attributes)


def test_pay_waits_for_the_data_and_nothing_else_does(world: World) -> None:
    case = world.hire()
    world.appoint(case)
    for kind in list(world.case(case).documents):
        world.hand_in(case, kind)
        world.accept(case, kind)
    world.all_checks(case)
    world.confirm_rights(case)
    world.work()
    states = world.states(case)
    assert (states["payroll_form"], states["record"]) == ("pending", "pending")
    assert (states["account"], states["directory_rights"], states["file"]) == ("done", "done", "done")

    world.tell_personal(case)
    assert world.states(case)["payroll_form"] == "waiting"


def test_only_the_person_hired_may_tell_them(world: World) -> None:
    case = world.hire()
    world.appoint(case)
    for person in (data.PAY, data.HEAD_NORTH, data.IT):
        with pytest.raises(NotAllowed):
            world.do(case, "personal_data", person, "submit", values=data.personal_values())


def test_wrong_data_are_refused_with_every_fault_and_nothing_changes(world: World) -> None:
    case = world.hire()
    world.appoint(case)
    wrong = {**data.personal_values(postcode="80000"), "pay_to": "account", "registration_number": "12", "mobile": "+4521436587"}
    person = world.case(case).person
    before = world.store.person(person)
    with pytest.raises(BadInput) as refused:
        world.do(case, "personal_data", person, "submit", values=wrong)
    assert {(fault.path, fault.rule) for fault in refused.value.faults} == {
        ("values.postcode", "postcode"),
        ("values.registration_number", "registration_number"),
        ("values.account_number", "required"),
    }
    assert world.store.person(person) == before
    assert world.states(case)["personal_data"] == "waiting"


def test_what_is_not_asked_is_not_kept(world: World) -> None:
    case = world.hire()
    world.appoint(case)
    world.tell_personal(case, account_number="440116243", iban="not even sound")
    world.all_documents(case)
    world.fill_payroll(case)
    world.work()
    assert pay_record(world, case)["pay_to"] == "nemkonto"
    assert not {"account_number", "iban"} & {name for name, value in pay_record(world, case).items() if value}


def test_a_corrected_mobile_and_address_are_the_persons_at_once(world: World) -> None:
    case = world.hire()
    world.appoint(case)
    world.tell_personal(case, mobile="30 12 34 56", private_email="new@example.org")
    person = world.store.person(world.case(case).person)
    assert person is not None
    assert (person.mobile.reveal(), person.private_email.reveal()) == ("+4530123456", "new@example.org")
    assert "person-corrected" in world.actions("people")
    assert world.actions(case)[-2:] == ["person-corrected", "form-submit"]


def test_confirming_what_is_known_corrects_nothing(world: World) -> None:
    case = world.hire()
    world.appoint(case)
    known = data.hire_event("h1")["data"]["person"]
    world.tell_personal(case, mobile=known["mobile"], private_email=known["private_email"])
    assert "person-corrected" not in world.actions(case)


def test_another_account_is_approved_by_the_pay_contact_before_payroll_gets_it(world: World) -> None:
    case = paid(world)
    person = world.case(case).person
    give_anew(world.app, case, "personal", person)
    assert world.states(case)["record"] == "pending"
    world.tell_personal(case, **OTHER)
    world.work()

    assert world.states(case)["payroll_form"] == "waiting"
    assert "changed" in world.step(case, "payroll_form").reason
    assert pay_record(world, case)["pay_to"] == "nemkonto", "nothing goes before the second person has looked"
    world.fill_payroll(case)
    world.work()
    assert (pay_record(world, case)["pay_to"], pay_record(world, case)["iban"]) == ("iban", "DE89370400440532013000")


def test_another_street_needs_no_second_person(world: World) -> None:
    case = paid(world)
    give_anew(world.app, case, "personal", world.case(case).person)
    world.tell_personal(case, street="Søndergade 3")
    world.work()
    assert world.states(case)["payroll_form"] == "done"
    assert pay_record(world, case)["street"] == "Søndergade 3"


def test_nobody_approves_an_account_under_the_task_that_showed_another(world: World) -> None:
    case = world.hire()
    world.appoint(case)
    world.all_documents(case)
    shown = world.task_of(case, "payroll_form")
    give_anew(world.app, case, "personal", world.case(case).person)
    world.tell_personal(case, **OTHER)
    assert world.task_of(case, "payroll_form") != shown
    approved = world.fill_payroll(case).approvals["payroll_form"].named
    give_anew(world.app, case, "personal", world.case(case).person)
    world.tell_personal(case)
    assert world.fill_payroll(case).approvals["payroll_form"].named != approved, "the account is part of what was approved"


def test_the_pay_contact_may_have_it_told_again_with_a_reason(world: World) -> None:
    case = paid(world)
    with pytest.raises(BadInput, match="reason"):
        give_anew(world.app, case, "personal", data.PAY)
    give_anew(world.app, case, "personal", data.PAY, "This account is closed.")
    assert world.step(case, "personal_data").reason == "This account is closed."
    with pytest.raises(Conflict):
        give_anew(world.app, case, "personal", data.PAY, "again")


def test_nobody_else_may_and_not_in_a_cancelled_case(world: World) -> None:
    case = paid(world)
    for person in (data.IT, data.HEAD_NORTH):
        with pytest.raises(NotAllowed):
            give_anew(world.app, case, "personal", person, "why not")
    with pytest.raises(BadInput):
        give_anew(world.app, case, "payroll", world.case(case).person)
    cancel(world.app, case, Word(reason="withdrew"))
    with pytest.raises(Conflict):
        give_anew(world.app, case, "personal", world.case(case).person)


def test_two_pairs_of_eyes_are_never_asked_of_what_the_hire_tells(world: World) -> None:
    world.policies.edit(authority=AuthorityPolicy(four_eyes=(FourEyesRule("all", ()),)))
    case = world.hire()
    world.appoint(case)
    if world.states(case)["appoint"] == "waiting":
        world.do(case, "appoint", data.DIRECTOR, "agree")
    world.tell_personal(case)
    assert world.states(case)["personal_data"] == "done"
    assert not world.case(case).looks.get("personal_data")


def test_an_account_that_payroll_refuses_goes_back_to_who_told_it(world: World) -> None:
    from idm.connector import Refused

    case = world.hire()
    world.appoint(case)
    world.all_documents(case)
    world.fill_payroll(case)
    world.targets["payroll"].trouble(Refused("this account is closed", field="account_number"))
    world.work()
    assert world.states(case)["personal_data"] == "waiting"
    assert "this account is closed" in world.step(case, "personal_data").reason
