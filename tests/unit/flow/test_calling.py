from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta

import pytest

from idm.connector import Change, Ref, Refused, Retry, Verb
from idm.errors import BadInput, IdmError, Unavailable
from idm.flow.advance import Advanced, advance
from idm.flow.calling import Calls, Claim, ClaimLost
from idm.flow.graphs import load
from tests.support.world import World


def claimed(world: World) -> tuple[str, Claim]:
    """A case whose directory lane `worker-1` holds at epoch 1, and the claim, made longer ago than half of its spare time."""
    case = world.hire()
    world.appoint(case)
    world.sql("update runs set state = 'claimed', epoch = 1, owner = 'worker-1', lease_until = 1 where lane = 'ldap'")
    return case, Claim(world.app, case, "ldap", 1, time.monotonic() - 50)


def test_a_claim_is_renewed_before_a_call_that_could_outlast_it(world: World) -> None:
    case, claim = claimed(world)
    claim.keep(5.0)
    until = world.clock.machine() + timedelta(seconds=60)
    assert load(world.app, case).runs["ldap"].lease_until == until
    world.clock.pass_seconds(1)
    claim.keep(5.0)
    assert load(world.app, case).runs["ldap"].lease_until == until, "a fresh claim costs no commit"


def test_no_call_is_made_under_a_claim_that_another_took(world: World) -> None:
    _, claim = claimed(world)
    world.sql("update runs set epoch = 2, owner = 'worker-2' where lane = 'ldap'")
    target = world.targets["ldap"]
    with pytest.raises(ClaimLost):
        Calls(target, claim).read(Ref("account", "p"))
    assert target.calls == 0


def test_a_worker_that_lost_its_claim_between_two_calls_stops_calling(world: World) -> None:
    """Its lease is so short that it must be renewed at every call; meanwhile another took the lane over."""
    case = world.hire()
    world.appoint(case)
    target = world.targets["ldap"]

    def taken_over(change: Change) -> None:
        if change.verb is Verb.GRANT:
            target.meanwhile = None
            world.clock.pass_seconds(61)
            assert advance(world.another_worker(), case, "ldap") is Advanced.WORKED

    world.confirm_rights(case)
    target.meanwhile = taken_over
    hasty = replace(world.app, lease=5.0)
    assert advance(hasty, case, "ldap") is Advanced.LOST
    assert [(done.verb, done.result) for done in target.journal] == [(Verb.CREATE, "applied"), *[(Verb.GRANT, "applied")] * 5]
    assert world.states(case)["directory_rights"] == "done"


@pytest.mark.parametrize(
    ("error", "becomes"),
    [
        (Unavailable("No credential.", next_step="Put it there."), Retry),
        (BadInput("Wrong settings."), Refused),
        (IdmError("Odd."), Refused),
    ],
)
def test_idms_own_errors_out_of_a_connector_are_answers_too(world: World, error: IdmError, becomes: type[Retry | Refused]) -> None:
    target = world.targets["ldap"]
    target.trouble_reading(error)
    with pytest.raises(becomes) as answer:
        Calls(target, None).read(Ref("account", "p"))
    assert error.message in answer.value.reason
