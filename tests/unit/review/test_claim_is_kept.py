"""A step of many calls outlasts its lease: the claim is kept between calls, and who has lost it does nothing more."""

from __future__ import annotations

from dataclasses import replace

from idm.connector import Change, Verb
from idm.flow.advance import Advanced, advance
from idm.flow.sweep import sweep_once
from tests.support.world import World


def ready_for_rights(world: World) -> str:
    """A hire whose next step in the directory grants five rights, one call each; its case."""
    case = world.hire()
    world.appoint(case)
    world.work()
    world.confirm_rights(case)
    return case


def test_a_claim_is_renewed_while_calls_follow_each_other(world: World) -> None:
    case = ready_for_rights(world)
    second = world.another_worker()
    # The lease is hardly longer than a call's deadline, so that every call but the first finds it in need of renewal.
    worker = replace(world.app, lease=5.0 + 1e-6)
    met: list[Advanced] = []

    def slow(change: Change) -> None:
        world.clock.pass_seconds(4)
        sweep_once(second)
        met.append(advance(second, case, "ldap"))

    world.targets["ldap"].meanwhile = slow
    assert advance(worker, case, "ldap") is Advanced.WORKED
    assert met == [Advanced.HELD] * 5
    assert len(world.targets["ldap"].applied(Verb.GRANT)) == 5
    assert world.step(case, "directory_rights").attempts == 1


def test_a_claim_that_nobody_took_is_taken_up_again_by_its_holder(world: World) -> None:
    case = ready_for_rights(world)
    worker = replace(world.app, lease=5.0 + 1e-6)

    def very_slow(change: Change) -> None:
        world.clock.pass_seconds(60)
        sweep_once(world.another_worker())

    world.targets["ldap"].meanwhile = very_slow
    assert advance(worker, case, "ldap") is Advanced.WORKED
    assert (world.step(case, "directory_rights").state, world.step(case, "directory_rights").attempts) == ("done", 1)


def test_who_has_lost_the_claim_makes_no_further_call(world: World) -> None:
    case = ready_for_rights(world)
    worker = replace(world.app, lease=5.0 + 1e-6)
    ldap = world.targets["ldap"]
    second = world.another_worker()
    calls: list[str] = []

    def much_too_slow(change: Change) -> None:
        calls.append(change.entitlement or "")
        if len(calls) == 1:
            world.clock.pass_seconds(60)
            sweep_once(second)
            assert advance(second, case, "ldap") is Advanced.WORKED

    ldap.meanwhile = much_too_slow
    assert advance(worker, case, "ldap") is Advanced.LOST
    assert len(calls) == len(set(calls)) == 5
    (owned,) = world.store.owned(world.case(case).person, "ldap")
    held = ldap.held("account", world.case(case).person)
    assert held is not None and owned.entitlements == held.entitlements
