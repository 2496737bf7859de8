"""Hire events from a queue: HR's system publishes them to the broker, and a worker takes each once, whatever dies in between.

A message is acknowledged only when what it brought is in the database, and what was refused of it lies in the queue of the refused.
One that is delivered again finds its events taken, and is answered as a replay. While the database is away nothing is acknowledged:
messages wait.
"""

from __future__ import annotations

import contextlib
import json
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from kombu import Connection, Consumer, Exchange, Producer, Queue
from kombu.exceptions import KombuError, OperationalError

from idm.errors import Fault, IdmError, Unavailable

HIRES = "idm.hires"
"""The queue that HR's system publishes to, and the exchange before it: a right to write to `idm.hires` is all that a publisher needs."""
REJECTED = "idm.hires.rejected"
"""The queue of what was refused, each event as it came, with the reason in the headers."""
FORMAT = "application/cloudevents+json"
AHEAD = 8
"""Messages that the broker hands out before the first of them is acknowledged."""
UNKNOWN_HIRE = "unknown-hire"
"""The rule that a change of a hire breaks which isn't here."""
TRIES = 5
"""How often what comes too early goes to the end of the queue again, after 0.2 s, 0.4 s and so on, before it is refused."""
_TRIES = "idm-tries"
LONGEST_PAUSE = 30.0
"""Seconds between two tries while broker or database are away, at most; the first pause is half a second."""

log = logging.getLogger("idm.hires")


@dataclass(frozen=True, slots=True)
class Refusal:
    """What was refused: the event, or the whole body where it holds none, as it came; and why. The reason holds no private value."""

    body: bytes = field(repr=False)
    code: str
    reason: str
    faults: tuple[Fault, ...] = ()

    @property
    def early(self) -> bool:
        """Whether it tells of a hire that isn't here: the message that brings it may be on its way, or in another worker's hands."""
        return any(fault.rule == UNKNOWN_HIRE for fault in self.faults)

    @classmethod
    def by(cls, body: bytes, error: IdmError) -> Refusal:
        """The refusal of `body` by `error`."""
        return cls(body, error.code, error.message, error.faults)


Take = Callable[[bytes], Sequence[Refusal]]
"""Takes a message's body; answers what of it was refused. Raises Unavailable if it could not be taken now."""


class HireQueue:
    """Consumes the queue of hires for `run`'s time. `fault` says why it doesn't now; "" if it does."""

    def __init__(self, broker_url: str, take: Take) -> None:
        """`take` is called with each message's body, in the thread that runs."""
        self._url = broker_url
        self._take = take
        self.fault = ""
        self._pause = 0.5

    def run(self, stopping: threading.Event) -> None:
        """Take what comes until `stopping` is set. While broker or database are away, try again ever more slowly."""
        while not stopping.is_set():
            try:
                self._consume(stopping)
            except Unavailable as error:
                if error.message != self.fault:
                    log.warning("hires from the queue wait: %s", error.message)
                self.fault = error.message
                stopping.wait(self._pause)
                self._pause = min(self._pause * 2, LONGEST_PAUSE)

    def _consume(self, stopping: threading.Event) -> None:
        with connected(self._url) as connection:
            declare(connection)
            channel = _raw(connection)
            producer = Producer(_raw(connection))
            consumer = Consumer(
                channel,
                [Queue(HIRES)],
                on_message=lambda message: self._taken(message, producer, stopping),
                auto_declare=False,
                prefetch_count=AHEAD,
            )
            with consumer:
                while not stopping.is_set():
                    try:
                        connection.drain_events(timeout=0.5)
                    except TimeoutError:
                        connection.heartbeat_check()
                    self.fault, self._pause = "", 0.5

    def _taken(self, message: Any, producer: Producer, stopping: threading.Event) -> None:
        refused = self._take(_bytes(message.body))
        tries = _tries(message)
        if tries < TRIES and any(refusal.early for refusal in refused):
            stopping.wait(0.2 * 2**tries)
        for refusal in refused:
            if refusal.early and tries < TRIES:
                publish(producer, HIRES, refusal.body, headers={_TRIES: str(tries + 1)})
            else:
                publish(producer, REJECTED, refusal.body, headers=_headers(refusal))
        message.ack()


def publish(producer: Producer, queue: str, body: bytes, headers: dict[str, str] | None = None) -> None:
    """Send a persistent message straight to `queue`, and return when the broker has it; one without a queue is an error."""
    producer.publish(
        body,
        exchange="",
        routing_key=queue,
        content_type=FORMAT,
        content_encoding="binary",
        delivery_mode=2,
        headers=headers or {},
        mandatory=True,
        retry=False,
    )


def waiting(broker_url: str) -> dict[str, int]:
    """How many messages each of both queues holds ready; 0 where there is no such queue yet. Raises Unavailable."""
    with connected(broker_url) as connection:
        return {name: _count(connection, name) or 0 for name in (HIRES, REJECTED)}


def hand_over_rejected(broker_url: str, keep: Callable[[Sequence[Refusal]], None], most: int = 10_000) -> int:
    """Give what was refused to `keep`, and take it out of its queue once that returned; how many. Raises Unavailable.

    Whatever `keep` raises leaves them all in the queue.
    """
    with connected(broker_url) as connection:
        if _count(connection, REJECTED) is None:
            return 0
        queue = Queue(REJECTED, channel=_raw(connection))
        messages = list(_gotten(queue, most))
        try:
            if messages:
                keep([_refusal(message) for message in messages])
        except BaseException:
            for message in messages:
                message.requeue()
            raise
        for message in messages:
            message.ack()
        return len(messages)


def _gotten(queue: Any, most: int) -> Iterator[Any]:
    for _ in range(most):
        message = queue.get(no_ack=False)
        if message is None:
            return
        yield message


@contextlib.contextmanager
def connected(broker_url: str) -> Iterator[Any]:
    """A connection to the broker that confirms what is published. Its errors become Unavailable."""
    url = "memory://localhost" if broker_url.startswith("memory:") else broker_url
    try:
        connection: Any = Connection(url, connect_timeout=4, heartbeat=60, transport_options={"confirm_publish": True})
    except KeyError:
        raise _away("no such kind of broker is known") from None
    try:
        connection.connect()
        yield connection
    except Unavailable:
        raise
    except (OSError, KombuError, OperationalError, *connection.connection_errors, *connection.channel_errors) as error:
        raise _away(type(error).__name__) from error
    finally:
        with contextlib.suppress(Exception):
            connection.release()


def declare(connection: Any) -> None:
    """Make both queues where they aren't there; those that an administrator made keep the properties that they were given."""
    options: dict[str, Any] = {"x-queue-type": "quorum"}
    if _major(connection) >= 4:
        # From RabbitMQ 4 on a quorum queue drops a message that was delivered 20 times. A day without a database is no reason.
        options["x-delivery-limit"] = -1
    for name, exchange in ((HIRES, Exchange(HIRES, "direct", durable=True)), (REJECTED, Exchange(""))):
        if _count(connection, name) is None:
            with connection.channel() as channel:
                Queue(name, exchange, routing_key=name, durable=True, queue_arguments=options, channel=channel).declare()


def _count(connection: Any, name: str) -> int | None:
    """The messages that are ready in a queue; None if there is no such queue."""
    channel = connection.channel()
    try:
        declared: Any = Queue(name, channel=channel).queue_declare(passive=True)
        return int(declared.message_count)
    except connection.channel_errors as error:
        if str(getattr(error, "reply_code", "")) != "404":
            raise
        return None
    finally:
        with contextlib.suppress(Exception):
            channel.close()


def _raw(connection: Any) -> Any:
    """A channel whose bodies stay the bytes that they are, whatever encoding a message claims."""
    channel = connection.channel()
    channel.auto_decode = False
    return channel


def _major(connection: Any) -> int:
    """The broker's main version; 0 if it tells none."""
    told = getattr(connection.connection, "server_properties", {}).get("version", "")
    text = told.decode() if isinstance(told, bytes) else str(told)
    number = text.partition(".")[0]
    return int(number) if number.isdigit() else 0


def _tries(message: Any) -> int:
    """How often the message came too early; what somebody else wrote into that header counts as never."""
    told = str((message.headers or {}).get(_TRIES, "0"))
    return int(told) if told.isascii() and told.isdigit() and len(told) < 3 else 0


def _bytes(body: object) -> bytes:
    return body if isinstance(body, bytes) else str(body).encode()


def _headers(refusal: Refusal) -> dict[str, str]:
    faults = json.dumps([fault.as_json() for fault in refusal.faults[:100]])
    return {"idm-code": refusal.code, "idm-reason": refusal.reason, "idm-faults": faults}


def _refusal(message: Any) -> Refusal:
    """What a message of the queue of the refused holds. Others may have put it there, so its headers may be anything."""
    headers = message.headers or {}
    faults: list[Fault] = []
    with contextlib.suppress(ValueError, TypeError, KeyError):
        faults = [Fault(str(each["path"]), str(each["rule"]), str(each["message"])) for each in json.loads(headers.get("idm-faults", "[]"))]
    return Refusal(_bytes(message.body), str(headers.get("idm-code", "")), str(headers.get("idm-reason", "")), tuple(faults))


def _away(reason: str) -> Unavailable:
    return Unavailable(
        f"The broker can't be used: {reason}.", next_step="Start it, correct IDM_BROKER_URL, or mend this user's rights; nothing is lost."
    )
