"""Mail over SMTP, against real servers on sockets: what is known after every way a conversation can end."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from idm.connector import Change, Confidential, Effect, Ref, Refused, Retry, Unknown, Value, Verb
from idm.mail import MESSAGE, Mail, smtp_mail
from idm.render import Renderer
from tests.servers.ports import free_port

RENDERER = Renderer([Path(__file__).parents[2] / "templates"])
SENDER = "Kommunen <no-reply@idm.example.org>"
PRIVATE = "anna@private.example.org"
SHORT, LONG = 0.6, 60.0  # seconds: for servers that never answer, and for those that do
TALK = 3.0
"""Seconds: for servers that never answer once they have the message, which even a busy machine gives them by then."""
ATTRIBUTES: dict[str, Value] = {
    "to": Confidential(PRIVATE),
    "slug": "document_returned",
    "language": "da",
    "context.given_name": "Anna",
    "context.unit_name": "Børn & Unge",
    "context.document_title": "Eksamensbevis",
    "context.reason": "Side 2 mangler.\n.\nMAIL FROM:<x@example.org>\n..",
}
POST = Change(Verb.POST, MESSAGE, "e-1/returned/1", "message/e-1/returned/1/post", attributes=ATTRIBUTES)


def connector(
    port: int, options: str = "?tls=no", scheme: str = "smtp", user: str = "", password: str = "right", deadline: float = LONG
) -> Mail:
    return smtp_mail(f"{scheme}://{user}127.0.0.1:{port}{options}", RENDERER, SENDER, lambda _: password, deadline)


class Inbox:
    """An aiosmtpd handler that keeps what it gets; `rcpt` and `data` are its answers, "" for hanging up without one."""

    def __init__(self, rcpt: str = "250 2.1.5 OK", data: str = "250 2.0.0 OK") -> None:
        self.rcpt, self.data = rcpt, data
        self.envelopes: list[Envelope] = []

    async def handle_RCPT(self, server: Any, session: object, envelope: Envelope, address: str, options: list[str]) -> str:
        envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server: Any, session: object, envelope: Envelope) -> str:
        self.envelopes.append(envelope)
        if self.data == "silence":
            await asyncio.sleep(LONG)
        elif not self.data:
            server.transport.abort()
        return self.data or "250 nobody hears this"


@contextmanager
def served(inbox: Inbox, **options: Any) -> Iterator[int]:
    loop = asyncio.new_event_loop()
    started: Future[int] = Future()
    stop = asyncio.Event()

    async def serve() -> None:
        server = await loop.create_server(lambda: SMTP(inbox, hostname="test", loop=loop, **options), "127.0.0.1", 0)
        async with server:
            started.set_result(server.sockets[0].getsockname()[1])
            await stop.wait()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    try:
        yield started.result(30)
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(30)
        assert not thread.is_alive()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()


def test_a_message_arrives_whole() -> None:
    inbox = Inbox()
    with served(inbox) as port:
        mail = connector(port)
        link = mail.perform(POST)
        assert "plain text" in mail.probe()
    (envelope,) = inbox.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == ("no-reply@idm.example.org", [PRIVATE])
    assert isinstance(envelope.content, bytes)
    message = message_from_bytes(envelope.content, policy=policy.default)
    assert message["Message-ID"] == link
    assert not [name for name in message if name.lower().startswith("x-idm")]
    body = message.get_body(("plain",))
    assert body is not None
    assert "Side 2 mangler.\n.\nMAIL FROM:<x@example.org>\n..\n" in body.get_content().replace("\r\n", "\n")


def test_smtp_is_blind_and_says_so() -> None:
    mail = connector(1)
    assert mail.describe().kinds[MESSAGE].effect is Effect.BLIND
    assert mail.describe().deadline == LONG
    for attempt in (lambda: mail.read(Ref(MESSAGE, "k")), lambda: mail.scan(MESSAGE)):
        with pytest.raises(Refused):
            attempt()


@pytest.mark.parametrize(
    ("inbox", "wanted", "said"),
    [
        (Inbox(rcpt=f"550 5.1.1 no such user {PRIVATE}"), Refused, "refused the recipient (550 5.1.1)"),
        (Inbox(rcpt="450 4.2.0 greylisted"), Retry, "does not take the recipient now (450 4.2.0)"),
        (Inbox(data=f"554 5.7.1 spam for {PRIVATE}"), Refused, "refused the message (554 5.7.1)"),
        (Inbox(data="452 4.3.1 disk full"), Retry, "does not take the message now (452 4.3.1)"),
        (Inbox(data="421 4.3.2 closing"), Retry, "does not take the message now (421 4.3.2)"),
        (Inbox(data=""), Unknown, "the connection broke before it answered"),
        (Inbox(data="silence"), Unknown, "did not answer"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_answer_and_none(inbox: Inbox, wanted: type[Exception], said: str) -> None:
    with served(inbox) as port:
        began = time.monotonic()
        with pytest.raises((Refused, Retry, Unknown)) as caught:
            connector(port, deadline=TALK if inbox.data == "silence" else LONG).perform(POST)
        assert time.monotonic() - began < LONG / 2
    assert type(caught.value) is wanted
    assert said in caught.value.reason
    assert PRIVATE not in caught.value.reason
    assert len(inbox.envelopes) == ("recipient" not in said)


def test_a_refused_recipient_is_the_field_and_greylisting_not_the_server() -> None:
    with served(Inbox(rcpt="550 no")) as port, pytest.raises(Refused) as refused:
        connector(port).perform(POST)
    assert refused.value.field == "to"
    with served(Inbox(rcpt="450 later")) as port, pytest.raises(Retry) as retry:
        connector(port).perform(POST)
    assert not retry.value.down


def test_nobody_there() -> None:
    port = free_port()
    for attempt in (connector(port).probe, lambda: connector(port).perform(POST)):
        with pytest.raises(Retry) as caught:
            attempt()
        assert "can't be reached" in caught.value.reason
        assert caught.value.down


@contextmanager
def scripted(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server for one connection that does exactly what `talk` says, however rude."""
    listener = socket.create_server(("127.0.0.1", 0))

    def work() -> None:
        connection, _ = listener.accept()
        with connection:
            try:
                talk(connection)
            except OSError:
                return  # the other side has left, as it should

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        thread.join(30)
        listener.close()
        assert not thread.is_alive()


def dialogue(*answers: bytes) -> Callable[[socket.socket], None]:
    """Greets, then answers one line each; after the last, hangs up."""

    def talk(connection: socket.socket) -> None:
        connection.sendall(b"220 hello\r\n")
        with connection.makefile("rb") as lines:
            for answer in answers:
                lines.readline()
                connection.sendall(answer)

    return talk


def dripping(connection: socket.socket) -> None:
    """A greeting without end, a line now and then: no single read ever times out."""
    while True:
        connection.sendall(b"220-hello\r\n")
        threading.Event().wait(0.05)


def silent(connection: socket.socket) -> None:
    connection.recv(1)


def content_then_dripping(connection: socket.socket) -> None:
    dialogue(b"250 hi\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n")(connection)
    received = b""
    while not received.endswith(b"\r\n.\r\n"):
        received += connection.recv(65536)
    while True:
        connection.sendall(b"250-well\r\n")
        threading.Event().wait(0.05)


ENDLESS: dict[Callable[[socket.socket], None], float] = {silent: SHORT, dripping: SHORT, content_then_dripping: TALK}
"""The deadline for each server that talks for ever, or never."""
OK = b"250 ok\r\n"


@pytest.mark.parametrize(
    ("talk", "wanted"),
    [
        (silent, Retry),
        (dripping, Retry),
        (lambda connection: connection.sendall(b"554 5.3.2 no service here\r\n"), Refused),
        (lambda connection: connection.sendall(b"421 4.3.2 busy\r\n"), Retry),
        (lambda connection: connection.sendall(b"\x00\xff rubbish\r\n"), Retry),
        (dialogue(), Retry),
        (dialogue(OK), Retry),
        (dialogue(OK, b"553 sender refused\r\n"), Refused),
        (dialogue(OK, OK), Retry),
        (dialogue(OK, OK, OK), Retry),
        (dialogue(OK, OK, OK, b"451 later\r\n"), Retry),
        (dialogue(OK, OK, OK, b"554 never\r\n"), Refused),
        (dialogue(OK, OK, OK, OK), Retry),
        (content_then_dripping, Unknown),
    ],
)
def test_what_is_known_wherever_a_server_breaks_off(talk: Callable[[socket.socket], None], wanted: type[Exception]) -> None:
    with scripted(talk) as port:
        began = time.monotonic()
        with pytest.raises((Refused, Retry, Unknown)) as caught:
            connector(port, deadline=ENDLESS.get(talk, LONG)).perform(POST)
        assert time.monotonic() - began < LONG / 2
    assert type(caught.value) is wanted
    assert PRIVATE not in caught.value.reason


def rubbish_after_the_dot(connection: socket.socket) -> None:
    dialogue(OK, OK, OK, b"354 go\r\n")(connection)
    received = b""
    while not received.endswith(b"\r\n.\r\n"):
        received += connection.recv(65536)
    connection.sendall(b"what?\r\n")


def test_an_answer_that_is_none_leaves_doubt() -> None:
    with scripted(rubbish_after_the_dot) as port, pytest.raises(Unknown):
        connector(port).perform(POST)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of its own for 127.0.0.1, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - timedelta(1), now + timedelta(1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


def login(server: object, session: object, envelope: object, mechanism: str, data: LoginPassword) -> AuthResult:
    return AuthResult(success=data == LoginPassword(b"idm", b"right"), handled=False)


@pytest.fixture
def secured(certificate: Path) -> Iterator[tuple[Inbox, int]]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    inbox = Inbox()
    with served(inbox, tls_context=context, require_starttls=True, auth_required=True, authenticator=login) as port:
        yield inbox, port


def test_starttls_and_login(secured: tuple[Inbox, int], certificate: Path) -> None:
    inbox, port = secured
    mail = connector(port, f"?ca={certificate}", user="idm@")
    assert mail.probe() == f"the mail server 127.0.0.1:{port} answered over TLS, and logged idm in"
    mail.perform(POST)
    assert len(inbox.envelopes) == 1


def test_a_wrong_password_is_refused(secured: tuple[Inbox, int], certificate: Path) -> None:
    inbox, port = secured
    with pytest.raises(Refused, match="refused the login") as caught:
        connector(port, f"?ca={certificate}", user="idm@", password="wrong").perform(POST)
    assert "wrong" not in caught.value.reason
    assert not inbox.envelopes


def test_a_password_that_cannot_be_read_is_refused(secured: tuple[Inbox, int], certificate: Path) -> None:
    def missing(name: str) -> str:
        raise KeyError(name)

    mail = smtp_mail(f"smtp://idm@127.0.0.1:{secured[1]}?ca={certificate}", RENDERER, SENDER, missing, LONG)
    with pytest.raises(Refused, match="can't be read"):
        mail.perform(POST)


def test_a_certificate_nobody_vouches_for_is_refused(secured: tuple[Inbox, int], tmp_path: Path) -> None:
    inbox, port = secured
    with pytest.raises(Refused, match="can't be trusted"):
        connector(port, "").perform(POST)
    with pytest.raises(Refused, match="ca="):
        connector(port, f"?ca={tmp_path / 'nowhere'}").perform(POST)
    assert not inbox.envelopes


def test_no_message_goes_in_plain_text_unless_told_so() -> None:
    inbox = Inbox()
    with served(inbox) as port, pytest.raises(Refused, match="STARTTLS"):
        connector(port, "").perform(POST)
    assert not inbox.envelopes


def test_tls_from_the_start(certificate: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    inbox = Inbox()

    def talk(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as wrapped:
            dialogue(OK, OK, OK, b"354 go\r\n")(wrapped)
            received = b""
            while not received.endswith(b"\r\n.\r\n"):
                received += wrapped.recv(65536)
            inbox.envelopes.append(Envelope())
            wrapped.sendall(OK)

    with scripted(talk) as port:
        connector(port, f"?ca={certificate}", "smtps").perform(POST)
    assert len(inbox.envelopes) == 1
