"""Connections to a directory: bounded in time, kept for the next call, and honest about what may have happened.

ldap3 alone doesn't bound a call as a whole, so a watch ends the connection when the call's time is up. A kept
connection may have died meanwhile; every call begins with a read, which finds that out and connects anew, once.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ldap3
from ldap3.core.exceptions import LDAPExceptionError

from connectors.ldap.settings import Settings
from idm.connector import Refused, Retry, TargetError, Unknown

SUCCESS, TIME_LIMIT, SIZE_LIMIT, ADMIN_LIMIT = 0, 3, 4, 11
NO_SUCH_ATTRIBUTE, CONSTRAINT, EXISTS_VALUE, NO_SUCH_OBJECT, EXISTS = 16, 19, 20, 32, 68
INVALID_CREDENTIALS, BUSY, UNAVAILABLE = 49, 51, 52
PAGED_RESULTS = "1.2.840.113556.1.4.319"

_MARGIN = 0.9
"""The share of the deadline that a call uses; the rest is for ending it."""
_IDLE_SECONDS = 60.0
_KEPT = 8


class ServerRefused(Exception):
    """The server answered with an error; `result` is its code (RFC 4511 section 4.1.9), `text` its words."""

    def __init__(self, result: int, name: str, text: str) -> None:
        super().__init__(name)
        self.result = result
        self.name = name
        self.text = text


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as the server sent it; attribute names in lower case."""

    dn: str
    values: Mapping[str, tuple[bytes, ...]]

    def texts(self, attribute: str) -> tuple[str, ...]:
        """The attribute's values as text, in the server's order."""
        return tuple(value.decode("utf-8", "replace") for value in self.values.get(attribute.lower(), ()))


class Session:
    """One call's use of a connection. Its errors are already idm's, but for `ServerRefused`."""

    def __init__(self, pool: Pool, held: Any = None) -> None:
        """For one call, whose time begins now; `held` is the connection of the call that this one goes on from."""
        self._pool = pool
        self._ends = time.monotonic() + pool.settings.deadline * _MARGIN
        self._connection: Any = held
        self._fresh = held is not None
        self._wrote = False
        self._lock = threading.Lock()
        self._watch = threading.Timer(pool.settings.deadline * _MARGIN, self._cut)
        self._watch.daemon = True

    def __enter__(self) -> Session:
        self._watch.start()
        if self._connection is None:
            self._connection = self._pool.take()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._watch.cancel()
        connection = self.detach()
        if connection is not None:
            # After anything but an answer, the connection may still hold one that belongs to nobody.
            answered = kind is None or issubclass(kind, TargetError | ServerRefused)
            self._pool.give(connection, usable=answered and self._left() > 0)

    def detach(self) -> Any:
        """Take the connection out of this call, to go on with in another."""
        with self._lock:
            connection, self._connection = self._connection, None
        return connection

    def search(self, base: str, filter_: str, attributes: Sequence[str], *, scope: str = ldap3.SUBTREE) -> list[Entry]:
        """The entries found. Raises ServerRefused, Retry, Refused (login), or Unknown after a write."""
        return self.page(base, filter_, attributes, scope=scope, size=None)[0]

    def page(
        self,
        base: str,
        filter_: str,
        attributes: Sequence[str],
        *,
        scope: str = ldap3.SUBTREE,
        size: int | None,
        cookie: bytes | None = None,
    ) -> tuple[list[Entry], bytes]:
        """One page of the entries found, and the cookie of the next (empty: there is none). Raises as `search` does."""

        def ask(connection: Any) -> None:
            connection.search(base, filter_, scope, attributes=list(attributes), paged_size=size, paged_cookie=cookie)

        self._run(ask)
        found = [
            Entry(item["dn"], {name.lower(): tuple(values) for name, values in item["raw_attributes"].items()})
            for item in self._connection.response or ()
            if item["type"] == "searchResEntry"
        ]
        control = (self._connection.result.get("controls") or {}).get(PAGED_RESULTS)
        return found, (control["value"]["cookie"] or b"") if control else b""

    def write(self, operation: Callable[[Any], object]) -> None:
        """Carry out a write. Raises ServerRefused, Retry (busy) or Unknown (no answer)."""
        if self._connection is None or not self._fresh:
            raise AssertionError("a write must follow a read, which shows that the connection lives")
        if self._left() <= 0:
            raise self._lost("there was no time left")
        self._wrote = True
        self._run(operation)

    def _run(self, operation: Callable[[Any], object]) -> None:
        kept = self._connection is not None and not self._fresh
        if self._connection is None:
            self._open()
        try:
            self._ask(operation)
        except (LDAPExceptionError, OSError, ssl.SSLError) as error:
            self._drop()
            if not kept or self._left() <= 0:
                raise self._lost(type(error).__name__) from None
            self._open()
            try:
                self._ask(operation)
            except (LDAPExceptionError, OSError, ssl.SSLError) as second:
                self._drop()
                raise self._lost(type(second).__name__) from None
        self._fresh = True
        self._judge(self._connection.result)

    def _ask(self, operation: Callable[[Any], object]) -> None:
        connection = self._connection
        if connection.socket is None:
            raise OSError("the connection is closed")
        connection.socket.settimeout(max(self._left(), 0.05))
        with understood():
            operation(connection)
        if not connection.result:
            raise OSError("no answer")

    def _judge(self, result: Mapping[str, Any]) -> None:
        code, name = int(result["result"]), str(result["description"])
        if code in (BUSY, UNAVAILABLE, TIME_LIMIT, ADMIN_LIMIT, SIZE_LIMIT):
            raise Retry(f"{self._pool.where} answered {name}", down=code == UNAVAILABLE)
        if code != SUCCESS:
            raise ServerRefused(code, name, str(result.get("message") or ""))

    def _open(self) -> None:
        connection = self._pool.open(self._left(), self._hold)
        with self._lock:
            self._connection = connection

    def _hold(self, connection: Any) -> None:
        """Let the watch end this connection too, while it is being made."""
        with self._lock:
            self._connection = connection

    def _drop(self) -> None:
        connection = self.detach()
        if connection is not None:
            close(connection)

    def _lost(self, why: str) -> TargetError:
        if self._left() <= 0:
            why = f"no answer within {self._pool.settings.deadline:g} seconds"
        if self._wrote:
            return Unknown(f"{self._pool.where} was asked to write and the answer was lost ({why})")
        return Retry(f"{self._pool.where} doesn't answer ({why})", down=True)

    def _left(self) -> float:
        return self._ends - time.monotonic()

    def _cut(self) -> None:
        """The call's time is up: wake whoever waits for the server."""
        with self._lock:
            held = getattr(self._connection, "socket", None)
            if held is not None:
                with contextlib.suppress(OSError, ValueError):
                    held.shutdown(socket.SHUT_RDWR)


class Pool:
    """Bound connections to one directory, each lent to one call at a time. Safe for threads."""

    def __init__(self, settings: Settings, secret: Callable[[str], str]) -> None:
        """Connects to nothing yet; the secret is read anew for each connection."""
        self.settings = settings
        self.where = f"the directory at {settings.host}:{settings.port}"
        self._secret = secret
        self._lock = threading.Lock()
        self._kept: list[tuple[Any, float]] = []

    def take(self) -> Any:
        """A kept connection, None if there is none; those that lay idle for long are closed."""
        with self._lock:
            now = time.monotonic()
            stale = [connection for connection, since in self._kept if now - since > _IDLE_SECONDS]
            self._kept = [(connection, since) for connection, since in self._kept if now - since <= _IDLE_SECONDS]
            taken = self._kept.pop()[0] if self._kept else None
        for connection in stale:
            close(connection)
        return taken

    def give(self, connection: Any, *, usable: bool) -> None:
        """Take a connection back."""
        with self._lock:
            if usable and len(self._kept) < _KEPT:
                self._kept.append((connection, time.monotonic()))
                return
        close(connection)

    def close(self) -> None:
        """Close what is kept."""
        with self._lock:
            kept, self._kept = self._kept, []
        for connection, _ in kept:
            close(connection)

    def open(self, seconds: float, hold: Callable[[Any], None]) -> Any:
        """A new connection, encrypted as the settings say and logged in, within `seconds`. Raises Retry or Refused."""
        if seconds <= 0:
            raise Retry(f"{self.where} doesn't answer in time", down=True)
        ends = time.monotonic() + seconds
        server = self._resolved(seconds)
        connection = ldap3.Connection(
            server,
            self.settings.bind_dn,
            self._secret(self.settings.secret),
            client_strategy=ldap3.SYNC,
            auto_bind=ldap3.AUTO_BIND_NONE,
            auto_referrals=False,
            check_names=False,
            # Whole seconds, as ldap3 hands it to the kernel; each request sets the exact rest of its time.
            receive_timeout=max(1, int(seconds * 0.4)),
        )
        hold(connection)
        try:
            with understood():
                connection.open(read_server_info=False)
                if self.settings.start_tls:
                    connection.start_tls(read_server_info=False)
                connection.socket.settimeout(max(ends - time.monotonic(), 0.05))
                connection.bind(read_server_info=False)
        except (LDAPExceptionError, OSError, ssl.SSLError) as error:
            hold(None)
            close(connection)
            if "certificate" in str(error).lower():
                raise Refused(f"{self.where} shows a certificate that isn't trusted; check ca_file and the host's name") from None
            raise Retry(f"{self.where} can't be reached ({type(error).__name__})", down=True) from None
        code, name = int(connection.result["result"]), str(connection.result["description"])
        if code != SUCCESS:
            hold(None)
            close(connection)
            if code in (BUSY, UNAVAILABLE):
                raise Retry(f"{self.where} answered {name} to the login", down=code == UNAVAILABLE)
            raise Refused(f"{self.where} refused the login ({name}); check bind_dn and the secret {self.settings.secret!r}")
        return connection

    def _resolved(self, seconds: float) -> Any:
        """The server with its address looked up, in a thread of its own because a look-up can't be bounded. Raises Retry."""
        tls = None
        if self.settings.ldaps or self.settings.start_tls:
            tls = VerifiedTls(self.settings.host, self.settings.ca_file, time.monotonic() + seconds)
        server = ldap3.Server(
            self.settings.host,
            port=self.settings.port,
            use_ssl=self.settings.ldaps,
            tls=tls,
            get_info=ldap3.NONE,
            connect_timeout=max(seconds * 0.4, 0.1),
        )
        found: list[object] = []
        looking = threading.Thread(target=lambda: found.extend(server.address_info), daemon=True)
        looking.start()
        looking.join(seconds * 0.2)
        if looking.is_alive() or not found:
            raise Retry(f"the name of {self.where} can't be looked up", down=True)
        return server


class VerifiedTls(ldap3.Tls):  # type: ignore[misc]  # ldap3 is published without types
    """TLS by Python's own checks. ldap3's compare the host's name with a function that Python has given up."""

    def __init__(self, host: str, ca_file: str, ends: float) -> None:
        """`ca_file` holds the authorities to trust; empty for the system's. `ends`: when the call's time is up (monotonic)."""
        super().__init__(validate=ssl.CERT_REQUIRED, ca_certs_file=ca_file or None)
        self._host = host
        self._ca_file = ca_file or None
        self._ends = ends

    def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:
        """Encrypt a connection. Raises OSError, of which ssl.SSLError is one, also when the time is up."""
        connection.socket.settimeout(max(self._ends - time.monotonic(), 0.05))
        context = ssl.create_default_context(cafile=self._ca_file)
        connection.socket = context.wrap_socket(connection.socket, server_hostname=self._host)


@contextlib.contextmanager
def understood() -> Iterator[None]:
    """Turn what ldap3 raises when an answer is no LDAP (an IndexError, say) into an OSError."""
    try:
        yield
    except (LDAPExceptionError, OSError):
        raise
    except Exception as error:  # noqa: BLE001 - its decoder raises whatever it trips over
        raise OSError(f"an answer that is no LDAP ({type(error).__name__})") from None


def close(connection: Any) -> None:
    """Close a connection, whatever state it is in, without waiting for the server."""
    held = connection.socket
    if held is not None:
        with contextlib.suppress(OSError, ValueError):
            held.close()
    with contextlib.suppress(LDAPExceptionError, OSError, AttributeError):
        connection.strategy.close()
