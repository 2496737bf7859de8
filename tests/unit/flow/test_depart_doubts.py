"""A hire departs from plan while nobody knows what an attempt has done: what it left is found, and is not left behind."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from idm.connector import Change, Refused, Retry, Unknown, Verb
from idm.errors import IdmError
from idm.flow.advance import advance
from idm.flow.depart import Word, cancel, move
from idm.flow.steer import retry
from tests.support.answering import answer
from tests.support.world import World

WHY = Word(reason="agreed with the old employer")


class Died(BaseException):
    """Stands for the end of a worker's process."""


@pytest.fixture
def case(world: World) -> str:
    """A hire in which people have done all that they are asked, and nothing was worked yet."""
    world.delegate()
    case = world.hire()
    world.people_act(case)
    return case


def lose(world: World, case: str, system: str, verb: Verb, how: str) -> None:
    """Work what is ready; of the first change of this sort in `system`, nobody hears that it was made."""
    target = world.targets[system]
    if how == "answer lost":
        target.trouble(Unknown("no answer came"), after=True, verb=verb)
        world.work()
        return

    def dies(change: Change) -> None:
        if change.verb is verb:
            raise Died

    target.meanwhile = dies
    with pytest.raises(Died):
        while taken := world.store.ready_runs({}, 100):
            for of, lane in taken:
                advance(world.another_worker("worker-that-dies"), of, lane)
    target.meanwhile = None
    world.dead.add("worker-that-dies")
    world.store.requeue_all()


def move_on(world: World, case: str, **facts: Any) -> None:
    move(world.app, case, facts, WHY)


def everybody_answers(world: World, *, work: bool = True) -> None:
    for _ in range(8):
        for task in world.store.tasks(state="open"):
            with suppress(IdmError):
                answer(world.app, task)
        if work:
            world.work_on()


def remembered(world: World, case: str, system: str) -> dict[str, frozenset[str]]:
    return {owned.key: owned.entitlements for owned in world.store.owned(world.case(case).person, system) if not owned.gone}


def held(world: World, system: str) -> dict[str, frozenset[str]]:
    return {key: record.entitlements for (_, key), record in world.targets[system].everything.items()}


@pytest.mark.parametrize("how", ["answer lost", "worker died"])
def test_a_record_of_which_nobody_heard_is_taken_back_though_what_approved_it_fell_before_the_cancel(
    world: World, case: str, how: str
) -> None:
    lose(world, case, "payroll", Verb.CREATE, how)
    move_on(world, case, weekly_hours="18.5")
    assert world.step(case, "payroll_form").state == "waiting"
    assert list(world.targets["payroll"].everything) == [("record", world.case(case).employment)]
    assert not remembered(world, case, "payroll")

    cancel(world.app, case, WHY)
    world.work_on()

    assert world.targets["payroll"].everything == {}


@pytest.mark.parametrize("how", ["answer lost", "worker died"])
def test_a_right_of_which_nobody_heard_goes_with_the_position_that_gave_it(world: World, case: str, how: str) -> None:
    lose(world, case, "ldap", Verb.GRANT, how)
    (given,) = held(world, "ldap").values()
    assert given
    assert not any(remembered(world, case, "ldap").values())

    move_on(world, case, unit="daycare", position="pedagogue")
    world.work_on()

    assert not any(held(world, "ldap").values())
    everybody_answers(world)
    assert held(world, "ldap") == remembered(world, case, "ldap")


@pytest.mark.parametrize("how", ["answer lost", "worker died"])
def test_a_right_of_which_nobody_heard_is_kept_in_mind_until_its_system_could_be_looked_at(world: World, case: str, how: str) -> None:
    lose(world, case, "ldap", Verb.GRANT, how)
    (given,) = held(world, "ldap").values()

    # Others are confirmed in its place before anybody reaches the directory again.
    move_on(world, case, unit="daycare", position="pedagogue")
    everybody_answers(world, work=False)
    assert given <= set(world.case(case).doubted["ldap"])
    world.work_on()

    assert held(world, "ldap") == remembered(world, case, "ldap")
    assert world.case(case).doubted == {}


def test_a_right_that_somebody_else_granted_stays_when_nothing_is_in_doubt(world: World, case: str) -> None:
    advance(world.app, case, "ldap")
    key = ("account", world.case(case).person)
    own = world.targets["ldap"].held(*key)
    assert own is not None
    world.targets["ldap"].change_behind_the_back(*key, lambda record: replace(record, entitlements=record.entitlements | {"theirs"}))
    world.work()

    move_on(world, case, unit="daycare", position="pedagogue")
    world.work_on()

    assert held(world, "ldap") == {key[1]: frozenset({"theirs"})}
    cancel(world.app, case, WHY)
    world.work_on()
    assert Verb.REVOKE not in {done.verb for done in world.targets["ldap"].applied() if done.entitlement == "theirs"}


@pytest.mark.parametrize("first", ["the cancelled hire", "the new one"])
@pytest.mark.parametrize("how", ["answer lost", "worker died"])
def test_an_account_that_an_unheard_undo_took_back_is_made_anew_for_another_hire_of_the_same_person(
    world: World, case: str, how: str, first: str
) -> None:
    advance(world.app, case, "ldap")
    person = world.store.person(world.case(case).person)
    assert person is not None
    cancel(world.app, case, WHY)
    lose(world, case, "ldap", Verb.DELETE, how)
    assert held(world, "ldap") == {} and remembered(world, case, "ldap")

    again = world.hire("again", cpr=person.cpr.reveal(), start="2027-02-01")
    world.people_act(again)
    advance(world.app, case if first == "the cancelled hire" else again, "ldap")
    world.work_on()

    assert not [step for of in (case, again) for step, state in world.states(of).items() if state == "refused"]
    assert list(held(world, "ldap")) == [person.id]
    assert remembered(world, again, "ldap") == held(world, "ldap")


@pytest.mark.parametrize("then", ["the target is away", "it is tried again by hand", "it is refused"])
def test_a_right_of_which_nobody_heard_is_not_forgotten_whatever_came_after(world: World, case: str, then: str) -> None:
    lose(world, case, "ldap", Verb.GRANT, "answer lost")
    (given,) = held(world, "ldap").values()
    (step,) = [step for step, state in world.states(case).items() if state == "unknown"]
    if then == "it is tried again by hand":
        retry(world.app, case, step)
    else:
        away = Retry("away") if then == "the target is away" else Refused("the directory is read-only")
        world.targets["ldap"].trouble_reading(away, times=50)
        world.clock.pass_seconds(3600)
        advance(world.app, case, "ldap")
        world.targets["ldap"].heal()

    move_on(world, case, unit="daycare", position="pedagogue")
    everybody_answers(world, work=False)
    assert given <= set(world.case(case).doubted["ldap"])
    everybody_answers(world)

    assert held(world, "ldap") == remembered(world, case, "ldap")
    assert world.case(case).doubted == {}
