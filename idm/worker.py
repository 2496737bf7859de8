"""The worker: task bodies of a few lines, the relay and the sweeper, as threads of one process."""

from __future__ import annotations

import fcntl
import logging
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import IO

from idm.bootstrap import Installation, open_installation
from idm.dispatch.app import make_celery
from idm.dispatch.consumer import Consumer
from idm.dispatch.hires import HireQueue, Refusal
from idm.dispatch.publisher import CeleryPublisher
from idm.errors import Conflict, IdmError, Unavailable
from idm.flow.advance import advance
from idm.flow.calling import place_of
from idm.flow.relay import relay
from idm.flow.seal import sweep_seals
from idm.flow.sweep import UPLOAD, clear_vault, sweep_once
from idm.flow.tend import tend
from idm.ports import App
from idm.settings import Settings

log = logging.getLogger("idm.worker")


def lock_server(settings: Settings) -> IO[str] | None:
    """Hold the server lock of an installation whose database or broker can serve one process only; None if it may have several.

    Raises `Conflict` while another process holds it. The operating system frees it when its holder dies.
    """
    if not settings.embedded and not settings.database().startswith("sqlite"):
        return None
    path = settings.home / "server.lock"
    try:
        file = path.open("a+")
    except OSError as error:
        raise Unavailable(f"{path} can't be written.", next_step="Make one with `idm init`, or set IDM_HOME.") from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise Conflict(
            f"Another idm server works on {settings.home}.",
            next_step="Stop it first, or move to PostgreSQL and RabbitMQ (IDM_DATABASE_URL, IDM_BROKER_URL) to run several.",
        ) from None
    return file


class Service:
    """One process's part of an installation at work: any of worker, relay and sweeper. `start`, then `stop`."""

    def __init__(
        self,
        settings: Settings,
        *,
        work: bool = True,
        lanes: tuple[str, ...] = (),
        take: Callable[[App, bytes], Sequence[Refusal]] | None = None,
    ) -> None:
        """`work`: whether this process consumes messages, of all lanes or of those named. `take` takes a message of the queue of hires;
        without it, that queue is left to others. Raises as `open_installation` does."""
        self._lock = lock_server(settings)
        try:
            self._open(settings, work, lanes)
            self._hires = self._listening_for_hires(take)
        except BaseException:
            if self._lock is not None:
                self._lock.close()
            raise

    def _open(self, settings: Settings, work: bool, lanes: tuple[str, ...]) -> None:
        probe = open_installation(settings, pool=2)
        systems = probe.app.policies.current().systems
        probe.close()
        limits = {policy.lane or name: policy.lane_limit for name, policy in systems.items()}
        self.lanes = lanes or tuple(sorted(limits))
        self.threads = settings.threads or sum(limits.get(lane, 8) for lane in self.lanes)
        self.celery = make_celery(settings.broker_url, limits, self._advance)
        pool = self.threads + 8
        self.installation: Installation = open_installation(settings, publisher=CeleryPublisher(self.celery), pool=pool)
        self._settings = settings
        self._stopping = threading.Event()
        self._consumer = Consumer(self.celery, self.lanes, self.threads) if work else None
        self._threads = [
            threading.Thread(target=self._forever, args=("relay", self._relay), name="relay", daemon=True),
            threading.Thread(target=self._forever, args=("sweeper", self._sweep), name="sweeper", daemon=True),
        ]
        self.broker_fault = ""

    def _listening_for_hires(self, take: Callable[[App, bytes], Sequence[Refusal]] | None) -> HireQueue | None:
        """The consumer of the queue of hires, with a thread of its own; None where no other process could reach the broker."""
        if take is None or self._settings.embedded:
            return None
        queue = HireQueue(self._settings.broker_url, partial(take, self.installation.app))
        part = threading.Thread(target=self._forever, args=("hires", partial(queue.run, self._stopping)), name="hires", daemon=True)
        self._threads.append(part)
        return queue

    @property
    def hires_fault(self) -> str:
        """Why the queue of hires isn't taken from now; "" if it is, or isn't meant to be."""
        return self._hires.fault if self._hires is not None else ""

    def start(self) -> None:
        """Begin: consume, relay and sweep in threads."""
        if self._consumer is not None:
            self._consumer.start()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop taking work, let what runs end, and close everything."""
        self._stopping.set()
        self.installation.database.ready.set()
        if self._consumer is not None:
            self._consumer.stop()
        for thread in self._threads:
            thread.join(5)
        self.installation.close()
        if self._lock is not None:
            self._lock.close()

    @property
    def healthy(self) -> bool:
        """Whether every part that should run runs."""
        parts = [thread.is_alive() for thread in self._threads]
        return all(parts) and (self._consumer is None or self._consumer.running)

    def wait(self, seconds: float) -> bool:
        """Wait until `stop` was asked for, at most so long; whether it was."""
        return self._stopping.wait(seconds)

    def _advance(self, case: str, lane: str) -> None:
        try:
            advance(self.installation.app, case, lane)
        except IdmError as error:
            # The claim's lease, and the sweeper after it, bring the case back: nothing is lost with this message.
            log.warning("case %s, lane %s: %s", case, lane, error.message)
        except Exception as error:  # noqa: BLE001 - Celery would log its words, which may be personal
            log.error("case %s, lane %s: idm broke off with %s", case, lane, place_of(error))

    def _relay(self) -> None:
        def failed(error: Unavailable) -> None:
            self.broker_fault = error.message
            log.warning("%s", error.message)

        relay(self.installation.app, self._stopping.is_set, failed)

    def _sweep(self) -> None:
        cleared = sealed = float("-inf")
        while not self._stopping.wait(self._settings.sweep_seconds):
            self.installation.policies.keep(self.installation.app.clock.now())
            sweep_once(self.installation.app)
            tend(self.installation.app)
            if time.monotonic() - cleared > UPLOAD:
                clear_vault(self.installation.app)
                cleared = time.monotonic()
            if time.monotonic() - sealed > self._settings.seal_seconds:
                sweep_seals(self.installation.app)
                sealed = time.monotonic()

    def _forever(self, name: str, part: Callable[[], None]) -> None:
        """Run a part until the service stops: a database that is away for a while is waited for, and no one case's fault ends it."""
        said = ""
        while not self._stopping.is_set():
            try:
                part()
            except IdmError as error:
                if said != error.message:
                    log.warning("%s: %s", name, error.message)
                said = error.message
            except Exception as error:  # noqa: BLE001 - without this part nothing would be worked any more
                log.error("%s broke off with %s; it goes on", name, place_of(error))
            else:
                continue
            self._stopping.wait(1.0)
