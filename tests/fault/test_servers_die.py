"""What idm stands on dies in the middle of the work and comes back: database, broker, target systems, workers. All completes."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from idm.flow.verify import verify_audit
from idm.simulators import control
from tests.acceptance import people
from tests.acceptance.outcome import doubles, outcome
from tests.acceptance.stack import SYSTEMS, Stack
from tests.fault.conftest import KIND, event, one_document
from tests.servers.postgres import PostgresServer
from tests.servers.rabbitmq import RabbitServer
from tests.waiting import wait_until

HIRES = 6
SECONDS_SLOW = 0.3
"""How slow a target is made, so that work is under way when something dies."""


@pytest.fixture
def at_rest(tmp_path: Path, postgres_url: str, rabbitmq_url: str) -> Iterator[Stack]:
    """PostgreSQL and RabbitMQ, and nothing of idm that runs."""
    stack = Stack(tmp_path, database_url=postgres_url, broker_url=rabbitmq_url)
    stack.change_policy("documents.yaml", one_document)
    try:
        people.stand_in(stack.open().app)
        yield stack
    finally:
        stack.close()


@pytest.fixture
def stack(at_rest: Stack) -> Stack:
    """PostgreSQL, RabbitMQ, a web server and two workers."""
    at_rest.start()
    return at_rest


def busy(stack: Stack, names: str) -> list[str]:
    """Hires in the middle of their work, for which people have done everything; their cases."""
    control.fail(stack.simulators, "erp", "slow", seconds=SECONDS_SLOW)
    cases = stack.take([event(stack, f"{names}-{number}") for number in range(HIRES)])
    for case in cases:
        people.everything(stack.app, case, [KIND])
    wait_until(lambda: some_done(stack) > HIRES, 30.0, "no work is under way")
    return cases


def some_done(stack: Stack) -> int:
    """How many effects there were."""
    return sum(entry["result"] == "applied" for entry in stack.journal())


def all_complete(stack: Stack, cases: list[str]) -> None:
    """Every hire ends as one alone would have."""
    control.clear(stack.simulators, "erp")
    stack.wait_until_idle(90.0)
    alone = stack.take_here([event(stack, "alone")])[0]
    people.everything(stack.app, alone, [KIND])
    stack.wait_until_idle()
    expected = outcome(stack, alone)
    assert set(expected["steps"].values()) == {"done"}
    for case in cases:
        assert outcome(stack, case) == expected
    assert doubles(stack.journal()) == []
    assert verify_audit(stack.app).faults == ()


def test_the_broker_dies(stack: Stack, rabbitmq: RabbitServer) -> None:
    cases = busy(stack, "broker")
    rabbitmq.kill_hard()
    # Events are still taken while it is away: the database is the truth.
    cases += stack.take([event(stack, "meanwhile")])
    people.everything(stack.app, cases[-1], [KIND])
    rabbitmq.start()
    all_complete(stack, cases)
    assert not [name for name, program in stack.programs.items() if program.ended], stack.output()


def test_the_database_dies(stack: Stack, postgres: PostgresServer) -> None:
    cases = busy(stack, "database")
    postgres.kill_hard()
    postgres.start()
    # The connections that this process holds died too.
    stack.installation.database.close()
    all_complete(stack, cases)
    assert not [name for name, program in stack.programs.items() if program.ended], stack.output()


def test_a_worker_dies_and_another_takes_over(stack: Stack) -> None:
    cases = busy(stack, "worker")
    stack.kill("worker-1")
    all_complete(stack, cases)


def test_the_target_systems_die(stack: Stack) -> None:
    cases = busy(stack, "targets")
    for status in control.status(stack.simulators)[:1]:
        assert status.pid is not None
        os.kill(status.pid, signal.SIGKILL)
    wait_until(lambda: not any(status.running for status in control.status(stack.simulators)), 10.0, "they live")
    stack.start_simulators()
    all_complete(stack, cases)


@pytest.mark.parametrize("fault", ["relay.before-publish", "relay.after-publish"])
def test_killed_at_the_relay_with_a_real_broker(at_rest: Stack, fault: str) -> None:
    case = at_rest.take_here([event(at_rest, "relay")])[0]
    people.everything(at_rest.app, case, [KIND])
    assert at_rest.launch("worker", "worker", fault=fault).wait(60.0) == -signal.SIGKILL
    at_rest.launch("worker", "worker")
    all_complete(at_rest, [case])


@pytest.mark.parametrize("system", SYSTEMS)
def test_an_effect_whose_answer_is_lost_happens_once(bench: Stack, reference: dict[str, Any], system: str) -> None:
    control.fail(bench.simulators, system, "timeout-after", times=2)
    case = bench.take_here([event(bench, f"lost-{system}")])[0]
    people.everything(bench.app, case, [KIND])
    assert bench.launch("work", "work", "--until-idle").wait(60.0) == 0
    bench.wait_until_idle()
    control.clear(bench.simulators, system)
    assert outcome(bench, case) == reference
    assert doubles(bench.journal()) == []
