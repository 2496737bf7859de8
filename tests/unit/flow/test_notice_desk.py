from __future__ import annotations

import pytest

from idm.connector import Refused, Verb
from idm.domain.notices import NoticeState
from idm.errors import Conflict, NotFound
from idm.flow.notice_desk import let_be, send_again, stuck
from idm.flow.sending import send_due
from tests.support.world import World


@pytest.fixture
def failed(world: World) -> str:
    """The id of a notice that the mail system refused."""
    world.hire()
    world.targets["mail"].trouble(Refused("no such address"))
    send_due(world.app)
    (notice,) = stuck(world.app)
    return notice.id


def test_a_failed_notice_is_sent_again_when_told_to(world: World, failed: str) -> None:
    assert send_again(world.app, failed, "admin").state is NoticeState.WAITING
    assert send_due(world.app) == 1
    assert len(world.targets["mail"].applied(Verb.POST)) == 1
    assert stuck(world.app) == []
    assert world.actions("notices") == ["notice-sent-again"]


def test_a_failed_notice_is_let_be_when_told_to(world: World, failed: str) -> None:
    assert let_be(world.app, failed, "admin").state is NoticeState.DROPPED
    assert send_due(world.app) == 0
    assert world.actions("notices") == ["notice-dropped"]


def test_what_is_not_stuck_cannot_be_decided(world: World, failed: str) -> None:
    let_be(world.app, failed, "admin")
    with pytest.raises(Conflict):
        send_again(world.app, failed, "admin")
    with pytest.raises(NotFound):
        let_be(world.app, "n-none", "admin")
    assert world.actions("notices") == ["notice-dropped"]
