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


def test_rights_that_rules_propose_are_confirmed_together_as_they_were_shown(portal: Portal) -> None:
    world = portal.world
    cases = [world.hire("h1"), world.hire("h2", cpr=data.cpr(301))]
    it = portal.visitor(data.IT)
    page = it.get("/tasks?kind=rights")
    ticks = page.ticks("task")

    after = it.post("/tasks", {"task": ticks, "back": "/tasks?kind=rights"})

    assert "2 done" in after.text and [world.states(case)["confirm_rights"] for case in cases] == ["done", "done"]
    assert "Not everything was done" in it.post("/tasks", {"task": ticks}).text


def test_each_sees_what_they_did_and_what_was_done_in_their_place(portal: Portal) -> None:
    world = portal.world
    case = world.hire()
    world.confirm_rights(case)

    mine = portal.visitor(data.IT).get("/tasks/done")

    assert "Confirm rights" in mine.text and f"/cases/{case}" in mine.links
    assert "You have decided nothing yet" in portal.visitor(data.TEACHER).get("/tasks/done").text


def test_a_manager_sees_what_was_done_with_what_they_delegated(portal: Portal) -> None:
    world = portal.world
    world.confirm_rights(world.hire())

    page = portal.visitor(data.DIRECTOR).get("/tasks/delegated")

    assert "Ivan Teknik" in page.text and "last on" in page.text
