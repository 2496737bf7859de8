"""At every fault point a `kill -9`, then a restart: the hire ends as it would have, and nothing happened twice."""

from __future__ import annotations

import time
from datetime import UTC, timedelta
from http.client import RemoteDisconnected
from typing import Any
from urllib.error import URLError

import pytest

from idm import faults
from idm.domain.hours import HOME
from idm.domain.notices import NoticeState
from idm.flow.deadlines import calendar
from idm.flow.depart import Word, cancel
from idm.flow.drain import drain
from idm.flow.tasks import open_tasks
from idm.flow.verify import verify_audit
from tests import data
from tests.acceptance import people
from tests.acceptance.outcome import doubles, outcome
from tests.acceptance.stack import Stack
from tests.fault.conftest import KIND, begun, event

SIGKILLED = -9
SECONDS = 60.0

AT_WORK = {
    "claim.before-commit": 1,
    "claim.after-commit": 2,
    "call.before": 3,
    "call.between-changes": 3,
    "call.after": 3,
    "outcome.before-commit": 2,
    "outcome.after-commit": 2,
    "sweep.before-commit": 1,
}
"""The points that a process passes that works a hire to its end, and at how many passes it is killed."""
AT_RELAY = {"relay.before-publish": 1, "relay.after-publish": 1}
AT_INTAKE = ("intake.before-commit", "intake.after-commit")
AT_TASK = {"task.before-commit": 0, "task.after-commit": 6}
"""The points of a task, and the exit code of the same answer given again: done, or done already."""

AT_NOTICES = ("notice.before-send", "notice.after-send")
AT_ESCALATION = ("escalate.before-commit",)
AT_TABLE = ("table.before-place", "table.before-commit")
"""The points of a payroll table that is taken: tried with the command line, in tests/acceptance/test_cli_payroll.py."""


def passes(points: dict[str, int]) -> list[str]:
    return [f"{name}:{count}" for name, most in points.items() for count in range(1, most + 1)]


def test_every_point_is_tried() -> None:
    assert {*AT_WORK, *AT_RELAY, *AT_INTAKE, *AT_TASK, *AT_NOTICES, *AT_ESCALATION, *AT_TABLE} == set(faults.POINTS)


def ends_as_it_would_have(stack: Stack, case: str, reference: dict[str, Any]) -> None:
    assert outcome(stack, case) == reference
    assert doubles(stack.journal()) == []
    assert verify_audit(stack.app, case).faults == ()


def work(stack: Stack, fault: str = "") -> int:
    return stack.launch("work", "work", "--until-idle", fault=fault).wait(SECONDS)


@pytest.mark.parametrize("fault", passes(AT_WORK))
def test_killed_at_work(bench: Stack, reference: dict[str, Any], fault: str) -> None:
    case = begun(bench, fault)
    assert work(bench, fault) == SIGKILLED
    assert work(bench) == 0, bench.programs["work"].tail()
    ends_as_it_would_have(bench, case, reference)


def test_killed_again_and_again(bench: Stack, reference: dict[str, Any]) -> None:
    case = begun(bench, "again")
    for fault in ("call.after", "call.before", "outcome.before-commit", "call.after", "claim.after-commit"):
        assert work(bench, fault) == SIGKILLED, fault
    assert work(bench) == 0
    ends_as_it_would_have(bench, case, reference)


def cancelled(stack: Stack, name: str) -> str:
    """A hire that was made everywhere and is cancelled before its first day; nothing is taken back yet."""
    case = stack.take_here([data.hire_event(name, start="2031-01-06")])[0]
    people.everything(stack.app, case, [KIND])
    drain(stack.app)
    cancel(stack.app, case, Word(reason="took another position"))
    return case


@pytest.fixture(scope="module")
def taken_back(bench: Stack) -> dict[str, Any]:
    """What is left of a cancelled hire when nothing goes wrong."""
    case = cancelled(bench, "taken-back")
    drain(bench.app)
    found = outcome(bench, case)
    assert found["state"] == "cancelled"
    assert not [item for items in found["targets"].values() for item in items if item["state"] == "enabled" and item["kind"] != "document"]
    return found


@pytest.mark.parametrize("fault", ["call.before:2", "call.between-changes:1", "call.after:1", "outcome.before-commit:1"])
def test_killed_while_taking_back(bench: Stack, taken_back: dict[str, Any], fault: str) -> None:
    case = cancelled(bench, f"back-{fault}")
    assert work(bench, fault) == SIGKILLED
    assert work(bench) == 0, bench.programs["work"].tail()
    ends_as_it_would_have(bench, case, taken_back)


@pytest.mark.parametrize("fault", passes(AT_RELAY))
def test_killed_at_the_relay(bench: Stack, reference: dict[str, Any], fault: str) -> None:
    case = begun(bench, fault)
    assert bench.launch("server", "serve", fault=fault).wait(SECONDS) == SIGKILLED
    bench.start()
    bench.wait_until_idle()
    bench.kill("server")
    ends_as_it_would_have(bench, case, reference)


@pytest.mark.parametrize("fault", AT_INTAKE)
def test_killed_at_the_intake(bench: Stack, reference: dict[str, Any], fault: str) -> None:
    server = bench.launch("server", "serve", fault=fault)
    bench.wait_ready("server")
    hire = event(bench, fault)
    with pytest.raises((URLError, RemoteDisconnected, ConnectionError)):
        bench.post([hire])
    assert server.wait(SECONDS) == SIGKILLED
    taken = bench.app.store.event(hire["source"], hire["id"])
    assert (taken is None) == (fault == "intake.before-commit"), "before the commit nothing is there, after it all is"
    bench.start()
    status, answer = bench.post([hire])
    assert status == (202 if taken is None else 200)
    case = answer["items"][0]["case"]
    assert taken is None or taken.case == case
    people.everything(bench.app, case, [KIND])
    bench.wait_until_idle()
    bench.kill("server")
    ends_as_it_would_have(bench, case, reference)


@pytest.mark.parametrize("fault", AT_TASK)
def test_killed_at_a_task(bench: Stack, reference: dict[str, Any], fault: str) -> None:
    case = bench.take_here([event(bench, fault)])[0]
    task = next(task for task, _ in open_tasks(bench.app, case=case) if task.kind == "rights")
    file = data.write_json(bench.home / "answer.json", {"decision": "confirm"})
    arguments = ("task", "do", task.id, "--as", data.IT, "--input", str(file), "--json")
    assert bench.launch("task", *arguments, fault=fault).wait(SECONDS) == SIGKILLED
    assert bench.states(case)["confirm_rights"] == ("done" if fault == "task.after-commit" else "waiting")
    again = bench.launch("task-again", *arguments)
    assert again.wait(SECONDS) == AT_TASK[fault], again.tail()
    people.hand_in(bench.app, case, [KIND])
    people.review(bench.app, case)
    people.fill_in(bench.app, case)
    people.check(bench.app, case)
    assert work(bench) == 0
    ends_as_it_would_have(bench, case, reference)


def in_the_morning(stack: Stack, days: int = 0) -> None:
    """Business time becomes ten o'clock on a working day: then people may be written to."""
    now = stack.app.clock.now()
    moment = (now + timedelta(days=days)).astimezone(HOME).replace(hour=10, minute=0)
    days_open = calendar(stack.app.policies.current().deadlines)
    while moment < now or not days_open.is_open(moment.date()):
        moment += timedelta(days=1)
    stack.move_clock(moment.astimezone(UTC))


@pytest.mark.parametrize("fault", AT_NOTICES)
def test_killed_as_a_notice_is_sent(bench: Stack, fault: str) -> None:
    in_the_morning(bench)
    assert work(bench) == 0, "nothing of other tests is left to be sent"
    case = bench.take_here([event(bench, fault)])[0]
    assert work(bench, fault) == SIGKILLED
    (left,) = [notice for notice in bench.app.store.notices(case=case) if notice.state is NoticeState.SENDING]
    deadline = time.monotonic() + SECONDS
    # Another may take it up when the lease of the dead one has ended.
    while bench.app.store.notices(case=case, state="sending") and time.monotonic() < deadline:
        assert work(bench) == 0, bench.programs["work"].tail()
    sent = [notice for notice in bench.app.store.notices(case=case, state="sent") if notice.id == left.id]
    assert len(sent) == 1
    assert sum(mail.count(f"X-Idm-Key: {left.id}") for mail in bench.mails()) == 1


@pytest.mark.parametrize("fault", AT_ESCALATION)
def test_killed_as_a_task_is_escalated(bench: Stack, fault: str) -> None:
    in_the_morning(bench)
    case = bench.take_here([event(bench, fault)])[0]
    assert work(bench) == 0
    in_the_morning(bench, days=21)
    assert work(bench, fault) == SIGKILLED
    assert work(bench) == 0, bench.programs["work"].tail()
    escalated = [entry for entry in bench.app.store.audit(case) if entry.action == "escalated"]
    open_now = bench.app.store.tasks(case=case, state="open")
    assert len(escalated) == sum(task.escalated > 0 for task in open_now) > 0
    assert verify_audit(bench.app, case).faults == ()
