"""Hires from a queue, on a real RabbitMQ: each is taken once, whatever dies, and what is refused is kept where it can be seen."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from kombu import Producer

from idm.dispatch import hires
from idm.dispatch.hires import HIRES, REJECTED, HireQueue, Refusal
from idm.errors import Unavailable
from tests import data
from tests.acceptance.command_line import CommandLine
from tests.acceptance.stack import Stack
from tests.servers.rabbitmq import RabbitServer
from tests.waiting import wait_until


@pytest.fixture
def stack(tmp_path: Path, postgres_url: str, rabbitmq_url: str) -> Iterator[Stack]:
    """An installation on PostgreSQL and RabbitMQ whose workers aren't started yet, and whose queues are there."""
    made = Stack(tmp_path, database_url=postgres_url, broker_url=rabbitmq_url).open()
    with hires.connected(rabbitmq_url) as connection:
        hires.declare(connection)
    yield made
    made.close()


def send(url: str, *bodies: object) -> None:
    """Publish as HR's system would: to the exchange, persistent, one message each."""
    with hires.connected(url) as connection:
        producer = Producer(connection.channel())
        for body in bodies:
            raw = body if isinstance(body, bytes) else json.dumps(body).encode()
            producer.publish(raw, exchange=HIRES, routing_key=HIRES, content_type=hires.FORMAT, content_encoding="utf-8", delivery_mode=2)


def left(url: str) -> dict[str, int]:
    return hires.waiting(url)


def rejected(url: str) -> list[Refusal]:
    """What was refused, left where it is."""

    class Enough(Exception):
        pass

    found: list[Refusal] = []

    def keep(refusals: Sequence[Refusal]) -> None:
        found.extend(refusals)
        raise Enough

    with suppress(Enough):
        hires.hand_over_rejected(url, keep)
    return found


def people_hired(stack: Stack) -> list[str]:
    return sorted(
        person.given_name + person.family_name for person in stack.app.store.list_people(limit=1000) if person.id.startswith("p-")
    )


def test_published_three_times_in_any_order_each_is_one_case(stack: Stack, rabbitmq: RabbitServer, rabbitmq_url: str) -> None:
    events = [data.hire_event(f"h{number}") for number in range(8)]
    messages: list[object] = [*events * 3, events]
    random.Random(3).shuffle(messages)
    send(rabbitmq_url, *messages)
    stack.launch("worker-1", "worker")
    stack.launch("worker-2", "worker")

    # A worker that stops gives back what it hasn't acknowledged, and no count of what is ready tells of that.
    wait_until(lambda: rabbitmq.unfinished(rabbitmq_url, HIRES) == 0, 60.0, stack.output())
    assert len(stack.app.store.list_cases(limit=100)) == 8
    assert set(stack.stop().values()) == {0}
    assert left(rabbitmq_url) == {HIRES: 0, REJECTED: 0}
    assert len(people_hired(stack)) == 8
    assert not any(event["data"]["person"]["cpr"] in stack.output() for event in events)


@pytest.mark.parametrize("fault", ["intake.before-commit:3", "intake.after-commit:3"])
def test_a_worker_killed_in_the_middle_of_a_take_loses_and_doubles_nothing(
    stack: Stack, rabbitmq: RabbitServer, rabbitmq_url: str, fault: str
) -> None:
    send(rabbitmq_url, [data.hire_event("h1"), data.hire_event("h2")], data.hire_event("h3"), *[data.hire_event("h1")] * 3)
    killed = stack.launch("worker-1", "worker", fault=fault)
    assert killed.wait(60.0) == -9
    wait_until(lambda: left(rabbitmq_url)[HIRES] > 0, 30.0, "what was not acknowledged comes back")
    stack.launch("worker-2", "worker")

    wait_until(lambda: rabbitmq.unfinished(rabbitmq_url, HIRES) == 0, 60.0, stack.output())
    assert len(stack.app.store.list_cases()) == 3
    assert set(stack.stop().values()) == {0}
    assert left(rabbitmq_url) == {HIRES: 0, REJECTED: 0}
    assert len(people_hired(stack)) == 3


def test_what_is_broken_or_refused_lies_in_a_queue_of_its_own_and_is_handed_out(stack: Stack, rabbitmq_url: str) -> None:
    wrong = data.hire_event("wrong", unit="moon")
    changed = data.hire_event("good", position="nurse")
    send(rabbitmq_url, b"{not json", data.organisation(), [data.hire_event("good"), wrong], changed, b"\xff\xfe")
    stack.launch("worker-1", "worker")
    wait_until(lambda: left(rabbitmq_url) == {HIRES: 0, REJECTED: 5}, 60.0, stack.output())

    found = rejected(rabbitmq_url)
    assert sorted(refusal.code for refusal in found) == ["bad-input"] * 4 + ["conflict"]
    # What is given back, a quorum queue has again a moment later.
    wait_until(lambda: left(rabbitmq_url)[REJECTED] == 5, 30.0, "looking takes nothing out")
    by_fault = {refusal.faults[0].rule: refusal for refusal in found}
    assert json.loads(by_fault["unknown-unit"].body) == wrong
    assert by_fault["unknown-unit"].faults[0].path == "data.employment.unit"
    assert json.loads(by_fault["same-id-other-content"].body) == changed
    told = json.dumps([[refusal.reason, [fault.as_json() for fault in refusal.faults]] for refusal in found]) + stack.output()
    assert wrong["data"]["person"]["cpr"] not in told and wrong["data"]["person"]["family_name"] not in told

    idm = CommandLine(stack.home, IDM_DATABASE_URL=stack.settings.database_url, IDM_BROKER_URL=rabbitmq_url)
    check = next(item for item in idm.json("doctor", code=8)["items"] if item["name"] == "hires")
    assert not check["ok"] and "5" in check["detail"] and "--rejected" in check["next"]
    answer = idm.json("hire", "--rejected")
    assert left(rabbitmq_url)[REJECTED] == 0
    assert [item["outcome"] for item in answer["items"]] == ["refused"] * 5 and len(answer["unreadable"]) == 3
    events = json.loads(Path(answer["rejects_file"]).read_text())
    assert sorted(event["id"] for event in events) == ["good", "wrong"]
    assert b"{not json" in [Path(path).read_bytes() for path in answer["unreadable"]]
    assert idm.json("hire", "--rejected") == {"schema": 1, "items": [], "rejects_file": None, "unreadable": []}


def test_the_broker_restarts_and_nothing_is_lost(stack: Stack, rabbitmq: RabbitServer, rabbitmq_url: str) -> None:
    stack.launch("worker-1", "worker")
    send(rabbitmq_url, data.hire_event("h1"))
    wait_until(lambda: len(stack.app.store.list_cases()) == 1, 60.0, stack.output())
    stack.kill("worker-1")
    send(rabbitmq_url, data.hire_event("h2"), b"broken")
    rabbitmq.kill_hard()
    rabbitmq.start()
    stack.launch("worker-2", "worker")
    wait_until(lambda: len(stack.app.store.list_cases()) == 2 and left(rabbitmq_url) == {HIRES: 0, REJECTED: 1}, 60.0, stack.output())
    # What is refused but not acknowledged yet would be refused once more.
    wait_until(lambda: rabbitmq.unfinished(rabbitmq_url, HIRES) == 0, 60.0, stack.output())

    # And while one listens: it comes back by itself.
    rabbitmq.kill_hard()
    rabbitmq.start()
    send(rabbitmq_url, data.hire_event("h3"))
    wait_until(lambda: len(stack.app.store.list_cases()) == 3, 60.0, stack.output())
    # A quorum queue that still elects its leader answers that it holds nothing.
    wait_until(lambda: left(rabbitmq_url) == {HIRES: 0, REJECTED: 1}, 60.0, "what was refused is still there")
    assert [refusal.body for refusal in rejected(rabbitmq_url)] == [b"broken"]


@contextmanager
def running(queue: HireQueue) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=queue.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(20)


def test_while_the_database_is_away_nothing_is_acknowledged(rabbitmq_url: str) -> None:
    away = threading.Event()
    away.set()
    taken: list[bytes] = []
    tries: list[Any] = []

    def take(body: bytes) -> list[Refusal]:
        tries.append(body)
        if away.is_set():
            raise Unavailable("The database is away.")
        taken.append(body)
        return []

    with hires.connected(rabbitmq_url) as connection:
        hires.declare(connection)
    send(rabbitmq_url, b"1", b"2")
    queue = HireQueue(rabbitmq_url, take)
    with running(queue):
        wait_until(lambda: len(tries) >= 2 and queue.fault != "", 30.0, "it tries again")
        assert taken == []
        away.clear()
        wait_until(lambda: sorted(taken) == [b"1", b"2"] and queue.fault == "", 30.0, "it goes on")
    assert left(rabbitmq_url) == {HIRES: 0, REJECTED: 0}


def test_a_change_and_a_cancellation_come_the_same_way_even_before_their_hire(stack: Stack, rabbitmq_url: str) -> None:
    hire = data.hire_event("h1")
    told = {"specversion": "1.0", "source": hire["source"], "subject": "h1"}
    changed = {**told, "id": "h1-moved", "type": "dk.idm.hire.changed", "data": {"employment": {"start_date": "2027-02-01"}}}
    cancelled = {**told, "id": "h1-over", "type": "dk.idm.hire.cancelled", "data": {"reason": "took another position"}}
    stranger = {**changed, "id": "h2-moved", "subject": "h2"}
    stack.launch("worker-1", "worker")
    stack.launch("worker-2", "worker")
    send(rabbitmq_url, changed, hire, changed)
    wait_until(lambda: [row.start_date.isoformat() for row in stack.app.store.list_cases()] == ["2027-02-01"], 60.0, stack.output())
    send(rabbitmq_url, cancelled, cancelled, stranger)
    wait_until(lambda: [row.state for row in stack.app.store.list_cases()] == ["cancelled"], 60.0, stack.output())
    wait_until(lambda: left(rabbitmq_url) == {HIRES: 0, REJECTED: 1}, 60.0, "a change of a hire that never comes is refused")
    (refusal,) = rejected(rabbitmq_url)
    assert json.loads(refusal.body) == stranger and refusal.early
