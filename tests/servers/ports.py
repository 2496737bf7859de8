"""Ports on loopback for the servers of tests.

They lie below those that simulators choose which a test starts by the command line, and below the range from which the kernel picks
ports for outgoing connections.
"""

from __future__ import annotations

import random
import socket
from collections import deque
from contextlib import ExitStack

LOWEST, HIGHEST = 15_000, 20_000
_TRIES = 500
# The operating system's randomness: forked test workers must not draw the same numbers.
_random = random.SystemRandom()
# What is bound without listening keeps others from choosing the port, and lets a server with SO_REUSEADDR listen there, again and again.
_kept: deque[socket.socket] = deque(maxlen=256)


def free_ports(count: int) -> list[int]:
    """`count` different ports that nothing listens on, on any IPv4 address.

    They stay this process's own: a server may be stopped and started on its port, and no other test takes it meanwhile. Servers must set
    SO_REUSEADDR, as every server does that is meant to be started again. The oldest of more than 256 are let go.
    """
    with ExitStack() as others:
        ports: list[int] = []
        for _ in range(_TRIES):
            if len(ports) == count:
                return ports
            candidate = _random.randrange(LOWEST, HIGHEST)
            if _unused(candidate, others):
                ports.append(candidate)
    raise RuntimeError(f"found no {count} free ports between {LOWEST} and {HIGHEST}")


def free_port() -> int:
    """One free port; see `free_ports`."""
    return free_ports(1)[0]


def _unused(port: int, others: ExitStack) -> bool:
    """Whether nobody has the port; it is kept from then on.

    The first look is without SO_REUSEADDR, which also sees what others keep; the option, set after it, counts for whoever comes later.
    """
    keeper = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        keeper.bind(("0.0.0.0", port))  # noqa: S104 (never listens; any address in the way counts)
    except OSError:
        others.enter_context(keeper)
        return False
    keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    _kept.append(keeper)
    return True
