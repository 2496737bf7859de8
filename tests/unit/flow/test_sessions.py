from __future__ import annotations

from collections.abc import Callable

import pytest

from idm.domain.sessions import Session, SessionKind
from idm.errors import BadInput, NotAllowed
from idm.flow.access import give_access, take_access
from idm.flow.sessions import close_all, close_one, close_session, open_session, session_of, sessions_of, set_language, stream_of
from idm.flow.verify import verify_audit
from tests import data
from tests.support.together import together
from tests.support.world import World

MINUTES = 60.0
HOURS = 3600.0


def staff(world: World, person: str = data.PAY) -> str:
    return open_session(world.app, person, SessionKind.STAFF, how="test")


def known(world: World, token: str) -> Session:
    found = session_of(world.app, token)
    assert found is not None
    return found


def test_a_token_stands_for_its_person_until_they_sign_out(world: World) -> None:
    token, other = staff(world), staff(world)
    session = known(world, token)
    assert (session.person, session.kind, session.case) == (data.PAY, SessionKind.STAFF, "")
    assert (session_of(world.app, ""), session_of(world.app, token + "x"), session_of(world.app, token[:-1])) == (None, None, None)
    close_session(world.app, token)
    close_session(world.app, token)
    assert session_of(world.app, token) is None
    assert known(world, other).person == data.PAY
    assert world.actions(stream_of(data.PAY)) == ["session-opened", "session-opened", "session-closed"]


def test_the_token_has_256_bits_and_is_stored_nowhere(world: World) -> None:
    token = staff(world)
    assert len(token) == 43
    with world.database.reading() as connection:
        rows = [connection.exec_driver_sql(query).all() for query in ("select * from sessions", "select * from audit")]
    assert rows[0]
    assert token not in str(rows)


@pytest.mark.parametrize(("kind", "idle", "longest"), [("staff", 30 * MINUTES, 10 * HOURS), ("hire", 60 * MINUTES, 12 * HOURS)])
def test_a_session_ends_by_itself(world: World, kind: str, idle: float, longest: float) -> None:
    case = world.hire()
    person = world.case(case).person if kind == "hire" else data.PAY
    token = open_session(world.app, person, SessionKind(kind), case if kind == "hire" else "")
    world.clock.pass_seconds(idle - 1)
    known(world, token)
    world.clock.pass_seconds(idle - 1)
    known(world, token)
    world.clock.pass_seconds(idle)
    assert session_of(world.app, token) is None
    token = open_session(world.app, person, SessionKind(kind), case if kind == "hire" else "")
    for _ in range(int(longest / (idle / 2)) - 1):
        world.clock.pass_seconds(idle / 2)
        known(world, token)
    world.clock.pass_seconds(idle / 2)
    assert session_of(world.app, token) is None


def test_being_seen_is_written_once_a_minute(world: World) -> None:
    token = staff(world)
    opened = known(world, token).seen_at
    world.clock.pass_seconds(59)
    assert known(world, token).seen_at == opened
    world.clock.pass_seconds(1)
    seen = known(world, token).seen_at
    assert seen == world.clock.machine()
    assert [session.seen_at for session in world.store.sessions()] == [seen]


def test_who_loses_access_is_out_at_once_and_is_not_let_in(world: World) -> None:
    token = staff(world)
    take_access(world.app, data.PAY, "account locked", "admin")
    assert session_of(world.app, token) is None
    with pytest.raises(NotAllowed, match="no access"):
        staff(world)
    give_access(world.app, data.PAY, "admin")
    assert session_of(world.app, token) is None, "what was closed stays closed"
    assert world.actions(stream_of(data.PAY)) == ["session-opened", "session-closed", "session-refused"]


def test_who_has_left_or_is_not_known_is_not_let_in(world: World) -> None:
    token = staff(world)
    world.sql("update employments set end_date = '2026-11-22' where person_id = :person", person=data.PAY)
    assert session_of(world.app, token) is None
    with pytest.raises(NotAllowed, match="have left"):
        staff(world)
    with pytest.raises(NotAllowed, match="no such person"):
        staff(world, "nobody")
    assert world.actions(stream_of("nobody")) == []


def test_a_hire_whose_case_is_cancelled_is_out(world: World) -> None:
    case = world.hire()
    token = open_session(world.app, world.case(case).person, SessionKind.HIRE, case)
    known(world, token)
    world.sql("update cases set state = 'cancelled' where id = :case", case=case)
    assert session_of(world.app, token) is None
    with pytest.raises(NotAllowed, match="cancelled"):
        open_session(world.app, world.case(case).person, SessionKind.HIRE, case)


def test_sessions_are_listed_and_revoked(world: World) -> None:
    tokens = [staff(world), staff(world), staff(world, data.IT)]
    assert [session.person for session in sessions_of(world.app, data.IT)] == [data.IT]
    assert len(sessions_of(world.app)) == 3
    assert close_all(world.app, data.PAY, "admin") == 2
    assert close_all(world.app, data.PAY, "admin") == 0
    assert [session_of(world.app, token) is not None for token in tokens] == [False, False, True]
    (left,) = sessions_of(world.app)
    assert (close_one(world.app, left.id, "admin"), close_one(world.app, left.id, "admin")) == (True, False)
    assert [entry.actor for entry in world.store.audit(stream_of(data.IT))] == [data.IT, "admin"]


def test_what_is_over_is_not_listed_and_is_forgotten_in_time(world: World) -> None:
    staff(world)
    world.clock.pass_seconds(30 * MINUTES)
    assert sessions_of(world.app) == []
    assert len(world.store.sessions()) == 1
    world.clock.pass_seconds(10 * HOURS)
    staff(world)
    assert len(world.store.sessions()) == 1


def test_a_session_has_a_language(world: World) -> None:
    token = staff(world)
    assert set_language(world.app, known(world, token), "en").language == "en"
    assert known(world, token).language == "en"
    with pytest.raises(BadInput):
        set_language(world.app, known(world, token), "de")


def test_signing_in_is_no_change_of_powers_and_its_record_verifies(world: World) -> None:
    before = world.store.streams()
    close_session(world.app, staff(world))
    assert world.store.streams() == before
    assert not verify_audit(world.app).faults


def test_many_who_sign_in_at_once_each_have_their_session(new_world: Callable[..., World]) -> None:
    world = new_world()
    tokens = together([lambda: staff(world)] * 4)
    assert len({known(world, str(token)).id for token in tokens}) == 4
    assert len(world.actions(stream_of(data.PAY))) == 4
