from __future__ import annotations

import select
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from idm.errors import BadInput, Unavailable
from idm.simulators.http_server import Answer, HttpServer
from idm.simulators.mailbox import mailbox
from idm.simulators.service import Failures, Journal
from tests.unit.simulators.http_client import OWN, READER, Running, running
from tests.waiting import wait_until

HEALTH = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture
def system(tmp_path: Path) -> Iterator[Running]:
    with running(
        tmp_path / "journal", lambda port, journal, failures: mailbox(port, journal, failures, secret=OWN, reader_secret=READER)
    ) as system:
        yield system


def wire_to(system: Running) -> socket.socket:
    address = urlsplit(system.url)
    return socket.create_connection((address.hostname or "", address.port or 0), timeout=30)


def test_one_connection_serves_many_requests(system: Running) -> None:
    with wire_to(system) as wire:
        for _ in range(3):
            wire.sendall(HEALTH)
            assert wire.recv(65536).startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01 no http\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET /" + b"x" * 20000,
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n",
    ],
)
def test_what_is_no_http_is_told_so_and_hung_up_on(system: Running, sent: bytes) -> None:
    with wire_to(system) as wire:
        wire.sendall(sent)
        assert wire.recv(65536).startswith(b"HTTP/1.1 4")
        assert wire.recv(1) == b""
    assert system.ask("GET", "/health")[0] == 200


def test_being_down_ends_connections_and_keeps_the_port(system: Running) -> None:
    with wire_to(system) as wire:
        wire.sendall(HEALTH)
        assert wire.recv(65536)
        system.failures.set("down", None, 0)
        assert wire.recv(1) == b""
    with pytest.raises(ConnectionRefusedError):
        wire_to(system)
    with socket.socket() as thief, pytest.raises(OSError, match="in use"):
        thief.bind(("127.0.0.1", urlsplit(system.url).port or 0))
    system.failures.clear()
    assert system.ask("GET", "/health")[0] == 200


def test_a_held_client_is_let_go_when_it_leaves_or_the_system_stops(system: Running) -> None:
    system.failures.set("timeout-before", None, 0)
    for _ in range(2):
        with pytest.raises(TimeoutError):
            system.ask("POST", "/mailbox", {"key": "P1", "attributes": {"address": "a@example.org", "display_name": "A"}}, timeout=0.1)
    assert system.told() == []
    system.failures.clear()
    assert system.ask("POST", "/mailbox", {"key": "P1", "attributes": {"address": "a@example.org", "display_name": "A"}})[0] == 200


def test_a_slow_answer_holds_up_nobody_else(system: Running) -> None:
    system.failures.set("slow", 1, 3000)
    with wire_to(system) as wire:
        wire.sendall(f"GET /mailbox HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {READER}\r\n\r\n".encode())
        wait_until(lambda: system.failures.current() is None)
        assert system.ask("GET", "/mailbox?limit=1", timeout=30)[0] == 200
        assert select.select([wire], [], [], 0)[0] == [], "it is not answered yet"


def test_what_is_slow_goes_on_once_the_system_works_as_usual_again(system: Running) -> None:
    system.failures.set("slow", 1, 3000)
    with wire_to(system) as wire:
        wire.sendall(f"GET /mailbox HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {READER}\r\n\r\n".encode())
        wait_until(lambda: system.failures.current() is None)
        system.failures.clear()
        assert wire.recv(65536).startswith(b"HTTP/1.1 200 OK\r\n")


def test_addresses_are_alike_without_regard_to_case(system: Running) -> None:
    made = {"address": "A@Example.org", "display_name": "A"}
    assert system.ask("POST", "/mailbox", {"key": "P1", "attributes": made}, effect="k1")[0] == 200
    status, answer = system.ask("POST", "/mailbox", {"key": "P2", "attributes": {**made, "address": "a@example.org"}}, effect="k2")
    assert (status, answer["faults"][0]["field"]) == (409, "address")


def test_a_fault_of_the_system_itself_is_a_500_and_the_connection_goes_on() -> None:
    def fail(_: object) -> Answer:
        raise KeyError("0101904321")

    server = HttpServer(0, fail)
    address = urlsplit(server.start())
    try:
        with socket.create_connection((address.hostname or "", address.port or 0), timeout=30) as wire:
            for _ in range(2):
                wire.sendall(HEALTH)
                answer = wire.recv(65536)
                assert answer.startswith(b"HTTP/1.1 500")
                assert b"0101904321" not in answer
    finally:
        server.stop()


def test_a_port_that_another_has_is_said_so() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        with pytest.raises(Unavailable, match=str(port)) as error:
            HttpServer(port, lambda _: Answer(200)).start()
    assert error.value.next_step


def test_failures_count_down_what_they_concern() -> None:
    failures = Failures()
    failures.set("refuse", 2, 0)
    assert failures.take(writes=False) is None
    assert [failure and failure.mode for failure in (failures.take(writes=True) for _ in range(3))] == ["refuse", "refuse", None]
    failures.set("slow", None, 1.5)
    assert failures.take(writes=False) == failures.take(writes=True)
    failures.clear()
    assert failures.take(writes=True) is None


@pytest.mark.parametrize(
    ("mode", "times", "seconds", "wrong"), [("sleepy", 0, -1, {"mode", "times", "seconds"}), ("slow", None, 1e9, {"seconds"})]
)
def test_failures_that_make_no_sense(mode: str, times: int | None, seconds: float, wrong: set[str]) -> None:
    with pytest.raises(BadInput) as error:
        Failures().set(mode, times, seconds)
    assert {fault.path for fault in error.value.faults} == wrong


def test_a_journal_keeps_an_effect_and_its_entry_together(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    with pytest.raises(ZeroDivisionError), journal.transaction():
        journal.record("create", "K", "k", "applied")
        raise ZeroDivisionError
    journal.record("end", "K", "k", "unchanged")
    assert [(entry.op, entry.result) for entry in journal.entries()] == [("end", "unchanged")]
    for op, result in (("destroy", "applied"), ("end", "perhaps")):
        with pytest.raises(ValueError, match="unknown"):
            journal.record(op, "K", "k", result)
    journal.close()
