from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from idm.connector import Refused, Retry, Unknown
from idm.domain.policy import RetryPolicy
from idm.flow import circuits
from idm.flow.advance import Advanced, advance
from idm.flow.sweep import sweep_once
from tests.support.together import together
from tests.support.world import World

POLICY = RetryPolicy(first=1, factor=1, most=1, circuit_failures=3, cool_down=30)


@pytest.fixture
def cases(world: World) -> list[str]:
    world.delegate()
    for name in world.policies.current().systems:
        world.policies.edit_system(name, lambda system: replace(system, retry=POLICY))
    return [world.hire(f"h{number}") for number in range(6)]


def work(world: World, cases: list[str]) -> None:
    for case in cases:
        advance(world.app, case, "erp")


def states(world: World, cases: list[str]) -> list[str]:
    return [world.states(case)["profile"] for case in cases]


def test_a_circuit_opens_at_the_policys_number_of_failures_in_a_row(world: World, cases: list[str]) -> None:
    world.targets["erp"].trouble(Retry("away"), times=9)
    work(world, cases[:2])
    assert circuits.shut(world.app, world.clock.machine()) == {}
    work(world, cases[2:])

    assert states(world, cases) == ["retry"] * 3 + ["waiting"] * 3
    assert world.targets["erp"].calls == 6
    held = world.step(cases[5], "profile")
    assert "erp is not answering (away)" in held.reason
    assert held.until == world.store.circuits()["erp"].open_until
    assert world.actions(cases[5])[-1] == "target-waited-for"
    assert [world.states(case)["account"] for case in cases] == ["ready"] * 6


def test_an_answer_in_between_starts_the_count_anew_and_a_refusal_is_an_answer(world: World, cases: list[str]) -> None:
    target = world.targets["erp"]
    target.trouble(Retry("away"), times=2)
    work(world, cases[:3])
    assert states(world, cases)[2] == "done"
    target.trouble(Retry("away"), times=2)
    work(world, cases[3:5])
    target.trouble(Refused("no"))
    work(world, cases[5:])
    assert states(world, cases)[3:] == ["retry", "retry", "refused"]
    assert world.store.circuits()["erp"].failures == 0


def test_a_failure_of_one_record_says_nothing_of_the_target(world: World, cases: list[str]) -> None:
    world.targets["erp"].trouble(Retry("locked record", down=False), times=6)
    work(world, cases)
    assert states(world, cases) == ["retry"] * 6
    assert "erp" not in world.store.circuits()


def test_when_its_time_is_over_one_tries_and_its_success_wakes_the_others(world: World, cases: list[str]) -> None:
    world.targets["erp"].trouble(Unknown("no answer"), times=3)
    work(world, cases)
    world.clock.pass_seconds(31)
    world.app.cache.clear()
    assert advance(world.app, cases[3], "erp") is Advanced.WORKED
    assert world.store.circuits()["erp"].open_until is None
    sweep_once(world.app)
    world.work()
    assert states(world, cases) == ["done"] * 6


def test_those_that_come_while_one_tries_wait_one_cool_down_at_most(world: World, cases: list[str]) -> None:
    world.targets["erp"].trouble(Unknown("no answer"), times=3)
    work(world, cases)
    world.clock.pass_seconds(31)
    workers = [world.another_worker(f"worker-{number}") for number in range(3)]
    answers = together([partial(advance, app, case, "erp") for app, case in zip(workers, cases[3:], strict=True)])

    assert set(answers) <= {Advanced.WORKED, Advanced.NOTHING}
    assert Advanced.WORKED in answers
    world.clock.pass_seconds(30)
    sweep_once(world.app)
    world.app.cache.clear()
    world.work()
    assert states(world, cases) == ["done"] * 6


def test_a_trial_call_that_fails_shuts_the_circuit_again(world: World, cases: list[str]) -> None:
    world.targets["erp"].trouble(Retry("away"), times=4)
    work(world, cases)
    world.clock.pass_seconds(31)
    world.app.cache.clear()
    before = world.targets["erp"].calls
    work(world, cases[:1])
    sweep_once(world.app)
    work(world, cases)

    assert world.targets["erp"].calls == before + 2
    assert world.store.circuits()["erp"].is_open(world.clock.machine())
    world.clock.pass_seconds(31)
    world.app.cache.clear()
    sweep_once(world.app)
    world.work()
    assert states(world, cases) == ["done"] * 6


def test_two_that_want_the_trial_call_get_one(world: World, cases: list[str]) -> None:
    world.targets["erp"].trouble(Retry("away"), times=3)
    work(world, cases)
    known = world.store.circuits()["erp"].open_until
    assert known is not None
    world.clock.pass_seconds(31)
    machine = world.clock.machine()
    policy = world.policies.current().systems["erp"]
    apps = [world.another_worker(f"worker-{number}") for number in range(4)]
    for app in apps:
        circuits.known(app)
    answers = together([partial(circuits.may_call, app, "erp", policy, machine) for app in apps])

    assert answers.count(None) == 1
    shut = [answer for answer in answers if answer is not None]
    assert all(not isinstance(answer, Exception) and answer.is_open(machine) for answer in shut)


def test_others_hear_of_a_circuit_that_another_process_opened(world: World, cases: list[str]) -> None:
    world.targets["erp"].trouble(Retry("away"), times=3)
    work(world, cases[:3])
    other = world.another_worker()
    assert advance(other, cases[3], "erp") is Advanced.NOTHING
    assert circuits.shut(other, world.clock.machine()).keys() == {"erp"}


def test_the_systems_of_one_lane_have_circuits_of_their_own(world: World, cases: list[str]) -> None:
    """A lane shared by two systems goes on with the one that answers."""
    hire = world.policies.current().journeys["hire"]
    lanes = {"erp": "office", "mailbox": "office"}
    steps = tuple(replace(step, lane=lanes.get(step.system, step.lane)) for step in hire.steps)
    for name in lanes:
        world.policies.edit_system(name, lambda system: replace(system, lane="office"))
    world.policies.edit(journeys={"hire": replace(hire, steps=steps, source=replace(hire.source, hash="office"))})
    late = [world.hire(f"late{number}") for number in range(4)]
    world.targets["erp"].trouble(Retry("away"), times=3)
    for case in late:
        advance(world.app, case, "office")

    assert states(world, late) == ["retry"] * 3 + ["waiting"]
    assert [world.states(case)["mailbox"] for case in late] == ["done"] * 4
    world.work_on(times=2)
    assert states(world, late) == ["done"] * 4
