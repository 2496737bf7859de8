"""Free ports on loopback, below the range from which the kernel picks ports for outgoing connections."""

from __future__ import annotations

import random
import socket
from contextlib import ExitStack

LOWEST, HIGHEST = 15_000, 32_000
_TRIES = 500
# The operating system's randomness: forked test workers must not draw the same numbers.
_random = random.SystemRandom()


def free_ports(count: int) -> list[int]:
    """`count` different ports that nothing listens on at this moment, on any IPv4 address.

    Nothing reserves them: take them into use at once, and start again with others if one was taken meanwhile.
    """
    with ExitStack() as held:
        ports: list[int] = []
        for _ in range(_TRIES):
            if len(ports) == count:
                return ports
            candidate = _random.randrange(LOWEST, HIGHEST)
            listener = held.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
            try:
                listener.bind(("0.0.0.0", candidate))  # noqa: S104 (never listens; any address in the way counts)
            except OSError:
                continue
            ports.append(candidate)
    raise RuntimeError(f"found no {count} free ports between {LOWEST} and {HIGHEST}")


def free_port() -> int:
    """One free port; see `free_ports`."""
    return free_ports(1)[0]
