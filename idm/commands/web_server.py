"""The web server of `idm serve`: uvicorn on a socket that listens already, until it is told to stop."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import uvicorn

from idm.bootstrap import shipped
from idm.commands.disk import disk_fault
from idm.commands.serve import reach_broker, stopping
from idm.commands.sign_in import openid_login
from idm.errors import IdmError, Unavailable
from idm.initialise import EVENTS_TOKEN
from idm.store import migrate
from idm.taking import look_at, take_batch
from idm.web.app import make_app
from idm.web.door import LOOPBACK
from idm.web.site import Site, make_site
from idm.worker import Service


class _Server(uvicorn.Server):
    """uvicorn, which leaves the signals to us and says when it answers."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are ours: uvicorn would raise them again at the end, and the service would not be stopped in order."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve, and say so."""
        await super().startup(sockets)
        if self.started:
            self._announce()


def run_web(service: Service, listener: socket.socket, announce: Callable[[str], None]) -> None:
    """Serve on `listener` until SIGTERM or SIGINT; `announce` is told the address once requests are answered."""
    host, port = listener.getsockname()[:2]
    url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    app = make_app(
        token=_token(service),
        take=lambda raw: take_batch(service.installation.app, raw),
        ready=lambda: unready(service),
        healthy=lambda: service.healthy,
        site=site_of(service, host, url),
        hosts=lambda: hosts_of(service, host),
    )
    config = uvicorn.Config(app, log_level="warning", log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=10)
    server = _Server(config, lambda: announce(url))

    def stop() -> None:
        server.force_exit = server.should_exit
        server.should_exit = True

    with stopping(stop):
        server.run(sockets=[listener])


def site_of(service: Service, host: str, url: str) -> Site:
    """The portal of the server's installation, which listens on `host` and answers at `url`."""
    found = service.installation
    return make_site(
        found.app,
        [found.settings.home / "templates", shipped("templates")],
        take=lambda raw: take_batch(found.app, raw),
        look=lambda raw: look_at(found.app, raw),
        policies=found.settings.home / "policies",
        playful=found.kind in ("demo", "test"),
        local=_loopback(host),
        url=found.settings.portal_url,
        openid=openid_login(found.settings, found.app.keys, found.app.clock.machine, url),
    )


def hosts_of(service: Service, host: str) -> frozenset[str]:
    """The names that the portal answers to: its own address's, and this machine's own where nobody else reaches it."""
    name = urlsplit(service.installation.settings.portal_url).hostname or ""
    named = {f"[{name}]" if ":" in name else name} - {""}
    return frozenset(named | (LOOPBACK if _loopback(host) else set()))


def _loopback(host: str) -> bool:
    return ipaddress.ip_address(host).is_loopback


def _token(service: Service) -> str:
    path = service.installation.settings.home / "keys" / EVENTS_TOKEN
    try:
        token = path.read_text().strip()
    except OSError as error:
        raise Unavailable(f"{path} can't be read: {error.strerror}.", next_step="`idm init` makes it anew.") from error
    if not token:
        raise Unavailable(f"{path} is empty.", next_step="`idm init` makes it anew.")
    return token


def unready(service: Service) -> dict[str, str]:
    """What keeps the server from taking events and passing them on, by part; empty if nothing does."""
    faults: dict[str, str] = {}
    try:
        at, newest = migrate.current(service.installation.database), migrate.newest(service.installation.database)
        if at != newest:
            faults["database"] = f"It is at revision {at or 'none'}, this version needs {newest}: run `idm db upgrade`."
    except IdmError as error:
        faults["database"] = error.message
    if "database" not in faults and (trouble := service.installation.database.try_writing()) is not None:
        faults["database"] = trouble.message
    if disk := disk_fault(service.installation.settings.home):
        faults["disk"] = disk
    if not service.installation.settings.embedded:
        try:
            reach_broker(service.celery)
        except IdmError as error:
            faults["broker"] = error.message
    if service.hires_fault:
        faults["hires"] = service.hires_fault
    if not service.healthy:
        faults["worker"] = "A part of this process has died."
    return faults
