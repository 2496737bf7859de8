"""Measure, in interleaved rounds of one run, the engine on PostgreSQL and RabbitMQ beside the bare loop, and print the table."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from idm.bootstrap import opened
from idm.dispatch.app import make_celery
from idm.dispatch.publisher import CeleryPublisher
from idm.flow.relay import lead
from idm.ports import App
from idm.settings import Settings, read_settings
from idm.taking import take_batch
from tests.bench import installation
from tests.bench.cpu import cpu_seconds
from tests.bench.loop import Loop
from tests.servers.postgres import PostgresServer
from tests.servers.rabbitmq import RabbitServer
from tests.waiting import wait_until

WORKERS = 2


def main() -> None:
    """The command: `python -m tests.bench [--hires N] [--rounds N]`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hires", type=int, default=300, help="hires a round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--alone", type=int, default=15, help="hires taken alone, for the latency")
    chosen = parser.parse_args()
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="idm-bench-")))
        postgres, rabbit = stack.enter_context(PostgresServer()), stack.enter_context(RabbitServer())
        settings = read_settings(home=home, database_url=postgres.new_database(), broker_url=rabbit.new_vhost())
        installation.make(settings)
        bench = stack.enter_context(_bench(settings, [_pid(postgres), _pid(rabbit)]))
        bench.measure(chosen.hires, chosen.rounds, chosen.alone)


def _pid(server: PostgresServer | RabbitServer) -> int:
    if server.process is None:
        raise RuntimeError("the server doesn't run")
    return server.process.pid


@contextmanager
def _bench(settings: Settings, servers: list[int]) -> Iterator[Bench]:
    environment = {
        **os.environ,
        "IDM_HOME": str(settings.home),
        "IDM_DATABASE_URL": settings.database_url,
        "IDM_BROKER_URL": settings.broker_url,
        "IDM_THREADS": "16",
    }
    with opened(settings, publisher=CeleryPublisher(make_celery(settings.broker_url, ["nothing"]))) as opened_installation:
        app = opened_installation.app
        with app.store.lead("relay") as leading:
            if not leading:
                raise RuntimeError("another relay runs on this database")
            command = [sys.executable, "-m", "tests.bench.worker"]
            workers = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(WORKERS)]
            try:
                for worker in workers:
                    if worker.stdout is None or worker.stdout.readline().strip() != "working":
                        raise RuntimeError("a worker did not start")
                yield Bench(app, settings, servers, [worker.pid for worker in workers])
            finally:
                for worker in workers:
                    worker.terminate()
                for worker in workers:
                    worker.wait(30)


@dataclass(frozen=True, slots=True)
class Round:
    """Hires per second, and CPU milliseconds per hire of each group of processes."""

    rate: float
    parts: dict[str, float]

    @property
    def cpu(self) -> float:
        """CPU milliseconds per hire of all processes."""
        return sum(self.parts.values())


def _timed(hires: int, work: Callable[[], None], groups: dict[str, list[int]]) -> Round:
    before = {name: cpu_seconds(roots) for name, roots in groups.items()}
    start = time.perf_counter()
    work()
    wall = time.perf_counter() - start
    return Round(hires / wall, {name: (cpu_seconds(roots) - before[name]) * 1000 / hires for name, roots in groups.items()})


class Bench:
    """The rounds and what they gave."""

    def __init__(self, app: App, settings: Settings, servers: list[int], workers: list[int]) -> None:
        self._app = app
        self._servers = servers
        self._workers = workers
        self._loop = Loop(settings.database_url)
        self._number = 0

    def measure(self, hires: int, rounds: int, alone: int) -> None:
        """Warm up, take turns, print."""
        self._round(min(50, hires))
        self._loop.run(50)
        idm: list[Round] = []
        loop: list[Round] = []
        own = {"loop": [os.getpid()], "PostgreSQL": self._servers[:1]}
        for number in range(rounds):
            loop.append(_timed(hires, lambda: self._loop.run(hires), own))
            idm.append(self._round(hires))
            print(f"round {number + 1}/{rounds}: loop {loop[-1].rate:.0f} hires/s, idm {idm[-1].rate:.0f} hires/s", file=sys.stderr)
        lone: list[float] = []
        passes: list[float] = []
        for _ in range(alone):
            passes.extend(1 / _timed(1, lambda: self._loop.run(1), {}).rate for _ in range(4))
            lone.append(self._alone())
        _print_table(idm, loop, lone, passes, hires, rounds)

    def _take(self, hires: int) -> list[str]:
        events = [installation.event(self._number + index) for index in range(hires)]
        self._number += hires
        return [receipt.case for receipt in take_batch(self._app, json.dumps(events))]

    def _round(self, hires: int) -> Round:
        """Take the hires with the relay still, then let it go and time until the last one is completed."""
        self._take(hires)

        def work() -> None:
            with self._relaying():
                wait_until(lambda: self._app.store.busy() == (0, 0), 300, "the hires are not done")

        postgres, rabbit = self._servers
        return _timed(hires, work, {"workers": self._workers, "PostgreSQL": [postgres], "RabbitMQ": [rabbit], "relay": [os.getpid()]})

    def _alone(self) -> float:
        """Seconds from the commit of one hire to the commit of its last step, by the audit's own times."""
        with self._relaying():
            case = self._take(1)[0]
            wait_until(lambda: self._completed(case), 30, "the hire is not done")
        entries = self._app.store.audit(case)
        return (entries[-1].at - entries[0].at).total_seconds()

    def _completed(self, case: str) -> bool:
        loaded = self._app.store.load(case)
        return loaded is not None and loaded.case.state == "completed"

    @contextmanager
    def _relaying(self) -> Iterator[None]:
        stopping = threading.Event()
        thread = threading.Thread(target=_relay_leading, args=(self._app, stopping))
        thread.start()
        try:
            yield
        finally:
            stopping.set()
            thread.join()


def _relay_leading(app: App, stopping: threading.Event) -> None:
    lead(app, stopping.is_set, lambda error: print(error, file=sys.stderr))


def _middle(values: list[float]) -> str:
    return f"{statistics.median(values):.1f} ({min(values):.1f}-{max(values):.1f})"


def _print_table(idm: list[Round], loop: list[Round], lone: list[float], passes: list[float], hires: int, rounds: int) -> None:
    def middle(values: list[float]) -> float:
        return statistics.median(values)

    rate = middle([r.rate for r in loop]) / middle([r.rate for r in idm])
    cpu = middle([r.cpu for r in idm]) / middle([r.cpu for r in loop])
    latency = middle(lone) / middle(passes)
    print(
        f"Eight automatic steps, targets that do nothing, PostgreSQL + RabbitMQ, {WORKERS} workers; "
        f"{rounds} rounds of {hires} hires, in turn with the loop."
    )
    print("Median (least-most).\n")
    print("| | idm | bare loop | idm / loop |")
    print("|---|---|---|---|")
    print(f"| hires per second | {_middle([r.rate for r in idm])} | {_middle([r.rate for r in loop])} | 1/{rate:.1f} |")
    print(f"| CPU per hire, all processes, ms | {_middle([r.cpu for r in idm])} | {_middle([r.cpu for r in loop])} | {cpu:.1f} |")
    for name in idm[0].parts:
        ours, theirs = _middle([r.parts[name] for r in idm]), [r.parts[name] for r in loop if name in r.parts]
        print(f"| of it {name}, ms | {ours} | {_middle(theirs) if theirs else '-'} | |")
    print(f"| one hire alone, ms | {_middle([s * 1000 for s in lone])} | {_middle([s * 1000 for s in passes])} | {latency:.1f} |")


if __name__ == "__main__":
    main()
