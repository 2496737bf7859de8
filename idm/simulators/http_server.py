"""HTTP/1.1 on a loopback socket with a thread per connection, made so that it can misbehave on order.

The bytes are h11's business. What this adds is what a test of failures needs: an answer that never comes, a
connection that is closed without one, and a port that refuses connections yet stays ours.
"""

from __future__ import annotations

import contextlib
import logging
import select
import socket
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qsl, unquote, urlsplit

import h11

from idm.errors import Unavailable

HOST = "127.0.0.1"
_log = logging.getLogger(__name__)
_CHUNK = 65536
_IDLE_SECONDS = 120.0
_DRAIN_BYTES = 1 << 27


@dataclass(frozen=True, slots=True)
class Request:
    """One request: method, the parts of its path, query, headers in lower case, and the body as it arrives."""

    method: str
    path: tuple[str, ...]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Iterator[bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: status, body (whole or in pieces), its media type and further headers."""

    status: int
    body: bytes | Iterable[bytes] = field(default=b"", repr=False)
    media_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()


class NoAnswer(Exception):
    """Raised by a handler instead of an answer: `hold` keeps the client waiting until it goes; otherwise close at once."""

    def __init__(self, *, hold: bool) -> None:
        self.hold = hold
        super().__init__("no answer is given")


class HttpServer:
    """A server on 127.0.0.1 and one port: every connection has a thread, every request goes through `handle`."""

    def __init__(self, port: int, handle: Callable[[Request], Answer]) -> None:
        self._port = port
        self._handle = handle
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._acceptor: threading.Thread | None = None
        self._connections: dict[socket.socket, threading.Thread] = {}

    def start(self) -> str:
        """Open the port and serve; the URL. Raises Unavailable if the port is in use."""
        with self._lock:
            self._socket = self._bind()
            self._listen(self._socket)
        return f"http://{HOST}:{self._socket.getsockname()[1]}"

    def stop(self) -> None:
        """Close the port and every connection, and wait for their threads."""
        self._leave()
        with self._lock:
            if self._socket is not None:
                self._socket.close()
            self._socket = None
            threads = list(self._connections.values())
        for thread in threads:
            thread.join(5)

    def pause(self) -> None:
        """Be away: end every connection and refuse new ones, but let nobody else have the port."""
        with self._lock:
            if self._acceptor is None:
                return
        self._leave()
        with self._lock:
            if self._socket is not None:
                self._socket.close()
            # Bound but not listening: the kernel refuses connections as it does for a machine whose service is dead.
            self._socket = self._bind()

    def resume(self) -> None:
        """Be back after `pause`."""
        with self._lock:
            if self._acceptor is None and self._socket is not None:
                self._listen(self._socket)

    def _bind(self) -> socket.socket:
        bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind((HOST, self._port))
        except OSError as error:
            bound.close()
            raise Unavailable(
                f"Port {self._port} of {HOST} can't be opened: {error.strerror}.",
                next_step="Find out which process has the port (ss -ltnp) and end it, then start the simulators again.",
            ) from error
        self._port = bound.getsockname()[1]
        return bound

    def _listen(self, bound: socket.socket) -> None:
        bound.listen(256)
        self._acceptor = threading.Thread(target=self._accept, args=(bound,), name=f"http-{self._port}", daemon=True)
        self._acceptor.start()

    def _leave(self) -> None:
        with self._lock:
            acceptor, self._acceptor = self._acceptor, None
            if acceptor is not None and self._socket is not None:
                # Wakes the thread that waits in accept.
                with contextlib.suppress(OSError):
                    self._socket.shutdown(socket.SHUT_RDWR)
        if acceptor is not None:
            acceptor.join(5)
        with self._lock:
            for connection in self._connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._converse, args=(client,), name=f"http-{self._port}-client", daemon=True)
            with self._lock:
                if self._acceptor is not threading.current_thread():
                    client.close()
                    return
                self._connections[client] = thread
                thread.start()

    def _converse(self, client: socket.socket) -> None:
        try:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client.settimeout(_IDLE_SECONDS)
            _Conversation(client, self._handle).run()
        except (OSError, h11.ProtocolError):
            pass  # The client went away or doesn't speak HTTP; there is nobody left to tell.
        finally:
            with self._lock:
                self._connections.pop(client, None)
            client.close()


class _Conversation:
    """All requests of one connection, one after the other."""

    def __init__(self, client: socket.socket, handle: Callable[[Request], Answer]) -> None:
        self._client = client
        self._handle = handle
        self._http = h11.Connection(h11.SERVER)

    def run(self) -> None:
        while True:
            try:
                event = self._next()
            except h11.RemoteProtocolError as error:
                self._send(Answer(error.error_status_hint, b'{"error":{"code":"http","message":"This is not HTTP/1.1."}}'))
                return
            if not isinstance(event, h11.Request):
                return
            try:
                answer = self._handle(self._request(event))
            except NoAnswer as none:
                if none.hold:
                    self._wait_until_gone()
                return
            except (OSError, h11.ProtocolError):
                raise
            except Exception as error:  # noqa: BLE001 - a fault of the system itself is answered, not a closed connection
                # Without the error's text, which may hold a value of a record.
                place = traceback.extract_tb(error.__traceback__)[-1]
                _log.error("%s in %s, line %s", type(error).__name__, place.filename, place.lineno)
                answer = Answer(500, b'{"error":{"code":"internal","message":"A fault of the system itself."}}')
            self._drain()
            self._send(answer)
            if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
                return
            self._http.start_next_cycle()

    def _request(self, event: h11.Request) -> Request:
        address = urlsplit(event.target.decode("latin-1"))
        return Request(
            method=event.method.decode("ascii"),
            path=tuple(unquote(part) for part in address.path.split("/") if part),
            query=dict(parse_qsl(address.query)),
            headers={name.decode("latin-1"): value.decode("latin-1") for name, value in event.headers},
            body=self._body(),
        )

    def _next(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            if self._http.they_are_waiting_for_100_continue:
                go_on = self._http.send(h11.InformationalResponse(status_code=100, headers=[]))
                self._client.sendall(go_on or b"")
            self._http.receive_data(self._client.recv(_CHUNK))
        return event

    def _body(self) -> Iterator[bytes]:
        while isinstance(event := self._next(), h11.Data):
            yield bytes(event.data)

    def _drain(self) -> None:
        """Take what is left of the body, so that the answer isn't lost in a reset; a long rest costs the connection."""
        if self._http.they_are_waiting_for_100_continue:
            return
        left = _DRAIN_BYTES
        while self._http.their_state is h11.SEND_BODY and left > 0:
            event = self._next()
            left -= len(event.data) if isinstance(event, h11.Data) else 0

    def _send(self, answer: Answer) -> None:
        headers = [("content-type", answer.media_type), *answer.headers]
        if isinstance(answer.body, bytes):
            headers.append(("content-length", str(len(answer.body))))
        if self._http.their_state not in (h11.DONE, h11.MUST_CLOSE):
            headers.append(("connection", "close"))
        reason = HTTPStatus(answer.status).phrase
        head = self._http.send(h11.Response(status_code=answer.status, reason=reason.encode(), headers=headers)) or b""
        if isinstance(answer.body, bytes):
            body = self._http.send(h11.Data(data=answer.body)) or b""
            self._client.sendall(head + body + (self._http.send(h11.EndOfMessage()) or b""))
            return
        self._client.sendall(head)
        for piece in answer.body:
            self._client.sendall(self._http.send(h11.Data(data=piece)) or b"")
        self._client.sendall(self._http.send(h11.EndOfMessage()) or b"")

    def _wait_until_gone(self) -> None:
        self._client.settimeout(None)
        poll = select.poll()
        poll.register(self._client, select.POLLIN)
        while True:
            poll.poll()
            if not self._client.recv(_CHUNK):
                return
