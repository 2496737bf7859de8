"""A way to ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest

from idm.connector import Confidential
from idm.domain.notices import ANSWERED, Notice
from idm.errors import NotAllowed
from idm.flow.board import Board
from idm.flow.comments import add_comment, comments_of, erase_comment
from idm.flow.compose import NothingToSay, compose
from idm.flow.depart import Word, cancel
from idm.flow.digest import collect
from idm.flow.digest_morning import Morning
from idm.flow.questions import ask, helpers, open_questions
from tests import data
from tests.support.world import World


def begun(world: World) -> str:
    case = world.hire()
    world.appoint(case)
    return case


def digest(world: World, reader: str) -> list[Mapping[str, object]]:
    contents = collect(Morning(world.app, Board(world.app), world.clock.now()))
    return list(contents.get(reader, {}).get("questions", []))


def test_a_question_waits_for_the_contacts_and_the_manager_until_it_is_answered(world: World) -> None:
    case = begun(world)
    world.clock.set_day(date(2026, 12, 1))
    asked = ask(world.app, case, "Must I send both pages?")
    for person in (data.PAY, data.IT, data.HEAD_NORTH):
        assert [each.id for each in open_questions(world.app, person)] == [asked.id]
        assert [item["day"] for item in digest(world, person)] == ["2026-12-01"]
    for person in (data.HEAD_SOUTH, world.case(case).person):
        assert (open_questions(world.app, person), digest(world, person)) == ([], [])

    add_comment(world.app, case, data.PAY, "Let us see.")
    assert open_questions(world.app, data.IT) == [asked], "what the new employee doesn't see answers nothing"
    world.clock.pass_seconds(60)
    add_comment(world.app, case, data.PAY, "Yes, both.", to_hire=True)
    assert (open_questions(world.app, data.IT), digest(world, data.IT)) == ([], [])
    assert [each.text for each in comments_of(world.app, case, world.case(case).person)] == ["Must I send both pages?", "Yes, both."]


def test_a_question_of_a_cancelled_case_waits_for_nobody(world: World) -> None:
    case = begun(world)
    ask(world.app, case, "When do I begin?")
    cancel(world.app, case, Word(reason="withdrew"))
    assert open_questions(world.app, data.PAY) == []


def test_staff_comments_are_no_questions(world: World) -> None:
    case = begun(world)
    add_comment(world.app, case, data.PAY, "Please look.", to_hire=True)
    assert open_questions(world.app, data.IT) == []
    with pytest.raises(NotAllowed):
        add_comment(world.app, case, data.HEAD_SOUTH, "I have nothing to do with it.")


def test_the_new_employee_is_told_whom_to_ask(world: World) -> None:
    case = begun(world)
    found = helpers(world.app, case)
    assert [(each.person, each.role) for each in found] == [(data.PAY, "pay"), (data.IT, "it"), (data.HEAD_NORTH, "manager")]
    assert all(each.name and each.email for each in found)


def answered(world: World) -> list[Notice]:
    return [notice for notice in world.store.notices() if notice.slug == ANSWERED]


def test_an_answer_is_told_once_by_a_mail_that_tells_nothing_of_it(world: World) -> None:
    case = begun(world)
    world.app = replace(world.app, portal=lambda: "https://idm.example.org")
    add_comment(world.app, case, data.PAY, "We begin.", to_hire=True)
    world.clock.set_day(world.clock.today(), 14)
    ask(world.app, case, "Must I send both pages?")
    add_comment(world.app, case, data.PAY, "Let us see.")
    assert answered(world) == [], "nobody asked before the first, and the second isn't for the new employee"
    world.clock.set_day(world.clock.today(), 15)
    add_comment(world.app, case, data.PAY, "Yes, page 7 as well.", to_hire=True)
    world.clock.set_day(world.clock.today(), 16)
    add_comment(world.app, case, data.HEAD_NORTH, "I agree.", to_hire=True)
    (notice,) = answered(world)
    made = compose(world.app, notice)

    hire = world.store.person(world.case(case).person)
    assert hire is not None and (made["to"], made["slug"]) == (Confidential(hire.private_email.reveal()), ANSWERED)
    assert "page 7" not in repr(made) and str(made["context.link"]).startswith("https://idm.example.org/start/")
    world.clock.set_day(world.clock.today(), 17)
    ask(world.app, case, "Both sides?")
    world.clock.set_day(world.clock.today(), 18)
    add_comment(world.app, case, data.HEAD_NORTH, "One is enough.", to_hire=True)
    assert len(answered(world)) == 2, "each answer is told"


def test_an_answer_that_was_erased_before_its_mail_went_is_told_no_more(world: World) -> None:
    case = begun(world)
    ask(world.app, case, "Must I send both pages?")
    world.clock.set_day(world.clock.today(), 19)
    comment = add_comment(world.app, case, data.PAY, "Yes.", to_hire=True)
    erase_comment(world.app, case, comment.id, "it was about somebody else", "admin")
    with pytest.raises(NothingToSay, match="erased"):
        compose(world.app, answered(world)[0])
