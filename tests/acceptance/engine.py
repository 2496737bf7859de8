"""The servers of an installation as processes, without the command line."""

from __future__ import annotations

import signal
import sys
import threading

import uvicorn

from idm.bootstrap import opened
from idm.flow.drain import drain
from idm.settings import read_settings
from idm.taking import take_batch
from idm.web.app import make_app
from idm.worker import Service


def serve(*, work: bool) -> None:
    settings = read_settings()
    service = Service(settings, work=work)
    token = (settings.home / "keys" / "events.token").read_text().strip()
    app = make_app(
        token=token,
        take=lambda body: take_batch(service.installation.app, body),
        ready=dict,
        healthy=lambda: service.healthy,
    )
    # The web server hands the signal on to who handled it before, once it has ended.
    signal.signal(signal.SIGTERM, lambda *_: None)
    service.start()
    try:
        uvicorn.Server(uvicorn.Config(app, host=settings.host, port=settings.port, log_level="warning")).run()
    finally:
        service.stop()


def worker() -> None:
    service = Service(read_settings())
    asked = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: asked.set())
    service.start()
    asked.wait()
    service.stop()


def main(arguments: list[str]) -> None:
    if arguments[0] == "serve":
        serve(work="--web-only" not in arguments)
    elif arguments[0] == "worker":
        worker()
    else:
        with opened() as installation:
            drain(installation.app)


if __name__ == "__main__":
    main(sys.argv[1:])
