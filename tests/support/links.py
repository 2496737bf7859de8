"""Personal links in tests: made, asked for how they stand, and gone through up to a session."""

from __future__ import annotations

from idm.domain.invitations import LinkState
from idm.flow.invitations import enter_code, go_on, invite, looked_up
from tests import data
from tests.support.world import World


def invited(world: World, id: str = "h1") -> tuple[str, str]:
    """A new hire's case, and the token of a link to it."""
    case = world.hire(id)
    return case, invite(world.app, case, data.HEAD_NORTH)


def state(world: World, token: str) -> LinkState:
    """How the link of `token` stands now."""
    found = looked_up(world.app, token)
    assert found is not None
    return found.state(world.app.clock.now())


def signed_in(world: World, token: str) -> str:
    """The token of the session that the link opens, with the code that was sent."""
    return enter_code(world.app, go_on(world.app, token), world.texter.code)
