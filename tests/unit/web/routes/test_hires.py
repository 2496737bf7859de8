from __future__ import annotations

from tests import data
from tests.support.portal import Portal


def test_a_manager_sees_every_hire_of_their_units_and_how_far_it_is(portal: Portal) -> None:
    world = portal.world
    north, south = world.hire("h1"), world.hire("h2", unit="school_south", cpr=data.cpr(301))
    manager = portal.visitor(data.HEAD_NORTH).get("/hires")

    assert f"/cases/{north}" in manager.links and f"/cases/{south}" not in manager.links
    assert "steps" in manager.html and "personal data" in manager.text
    assert "/hires/new" in manager.links


def test_what_is_over_stands_apart(portal: Portal) -> None:
    case = portal.world.whole_hire()
    manager = portal.visitor(data.HEAD_NORTH)

    assert f"/cases/{case}" not in manager.get("/hires").links
    over = manager.get("/hires?state=over")
    assert f"/cases/{case}" in over.links and "Completed" in over.text


def test_a_name_finds_a_hire_and_no_other(portal: Portal) -> None:
    world = portal.world
    case = world.hire("h1", given_name="Cæcilie", family_name="Bækgaard")
    world.hire("h2", cpr=data.cpr(301), given_name="Otto", family_name="Holm")
    page = portal.visitor(data.HEAD_NORTH).get("/hires?text=Bækg", hx_request="true")

    assert f"/cases/{case}" in page.links and "Otto" not in page.text and "<html" not in page.html


def test_who_watches_over_nothing_sees_an_empty_list(portal: Portal) -> None:
    portal.world.hire()

    assert "No hires here" in portal.visitor(data.TEACHER).get("/hires").text


def test_what_waits_for_the_same_people_is_told_once_and_the_new_employee_not_by_name(portal: Portal) -> None:
    portal.world.hire()
    waits = portal.visitor(data.HEAD_NORTH).get("/hires").text

    assert waits.count("The new employee") == 1
    assert "Hand in signed contract of employment · Hand in diploma or authorisation" in waits
