from __future__ import annotations

from tests import data
from tests.support.portal import Portal


def test_what_the_pay_comes_to_is_told_as_soon_as_all_that_stands_in_the_form_settles_it(portal: Portal) -> None:
    case = portal.world.hire()
    portal.world.all_documents(case)

    page = portal.visitor(data.PAY).get(f"/tasks/{portal.world.task_of(case, 'payroll_form')}")

    assert all(page.form("/tasks/").fields[f"v.{name}"] for name in ("pay_class", "scale_step"))
    assert "What payroll will get" in page.text and "Pay a month" in page.text


def test_supplements_that_were_answered_are_ticked_when_the_form_is_asked_again(portal: Portal) -> None:
    world = portal.world
    case = world.hire()
    world.all_documents(case)
    pay = portal.visitor(data.PAY)
    page = pay.get(f"/tasks/{world.task_of(case, 'payroll_form')}")
    chosen = page.form("/tasks/").choices["v.supplements"][1:3]

    pay.send(page, page.url, {"v.supplements": chosen}, button=("decision", "save"))

    assert pay.get(page.url).form("/tasks/").fields["v.supplements"] == chosen


def test_what_was_wrong_before_goes_from_above_the_form_with_the_next_answer(portal: Portal) -> None:
    world = portal.world
    case = world.hire()
    world.all_documents(case)
    pay = portal.visitor(data.PAY)
    page = pay.get(f"/tasks/{world.task_of(case, 'payroll_form')}")
    wrong = pay.send(page, page.url, {"v.occupation_rate": "0,5"}, button=("decision", "submit"))
    assert wrong.status == 422 and 'id="faults"' in wrong.html and "hx-swap-oob" not in wrong.html

    mended = pay.post(f"{page.url}/narrow", {**wrong.form(page.url).fields, "v.occupation_rate": "1"}, hx_request="true")

    assert '<div id="faults" hx-swap-oob="delete"></div>' in mended.html and "What payroll will get" in mended.text
