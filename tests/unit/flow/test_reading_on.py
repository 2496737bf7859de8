"""Reading on: whose hire was cancelled comes in for as long as their newest link would have lasted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from idm.domain.invitations import LinkState
from idm.domain.sessions import SessionKind
from idm.errors import Conflict, NotAllowed
from idm.flow.depart import Word, cancel
from idm.flow.invitations import ask_again, go_on, invitations_of, invite, renew, revoke
from idm.flow.sending import send_due
from idm.flow.sessions import open_session, session_of
from tests import data
from tests.support.links import invited, signed_in, state
from tests.support.world import World


def new_links(world: World, case: str) -> int:
    return len([notice for notice in world.store.notices(case=case) if notice.slug == "new_link"])


def test_to_a_cancelled_case_one_comes_as_long_as_the_link_would_have_lasted(world: World) -> None:
    world.app = replace(world.app, portal=lambda: "https://idm.example.org")
    case, token = invited(world)
    spare = invite(world.app, case, data.HEAD_NORTH)
    session = signed_in(world, token)
    cancel(world.app, case, Word(reason="withdrew"))
    assert session_of(world.app, session) is not None, "who is in stays in, to read"
    assert session_of(world.app, signed_in(world, spare)) is not None
    with pytest.raises(Conflict):
        invite(world.app, case, data.HEAD_NORTH)
    with pytest.raises(Conflict):
        renew(world.app, case, data.HEAD_NORTH)

    until = max(link.expires_at for link in invitations_of(world.app, case))
    ask_again(world.app, token)
    send_due(world.app)
    assert new_links(world, case) == 1
    assert {link.expires_at for link in invitations_of(world.app, case)} == {until}, "no link lasts longer than those before it"

    world.clock.set_day(until.date() + timedelta(days=1))
    assert session_of(world.app, session) is None
    assert state(world, token) is LinkState.OVER
    with pytest.raises(Conflict, match="leads nowhere"):
        go_on(world.app, token)
    ask_again(world.app, token)
    assert new_links(world, case) == 1


def test_to_a_cancelled_case_nobody_comes_whose_links_were_withdrawn(world: World) -> None:
    case, token = invited(world)
    revoke(world.app, case, data.HEAD_NORTH)
    cancel(world.app, case, Word(reason="withdrew"))
    assert state(world, token) is LinkState.REVOKED
    with pytest.raises(NotAllowed, match="cancelled"):
        open_session(world.app, world.case(case).person, SessionKind.HIRE, case)
