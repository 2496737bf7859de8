"""What an answer, or none, from a system behind HTTP means: tried with servers that answer as badly as can be."""

from __future__ import annotations

import io
import json
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from idm.connector import Attachment, Change, Confidential, Connector, Effect, KindInfo, Ref, Refused, Retry, TargetError, Unknown, Verb
from idm.connector_http import RecordClient, Settings
from idm.errors import BadInput, NotFound

KINDS = {"record": KindInfo(Effect.KEYED), "document": KindInfo(Effect.KEYED, posting=True)}
CREATE = Change(Verb.CREATE, "record", "K1", "record/K1/record", attributes={"cpr": Confidential("0101904321")})
REF = Ref("record", "K1")
BUSY = 30
"""Seconds that a busy machine may add to a deadline; the servers here that drip would hold a call for ever."""


@contextmanager
def server(behave: Callable[[socket.socket], None], tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """A server that treats every connection, after its first bytes, as `behave` does; its URL."""
    listener = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def treat(client: socket.socket) -> None:
        with client:
            try:
                client.settimeout(BUSY)
                with tls.wrap_socket(client, server_side=True) if tls else client as wire:
                    wire.recv(65536)
                    behave(wire)
            except OSError:
                return

    def serve() -> None:
        while not ended.is_set():
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=treat, args=(client,), daemon=True).start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        ended.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def answering(status: int, body: Any = None, headers: str = "") -> Callable[[socket.socket], None]:
    content = body if isinstance(body, bytes) else json.dumps({} if body is None else body).encode()
    head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(content)}\r\nConnection: close\r\n{headers}\r\n"
    return lambda client: client.sendall(head.encode() + content)


def listening(client: socket.socket) -> None:
    """Hears everything until the other side hangs up."""
    while client.recv(65536):
        pass


def connector(url: str, deadline: float = 30.0, secret: Callable[[str], str] = lambda _: "secret") -> RecordClient:
    return RecordClient("payroll", KINDS, {"url": url, "deadline": deadline}, secret, confidential=("cpr",), filed=("document",))


def outcome(url: str, ask: Callable[[Connector], object], **settings: Any) -> TargetError:
    client = connector(url, **settings)
    try:
        with pytest.raises(TargetError) as raised:
            ask(client)
    finally:
        client.close()
    assert "0101904321" not in raised.value.reason
    return raised.value


def write(client: Connector) -> object:
    return client.perform(CREATE)


def read(client: Connector) -> object:
    return client.read(REF)


def dripping(head: bytes, drop: bytes) -> Callable[[socket.socket], None]:
    def behave(client: socket.socket) -> None:
        client.sendall(head)
        pace = threading.Event()
        while not pace.wait(0.05):
            client.sendall(drop)

    return behave


@pytest.mark.parametrize(
    ("head", "drop"), [(b"HTTP/1.1 200 OK\r\n", b"X-Drop: 1\r\n"), (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{", b" ")]
)
def test_a_server_that_drips_can_not_outlast_the_deadline(head: bytes, drop: bytes) -> None:
    with server(dripping(head, drop)) as url:
        # A change is in doubt only once it was sent: even on a busy machine it must be by then.
        for ask, answer, deadline in ((write, Unknown, 2.0), (read, Retry, 0.4)):
            began = time.monotonic()
            assert isinstance(outcome(url, ask, deadline=deadline), answer)
            assert time.monotonic() - began < BUSY


@pytest.mark.parametrize(
    ("behave", "on_write", "on_read"),
    [
        (lambda client: None, Unknown, Retry),
        (lambda client: client.sendall(b"no http at all\r\n\r\n"), Unknown, Retry),
        (answering(200, b"<html>"), Unknown, Retry),
        (answering(200, [1]), Unknown, Retry),
        (answering(500), Unknown, Retry),
        (answering(502, b"bad gateway"), Unknown, Retry),
        (answering(503), Retry, Retry),
        (answering(429), Retry, Retry),
        (answering(401), Refused, Refused),
        (answering(403), Refused, Refused),
        (answering(404), Refused, Refused),
        (answering(409, {"error": {"code": "conflict", "message": "taken by 010190-4321"}}), Refused, Refused),
        (answering(422, {"error": 3, "faults": "none"}), Refused, Refused),
        (answering(302, b"", "Location: http://elsewhere\r\n"), Refused, Refused),
    ],
)
def test_what_an_answer_means(behave: Callable[[socket.socket], None], on_write: type[TargetError], on_read: type[TargetError]) -> None:
    with server(behave) as url:
        assert type(outcome(url, write)) is on_write
        assert type(outcome(url, read)) is on_read


@pytest.mark.parametrize(
    ("body", "ask"), [({"items": 3}, read), ({"items": [{"link": "x"}]}, read), ({}, lambda client: list(client.scan("record")))]
)
def test_an_answer_of_another_shape_is_never_an_absence(body: Any, ask: Callable[[Connector], object]) -> None:
    with server(answering(200, body)) as url:
        assert isinstance(outcome(url, ask), Refused)


def test_retry_after_and_down() -> None:
    with server(answering(503, headers="Retry-After: 17\r\n")) as url:
        away = outcome(url, write)
    with server(answering(429, headers="Retry-After: Wed, 21 Oct 2026 07:28:00 GMT\r\n")) as url:
        busy = outcome(url, write)
    assert isinstance(away, Retry)
    assert (away.after, away.down) == (17.0, True)
    assert isinstance(busy, Retry)
    assert (busy.after, busy.down) == (None, False)


def test_the_faults_are_told_in_words_with_the_field() -> None:
    faults = [{"field": "pay_class", "message": "pay_class isn't known"}, {"field": "cpr", "message": "0101904321 is odd"}]
    with server(answering(422, {"error": {"code": "faults", "message": "Not accepted."}, "faults": faults})) as url:
        refused = outcome(url, write)
    assert isinstance(refused, Refused)
    assert refused.field == "pay_class"
    assert "pay_class isn't known; *** is odd" in refused.reason


def test_a_credential_that_is_refused_or_missing_names_the_secret() -> None:
    def missing(name: str) -> str:
        raise NotFound(f"no secret {name}")

    with server(answering(401)) as url:
        for refused in (outcome(url, write), outcome(url, write, secret=missing)):
            assert isinstance(refused, Refused)
            assert "secret" in refused.reason
            assert "'payroll'" in refused.reason
        assert isinstance(outcome(url, write, secret=lambda _: "two\r\nlines"), Refused)


def test_encrypted_calls_trust_the_named_authority_alone(tmp_path: Path) -> None:
    files = ["-keyout", str(tmp_path / "key"), "-out", str(tmp_path / "crt")]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    subprocess.run([*command, *names, *files], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "crt", tmp_path / "key")
    with server(answering(200, {"items": []}), context) as url:
        for host in ("127.0.0.1", "localhost"):
            config = {"url": url.replace("http://127.0.0.1", f"https://{host}"), "ca_file": str(tmp_path / "crt"), "deadline": 30}
            client = RecordClient("payroll", KINDS, config, lambda _: "secret")
            assert client.read(REF) is None
            client.close()
        stranger = connector(url.replace("http:", "https:"))
        with pytest.raises(Retry, match="certificate"):
            stranger.perform(CREATE)
        stranger.close()


def test_a_name_nobody_knows_is_a_retry() -> None:
    client = RecordClient("payroll", KINDS, {"url": "https://no-such-host.invalid", "deadline": 3}, lambda _: "secret")
    with pytest.raises(Retry) as retry:
        client.read(REF)
    assert retry.value.down


@pytest.mark.parametrize("size", [3, 9])
def test_a_document_of_another_size_than_said_is_not_sent(size: int) -> None:
    attachment = Attachment("a.pdf", "application/pdf", size, lambda: io.BytesIO(b"12345"))
    change = Change(Verb.POST, "document", "D1", "document/D1/post", attachment=attachment)
    with server(listening) as url:
        assert isinstance(outcome(url, lambda client: client.perform(change)), Refused)


def test_what_a_change_must_have() -> None:
    for change in (
        Change(Verb.POST, "document", "D1", "e"),
        Change(Verb.POST, "record", "K1", "e"),
        Change(Verb.CREATE, "document", "D1", "e"),
        Change(Verb.GRANT, "record", "K1", "e", link="x"),
        Change(Verb.CREATE, "record", "K1", "e", attributes={"a": ("one", "two")}),
    ):
        client = connector("http://127.0.0.1:9")
        with pytest.raises(Refused):
            client.perform(change)


@pytest.mark.parametrize(
    ("config", "wrong"),
    [
        ({}, {"config.url"}),
        ({"url": "ftp://x", "deadline": 0}, {"config.url", "config.deadline"}),
        ({"url": "http://payroll.example.org"}, {"config.url"}),
        ({"url": "https://payroll.example.org", "deadline": "long"}, {"config.deadline"}),
    ],
)
def test_settings_that_can_not_be(config: dict[str, Any], wrong: set[str]) -> None:
    with pytest.raises(BadInput) as error:
        Settings.of(config, "payroll")
    assert {fault.path for fault in error.value.faults} == wrong


def test_settings_have_defaults() -> None:
    settings = Settings.of({"url": "https://payroll.example.org/api/", "tag": "x"}, "payroll")
    assert (settings.url, settings.secret, settings.deadline) == ("https://payroll.example.org/api", "payroll", 10.0)
