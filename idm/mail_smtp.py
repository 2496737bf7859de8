"""Handing one message to a mail server, and knowing afterwards what may have happened.

Up to the dot that ends the content (RFC 5321, 4.1.1.4) nothing has been sent, whatever goes wrong. From that dot on until
the server's answer, it may have been. The whole exchange has one hard deadline, kept even against a server that
answers one byte at a time or a name server that doesn't answer at all.
"""

from __future__ import annotations

import contextlib
import re
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NoReturn
from urllib.parse import parse_qsl, unquote, urlsplit

from idm.connector import Refused, Retry, TargetError, Unknown

DEADLINE = 30.0
"""Seconds that a whole exchange may take unless told otherwise."""

_PORTS = {"smtp": 587, "smtps": 465}
_ENHANCED = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}\b")


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where a mail server is, and how to talk to it. `at` reads it from a URL."""

    host: str
    port: int
    user: str
    implicit_tls: bool
    starttls: bool
    ca_file: str | None
    password: Callable[[], str] = field(repr=False)
    deadline: float

    @classmethod
    def at(cls, url: str, password: Callable[[], str], deadline: float) -> SmtpServer:
        """Read `smtp[s]://[user@]host[:port][?ca=FILE][&tls=no]`. ValueError says what is wrong, without repeating it."""
        parts = urlsplit(url)
        options = dict(parse_qsl(parts.query, keep_blank_values=True))
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ValueError("a mail server is given as smtp://host:port or smtps://host:port")
        if parts.password is not None:
            raise ValueError("a mail server's password belongs among the secrets, not into its address")
        if options.keys() - {"ca", "tls"} or options.get("tls", "no") != "no" or parts.path.strip("/") or parts.fragment:
            raise ValueError("a mail server's address takes the options ca=FILE and tls=no, and nothing else")
        user = unquote(parts.username or "")
        encrypted = "tls" not in options
        if not encrypted and (user or parts.scheme == "smtps"):
            raise ValueError("tls=no can't go with a user, whose password would be readable on the way, nor with smtps")
        port = parts.port or (_PORTS[parts.scheme] if user or parts.scheme == "smtps" else 25)
        implicit = parts.scheme == "smtps"
        return cls(parts.hostname, port, user, implicit, encrypted and not implicit, options.get("ca"), password, deadline)

    def send(self, sender: str, recipient: str, content: bytes) -> None:
        """Hand over `content` (RFC 5322, CRLF). Raises Retry, Refused or Unknown; returns when the server has taken it."""
        _Exchange(self).run(lambda exchange: exchange.send(sender, recipient, content))

    def probe(self) -> str:
        """Connect, encrypt and log in, without sending. Raises Retry or Refused."""
        _Exchange(self).run(lambda exchange: exchange.greet())
        how = "over TLS" if self.implicit_tls or self.starttls else "in plain text"
        return f"the mail server {self.host}:{self.port} answered {how}{', and logged idm in' if self.user else ''}"


class _Exchange:
    """One conversation, in a thread of its own so that the caller gets away at the deadline wherever it hangs."""

    def __init__(self, server: SmtpServer) -> None:
        self._server = server
        self._ends = time.monotonic() + server.deadline
        self._lock = threading.Lock()
        self._given_up = False
        self._dot_sent = False
        self._switch: socket.socket | None = None
        self._client: smtplib.SMTP | None = None
        self._failure: BaseException | None = None

    def run(self, work: Callable[[_Exchange], object]) -> None:
        thread = threading.Thread(target=self._guarded, args=(work,), name="smtp", daemon=True)
        thread.start()
        thread.join(max(0.0, self._ends - time.monotonic()))
        with self._lock:
            hanging = thread.is_alive()
            self._given_up = hanging
            dot_sent = self._dot_sent
            if hanging and self._switch is not None:
                with contextlib.suppress(OSError):
                    self._switch.shutdown(socket.SHUT_RDWR)  # wakes the thread, which then ends
        if not hanging:
            if self._failure is not None:
                raise self._failure
            return
        if dot_sent:
            raise Unknown(f"{self._name} took the message and did not answer within {self._server.deadline:g} seconds")
        raise Retry(f"{self._name} did not finish within {self._server.deadline:g} seconds; nothing was sent")

    def greet(self) -> smtplib.SMTP:
        """Connect, encrypt, log in."""
        client = self._client = self._connected()
        self._expect(client.ehlo_or_helo_if_needed, "the greeting")
        if self._server.starttls:
            self._expect(lambda: client.starttls(context=self._tls()), "STARTTLS")
            self._expect(client.ehlo_or_helo_if_needed, "the greeting over TLS")
        if self._server.user:
            password = self._password()
            self._expect(lambda: client.login(self._server.user, password), "the login")
        return client

    def send(self, sender: str, recipient: str, content: bytes) -> None:
        """Hand over the message; past the dot, only the server's own word counts."""
        client = self.greet()
        self._answer(client.mail, (sender,), 250, "the sender", "from")
        self._answer(client.rcpt, (recipient,), 250, "the recipient", "to")
        self._answer(client.docmd, ("DATA",), 354, "the message", None)
        self._expect(lambda: client.send(_stuffed(content)), "the content")
        with self._lock:
            if self._given_up:
                raise Retry(f"{self._name} was too slow; nothing was sent")
            self._dot_sent = True
        try:
            client.send(b".\r\n")
            code, text = client.getreply()
        except (OSError, smtplib.SMTPException, ValueError) as error:
            raise Unknown(f"{self._name} took the message, and the connection broke before it answered") from error
        if not 200 <= code < 600:
            raise Unknown(f"{self._name} took the message and gave an answer that is none")
        if code >= 300:
            self._objection(code, text, "the message", None)
        try:
            client.quit()
        except (OSError, smtplib.SMTPException, ValueError):
            client.close()  # it has the message: how the conversation ends doesn't matter

    @property
    def _name(self) -> str:
        return f"the mail server {self._server.host}:{self._server.port}"

    def _guarded(self, work: Callable[[_Exchange], object]) -> None:
        try:
            work(self)
        except BaseException as error:  # noqa: BLE001  # handed to the caller's thread, which raises it
            self._failure = error
        finally:
            if self._client is not None:
                self._client.close()
            with self._lock:
                if self._switch is not None:
                    self._switch.close()
                    self._switch = None

    def _connected(self) -> smtplib.SMTP:
        timeout = max(0.1, self._ends - time.monotonic())
        try:
            connection = socket.create_connection((self._server.host, self._server.port), timeout)
            with self._lock:
                self._switch = connection.dup()  # ends the connection whatever it is wrapped in by then
                if self._given_up:
                    self._switch.shutdown(socket.SHUT_RDWR)
            if self._server.implicit_tls:
                connection = self._tls().wrap_socket(connection, server_hostname=self._server.host)
            return _Client(connection, self._server.host, timeout)
        except smtplib.SMTPResponseException as error:
            self._objection(error.smtp_code, error.smtp_error, "the connection", None)
        except ssl.SSLCertVerificationError as error:
            raise Refused(f"{self._name} has a certificate that can't be trusted: {error.verify_message}") from error
        except (OSError, smtplib.SMTPException) as error:
            raise Retry(f"{self._name} can't be reached: {_plain(error)}") from error

    def _password(self) -> str:
        try:
            return self._server.password()
        except Exception as error:  # wherever secrets are kept, without one nothing was sent
            raise Refused(f"the password for {self._name} can't be read; look at the installation's secrets") from error

    def _tls(self) -> ssl.SSLContext:
        try:
            return ssl.create_default_context(cafile=self._server.ca_file)
        except OSError as error:
            raise Refused("the file named by ca= in the mail server's address can't be read as certificates") from error

    def _expect(self, step: Callable[[], object], what: str) -> None:
        """Take a step before the dot: what goes wrong has sent nothing."""
        try:
            step()
        except TargetError:
            raise
        except smtplib.SMTPResponseException as error:
            self._objection(error.smtp_code, error.smtp_error, what, None)
        except smtplib.SMTPNotSupportedError as error:
            raise Refused(f"{self._name} does not offer what {what} needs; look at its address and port") from error
        except ssl.SSLCertVerificationError as error:
            raise Refused(f"{self._name} has a certificate that can't be trusted: {error.verify_message}") from error
        except (OSError, smtplib.SMTPException, ValueError) as error:
            raise Retry(f"{self._name} broke off at {what}: {_plain(error)}") from error

    def _answer(
        self, ask: Callable[..., tuple[int, bytes]], arguments: tuple[str, ...], wanted: int, what: str, attribute: str | None
    ) -> None:
        answers: list[tuple[int, bytes]] = []
        self._expect(lambda: answers.append(ask(*arguments)), what)
        code, text = answers[0]
        if code != wanted and not (wanted == 250 and code == 251):
            self._objection(code, text, what, attribute)

    def _objection(self, code: int, text: bytes | str, what: str, attribute: str | None) -> NoReturn:
        """What an answer other than yes means (RFC 5321, 4.2.1). Its text may repeat the address, so only numbers are kept."""
        found = _ENHANCED.match(text if isinstance(text, bytes) else text.encode("ascii", "replace"))
        number = f"{code} {found.group().decode()}" if found else str(code)
        if 500 <= code < 600:
            raise Refused(f"{self._name} refused {what} ({number})", field=attribute)
        raise Retry(f"{self._name} does not take {what} now ({number})", down=attribute != "to")


class _Client(smtplib.SMTP):
    """smtplib's client on a connection that is there already."""

    def __init__(self, connection: socket.socket, host: str, timeout: float) -> None:
        self._connection = connection
        super().__init__(host, timeout=timeout)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return self._connection


def _stuffed(content: bytes) -> bytes:
    """The content up to, not including, the final dot: lines end with CRLF, a leading dot is doubled (RFC 5321, 4.5.2)."""
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", content)
    return re.sub(rb"(?m)^\.", b"..", lines if lines.endswith(b"\r\n") else lines + b"\r\n")


def _plain(error: Exception) -> str:
    """What the operating system said, or the kind of error: a library's text may hold an address."""
    return (error.strerror if isinstance(error, OSError) else "") or type(error).__name__
