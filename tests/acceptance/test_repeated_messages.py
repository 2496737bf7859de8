"""Every message delivered three times, in any order, and late ones too: nothing differs from having each once."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from idm.dispatch.publisher import CeleryPublisher
from idm.flow.verify import verify_audit
from idm.worker import Service
from tests import data
from tests.acceptance import people
from tests.acceptance.conftest import MakeStack
from tests.acceptance.outcome import doubles, outcome
from tests.acceptance.stack import Stack
from tests.acceptance.test_hire_both_stacks import FIRST_DAY
from tests.waiting import wait_until

COPIES = 3
HIRES = 3


class Messages:
    """Sends extra messages to a running service's broker, and knows when all were taken."""

    def __init__(self, service: Service, seed: int) -> None:
        self._celery = service.celery
        self._lanes = service.lanes
        self._publisher = CeleryPublisher(service.celery)
        self._random = random.Random(seed)

    def send(self, cases: Sequence[str]) -> None:
        """Three messages for every lane of every case, whether it has work or not, in any order."""
        runs = [(case, lane) for case in cases for lane in self._lanes] * COPIES
        self._random.shuffle(runs)
        self._publisher.publish(runs)

    def wait_until_taken(self) -> None:
        """Wait until no queue holds a message."""

        def left() -> int:
            with self._celery.connection_for_write() as connection, connection.channel() as channel:
                return sum(queue(channel).queue_declare(passive=True).message_count for queue in self._celery.conf.task_queues)

        wait_until(lambda: left() == 0, 60.0, "messages are left over")


@contextmanager
def serving(stack: Stack) -> Iterator[Service]:
    """Worker, relay and sweeper in this process, whose broker can be reached in memory too; and a second worker where one may be."""
    service = Service(stack.settings)
    try:
        service.start()
        if stack.distributed:
            stack.launch("worker", "worker")
        yield service
    finally:
        service.stop()


def test_three_copies_of_every_message_do_no_more_than_one(make_stack: MakeStack) -> None:
    stack = make_stack()
    people.stand_in(stack.open().app)
    with serving(stack) as service:
        once = stack.take_here([data.hire_event("once")])[0]
        stack.wait_until_idle()
        people.everything(stack.app, once)
        stack.wait_until_idle()

        messages = Messages(service, seed=20270104)
        cases = stack.take_here([data.hire_event(f"thrice-{number}") for number in range(HIRES)])
        messages.send(cases)
        for part in (people.hand_in, people.review, people.fill_in, people.confirm, people.check):
            for case in cases:
                part(stack.app, case)
                messages.send(cases)
        stack.wait_until_idle()
        stack.move_clock(FIRST_DAY)
        messages.send(cases)
        stack.wait_until_idle()

        expected = outcome(stack, once)
        assert set(expected["steps"].values()) == {"done"}
        entries = verify_audit(stack.app).entries
        messages.send([once, *cases])
        messages.wait_until_taken()
    for case in cases:
        assert outcome(stack, case) == expected
    assert doubles(stack.journal()) == []
    assert len(stack.mails("welcome")) == 1 + HIRES
    verified = verify_audit(stack.app)
    assert (verified.faults, verified.entries) == ((), entries), "late messages changed something"
