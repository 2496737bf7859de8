from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from typing import Any

import pytest

from idm.connector import Change, Refused, Retry, Unknown, Verb
from idm.domain.hire import Correction
from idm.domain.notices import Notice, NoticeState
from idm.errors import Unavailable
from idm.flow.correct import correct
from idm.flow.depart import Word
from idm.flow.intake import take
from idm.flow.sending import send_due
from idm.inputs.events import check_hire
from tests import data
from tests.support.together import together
from tests.support.world import World
from tests.unit.flow.test_deadlines import move
from tests.unit.flow.test_notices import cancel


class Died(BaseException):
    """Stands for the end of the process."""


def mails(world: World, slug: str = "") -> list[dict[str, Any]]:
    """What the mail system holds, but for the welcome mail that belongs to the journey."""
    found = [dict(held.attributes) for (kind, _), held in world.targets["mail"].everything.items() if kind == "message"]
    return [mail for mail in found if slug in ("", mail["slug"]) and mail["slug"] != "welcome"]


def only(world: World) -> Notice:
    (notice,) = world.store.notices()
    return notice


def die(world: World, *, after: bool) -> None:
    """A process dies as it sends, before the mail system took the mail or after."""

    def dies(change: Change) -> None:
        raise Died

    target = world.targets["mail"]
    target.meanwhile, target.meanwhile_first = dies, not after
    with pytest.raises(Died):
        send_due(world.another_worker("dead"))
    target.meanwhile = None


def test_a_new_hire_is_written_to_at_the_private_address(world: World) -> None:
    case = world.hire()
    assert send_due(world.app) == 1
    (mail,) = mails(world)
    person = world.store.person(world.case(case).person)
    assert person is not None
    assert mail["to"].reveal() == person.private_email.reveal()
    assert (mail["slug"], mail["language"]) == ("invitation", "da")
    assert mail["context.start_date"] == data.START
    assert mail["context.manager_name"] == "Nanna Nord"
    assert only(world).state is NoticeState.SENT
    assert send_due(world.app) == 0


def test_the_language_follows_citizenship_by_policy(world: World) -> None:
    policy = world.policies.current().deadlines
    world.policies.edit(deadlines=replace(policy, mail=replace(policy.mail, citizens={"GB": "en"})))
    world.hire("h1", citizenship="GB")
    world.hire("h2", citizenship="PL")
    send_due(world.app)
    assert sorted(mail["language"] for mail in mails(world)) == ["da", "en"]


def test_the_language_that_was_told_comes_before_that_of_citizenship(world: World) -> None:
    policy = world.policies.current().deadlines
    world.policies.edit(deadlines=replace(policy, mail=replace(policy.mail, citizens={"GB": "en"})))
    told = {case: language for language in ("da", "en") for case in [take_in(world, language)]}
    send_due(world.app)
    assert sorted(mail["language"] for mail in mails(world)) == sorted(told.values())
    for case, language in told.items():
        person = world.store.person(world.case(case).person)
        assert person is not None and person.language == language
    case = next(case for case, language in told.items() if language == "da")
    correct(world.app, world.case(case).person, Correction(language="en"), Word(reason="told by telephone"))
    world.appoint(case)
    send_due(world.app)
    assert {mail["language"] for mail in mails(world, "documents_wanted")} == {"en"}


def test_the_welcome_is_in_the_language_of_the_hire(world: World) -> None:
    for id, language in (("h1", None), ("h2", "en")):
        case = take_in(world, language, id, "DK")
        world.people_act(case)
    world.work()
    held = [dict(each.attributes) for (kind, _), each in world.targets["mail"].everything.items() if kind == "message"]
    assert sorted(mail["language"] for mail in held if mail["slug"] == "welcome") == ["da", "en"]


def take_in(world: World, language: str | None, id: str = "", citizenship: str = "GB") -> str:
    """A hire in whose event a language is told, or none; their case."""
    event = data.hire_event(id or f"h-{language}", citizenship=citizenship)
    if language:
        event["data"]["person"]["language"] = language
    return take(world.app, check_hire(event, world.clock.today())).case


def test_many_processes_send_each_mail_once(world: World) -> None:
    for number in range(5):
        world.hire(f"h{number}")
    apps = [world.another_worker(f"worker-{number}") for number in range(5)]
    answers = together([partial(send_due, app) for app in apps])
    assert not [answer for answer in answers if isinstance(answer, Exception)], answers
    assert sum(answer for answer in answers if isinstance(answer, int)) == 5
    assert len(world.targets["mail"].applied(Verb.POST)) == 5


def test_nobody_is_written_to_at_night(world: World) -> None:
    world.clock.set_day(date(2026, 11, 23), 22)
    world.hire()
    assert send_due(world.app) == 0
    world.clock.set_day(date(2026, 11, 24), 7)
    assert send_due(world.app) == 0
    world.clock.set_day(date(2026, 11, 24), 8)
    assert send_due(world.app) == 1


def test_what_was_due_by_day_and_is_tried_again_at_night_waits(world: World) -> None:
    world.hire()
    world.targets["mail"].trouble(Retry("busy", down=False))
    assert send_due(world.app) == 0
    world.clock.pass_seconds(1000)
    world.clock.set_day(date(2026, 11, 23), 21)
    assert send_due(world.app) == 0
    assert not mails(world)
    world.clock.set_day(date(2026, 11, 24), 8)
    assert send_due(world.app) == 1


def test_a_busy_mail_system_is_tried_again_later(world: World) -> None:
    world.hire()
    world.targets["mail"].trouble(Retry("busy", after=60, down=False))
    assert send_due(world.app) == 0
    assert only(world).reason == "busy"
    assert send_due(world.app) == 0
    world.clock.pass_seconds(61)
    assert send_due(world.app) == 1


def test_an_open_circuit_is_left_alone(world: World) -> None:
    for number in range(8):
        world.hire(f"h{number}")
    world.targets["mail"].trouble(Retry("away"), times=100)
    assert send_due(world.app) == 0
    calls = world.targets["mail"].calls
    threshold = world.policies.current().systems["mail"].retry.circuit_failures
    assert calls == threshold
    world.app.cache.clear()
    send_due(world.app)
    assert world.targets["mail"].calls == calls
    world.targets["mail"].heal()
    world.clock.pass_seconds(1000)
    world.app.cache.clear()
    assert send_due(world.app) == 8


def test_a_refused_mail_is_there_to_be_seen_with_its_reason(world: World) -> None:
    world.hire()
    world.targets["mail"].trouble(Refused("the address is no address"))
    assert send_due(world.app) == 0
    assert (only(world).state, only(world).reason) == (NoticeState.FAILED, "the address is no address")
    world.clock.pass_seconds(100_000)
    assert send_due(world.app) == 0


@pytest.mark.parametrize("after", [False, True])
def test_a_process_that_dies_as_it_sends_costs_no_mail_and_doubles_none(world: World, after: bool) -> None:
    world.hire()
    die(world, after=after)
    assert send_due(world.app) == 0, "another may still be at it"
    world.clock.pass_seconds(61)
    assert send_due(world.app) == 1
    assert len(world.targets["mail"].applied(Verb.POST)) == 1
    assert only(world).state is NoticeState.SENT


@pytest.mark.parametrize(("doubt", "state"), [("accept", NoticeState.SENT), ("ask", NoticeState.DOUBTFUL)])
def test_where_the_mail_system_cannot_be_asked_a_doubt_is_never_sent_again(
    new_world: Callable[..., World], doubt: str, state: NoticeState
) -> None:
    world = new_world(mail_is_blind=True)
    world.policies.edit_system("mail", lambda policy: replace(policy, doubt=doubt))
    world.hire()
    die(world, after=True)
    world.clock.pass_seconds(61)
    send_due(world.app)
    assert len(world.targets["mail"].applied(Verb.POST)) == 1
    assert only(world).state is state
    assert "may" in only(world).reason


def test_no_answer_is_asked_about_before_it_is_sent_again(world: World) -> None:
    world.hire()
    world.targets["mail"].trouble(Unknown("no answer"), after=True)
    assert send_due(world.app) == 0
    world.clock.pass_seconds(1000)
    assert send_due(world.app) == 1
    assert len(world.targets["mail"].applied(Verb.POST)) == 1


def test_what_has_nothing_to_say_any_more_is_dropped(world: World) -> None:
    world.clock.set_day(date(2026, 11, 23), 23)
    case = world.hire()
    world.appoint(case)
    move(world, case, "2027-02-01")
    move(world, case, "2027-03-01")
    cancel(world, case)
    world.clock.set_day(date(2026, 11, 24), 8)
    assert send_due(world.app) == 0
    assert {notice.state for notice in world.store.notices()} == {NoticeState.DROPPED}
    assert {notice.slug: notice.reason for notice in world.store.notices()}["hire_cancelled"] == "the person hired was never written to"


def test_who_was_written_to_is_told_of_the_cancel(world: World) -> None:
    case = world.hire()
    send_due(world.app)
    cancel(world, case)
    assert send_due(world.app) == 1
    assert [mail["slug"] for mail in mails(world)] == ["invitation", "hire_cancelled"]


def test_papers_that_were_handed_in_meanwhile_are_not_asked_for(world: World) -> None:
    world.clock.set_day(date(2026, 11, 23), 23)
    case = world.hire()
    world.appoint(case)
    world.hand_in(case, "diploma")
    world.clock.set_day(date(2026, 11, 24), 8)
    send_due(world.app)
    (mail,) = mails(world, "documents_wanted")
    titles = {kind: world.policies.current().documents[kind].titles["da"] for kind in ("contract", "diploma")}
    assert titles["contract"] in mail["context.documents"]
    assert titles["diploma"] not in mail["context.documents"]
    assert mail["context.due_date"] == "2026-12-11"


def test_a_return_is_told_with_reason_title_and_day(world: World) -> None:
    case = world.hire()
    world.appoint(case)
    world.hand_in(case)
    world.do(case, "review-contract", data.PAY, "return", "page 2 is missing")
    send_due(world.app)
    (mail,) = mails(world, "document_returned")
    assert mail["context.reason"] == "page 2 is missing"
    assert mail["context.document_title"] == world.policies.current().documents["contract"].titles["da"]
    assert mail["context.due_date"] == "2026-12-11"


def test_a_person_without_an_address_is_a_failure_that_is_seen(world: World) -> None:
    case = world.hire()
    world.sql("update people set private_email = '', email = '' where id = :id", id=world.case(case).person)
    assert send_due(world.app) == 0
    assert only(world).state is NoticeState.FAILED
    assert "no e-mail address" in only(world).reason


def test_a_notice_that_cannot_be_made_is_seen_and_keeps_no_other_back(world: World) -> None:
    world.hire("h1")
    world.sql("update notices set slug = 'unheard_of'")
    world.hire("h2")
    assert send_due(world.app) == 1
    (failed,) = world.store.notices(state="failed")
    assert "KeyError" in failed.reason


def test_a_database_that_goes_away_leaves_no_doubt(new_world: Callable[..., World], monkeypatch: pytest.MonkeyPatch) -> None:
    world = new_world(mail_is_blind=True)
    world.hire()

    def away(app: object, notice: Notice) -> dict[str, object]:
        raise Unavailable("The database is away.")

    with monkeypatch.context() as patched:
        patched.setattr("idm.flow.sending.compose", away)
        with pytest.raises(Unavailable):
            send_due(world.app)
    assert only(world).state is NoticeState.WAITING
    assert send_due(world.app) == 1


def test_only_the_mail_systems_own_are_sent(world: World) -> None:
    world.hire()
    systems = {name: policy for name, policy in world.policies.current().systems.items() if name != "mail"}
    world.policies.edit(systems=systems)
    assert send_due(world.app) == 0
    assert only(world).state is NoticeState.WAITING
    assert isinstance(only(world).due_at, datetime)
