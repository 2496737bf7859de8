"""The page of one case: the picture and the list say the same, each sees what is theirs, and it tells what changes while one looks."""

from __future__ import annotations

import re
from datetime import timedelta
from xml.etree import ElementTree

import pytest

from idm.connector import Refused
from idm.flow.comments import add_comment
from tests import data
from tests.support.portal import Page, Portal

EVERYBODY = (data.HEAD_NORTH, data.DIRECTOR, data.PAY, data.IT)


@pytest.fixture
def case(portal: Portal) -> str:
    case = portal.world.hire()
    portal.world.work()
    return case


def svg_of(page: Page) -> ElementTree.Element:
    """The picture, which is sound XML by itself."""
    found = re.search(r'<svg viewBox="0 0 [^"]*" width.*?</svg></div>', page.html, re.DOTALL)
    assert found is not None
    return ElementTree.fromstring(found.group(0).removesuffix("</div>"))  # noqa: S314  # our own page


@pytest.mark.parametrize("page", ["", "/move", "/story"])
def test_the_menu_shows_that_a_hires_pages_stand_below_the_list_of_hires(portal: Portal, case: str, page: str) -> None:
    html = portal.visitor(data.HEAD_NORTH).get(f"/cases/{case}{page}").html

    assert re.findall(r'<a href="([^"]*)" aria-current="page"', html) == ["/hires"]


@pytest.mark.parametrize("person", EVERYBODY)
def test_every_card_of_the_picture_leads_to_its_item_in_the_list(portal: Portal, case: str, person: str) -> None:
    page = portal.visitor(person).get(f"/cases/{case}")
    cards = svg_of(page).findall("a")

    assert page.status == 200 and len(cards) > 15
    assert {card.attrib["href"].removeprefix("#") for card in cards} <= set(page.ids)
    assert all(card.findtext("title") for card in cards)
    items = [id for id in page.ids if id.startswith("step-")]
    assert len(items) == len(set(items)) >= len(cards)


def test_the_picture_has_a_name_a_description_and_no_style_of_its_own(portal: Portal, case: str) -> None:
    page = portal.visitor(data.HEAD_NORTH).get(f"/cases/{case}")
    picture = svg_of(page)

    named = {element.attrib.get("id"): element.text for element in picture if element.tag in ("title", "desc")}
    assert all(named[id] for id in picture.attrib["aria-labelledby"].split())
    assert "Waiting: " in (named["graph-told"] or "")
    assert " style=" not in page.html and "<style" not in page.html


def test_a_step_that_failed_says_why_and_what_can_be_done_first_of_all(portal: Portal) -> None:
    portal.world.targets["erp"].trouble(Refused("no such cost centre"))
    case = portal.world.hire()
    portal.world.work()
    page = portal.visitor(data.HEAD_NORTH).get(f"/cases/{case}")

    assert "The first day is at risk" in page.text
    assert "Reason: no such cost centre" in page.text
    assert page.text.index("The IT department must mend it") < page.text.index("Has waited since")


def test_what_the_first_day_was_missed_for_is_said_so_of_what_waits_and_of_what_is_to_come(portal: Portal) -> None:
    world = portal.world
    case = world.hire("late")
    manager = portal.visitor(data.HEAD_NORTH)
    world.clock.set_day(world.case(case).facts.start_date)
    before = manager.get(f"/cases/{case}")
    world.clock.set_day(world.case(case).facts.start_date + timedelta(days=1))
    after = manager.get(f"/cases/{case}")

    assert before.status == after.status == 200
    assert before.text.count("Puts the first day at risk") > 1 and "Was needed by the first day" not in before.text
    assert after.text.count("Was needed by the first day") > 1 and "Puts the first day at risk" not in after.text


def test_who_can_act_is_led_to_the_task_and_back(portal: Portal, case: str) -> None:
    portal.world.hand_in(case)
    task = portal.world.task_of(case, "review-contract")

    assert f"/tasks/{task}?back=/cases/{case}" in portal.visitor(data.PAY).get(f"/cases/{case}").links
    assert f"/tasks/{task}?back=/cases/{case}" not in portal.visitor(data.HEAD_NORTH).get(f"/cases/{case}").links


def test_who_has_nothing_to_do_with_a_case_finds_nothing(portal: Portal, case: str) -> None:
    for path in (f"/cases/{case}", f"/cases/{case}/live", f"/cases/{case}/story"):
        assert portal.visitor(data.HEAD_SOUTH).get(path).status == 404
        assert portal.visitor(data.TEACHER).get(path).status == 404
        assert portal.hire_of(case).get(path).status == 404
        assert portal.visitor().get(path, follow=False).headers["location"].startswith("/login")
    assert portal.visitor(data.HEAD_NORTH).get("/cases/c-none").status == 404
    assert "Back to the hires" in portal.visitor(data.HEAD_NORTH).get(f"/cases/{case}").text


def test_the_live_part_comes_only_if_something_changed(portal: Portal, case: str) -> None:
    visitor = portal.visitor(data.HEAD_NORTH)
    seen = re.search(r"/live\?seen=(\w+)", visitor.get(f"/cases/{case}").html)
    assert seen is not None
    again = f"/cases/{case}/live?seen={seen.group(1)}"
    assert (visitor.get(again).status, visitor.get(again).html) == (204, "")
    tag = visitor.get(f"/cases/{case}/live").headers["etag"]
    assert visitor.get(f"/cases/{case}/live", if_none_match=tag).status == 304

    portal.world.hand_in(case)

    changed = visitor.get(again)
    assert changed.status == 200 and changed.html.lstrip().startswith('<div id="case-live"')
    assert changed.headers["etag"] != tag


def test_a_hire_that_is_over_asks_no_more_and_stays_readable(portal: Portal) -> None:
    case = portal.world.whole_hire()
    page = portal.visitor(data.HEAD_NORTH).get(f"/cases/{case}")

    assert "This hire is complete." in page.text and "Everything is open" in page.text
    assert "hx-get" not in page.html
    assert portal.visitor(data.HEAD_NORTH).get(f"/cases/{case}/story").status == 200


def test_a_comment_is_written_and_one_stays_where_one_was(portal: Portal, case: str) -> None:
    visitor = portal.visitor(data.PAY)
    page = visitor.send(visitor.get(f"/cases/{case}"), f"/cases/{case}/comments", text="The seniority\nis missing.", to_hire="yes")

    assert page.url == f"/cases/{case}"
    assert "Your comment was sent. The new employee can read it, too." in page.text and "The seniority is missing." in page.text
    (comment,) = portal.world.store.comments(case)
    assert (comment.author, comment.to_hire, comment.administrator) == (data.PAY, True, "")


def test_who_answers_a_question_of_the_new_employee_writes_to_them_unless_they_say_otherwise(portal: Portal, case: str) -> None:
    visitor, action = portal.visitor(data.PAY), f"/cases/{case}/comments"
    assert "to_hire" not in visitor.get(f"/cases/{case}").form(action).fields
    add_comment(portal.world.app, case, portal.world.case(case).person, "Where do I park?")
    asked = visitor.get(f"/cases/{case}")
    assert asked.form(action).fields["to_hire"] == ["yes"]

    visitor.send(asked, action, text="Behind the school.")
    answered = visitor.get(f"/cases/{case}")
    aside = visitor.send(answered, action, text="Between us.")

    assert [comment.to_hire for comment in portal.world.store.comments(case)] == [True, True, False]
    assert "to_hire" not in answered.form(action).fields
    assert "Only the others in this hire can read it." in aside.text


def test_a_comment_with_a_cpr_number_is_not_taken_and_stays_to_be_mended(portal: Portal, case: str) -> None:
    visitor = portal.visitor(data.PAY)
    answer = visitor.post(f"/cases/{case}/comments", {"text": f"It is {data.cpr(3)} as I said"})

    assert answer.status == 422
    assert answer.form(f"/cases/{case}/comments").fields["text"] == [f"It is {data.cpr(3)} as I said"]
    assert portal.world.store.comments(case) == []


def test_who_takes_no_part_writes_and_reads_no_comment(portal: Portal, case: str) -> None:
    add_comment(portal.world.app, case, data.PAY, "Between us.")
    director = portal.visitor(data.DIRECTOR)

    assert "Between us." not in director.get(f"/cases/{case}").text
    assert director.post(f"/cases/{case}/comments", {"text": "Hello"}).status == 404
    assert len(portal.world.store.comments(case)) == 1


def test_the_story_is_told_in_the_visitors_language(portal: Portal, case: str) -> None:
    portal.world.hand_in(case)

    assert "handed in: signed contract of employment" in portal.visitor(data.HEAD_NORTH).get(f"/cases/{case}/story").text
    assert "afleverede: underskrevet" in portal.visitor(data.HEAD_NORTH, language="da").get(f"/cases/{case}/story").text
    assert portal.visitor(data.IT).get(f"/cases/{case}/story").status == 404


def test_no_pay_and_no_paper_shows_to_whose_matter_it_is_not(portal: Portal, case: str) -> None:
    world = portal.world
    world.hand_in(case)
    world.do(case, "review-contract", data.PAY, "return", "the signature is missing")
    it = portal.visitor(data.IT).get(f"/cases/{case}").html

    assert "signature is missing" not in it and "contract" not in it
    assert "signature is missing" in portal.visitor(data.HEAD_NORTH).get(f"/cases/{case}").html
