"""A worker process of the benchmark: the product's own service, with the target that does nothing."""

from __future__ import annotations

import signal
import sys
from types import FrameType

from idm.settings import read_settings
from idm.worker import Service
from tests.bench.target import NoTarget


def main() -> None:
    """Work until SIGTERM; says on standard output when it has begun."""
    service = Service(read_settings(), lanes=("nothing",))
    connectors = service.installation.app.connectors
    if not isinstance(connectors, dict):
        raise TypeError("the app's connectors can't be added to")
    connectors["nothing"] = NoTarget(float(sys.argv[1]) if len(sys.argv) > 1 else 0.0)
    asked = False

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        asked = True

    signal.signal(signal.SIGTERM, stop)
    service.start()
    print("working", flush=True)
    while not asked:
        signal.pause()
    service.stop()


if __name__ == "__main__":
    main()
