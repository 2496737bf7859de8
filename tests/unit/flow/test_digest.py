from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

import pytest

from idm.domain.authority_powers import Team
from idm.domain.notices import DIGEST, NoticeState
from idm.flow.board import Board
from idm.flow.compose import compose
from idm.flow.digest import write_digests
from idm.flow.digest_sections import SECTIONS
from idm.flow.escalate import nudge_all
from idm.flow.notices import tell
from idm.flow.sending import send_due
from idm.flow.substitute import Absence, substitute
from idm.flow.tend import tend
from idm.mail_texts import DIGEST_LISTS, TEXTS
from tests import data
from tests.support.together import together
from tests.support.world import World
from tests.unit.flow.test_sending import mails
from tests.unit.flow.test_stranded import leave, manager


def morning(world: World, day: str = "2026-11-24", hour: int = 8) -> int:
    """The sweep of a morning; how many digests it wrote."""
    world.clock.set_day(date.fromisoformat(day), hour)
    return write_digests(world.app, lambda: Board(world.app))


def digest(world: World, person: str) -> dict[str, list[dict[str, Any]]]:
    """What stands in the newest digest of a person, by section."""
    found = [notice for notice in world.store.notices(person=person) if notice.slug == DIGEST]
    sections: Any = found[-1].context["sections"] if found else []
    return dict(sections)


def test_each_reader_gets_one_digest_a_day_with_all_that_waits(world: World) -> None:
    cases = [world.hire(f"h{number}") for number in range(3)]
    assert morning(world) == 1
    assert {item["task"] for item in digest(world, data.HEAD_NORTH)["tasks"]} == {f"{case}.appoint.1" for case in cases}
    assert morning(world, hour=9) == morning(world, hour=15) == 0
    assert morning(world, "2026-11-25") == 1


@pytest.mark.parametrize(
    ("day", "hour", "written"),
    [
        ("2026-11-24", 6, 0),
        ("2026-11-24", 7, 1),
        ("2026-11-24", 17, 1),  # a server that was away in the morning
        ("2026-11-24", 18, 0),  # none in the evening
        ("2026-11-24", 3, 0),
        ("2026-11-28", 9, 0),  # a Saturday
        ("2026-12-25", 9, 0),
        ("2026-12-24", 9, 0),  # closed by policy
    ],
)
def test_digests_come_at_policys_hour_on_working_days(world: World, day: str, hour: int, written: int) -> None:
    world.hire()
    assert morning(world, day, hour) == written


def test_a_clock_that_jumps_over_days_writes_one_for_the_day_it_lands_on(world: World) -> None:
    world.hire()
    assert morning(world) == 1
    assert morning(world, "2026-12-02") == 1
    assert morning(world, "2026-11-26") == 1, "a day that was jumped over may still come"
    assert morning(world) == 0, "none is written twice, wherever the clock is put"


def test_many_sweepers_write_and_send_each_digest_once(world: World) -> None:
    for number in range(3):
        case = world.hire(f"h{number}", unit="school_north" if number else "school_south")
        world.clock.pass_seconds(1)
        assert case
    world.clock.set_day(date(2026, 11, 24))
    apps = [world.another_worker(f"worker-{number}") for number in range(5)]
    answers = together([partial(tend, app) for app in apps])
    assert not [answer for answer in answers if isinstance(answer, Exception)], answers
    for app in apps:
        tend(app)
    assert len(mails(world, DIGEST)) == 2
    assert {notice.state for notice in world.store.notices()} == {NoticeState.SENT}


def test_what_is_late_comes_first_and_what_came_up_from_below_apart(world: World) -> None:
    case = world.hire()
    other = world.hire("h2", start="2027-05-03")
    world.clock.set_day(date(2026, 12, 11))
    nudge_all(world.app, Board(world.app))
    morning(world, "2026-12-11")
    head, director = digest(world, data.HEAD_NORTH), digest(world, data.DIRECTOR)
    assert [item["task"] for item in head["overdue"]] == [f"{case}.appoint.1"]
    assert [item["task"] for item in head["tasks"]] == [f"{other}.appoint.1"]
    assert [(item["task"], item["late"]) for item in director["escalated"]] == [(f"{case}.appoint.1", 3)]
    assert list(head) == ["overdue", "tasks"]


def test_a_manager_reads_what_lies_late_with_others(world: World) -> None:
    case = world.hire()
    world.appoint(case)
    world.clock.set_day(date(2027, 1, 4))
    nudge_all(world.app, Board(world.app))
    morning(world, "2027-01-04")
    below = {item["kind"]: item["lies_with"] for item in digest(world, data.HEAD_NORTH)["below"]}
    assert below["rights"] == [data.IT]
    assert "tasks" not in digest(world, data.PAY), "new hires' own tasks wait for nobody else"


def test_what_a_team_is_asked_goes_to_its_mailbox_once(world: World) -> None:
    policy = world.policies.current()
    team = Team("it", {"da": "It-vagten", "en": "IT desk"}, (data.IT, data.PAY), "it@example.org")
    world.policies.edit(authority=replace(policy.authority, teams={"it": team}))
    case = world.hire()
    world.appoint(case)
    world.sql("update delegations set to_person = 'team:it' where authority = 'it'")
    world.clock.set_day(date(2026, 11, 24))
    tend(world.app)
    (mail,) = mails(world, DIGEST)
    assert mail["to"].reveal() == "it@example.org"
    assert mail["context.given_name"] == "It-vagten"
    assert [item["task"] for item in digest(world, "team:it")["tasks"]] == [f"{case}.confirm_rights.1"]


def test_nobody_reads_a_digest_without_anything_in_it(world: World) -> None:
    assert morning(world) == 0
    case = world.hire()
    world.appoint(case)
    morning(world, "2026-11-25")
    assert {notice.person for notice in world.store.notices() if notice.slug == DIGEST} == {data.IT}


def test_what_nobody_can_do_is_read_by_the_manager_above(world: World) -> None:
    case = world.hire()
    world.appoint(case)
    leave(world, data.IT)
    morning(world)
    (item,) = digest(world, data.HEAD_NORTH)["stranded"]
    assert item["task"] == f"{case}.confirm_rights.1"
    assert item["reasons"] and {reason for _, reason in item["reasons"]} == {"left"}
    notice = next(notice for notice in world.store.notices(person=data.HEAD_NORTH) if notice.slug == DIGEST)
    (line,) = json.loads(str(compose(world.app, notice)["context_json.stranded"]))
    assert line["why"].endswith(" er fratrådt.")


def test_news_is_read_once_and_only_when_the_digest_went(world: World) -> None:
    manager(world, "school_north", data.HEAD_SOUTH)
    world.clock.set_day(date(2026, 11, 24), 17)
    assert morning(world, hour=17) == 1
    assert digest(world, data.HEAD_SOUTH)["managed"][0]["unit"] == "school_north"
    world.clock.set_day(date(2026, 11, 24), 20)
    assert send_due(world.app) == 0, "the evening has come before it went"
    world.clock.set_day(date(2026, 11, 25))
    tend(world.app)
    (mail,) = mails(world, DIGEST)
    assert json.loads(mail["context_json.managed"])[0]["unit_name"] == "Nordskolen"
    assert morning(world, "2026-11-26") == 0
    assert [notice.state for notice in world.store.notices(person=data.HEAD_SOUTH) if notice.slug == "managed"] == [NoticeState.SENT]


def test_what_a_substitute_decided_is_read_once_by_the_one_substituted(world: World) -> None:
    case = world.hire()
    substitute(world.app, Absence(data.HEAD_NORTH, data.HEAD_SOUTH, date(2026, 11, 23), date(2026, 11, 30)))
    world.appoint(case, by=data.HEAD_SOUTH)
    world.clock.set_day(date(2026, 11, 24))
    tend(world.app)
    (item,) = digest(world, data.HEAD_NORTH)["decided"]
    assert (item["task"], item["by"], item["kind"]) == (f"{case}.appoint.1", data.HEAD_SOUTH, "appoint")
    world.clock.set_day(date(2026, 11, 25))
    tend(world.app)
    assert len([1 for mail in mails(world, DIGEST) if "context_json.decided" in mail]) == 1


def test_a_reader_without_an_address_is_a_failure_that_is_seen(world: World) -> None:
    world.hire()
    world.sql("update people set email = '' where id = :id", id=data.HEAD_NORTH)
    morning(world)
    send_due(world.app)
    (notice,) = world.store.notices(person=data.HEAD_NORTH)
    assert notice.state is NoticeState.FAILED
    assert "no work address" in notice.reason


def test_any_feature_can_tell_news_of_its_own_in_both_languages(world: World) -> None:
    with world.store.write() as writer:
        texts = {"da": "Løntabellen udløber 31. marts.", "en": "The pay table ends on 31 March."}
        assert tell(world.app, writer, data.PAY, "news", "payroll/2027-03-31", context={"texts": texts})
        assert not tell(world.app, writer, data.PAY, "news", "payroll/2027-03-31", context={"texts": texts})
    world.clock.set_day(date(2026, 11, 24))
    tend(world.app)
    (mail,) = mails(world, DIGEST)
    assert json.loads(mail["context_json.news"])[0]["text"] == texts["da"]


def test_every_section_has_its_place_in_the_mail() -> None:
    assert {*SECTIONS, "managed", "news"} <= set(DIGEST_LISTS) <= TEXTS[DIGEST].names


def test_a_list_that_the_mail_does_not_have_is_refused(world: World) -> None:
    with pytest.raises(ValueError, match="digest"), world.store.write() as writer:
        tell(world.app, writer, data.PAY, "nonsense", "1")
