"""`idm serve` and `idm worker`: the processes that go on running."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from idm.commands.answer import begin_document, note
from idm.commands.command import single, wants_json
from idm.commands.session import writing
from idm.errors import BadUsage, IdmError, Unavailable
from idm.portal_address import SERVER_FILE

if TYPE_CHECKING:
    from idm.settings import Settings
    from idm.worker import Service

_EXITS = {6: "another server works on this installation", 7: "the address, database or broker can't be used"}


@single("serve", examples=("idm serve", "idm serve --port 8443 --host 0.0.0.0", "idm serve --web-only"), exits=_EXITS)
@click.option("--web-only", is_flag=True, help="Take events only; `idm worker` does the work (with RabbitMQ).")
@click.option("--host", help="The address to listen on; IDM_HOST, if left out.")
@click.option("--port", type=click.IntRange(0, 65535), help="The port, 0 for a free one; IDM_PORT, if left out.")
def serve(web_only: bool, host: str | None, port: int | None) -> None:
    """Run the server: web, worker, relay and sweeper in one process, until SIGTERM or Ctrl-C."""
    from idm.commands.web_server import run_web
    from idm.settings import read_settings
    from idm.taking import take_message
    from idm.worker import Service

    settings = read_settings()
    if web_only and settings.embedded:
        raise _needs_broker("--web-only")
    _log_to_stderr()
    with contextlib.closing(listen(host or settings.host, settings.port if port is None else port)) as listener:
        service = Service(settings, work=not web_only, take=None if web_only else take_message)
        try:
            service.start()
            run_web(service, listener, lambda url: _announce(settings.home, url))
        finally:
            service.stop()
            _forget(settings.home)


@single(
    "worker",
    examples=("idm worker", "idm worker --lanes ldap,erp"),
    exits={7: "the broker is the in-memory one, which no other process reaches; or it can't be reached"},
)
@click.option("--lanes", default="", metavar="LANE,...", help="Only these lanes; all, if left out.")
def worker(lanes: str) -> None:
    """Run a worker beside a server, until SIGTERM or Ctrl-C. Needs RabbitMQ (IDM_BROKER_URL), and takes hires from its queue."""
    from idm.settings import read_settings
    from idm.taking import take_message
    from idm.worker import Service

    settings = read_settings()
    if settings.embedded:
        raise _needs_broker("idm worker")
    _log_to_stderr()
    _demand_broker(settings)
    wanted = tuple(name.strip() for name in lanes.split(",") if name.strip())
    service = Service(settings, lanes=_known(settings, wanted), take=take_message)
    try:
        service.start()
        with stopping() as stop:
            if wants_json():
                begin_document({"pid": os.getpid(), "lanes": list(service.lanes), "threads": service.threads})
            note(f"idm works on the lanes {', '.join(service.lanes)} with {service.threads} threads. Ctrl-C stops it.")
            watch(service, stop)
    finally:
        service.stop()


def watch(service: Service, stop: threading.Event) -> None:
    """Wait until `stop` is set. Raises Unavailable if a part of the service has died."""
    while not stop.wait(1.0):
        if not service.healthy:
            raise Unavailable("A part of this process has died.", next_step="Read what it said above, and start it again.")


def _needs_broker(what: str) -> IdmError:
    return Unavailable(
        f"{what} needs a broker that other processes reach; the in-memory one lives inside `idm serve`, which does all the work itself.",
        next_step="Set IDM_BROKER_URL to a RabbitMQ, such as amqp://USER@HOST/VHOST, or use `idm serve` or `idm work --until-idle`.",
    )


def _demand_broker(settings: Settings) -> None:
    """Raise Unavailable if the broker doesn't answer now: a worker that starts without one would look as if it worked."""
    from idm.dispatch.app import make_celery

    reach_broker(make_celery(settings.broker_url, ()))


def reach_broker(celery: Any) -> None:
    """Connect to the broker once. Raises Unavailable."""
    try:
        connection = celery.connection_for_write()
    except KeyError:
        raise _no_broker("no such kind of broker is known") from None
    try:
        connection.connect()
    except (OSError, *connection.connection_errors) as error:
        raise _no_broker(type(error).__name__) from error
    finally:
        connection.release()


def _no_broker(reason: str) -> Unavailable:
    return Unavailable(f"The broker can't be reached: {reason}.", next_step="Start it, or correct IDM_BROKER_URL (amqp://USER@HOST/VHOST).")


def _known(settings: Settings, wanted: tuple[str, ...]) -> tuple[str, ...]:
    """The lanes asked for, if the policies have them all. Raises BadUsage."""
    from idm.policy_files import load

    systems = load(settings.home / "policies").systems if wanted else {}
    known = {policy.lane or name for name, policy in systems.items()}
    unknown = [lane for lane in wanted if lane not in known]
    if unknown:
        raise BadUsage(f"There is no lane {', '.join(unknown)}.", next_step=f"Lanes: {', '.join(sorted(known))}.")
    return wanted


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens. Raises Unavailable if the address is taken, or not one of this machine."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server(address, family=family, backlog=512)
    except OSError as error:
        raise Unavailable(
            f"{host} port {port} can't be listened on: {_reason(error)}.",
            next_step="Stop what uses it, or choose another with --host and --port (0 takes a free port).",
        ) from error


def _reason(error: OSError) -> str:
    """The system's words alone: Python adds the address to some."""
    return os.strerror(error.errno) if error.errno is not None and error.errno > 0 else str(error.strerror)


@contextlib.contextmanager
def stopping(also: Callable[[], None] = lambda: None) -> Iterator[threading.Event]:
    """An event that SIGTERM and SIGINT set, calling `also`, for the length of a block."""
    stop = threading.Event()

    def asked(number: int, frame: FrameType | None) -> None:
        stop.set()
        also()

    before = {number: signal.signal(number, asked) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _announce(home: Path, url: str) -> None:
    """Say where the server listens: on standard error, in server.json, and with --json on standard output."""
    told = {"url": url, "pid": os.getpid()}
    path = home / SERVER_FILE
    with writing(path):
        partial = path.with_suffix(f".{os.getpid()}")
        partial.write_text(json.dumps({"schema": 1, **told}) + "\n")
        partial.replace(path)
    if wants_json():
        begin_document(told)
    note(f"idm listens on {url} (process {os.getpid()}). Ctrl-C stops it.")


def _forget(home: Path) -> None:
    """Take server.json away, if it is this process's own."""
    path = home / SERVER_FILE
    with contextlib.suppress(OSError, ValueError):
        if json.loads(path.read_text()).get("pid") == os.getpid():
            path.unlink()


def _log_to_stderr() -> None:
    """Have what the parts of the service say go to standard error, a line each."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(name)s: %(message)s")
