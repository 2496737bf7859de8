"""A new hire's personal link and the code that comes with it: what opens, what doesn't, and what is told of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from idm.connector import Confidential
from idm.domain.invitations import LinkState
from idm.domain.sessions import SessionKind
from idm.errors import BadInput, Conflict, IdmError, NotAllowed, NotFound, Unavailable
from idm.flow.access import take_access
from idm.flow.invitations import (
    ask_again,
    enter_code,
    go_on,
    invitations_of,
    invite,
    looked_up,
    pending_of,
    renew,
    revoke,
    send_again,
)
from idm.flow.sending import send_due
from idm.flow.sessions import session_of, stream_of
from idm.flow.verify import verify_audit
from tests import data
from tests.support.links import invited, signed_in, state
from tests.support.together import together
from tests.support.world import World

MINUTES = 60.0


def told(world: World, case: str) -> list[str]:
    """What the case's chain says of links, since the hire was taken."""
    return world.actions(case)[1:]


def edit_person(world: World, case: str, **changes: Any) -> None:
    person = world.store.person(world.case(case).person)
    assert person is not None
    with world.store.write() as writer:
        cpr = person.cpr.reveal()
        writer.put_person(replace(person, **changes), world.keys.blind_index("cpr", cpr), world.keys.encrypt(cpr))


def test_a_link_opened_ten_times_still_works_and_is_spent_by_going_on(world: World) -> None:
    case, token = invited(world)
    before = world.case(case).version
    for _ in range(10):
        assert state(world, token) is LinkState.OPEN
    assert world.case(case).version == before, "looking changes nothing"
    session = session_of(world.app, signed_in(world, token))
    assert session is not None
    assert (session.person, session.kind, session.case, session.language) == (world.case(case).person, SessionKind.HIRE, case, "da")
    assert state(world, token) is LinkState.SPENT
    with pytest.raises(Conflict, match="used before"):
        go_on(world.app, token)
    assert told(world, case) == ["link-made", "link-used", "hire-signed-in"]
    assert world.actions(stream_of(session.person)) == ["session-opened"]
    assert not verify_audit(world.app).faults


def test_of_two_who_go_on_at_once_one_wins(new_world: Callable[..., World]) -> None:
    world = new_world()
    case, token = invited(world)
    answers = together([lambda: go_on(world.app, token)] * 4)
    (won,) = [answer for answer in answers if isinstance(answer, str)]
    assert [type(answer) for answer in answers if not isinstance(answer, str)] == [Conflict] * 3
    assert len(world.texter.sent) == 1
    assert session_of(world.app, enter_code(world.app, won, world.texter.code)) is not None
    assert told(world, case).count("link-used") == 1


def test_of_two_who_enter_the_code_at_once_one_is_let_in(new_world: Callable[..., World]) -> None:
    world = new_world()
    case, token = invited(world)
    pending, code = go_on(world.app, token), ""
    code = world.texter.code
    answers = together([lambda: enter_code(world.app, pending, code)] * 3)
    assert len([answer for answer in answers if isinstance(answer, str)]) == 1
    assert {type(answer) for answer in answers if not isinstance(answer, str)} == {NotFound}
    assert len(world.store.sessions(case=case)) == 1


def test_nothing_opens_for_what_is_no_link_or_no_sign_in(world: World) -> None:
    _, token = invited(world)
    for wrong in ("", "x", token[:-1], token + "A", token.swapcase()):
        assert looked_up(world.app, wrong) is None
        with pytest.raises(NotFound):
            go_on(world.app, wrong)
        with pytest.raises(NotFound):
            enter_code(world.app, wrong, "123456")
        with pytest.raises(NotFound):
            send_again(world.app, wrong)
        ask_again(world.app, wrong)
    pending = go_on(world.app, token)
    with pytest.raises(NotFound):
        enter_code(world.app, token, world.texter.code)
    assert looked_up(world.app, pending) is None, "one kind of token is no other"
    assert session_of(world.app, pending) is None


def test_a_wrong_code_counts_and_the_fifth_closes(world: World) -> None:
    case, token = invited(world)
    pending = go_on(world.app, token)
    for left in (4, 3, 2, 1):
        with pytest.raises(BadInput, match="wrong") as found:
            enter_code(world.app, pending, world.texter.wrong)
        assert [(fault.path, fault.rule) for fault in found.value.faults] == [("code", "wrong-code")]
        waiting = pending_of(world.app, pending)
        assert waiting is not None
        assert waiting.tries == left
    with pytest.raises(Conflict, match="last try"):
        enter_code(world.app, pending, world.texter.wrong)
    assert pending_of(world.app, pending) is None
    with pytest.raises(NotFound):
        enter_code(world.app, pending, world.texter.code)
    assert told(world, case).count("code-wrong") == 5
    assert world.store.sessions() == []


def test_what_is_no_code_is_not_counted_and_spaces_do_no_harm(world: World) -> None:
    _, token = invited(world)
    pending = go_on(world.app, token)
    for typed in ("", "12345", "1234567", "12345a", "１２３４５６"):
        with pytest.raises(BadInput, match="no code"):
            enter_code(world.app, pending, typed)
    code = world.texter.code
    assert enter_code(world.app, pending, f" {code[:3]} {code[3:]} ")


def test_many_guesses_at_once_are_five_guesses(new_world: Callable[..., World]) -> None:
    world = new_world()
    case, token = invited(world)
    pending, wrong = go_on(world.app, token), world.texter.wrong
    answers = together([lambda: enter_code(world.app, pending, wrong)] * 8)
    assert all(isinstance(answer, IdmError) for answer in answers)
    assert told(world, case).count("code-wrong") == 5


def test_a_code_counts_for_ten_minutes(world: World) -> None:
    _, token = invited(world)
    pending = go_on(world.app, token)
    world.clock.pass_seconds(10 * MINUTES)
    with pytest.raises(Conflict, match="run out"):
        enter_code(world.app, pending, world.texter.code)
    send_again(world.app, pending)
    world.clock.pass_seconds(10 * MINUTES - 1)
    assert enter_code(world.app, pending, world.texter.code)


def test_three_codes_are_sent_at_most_and_the_newest_counts(world: World) -> None:
    _, token = invited(world)
    pending = go_on(world.app, token)
    first = world.texter.code
    with pytest.raises(BadInput):
        enter_code(world.app, pending, world.texter.wrong)
    assert (send_again(world.app, pending).sends, send_again(world.app, pending).sends) == (1, 0)
    with pytest.raises(Conflict, match="No further code"):
        send_again(world.app, pending)
    assert len(world.texter.sent) == 3
    assert len({message[3]["code"] for message in world.texter.sent.values()}) == 3
    with pytest.raises(BadInput, match="wrong"):
        enter_code(world.app, pending, first)
    waiting = pending_of(world.app, pending)
    assert waiting is not None
    assert waiting.tries == 3, "a new code gives no new tries"
    assert enter_code(world.app, pending, world.texter.code)


def test_a_sign_in_ends_after_an_hour(world: World) -> None:
    _, token = invited(world)
    pending = go_on(world.app, token)
    world.clock.pass_seconds(60 * MINUTES)
    assert pending_of(world.app, pending) is None
    with pytest.raises(NotFound):
        send_again(world.app, pending)


def test_a_link_is_not_spent_if_no_code_could_be_sent(world: World) -> None:
    case, token = invited(world)
    world.texter.away = True
    with pytest.raises(Unavailable):
        go_on(world.app, token)
    assert state(world, token) is LinkState.OPEN
    world.texter.away = False
    pending = go_on(world.app, token)
    world.texter.away = True
    with pytest.raises(Unavailable):
        send_again(world.app, pending)
    world.texter.away = False
    assert send_again(world.app, pending).sends == 1, "a code that didn't go isn't counted"
    assert enter_code(world.app, pending, world.texter.code)
    assert told(world, case)[:4] == ["link-made", "link-used", "code-not-sent", "link-used"]


def test_without_a_mobile_number_the_hire_is_told_whom_to_ask(world: World) -> None:
    case, token = invited(world)
    edit_person(world, case, mobile=Confidential(""))
    with pytest.raises(Conflict, match="no mobile number") as found:
        go_on(world.app, token)
    assert found.value.next_step == "Ask Nanna Nord."
    assert state(world, token) is LinkState.OPEN
    edit_person(world, case, mobile=Confidential("+4520304050"))
    assert signed_in(world, token)
    assert [message[0] for message in world.texter.sent.values()] == ["+4520304050"]


def test_a_link_runs_out_as_policy_says(world: World) -> None:
    case = world.hire()
    world.policies.edit(deadlines=replace(world.policies.current().deadlines, link_days=3))
    token = invite(world.app, case, data.HEAD_NORTH)
    today = world.clock.today()
    world.clock.set_day(today + timedelta(days=3), 9)
    assert state(world, token) is LinkState.OPEN
    world.clock.set_day(today + timedelta(days=3), 11)
    assert state(world, token) is LinkState.EXPIRED
    with pytest.raises(Conflict, match="run out"):
        go_on(world.app, token)


def test_revoking_ends_links_waiting_codes_and_sessions(world: World) -> None:
    case, first = invited(world)
    tokens = [invite(world.app, case, data.HEAD_NORTH) for _ in range(2)]
    session = signed_in(world, first)
    pending = go_on(world.app, tokens[0])
    _, other = invited(world, "h2")
    other_session = signed_in(world, other)

    done = revoke(world.app, case, data.HEAD_NORTH)
    assert (done.links, done.sessions) == (1, 1)
    assert session_of(world.app, session) is None
    with pytest.raises(NotFound):
        enter_code(world.app, pending, world.texter.code)
    with pytest.raises(Conflict, match="withdrawn") as found:
        go_on(world.app, tokens[1])
    assert found.value.next_step == "Ask Nanna Nord."
    assert session_of(world.app, other_session) is not None, "another hire's session goes on"
    assert world.actions(case)[-1] == "links-revoked"
    assert world.actions(stream_of(world.case(case).person)) == ["session-opened", "session-closed"]
    again = revoke(world.app, case, data.HEAD_NORTH)
    assert (again.links, again.sessions) == (0, 0)


def test_a_hire_without_access_is_not_let_in(world: World) -> None:
    case, token = invited(world)
    take_access(world.app, world.case(case).person, "their mailbox was taken over", "admin")
    with pytest.raises(NotAllowed, match="no access"):
        go_on(world.app, token)
    assert state(world, token) is LinkState.OPEN


def test_renewing_mails_a_fresh_link_at_once_and_ends_the_old_ones(world: World) -> None:
    case, token = invited(world)
    world.app = replace(world.app, portal=lambda: "https://idm.example.org")
    world.clock.set_day(world.clock.today(), 23)
    renew(world.app, case, data.HEAD_NORTH)
    assert state(world, token) is LinkState.REVOKED
    send_due(world.app)
    (sent,) = world.store.notices(case=case, state="sent")
    assert sent.slug == "new_link"
    (link,) = [each for each in invitations_of(world.app, case) if each.by == sent.id]
    assert link.state(world.app.clock.now()) is LinkState.OPEN
    mail = world.targets["mail"].held("message", sent.id)
    assert mail is not None
    address, slash, fresh = str(mail.attributes["context.link"]).rpartition("/")
    assert address + slash == "https://idm.example.org/start/"
    assert signed_in(world, fresh)
    assert world.actions(case)[-3:] == ["link-renewed", "link-used", "hire-signed-in"]


def test_renewing_needs_an_address(world: World) -> None:
    case, token = invited(world)
    edit_person(world, case, private_email=Confidential(""), email="")
    with pytest.raises(Conflict, match="no e-mail address"):
        renew(world.app, case, data.HEAD_NORTH)
    assert state(world, token) is LinkState.OPEN


def new_links(world: World, case: str) -> int:
    return len([notice for notice in world.store.notices(case=case) if notice.slug == "new_link"])


def test_a_fresh_link_can_be_asked_for_once_in_five_minutes(world: World) -> None:
    case, token = invited(world)
    ask_again(world.app, token)
    assert new_links(world, case) == 0, "a link that works needs no other"
    go_on(world.app, token)
    ask_again(world.app, token)
    ask_again(world.app, token)
    assert new_links(world, case) == 1
    now = world.clock.now()
    world.clock._now = now + timedelta(minutes=5)
    ask_again(world.app, token)
    assert new_links(world, case) == 2
    assert world.actions(case).count("link-asked-for") == 2


def test_two_who_ask_at_once_get_one_mail(new_world: Callable[..., World]) -> None:
    world = new_world()
    case, token = invited(world)
    go_on(world.app, token)
    assert together([lambda: ask_again(world.app, token)] * 3) == [None] * 3
    assert new_links(world, case) == 1


def test_a_link_that_was_withdrawn_brings_no_other(world: World) -> None:
    case, token = invited(world)
    revoke(world.app, case, data.HEAD_NORTH)
    ask_again(world.app, token)
    assert new_links(world, case) == 0


def test_ten_links_a_day_are_enough(world: World) -> None:
    case = world.hire()
    for _ in range(10):
        go_on(world.app, invite(world.app, case, data.HEAD_NORTH))
    token = invite(world.app, case, data.HEAD_NORTH)
    with pytest.raises(Conflict, match="Too many"):
        go_on(world.app, token)
    world.clock.set_day(world.clock.today() + timedelta(days=1), 23)
    assert signed_in(world, token)


def test_nothing_private_is_told_or_stored_readable(world: World) -> None:
    case, token = invited(world)
    pending = go_on(world.app, token)
    send_again(world.app, pending)
    with pytest.raises(BadInput) as wrong:
        enter_code(world.app, pending, world.texter.wrong)
    code = world.texter.code
    session = enter_code(world.app, pending, code)
    person = world.store.person(world.case(case).person)
    assert person is not None
    private = [token, pending, session, code, person.mobile.reveal(), person.private_email.reveal(), person.cpr.reveal()]
    with world.database.reading() as connection:
        tables = [connection.exec_driver_sql(query).all() for query in ("select * from audit", "select * from sessions")]
        tables += [connection.exec_driver_sql(query).all() for query in ("select * from invitations", "select * from pending")]
        tables += [connection.exec_driver_sql("select doc from cases").all()]
    written = "".join(str(rows) for rows in tables) + repr(wrong.value.as_json()) + repr(pending_of(world.app, pending))
    assert [value for value in private if value in written] == []
    assert [id for id in world.texter.sent if code in id or person.mobile.reveal()[3:] in id] == []
