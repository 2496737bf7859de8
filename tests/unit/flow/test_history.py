from __future__ import annotations

import json
from datetime import date

import pytest

from idm.connector import Retry
from idm.flow.comments import add_comment
from idm.flow.depart import Word, move
from idm.flow.history import history
from tests import data
from tests.support.world import World


def told(world: World, case: str, language: str = "en") -> list[str]:
    return [item["text"] for day in history(world.app, case, language)["days"] for item in day["items"]]


def test_a_hire_from_event_to_open_account_reads_like_a_story(world: World) -> None:
    case = world.hire()
    world.appoint(case)
    world.work()
    world.hand_in(case)
    world.do(case, "review-contract", data.PAY, "return", "The last page is missing.")
    world.hand_in(case)
    world.accept(case, "contract")
    story = told(world, case)

    assert story[0] == "The source /hr/test reported the hire of Gunnar Bæk, Lærer, Nordskolen, from Monday 4 January 2027."
    assert story[1].startswith("Nanna Nord vouched for the hire, with Pia Lønholm for pay and Ivan Teknik for IT. As manager.")
    assert {"The directory: account made.", "The finance system: profile made.", "The mail system: mailbox made."} <= set(story)
    assert "Pia Lønholm returned: signed contract of employment. Reason: The last page is missing. Typed by admin." in story
    assert story[-1] == "Pia Lønholm accepted: signed contract of employment. As pay contact, on the word of Nanna Nord. Typed by admin."


@pytest.mark.parametrize("language", ["da", "en"])
def test_every_entry_is_told_once_and_days_follow_each_other(world: World, language: str) -> None:
    case = world.whole_hire()
    document = history(world.app, case, language)
    days = document["days"]
    numbers = [number for day in days for item in day["items"] for number in item["entries"]]

    assert sorted(numbers) == [entry.seq for entry in world.store.audit(case) if entry.action != "lanes-moved"]
    assert [day["date"] for day in days] == sorted({day["date"] for day in days})
    assert len(days) == 2
    assert days[0]["title"] == {"da": "mandag den 23. november 2026", "en": "Monday 23 November 2026"}[language]
    assert not any("{" in item["text"] for day in days for item in day["items"])


def test_no_number_and_no_private_address_is_told(world: World) -> None:
    case = world.whole_hire()
    add_comment(world.app, case, data.PAY, "a word in confidence")
    person = world.store.person(world.case(case).person)
    assert person is not None
    text = json.dumps([history(world.app, case, language) for language in ("da", "en")], ensure_ascii=False)

    for secret in (person.cpr.reveal(), person.private_email.reveal(), person.mobile.reveal(), "in confidence"):
        assert secret not in text
    assert person.full_name in text


def test_trouble_with_a_system_is_folded_into_what_came_of_it(world: World) -> None:
    case = world.hire()
    world.targets["ldap"].trouble(Retry("the directory is busy", down=False), times=2)
    world.appoint(case)
    world.work_on()
    made = [text for text in told(world, case) if "account made" in text]

    assert made == [
        "The directory: account made. After 3 attempts; The directory did not do it from 10:00 to 10:00 (the directory is busy)."
    ]


def test_a_hire_that_moved_is_told_as_it_came_in_and_as_it_became(world: World) -> None:
    case = world.hire()
    move(world.app, case, {"start_date": date(2027, 2, 1)}, Word(by=data.HEAD_NORTH, administrator="root"))
    story = told(world, case)

    assert story[0].endswith("from Monday 4 January 2027.")
    assert story[1] == "Nanna Nord changed the hire: start date from Monday 4 January 2027 to Monday 1 February 2027. Typed by root."


def test_each_story_is_that_of_its_case_and_its_days(world: World) -> None:
    first, second = world.hire("h1"), world.hire("h2")
    world.clock.set_day(date(2026, 12, 1))
    world.appoint(second)

    assert [day["date"] for day in history(world.app, first, "da")["days"]] == ["2026-11-23"]
    assert [day["date"] for day in history(world.app, second, "da")["days"]] == ["2026-11-23", "2026-12-01"]


def test_rights_for_a_time_are_told_on_the_day_on_which_they_change(world: World) -> None:
    world.import_municipality()
    case = world.hire()
    world.appoint(case)
    world.do(case, "confirm_rights", data.IT, "confirm", values={"add": [{"role": "remote_access", "until": "2026-12-01"}]})
    world.work()
    world.arrive("2026-12-02")

    for language, words in (("en", "Rights begin or end today."), ("da", "Rettigheder begynder eller ophører i dag.")):
        told = [item["text"] for day in history(world.app, case, language)["days"] for item in day["items"]]
        assert words in told
