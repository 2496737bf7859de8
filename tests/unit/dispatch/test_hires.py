"""The queue of hires on kombu's memory transport: what needs no broker to be shown. A real RabbitMQ: tests/acceptance."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest
from kombu import Producer

from idm.dispatch import hires
from idm.dispatch.hires import HIRES, REJECTED, HireQueue, Refusal
from idm.errors import BadInput, Fault, Unavailable
from tests.waiting import wait_until

URL = "memory://"


@pytest.fixture(autouse=True)
def empty() -> None:
    with hires.connected(URL) as connection:
        hires.declare(connection)
        for name in (HIRES, REJECTED):
            connection.default_channel.queue_purge(name)


def send(*bodies: bytes) -> None:
    with hires.connected(URL) as connection:
        producer = Producer(connection.channel())
        for body in bodies:
            hires.publish(producer, HIRES, body)


def refusing(body: bytes) -> list[Refusal]:
    error = BadInput("It is wrong.", faults=[Fault("data.person.cpr", "cpr", "must be ten digits")])
    return [Refusal.by(body, error)] if body == b"wrong" else []


def test_each_message_is_taken_and_the_refused_are_kept_with_their_reason() -> None:
    send(b"right", b"wrong")
    queue, stop = HireQueue(URL, refusing), threading.Event()
    thread = threading.Thread(target=queue.run, args=(stop,))
    thread.start()
    try:
        wait_until(lambda: hires.waiting(URL) == {HIRES: 0, REJECTED: 1}, message="both are taken")
    finally:
        stop.set()
        thread.join(10)

    found: list[Refusal] = []
    assert hires.hand_over_rejected(URL, found.extend) == 1
    assert found == refusing(b"wrong")
    assert hires.waiting(URL)[REJECTED] == 0


def test_what_could_not_be_kept_stays_in_the_queue() -> None:
    with hires.connected(URL) as connection:
        hires.publish(Producer(connection.channel()), REJECTED, b"wrong")

    def keep(refusals: Sequence[Refusal]) -> None:
        raise Unavailable("The disk is full.")

    with pytest.raises(Unavailable, match="disk"):
        hires.hand_over_rejected(URL, keep)
    assert hires.waiting(URL)[REJECTED] == 1


def test_headers_that_others_wrote_are_no_trouble() -> None:
    with hires.connected(URL) as connection:
        hires.publish(Producer(connection.channel()), REJECTED, b"{}", headers={"idm-faults": "[1"})
    found: list[Refusal] = []
    hires.hand_over_rejected(URL, found.extend)
    assert found == [Refusal(b"{}", "", "")]


def test_a_broker_that_is_away_is_said_so() -> None:
    with pytest.raises(Unavailable, match="broker"):
        hires.waiting("amqp://idm@127.0.0.1:1/none")
    with pytest.raises(Unavailable, match="no such kind"):
        hires.waiting("pigeon://home")


def test_a_change_that_overtook_its_hire_waits_for_it_a_while() -> None:
    here: list[bytes] = []
    early = Fault("subject", hires.UNKNOWN_HIRE, "must be the id of a hire event that was taken")

    def take(body: bytes) -> list[Refusal]:
        if body == b"hire" or b"hire" in here:
            here.append(body)
            return []
        return [Refusal(body, "bad-input", "No hire.", (early,))]

    send(b"change", b"hire", b"change")
    queue, stop = HireQueue(URL, take), threading.Event()
    thread = threading.Thread(target=queue.run, args=(stop,))
    thread.start()
    try:
        wait_until(lambda: sorted(here) == [b"change", b"change", b"hire"], message="the change is taken after its hire")
        wait_until(lambda: hires.waiting(URL) == {HIRES: 0, REJECTED: 0})
    finally:
        stop.set()
        thread.join(10)


def test_a_change_of_a_hire_that_never_comes_is_refused_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hires, "TRIES", 2)
    tries: list[bytes] = []

    def take(body: bytes) -> list[Refusal]:
        tries.append(body)
        return [Refusal(body, "bad-input", "No hire.", (Fault("subject", hires.UNKNOWN_HIRE, "is none"),))]

    send(b"change")
    queue, stop = HireQueue(URL, take), threading.Event()
    thread = threading.Thread(target=queue.run, args=(stop,))
    thread.start()
    try:
        wait_until(lambda: hires.waiting(URL) == {HIRES: 0, REJECTED: 1}, message="it is refused")
    finally:
        stop.set()
        thread.join(10)
    assert len(tries) == 3
