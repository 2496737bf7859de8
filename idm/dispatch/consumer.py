"""A Celery worker inside this process, in threads: started, and stopped when asked, without a console of its own."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import warnings
from collections.abc import Iterable

from celery import Celery
from celery.apps.worker import Worker
from celery.exceptions import SecurityWarning
from celery.worker import state
from celery.worker.consumer import Consumer as CeleryConsumer

from idm.dispatch.app import OTHERS, queue_name


class _LeanConsumer(CeleryConsumer):
    """Celery's consumer without delayed delivery: idm's timers lie in its database, and need none of those 28 exchanges."""

    Blueprint = type(
        "Blueprint",
        (CeleryConsumer.Blueprint,),
        {"default_steps": [step for step in CeleryConsumer.Blueprint.default_steps if "delayed_delivery" not in step]},
    )


class Consumer:
    """Consumes the queues of `lanes`, and the one for all others, with `threads` threads until `stop`."""

    def __init__(self, app: Celery, lanes: Iterable[str], threads: int) -> None:
        app.set_default()
        with warnings.catch_warnings():
            # It warns root of messages that run code. Only JSON is accepted here, which can't.
            warnings.filterwarnings("ignore", "You're running the worker with superuser privileges", SecurityWarning)
            self._worker = Worker(
                app=app,
                pool_cls="threads",
                concurrency=threads,
                queues=[queue_name(lane) for lane in sorted({*lanes, OTHERS})],
                hostname=f"idm-{os.getpid()}@{socket.gethostname()}",
                without_heartbeat=True,
                without_mingle=True,
                without_gossip=True,
                consumer_cls=_LeanConsumer,
                quiet=True,
            )
        self._thread = threading.Thread(target=self._run, name="consumer", daemon=True)

    def start(self) -> None:
        """Begin to consume, in a thread of its own."""
        state.should_stop = None
        state.should_terminate = None
        self._thread.start()

    def _run(self) -> None:
        with contextlib.suppress(SystemExit):
            self._worker.start()

    @property
    def running(self) -> bool:
        """Whether it still consumes."""
        return self._thread.is_alive()

    def stop(self, timeout: float = 30.0) -> None:
        """Take no more messages and wait until the running ones are done, at most `timeout` seconds."""
        setattr(state, "should_stop", 0)  # noqa: B010 - the stubs know only its first value, None
        hub = getattr(self._worker, "hub", None)
        if hub is not None:
            # Its loop may sleep until its next timer; a call from another thread wakes it.
            hub.call_soon(lambda: None)
        self._thread.join(timeout)
