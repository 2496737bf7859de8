from __future__ import annotations

from idm.flow.comments import add_comment
from tests import data
from tests.support.portal import Portal


def test_each_finds_what_waits_for_them_with_the_reason_and_comes_back_after_acting(portal: Portal) -> None:
    world = portal.world
    case = world.hire()
    it = portal.visitor(data.IT)
    page = it.get("/tasks")
    assert "Confirm rights" in page.text and "appointed you for the unit" in page.text

    task = it.get(next(link for link in page.links if "confirm_rights" in link))
    after = it.send(task, "/tasks/", button=("decision", "confirm"))

    assert after.url == "/tasks" and "The rights are confirmed" in after.text
    assert world.states(case)["confirm_rights"] == "done"


def test_filters_narrow_the_list_and_stay_after_acting(portal: Portal) -> None:
    world = portal.world
    world.hire("h1")
    world.hire("h2", cpr=data.cpr(301))
    it = portal.visitor(data.IT)

    filtered = it.get("/tasks?kind=rights&unit=school_north")
    assert filtered.text.count("Confirm rights") >= 2 and "Order equipment" not in filtered.text.split("Tasks that wait")[-1]
    part = it.get("/tasks?kind=rights", hx_request="true")
    assert "<html" not in part.html
    task = it.get(next(link for link in filtered.links if "confirm_rights" in link))
    assert task.form("/tasks/").fields["back"] == ["/tasks?unit=school_north&kind=rights"]


def test_nobody_sees_anothers_tasks(portal: Portal) -> None:
    portal.world.hire()

    assert "Nothing waits for you" in portal.visitor(data.TEACHER).get("/tasks").text


def test_a_question_of_a_new_employee_stands_on_top_until_it_is_answered(portal: Portal) -> None:
    world = portal.world
    case = world.hire()
    portal.hire_of(case).post("/my/help", {"text": "Where do I park?"})
    pay = portal.visitor(data.PAY)
    page = pay.get("/tasks")
    assert f"/cases/{case}#comments" in page.links

    add_comment(world.app, case, data.PAY, "Behind the school.", to_hire=True)

    assert f"/cases/{case}#comments" not in pay.get("/tasks").links
