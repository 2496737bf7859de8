"""What an attempt leaves whose end nobody heard of: it stays in doubt until it is read, and what it did is taken back one day."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from idm.connector import Change, Retry, State, Unknown, Verb
from idm.domain.policy import SystemPolicy
from idm.flow.advance import advance
from idm.flow.depart import Word, cancel
from tests import data
from tests.support.world import World


class Died(BaseException):
    """The worker died: what it was about to record was never recorded."""


def die(change: Change) -> None:
    raise Died


def on(verb: Verb, then: Callable[[Change], None]) -> Callable[[Change], None]:
    """`then`, when a change of that verb was performed."""
    return lambda change: then(change) if change.verb is verb else None


def cancelled(world: World, case: str) -> None:
    """Somebody cancels the case."""
    cancel(world.app, case, Word(reason="a mistake"))


def restart(world: World) -> None:
    """The worker's lease runs out, and another goes on."""
    for target in world.targets.values():
        target.meanwhile = None
    world.work_on(times=3)


def second_employment(world: World) -> str:
    """A confirmed hire of the same person elsewhere, so that the account is wanted whatever becomes of the first; its case."""
    case = world.hire("h2", unit="town_hall", position="case_worker", cpr=data.hire_event("h1")["data"]["person"]["cpr"])
    world.people_act(case)
    world.work()
    return case


def test_a_right_that_was_granted_just_before_a_crash_is_taken_back_one_day(world: World) -> None:
    world.delegate()
    second_employment(world)
    case = world.hire("h1")
    world.people_act(case)
    ldap = world.targets["ldap"]
    ldap.meanwhile = on(Verb.GRANT, die)
    with pytest.raises(Died):
        world.work()
    restart(world)
    person = world.case(case).person
    (owned,) = world.store.owned(person, "ldap")
    held = ldap.held("account", person)
    assert held is not None and owned.entitlements == held.entitlements

    cancel(world.app, case, Word(reason="she changed her mind"))
    world.work_on(times=2)
    held = ldap.held("account", person)
    assert held is not None and held.entitlements == {"all-staff", "town-hall", "case-handling"}


def test_a_right_that_was_granted_just_before_a_crash_and_a_cancel_is_taken_back(world: World) -> None:
    world.delegate()
    second_employment(world)
    case = world.hire("h1")
    world.people_act(case)
    ldap = world.targets["ldap"]
    ldap.meanwhile = on(Verb.GRANT, die)
    with pytest.raises(Died):
        world.work()
    cancel(world.app, case, Word(reason="she changed her mind"))
    restart(world)
    held = ldap.held("account", world.case(case).person)
    assert held is not None and held.entitlements == {"all-staff", "town-hall", "case-handling"}


def test_an_account_that_was_opened_just_before_a_crash_and_a_cancel_is_ended_not_deleted(world: World) -> None:
    case = world.hire("h1")
    world.appoint(case)
    world.all_checks(case)
    world.confirm_rights(case)
    world.work()
    ldap = world.targets["ldap"]
    ldap.meanwhile = on(Verb.ENABLE, die)
    world.arrive()
    with pytest.raises(Died):
        world.work()
    cancel(world.app, case, Word(reason="she left at once"))
    restart(world)
    held = ldap.held("account", world.case(case).person)
    assert held is not None and held.state is State.ENDED


def test_a_mail_in_doubt_is_not_sent_again_because_its_server_was_away_meanwhile(new_world: Callable[..., World]) -> None:
    world = new_world(mail_is_blind=True)
    world.policies.edit_system("mail", lambda mail: replace(mail, retry=replace(mail.retry, circuit_failures=1), doubt="ask"))
    case = world.hire("h1")
    world.people_act(case)
    mail = world.targets["mail"]
    mail.meanwhile = die
    with pytest.raises(Died):
        world.work()
    mail.meanwhile = None
    other = world.hire("h2")
    world.people_act(other)
    mail.trouble(Retry("it is away"))
    world.work()
    assert world.store.circuits()["mail"].is_open(world.clock.machine())

    world.clock.pass_seconds(20)
    world.store.release(case, "mail", world.app.owner)
    advance(world.app, case, "mail")
    assert world.step(case, "welcome").state == "unknown"
    world.work_on(times=4)
    assert [done.key for done in mail.applied()].count(world.case(case).employment) == 1
    assert world.step(case, "welcome").state == "refused"


def test_an_undo_waits_for_an_attempt_in_doubt_whose_target_is_left_alone(world: World) -> None:
    def sensitive(ldap: SystemPolicy) -> SystemPolicy:
        return replace(ldap, retry=replace(ldap.retry, circuit_failures=1))

    world.policies.edit_system("ldap", sensitive)
    case = world.hire("h1")
    world.appoint(case)
    ldap = world.targets["ldap"]
    ldap.meanwhile = on(Verb.CREATE, lambda _: None if world.case(case).over else cancelled(world, case))
    ldap.trouble(Unknown("no answer"), after=True, verb=Verb.CREATE)
    world.work()
    ldap.meanwhile = None
    assert (world.step(case, "account").state, world.step(case, "undo-ldap").state) == ("unknown", "ready")
    world.work_on(seconds=10, times=1)
    world.work_on(times=3)
    assert (world.step(case, "account").state, world.step(case, "undo-ldap").state) == ("done", "done")
    ends = [json.loads(entry.payload or "{}")["step"] for entry in world.store.audit(case) if entry.action == "step-done"]
    assert [step for step in ends if step in ("account", "undo-ldap")] == ["account", "undo-ldap"]
    assert ldap.everything == {}
