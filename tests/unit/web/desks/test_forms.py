from __future__ import annotations

import pytest

from idm.web.desks.forms import bounds_of
from tests import data
from tests.support.portal import Portal

RIGHT = {"v.occupation_rate": "1", "v.seniority_date": "2020-08-01"}


def test_what_the_pay_comes_to_is_told_as_soon_as_all_that_stands_in_the_form_settles_it(portal: Portal) -> None:
    case = portal.world.hire()
    portal.world.all_documents(case)

    pay = portal.visitor(data.PAY)
    begun = pay.get(f"/tasks/{portal.world.task_of(case, 'payroll_form')}")
    page = pay.post(f"{begun.url}/narrow", {**begun.form("/tasks/").fields, "v.seniority_date": "2020-08-01"})

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

    mended = pay.post(f"{page.url}/narrow", {**wrong.form(page.url).fields, **RIGHT}, hx_request="true")

    assert '<div id="faults" hx-swap-oob="delete"></div>' in mended.html and "What payroll will get" in mended.text


def test_the_day_of_seniority_stands_before_the_step_and_leads_to_its_proof(portal: Portal) -> None:
    case = portal.world.hire()
    portal.world.all_documents(case)
    proof = portal.world.case(case).documents["seniority_proof"].id
    pay = portal.visitor(data.PAY)

    page = pay.get(f"/tasks/{portal.world.task_of(case, 'payroll_form')}")
    low = pay.post(
        f"{page.url}/narrow", {**page.form("/tasks/").fields, "v.seniority_date": "2020-08-01", "v.scale_step": "31"}, hx_request="true"
    )

    assert page.form("/tasks/").fields["v.seniority_date"] == page.form("/tasks/").fields["v.scale_step"] == [""]
    assert page.html.index("f-seniority_date") < page.html.index(f"/documents/{proof}") < page.html.index("f-scale_step")
    assert low.html.index("f-scale_step") < low.html.index("the step filled in is lower") < low.html.index("f-occupation_rate")


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [("0.8733783784", "0.8833783784", ("0.8734", "0.8833")), ("0.5", "1", ("0.5", "1")), ("0.33334", "0.33336", ("0.33334", "0.33336"))],
)
def test_bounds_are_told_by_numbers_that_are_taken(low: str, high: str, told: tuple[str, str]) -> None:
    assert bounds_of({"ranges": [{"low": low, "high": high}]}) == told
