from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from idm.domain.authority_powers import Backup
from idm.flow.deciding import Decision
from idm.flow.tasks import do_task
from tests import data
from tests.support.portal import Page, Portal, Visitor
from tests.support.world import World

APPOINT = ("decision", "appoint")


@pytest.fixture
def bare(new_world: Callable[..., World]) -> Portal:
    """A portal over a municipality in which nobody holds a standing authority."""
    return Portal(new_world())


def task_page(portal: Portal, visitor: Visitor, case: str, step: str) -> Page:
    page = visitor.get(f"/tasks/{portal.world.task_of(case, step)}")
    assert page.status == 200, page.text
    return page


def test_the_manager_appoints_whom_the_page_offers_or_somebody_by_name(bare: Portal) -> None:
    case = bare.world.hire()
    manager = bare.visitor(data.HEAD_NORTH)
    page = task_page(bare, manager, case, "appoint")
    assert "You are named as the manager of this hire." in page.text or "You manage the unit." in page.text

    answer = manager.send(page, "/tasks/", pay_find="pia lønholm", it=data.IT, button=APPOINT)

    assert bare.world.states(case)["appoint"] == "done", answer.text
    assert bare.world.task_of(case, "confirm_rights")


def test_a_name_that_nobody_bears_is_said_beside_its_field_and_nobody_is_appointed(bare: Portal) -> None:
    case = bare.world.hire()
    manager = bare.visitor(data.HEAD_NORTH)

    answer = manager.send(task_page(bare, manager, case, "appoint"), "/tasks/", pay_find="Nobody At All", button=APPOINT)

    assert (
        answer.status == 422
        and 'href="#f-pay_find"' in answer.html
        and "f-pay_find-error" in answer.ids
        and "f-pay-error" not in answer.ids
    )
    assert bare.world.states(case)["appoint"] == "waiting"


def test_part_of_a_name_is_answered_with_whom_it_may_mean_and_nothing_chosen_is_lost(bare: Portal) -> None:
    case = bare.world.hire()
    manager = bare.visitor(data.HEAD_NORTH)
    page = task_page(bare, manager, case, "appoint")
    task = bare.world.task_of(case, "appoint")

    answer = manager.send(page, "/tasks/", pay_find="løn", it=data.IT, button=APPOINT)
    assert answer.status == 422 and "choose who is meant" in answer.text and "Pia Lønholm" in answer.text
    found = manager.post(f"/tasks/{task}/find", {"pay_find": "råd", "it": data.IT, "it_find": ""})
    form = found.form(f"/tasks/{task}")
    assert found.status == 200 and {data.PAY, data.IT} <= set(form.choices["pay"]) and form.fields["it"] == [data.IT]
    assert bare.world.states(case)["appoint"] == "waiting"

    manager.send(found, f"/tasks/{task}", pay=data.PAY, button=APPOINT)
    assert bare.world.states(case)["appoint"] == "done"


def test_with_htmx_those_found_come_alone_with_who_was_chosen_before(bare: Portal) -> None:
    case = bare.world.hire()
    manager = bare.visitor(data.HEAD_NORTH)
    task = bare.world.task_of(case, "appoint")

    part = manager.post(f"/tasks/{task}/find?for=it", {"it_find": "lønholm", "it": data.HEAD_SOUTH}, hx_request="true")

    assert "<html" not in part.html and 'name="it"' in part.html and 'name="pay"' not in part.html
    assert "Søren Syd" in part.text and "Pia Lønholm" in part.text
    assert {f"f-it-found-{data.PAY}", f"f-it-found-{data.HEAD_SOUTH}"} <= set(part.ids), "what is chosen meanwhile stays with its person"
    assert manager.post(f"/tasks/{task}/find?for=boss", {"it_find": "lønholm"}, hx_request="true").status == 404


def test_a_back_up_is_offered_as_what_it_is_and_not_as_who_always_does_it(bare: Portal) -> None:
    world = bare.world
    world.policies.edit(authority=replace(world.policies.current().authority, backups=(Backup("it", "it", (data.HEAD_SOUTH,)),)))
    case = world.hire()

    page = task_page(bare, bare.visitor(data.HEAD_NORTH), case, "appoint")

    assert "The central back-up, as nobody holds it here: " in page.text and "As always" not in page.text
    assert page.form("/tasks/").fields["it"] == ["standing"]


def test_a_name_typed_beside_the_standing_contact_is_asked_about(bare: Portal) -> None:
    case = bare.world.hire()
    bare.world.delegate()
    manager = bare.visitor(data.HEAD_NORTH)
    page = task_page(bare, manager, case, "appoint")
    assert page.form("/tasks/").fields["pay"] == ["standing"]

    answer = manager.send(page, "/tasks/", pay_find="Ivan Teknik", button=APPOINT)

    assert answer.status == 422 and 'href="#f-pay_find"' in answer.html and bare.world.states(case)["appoint"] == "waiting"


def test_a_paper_is_returned_with_standard_words_and_ones_own_and_accepted_later(portal: Portal) -> None:
    world = portal.world
    case = world.hire()
    world.hand_in(case, "contract")
    pay = portal.visitor(data.PAY)
    page = task_page(portal, pay, case, "review-contract")

    refused = pay.send(page, "/tasks/", button=("decision", "return"))
    assert refused.status == 422 and 'href="#f-reason"' in refused.html
    pay.send(page, "/tasks/", standard_reason="Underskriften mangler.", reason="Page 3.", button=("decision", "return"))
    assert world.step(case, "document-contract").reason.endswith("Underskriften mangler. Page 3.")

    world.hand_in(case, "contract")
    pay.send(task_page(portal, pay, case, "review-contract"), "/tasks/", button=("decision", "accept"))
    assert world.states(case)["review-contract"] == "done"


def test_the_pay_form_narrows_with_each_answer_and_saves_nothing_until_it_is_handed_in(portal: Portal) -> None:
    world = portal.world
    case = world.hire()
    world.all_documents(case)
    pay = portal.visitor(data.PAY)
    page = task_page(portal, pay, case, "payroll_form")
    assert "By education and duties" in page.text, "each field says what is meant"
    whole = page.form("/tasks/").choices["v.pay_class"]
    values = {f"v.{name}": value for name, value in data.payroll_values().items() if name != "supplements"}

    narrower = pay.post(f"{page.url}/narrow", {"v.agreement": values["v.agreement"]}, hx_request="true")
    assert "<html" not in narrower.html and narrower.status == 200
    assert world.states(case)["payroll_form"] == "waiting"
    wrong = pay.send(page, page.url, {**values, "v.scale_step": "99"}, button=("decision", "submit"))
    assert wrong.status == 422 and "99" in wrong.html and world.states(case)["payroll_form"] == "waiting"

    done = pay.send(page, page.url, values, button=("decision", "submit"))
    assert world.states(case)["payroll_form"] == "done", done.text
    assert whole


def test_a_form_that_was_answered_in_another_window_says_by_whom_and_leads_to_the_hire(portal: Portal) -> None:
    world = portal.world
    case = world.hire()
    world.all_documents(case)
    pay = portal.visitor(data.PAY)
    page = task_page(portal, pay, case, "payroll_form")
    world.do(case, "payroll_form", data.PAY, "submit", values=data.payroll_values())

    saved = pay.send(page, page.url, {"v.scale_step": "35"}, button=("decision", "save"))
    live = pay.post(f"{page.url}/narrow", page.form("/tasks/").fields, hx_request="true")

    assert "answered this form meanwhile." in saved.text and case not in saved.text and f"/cases/{case}" in saved.links
    assert "The page of the hire shows what was decided." in saved.text
    assert live.status == 204 and live.headers["hx-redirect"] == page.url


def test_a_number_may_have_a_decimal_comma_and_a_fault_names_the_field_as_the_page_does(portal: Portal) -> None:
    world = portal.world
    case = world.hire()
    world.all_documents(case)
    pay = portal.visitor(data.PAY)
    page = task_page(portal, pay, case, "payroll_form")
    answers = {f"v.{name}": value for name, value in data.payroll_values().items() if name != "supplements"}

    typed = pay.post(f"{page.url}/narrow", {**answers, "v.occupation_rate": "0,01", "number.occupation_rate": "1"}, hx_request="true")
    assert "decimal point" not in typed.text and "ccupation_rate" not in typed.text
    taken = pay.send(page, page.url, {**answers, "v.occupation_rate": "1,0"}, button=("decision", "submit"))
    assert world.states(case)["payroll_form"] == "done", taken.text


def test_the_it_contact_leaves_out_a_role_and_adds_another_for_a_time(portal: Portal) -> None:
    world = portal.world
    case = world.hire()
    it = portal.visitor(data.IT)
    page = task_page(portal, it, case, "confirm_rights")
    assert "ldap:" not in page.text and "Reaches school_north" not in page.text, "systems and units have names"
    form = page.form("/tasks/")
    proposed = form.fields["role"]
    extra = next(role for role in form.choices["role"] if role not in proposed)

    it.send(page, page.url, {"role": [*proposed[1:], extra], f"until.{extra}": "2027-02-01"}, button=("decision", "confirm"))

    case_now = world.case(case)
    assert proposed[0] not in case_now.roles and extra in case_now.roles
    assert str(case_now.grants[extra].until) == "2027-02-01"


def test_who_may_only_follow_is_told_that_somebody_else_does_it(portal: Portal) -> None:
    case = portal.world.hire()
    task = portal.world.task_of(case, "confirm_rights")

    assert portal.visitor(data.TEACHER).get(f"/tasks/{task}").status == 404
    assert portal.visitor(data.PAY).get(f"/tasks/{task}").status == 404


def test_a_task_that_was_done_meanwhile_says_so(portal: Portal) -> None:
    world = portal.world
    case = world.hire()
    it = portal.visitor(data.IT)
    page = task_page(portal, it, case, "confirm_rights")
    do_task(world.app, world.task_of(case, "confirm_rights"), data.IT, Decision("confirm", "", {}))

    late = it.send(page, page.url, button=("decision", "confirm"))

    assert late.status == 409 and "answered already" in late.text
    assert "This is done" in it.get(page.url).text


@pytest.mark.parametrize("language", ["da", "en"])
def test_every_kind_of_task_has_its_page(portal: Portal, language: str) -> None:
    world = portal.world
    case = world.hire()
    seen = set()
    for _ in range(3):
        for task in world.store.tasks(case=case, state="open"):
            for person in (data.PAY, data.IT, data.HEAD_NORTH):
                page = portal.visitor(person, language=language).get(f"/tasks/{task.id}")
                assert page.status in (200, 404)
                seen |= {task.kind} if page.status == 200 else set()
        world.all_documents(case) if "rights" in seen and "form" not in seen else None
    assert {"rights", "form"} <= seen
