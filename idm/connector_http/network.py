"""Connections that know how long the call may still take, so that no system can hold a thread by dripping bytes."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore2


class Clock(threading.local):
    """Until when the thread's current call may go on."""

    until: float | None = None

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Give the thread's calls `seconds` in common; inside another such block, what that one has left."""
        before = self.until
        self.until = time.monotonic() + seconds if before is None else before
        try:
            yield
        finally:
            self.until = before

    def left(self, asked: float | None = None, *, error: type[httpcore2.TimeoutException] = httpcore2.ReadTimeout) -> float:
        """Seconds left, at most `asked`. Raises `error` if there are none."""
        if self.until is None:
            raise RuntimeError("a call is made outside of a deadline")
        left = self.until - time.monotonic()
        if left <= 0:
            raise error("no answer in time")
        return left if asked is None else min(left, asked)


class DeadlineStream(httpcore2.NetworkStream):
    """A connection on which no read or write outlasts the call: so one that drips bytes can't either."""

    def __init__(self, stream: httpcore2.NetworkStream, clock: Clock) -> None:
        self._stream = stream
        self._clock = clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Up to `max_bytes`, in the time that is left."""
        return self._stream.read(max_bytes, self._clock.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """All of `buffer`, in the time that is left."""
        for start in range(0, len(buffer), 16384):
            self._stream.write(buffer[start : start + 16384], self._clock.left(timeout))

    def close(self) -> None:
        """End the connection."""
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        """Encrypt, in the time that is left."""
        left = self._clock.left(timeout, error=httpcore2.ConnectTimeout)
        return DeadlineStream(self._stream.start_tls(ssl_context, server_hostname, left), self._clock)

    def get_extra_info(self, info: str) -> Any:
        """What the connection knows of itself."""
        return self._stream.get_extra_info(info)


class Network(httpcore2.NetworkBackend):
    """Opens connections in the time that is left; looking up the name counts too."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._backend = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """A connection to `host`, at whichever of its addresses answers. Raises ConnectError or ConnectTimeout."""
        refused: Exception = httpcore2.ConnectError(f"the name {host} isn't known, or wasn't found in time")
        for address in [host] if _is_address(host) else self._look_up(host, port):
            left = self._clock.left(timeout, error=httpcore2.ConnectTimeout)
            try:
                return DeadlineStream(self._backend.connect_tcp(address, port, left, local_address, socket_options), self._clock)
            except httpcore2.ConnectError as error:
                refused = error
        raise refused

    def _look_up(self, host: str, port: int) -> list[str]:
        found: list[str] = []

        def ask() -> None:
            try:
                found.extend(str(place[4][0]) for place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
            except OSError:
                return

        # The resolver takes no time limit, so it is left behind when the time is over.
        thread = threading.Thread(target=ask, name="look-up", daemon=True)
        thread.start()
        thread.join(self._clock.left(error=httpcore2.ConnectTimeout))
        return list(found)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
