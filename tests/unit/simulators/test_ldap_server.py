"""The LDAP simulator on the wire: rough clients, failures on order, pages, and a kill -9."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import ldap3
import pytest

from idm.errors import Unavailable
from idm.simulators import ldap_ber as ber
from idm.simulators import ldap_messages as wire
from idm.simulators.ldap_server import LdapSimulator
from idm.simulators.service import Failures, Journal
from tests.waiting import wait_until

SUFFIX = "dc=example,dc=org"
PEOPLE = f"ou=people,{SUFFIX}"
ROOT = Path(__file__).parents[3]

CHILD = """
import sys, threading
from pathlib import Path
from idm.simulators.ldap_server import LdapSimulator
from idm.simulators.service import Failures, Journal
folder = Path(sys.argv[1])
journal = Journal(folder / "journal.sqlite")
simulator = LdapSimulator("ldap", folder, int(sys.argv[2]), journal, Failures(), secret="s", reader_secret="r")
print(simulator.start(), flush=True)
threading.Event().wait()
"""


class Simulated:
    """A running simulator and its parts."""

    def __init__(self, folder: Path) -> None:
        self.journal = Journal(folder / "journal.sqlite")
        self.failures = Failures()
        self.server = LdapSimulator("ldap", folder, 0, self.journal, self.failures, secret="s", reader_secret="r", groups=("staff",))
        self.url = self.server.start()

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def connect(self, seconds: float = 30) -> Any:
        return connected(self.url, seconds)

    def raw(self, packet: bytes) -> bytes:
        """All that the server answers to these bytes until it closes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as client:
            client.sendall(packet)
            answer = b""
            while part := client.recv(65536):
                answer += part
            return answer


def connected(url: str, seconds: float = 30) -> Any:
    server = ldap3.Server(url, get_info=ldap3.NONE)
    connection = ldap3.Connection(server, f"cn=idm,ou=services,{SUFFIX}", "s", check_names=False, receive_timeout=seconds)
    _opened.append(connection)
    assert connection.bind()
    return connection


_opened: list[Any] = []


@pytest.fixture(autouse=True)
def closed_connections() -> Iterator[None]:
    yield
    while _opened:
        connection = _opened.pop()
        if connection.socket is not None:
            connection.socket.close()


def add(connection: Any, uid: str) -> int:
    connection.add(f"uid={uid},{PEOPLE}", ["inetOrgPerson"], {"sn": "Test", "cn": uid, "description": f"idm:t:{uid}"})
    return int(connection.result["result"])


@pytest.fixture
def simulated(tmp_path: Path) -> Iterator[Simulated]:
    simulated = Simulated(tmp_path)
    yield simulated
    simulated.server.stop()
    simulated.journal.close()


def search(message_id: int, **control: bytes) -> bytes:
    numbers = (ber.integer(2, ber.ENUMERATED), ber.integer(0, ber.ENUMERATED), ber.integer(0), ber.integer(0), ber.boolean(False))
    body = ber.element(0x63, ber.octets(SUFFIX), *numbers, ber.octets("objectClass", 0x87), ber.sequence())
    return wire.envelope(message_id, body)


anonymous = wire.envelope(1, ber.element(0x60, ber.integer(3), ber.octets(""), ber.octets("", 0x80)))
"""A login under no name."""


@pytest.mark.parametrize(
    "packet",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x30\x80\0\0",
        b"\x30\x84\x7f\xff\xff\xff",
        b"\x30\x82\xff\xff",
        b"\x30\x03\x02\x01\x00",
        b"\x30\x05\x02\x01\x01\x7f\x00",
    ],
)
def test_a_broken_envelope_ends_the_connection_with_a_notice(simulated: Simulated, packet: bytes) -> None:
    with socket.create_connection(("127.0.0.1", simulated.port), timeout=30) as client:
        client.sendall(packet)
        client.shutdown(socket.SHUT_WR)
        answer = client.recv(65536)
    if packet != b"\x30\x82\xff\xff":
        assert wire.NOTICE_OF_DISCONNECTION.encode() in answer
    assert simulated.connect().bound


def test_a_length_is_capped_before_anything_is_read(simulated: Simulated) -> None:
    # The bytes that it speaks of never come: a server that read on would answer nothing.
    assert b"too long" in simulated.raw(b"\x30\x84\x00\x10\x00\x00")


def test_a_broken_request_is_answered_by_its_id(simulated: Simulated) -> None:
    answer = simulated.raw(wire.envelope(77, ber.element(0x68, b"\x04\x7fabc")))
    reader = ber.Reader(answer).inside()
    assert reader.integer() == 77
    assert reader.inside(0x69).integer(ber.ENUMERATED) == 2


def test_an_unknown_critical_control_is_refused_and_another_ignored(simulated: Simulated) -> None:
    connection = simulated.connect()
    connection.search(SUFFIX, "(objectClass=*)", "BASE", controls=[("1.2.3.4", True, None)])
    assert connection.result["result"] == 12
    connection.search(SUFFIX, "(objectClass=*)", "BASE", controls=[("1.2.3.4", False, None)])
    assert connection.result["result"] == 0


def test_old_and_foreign_logins_are_refused(simulated: Simulated) -> None:
    def bind(version: int, name: str, method: bytes) -> int:
        packet = wire.envelope(1, ber.element(0x60, ber.integer(version), ber.octets(name), method)) + wire.envelope(2, ber.element(0x42))
        reader = ber.Reader(simulated.raw(packet)).inside()
        reader.integer()
        return reader.inside(0x61).integer(ber.ENUMERATED)

    assert bind(2, "", ber.octets("", 0x80)) == 2
    assert bind(3, "", ber.octets("", 0x80)) == 0
    assert bind(3, "", ber.element(0xA3, ber.octets("PLAIN"))) == 7
    assert bind(3, f"cn=idm,ou=services,{SUFFIX}", ber.octets("", 0x80)) == 53
    assert bind(3, "", ber.octets("password", 0x80)) == 49


def test_a_failed_login_ends_the_one_before(simulated: Simulated) -> None:
    connection = simulated.connect()
    assert connection.extend.standard.who_am_i() == f"dn:cn=idm,ou=services,{SUFFIX}"
    assert not connection.rebind(f"cn=idm,ou=services,{SUFFIX}", "wrong")
    assert add(connection, "anna") == 8


def test_schema_and_root_are_open_to_all(simulated: Simulated) -> None:
    server = ldap3.Server(simulated.url, get_info=ldap3.ALL)
    connection = ldap3.Connection(server)
    _opened.append(connection)
    assert connection.bind()
    assert server.info.naming_contexts == [SUFFIX]
    assert "inetOrgPerson" in server.schema.object_classes
    assert connection.search(SUFFIX, "(objectClass=*)") is False
    connection.unbind()


def test_requests_sent_at_once_are_all_answered(simulated: Simulated) -> None:
    login = ber.element(0x60, ber.integer(3), ber.octets(f"cn=reader,ou=services,{SUFFIX}"), ber.octets("r", 0x80))
    with socket.create_connection(("127.0.0.1", simulated.port), timeout=30) as client:
        client.sendall(wire.envelope(1, login) + b"".join(search(number) for number in range(2, 42)))
        answer = b""
        done = [wire.envelope(number, wire.result(0x65, 0)) for number in range(2, 42)]
        while not all(each in answer for each in done):
            part = client.recv(65536)
            assert part
            answer += part


def test_an_abandoned_request_is_not_answered(simulated: Simulated) -> None:
    simulated.failures.set("slow", 2, 0.3)
    login = ber.element(0x60, ber.integer(3), ber.octets(f"cn=reader,ou=services,{SUFFIX}"), ber.octets("r", 0x80))
    with socket.create_connection(("127.0.0.1", simulated.port), timeout=30) as client:
        client.sendall(wire.envelope(1, login))
        assert client.recv(65536)
        client.sendall(search(2) + wire.envelope(3, ber.integer(2, 0x50)) + search(4))
        answer = b""
        while wire.envelope(4, wire.result(0x65, 0)) not in answer:
            answer += client.recv(65536)
    assert wire.envelope(2, wire.result(0x65, 0)) not in answer


def test_pages_belong_to_their_search_and_connection(simulated: Simulated) -> None:
    connection, other = simulated.connect(), simulated.connect()
    for number in range(7):
        assert add(connection, f"u{number}") == 0

    def page(asked: Any, filter_: str, cookie: bytes | None, size: int = 3) -> tuple[int, int, bytes]:
        asked.search(PEOPLE, filter_, attributes=["uid"], paged_size=size, paged_cookie=cookie)
        control = asked.result.get("controls", {}).get(wire.PAGED_RESULTS)
        return asked.result["result"], len(asked.response), control["value"]["cookie"] if control else b""

    code, count, cookie = page(connection, "(uid=*)", None)
    assert (code, count) == (0, 3)
    assert page(other, "(uid=*)", cookie)[0] == 2
    assert page(connection, "(cn=*)", cookie)[0] == 2
    assert page(connection, "(uid=*)", cookie)[0] == 2, "a cookie that was misused is gone"
    cookie = page(connection, "(uid=*)", None)[2]
    code, count, cookie = page(connection, "(uid=*)", cookie)
    assert (code, count) == (0, 3)
    connection.delete(f"uid=u6,{PEOPLE}")
    assert page(connection, "(uid=*)", cookie)[0] == 0


def test_refused_on_order_writes_are_and_reads_not(simulated: Simulated) -> None:
    connection = simulated.connect()
    simulated.failures.set("refuse", 1, 0)
    assert connection.search(SUFFIX, "(objectClass=*)", "BASE")
    assert add(connection, "anna") == 53
    assert connection.result["message"] == "refused by the simulator"
    assert add(connection, "anna") == 0


@pytest.mark.parametrize(("mode", "there"), [("timeout-before", False), ("timeout-after", True)])
def test_no_answer_on_order(simulated: Simulated, mode: str, there: bool) -> None:
    connection = simulated.connect(seconds=2)
    simulated.failures.set(mode, 1, 0)
    with pytest.raises(ldap3.core.exceptions.LDAPExceptionError):
        add(connection, "anna")
    again = simulated.connect()
    assert again.search(PEOPLE, "(uid=anna)") is there


def test_slow_on_order_holds_up_nobody(simulated: Simulated) -> None:
    slow, quick = simulated.connect(), simulated.connect()
    simulated.failures.set("slow", 1, 3000)
    with closing(socket.create_connection(("127.0.0.1", simulated.port), timeout=30)) as client:
        client.sendall(anonymous)
        wait_until(lambda: simulated.failures.current() is None)
        assert add(quick, "anna") == add(slow, "bo") == 0
        assert select.select([client], [], [], 0)[0] == [], "it is not answered yet"
        simulated.failures.clear()
        assert client.recv(65536), "it goes on once the system works as usual again"


def test_slow_on_order_takes_as_long_as_was_said(simulated: Simulated) -> None:
    simulated.failures.set("slow", 1, 0.3)
    with closing(socket.create_connection(("127.0.0.1", simulated.port), timeout=30)) as client:
        began = time.monotonic()
        client.sendall(anonymous)
        assert client.recv(65536)
        assert time.monotonic() - began >= 0.3


def test_down_ends_all_connections_until_it_is_up(simulated: Simulated) -> None:
    connection = simulated.connect()
    simulated.failures.set("down", None, 0)
    with pytest.raises(ldap3.core.exceptions.LDAPExceptionError):
        add(connection, "anna")
    with pytest.raises(ldap3.core.exceptions.LDAPExceptionError):
        simulated.connect()
    simulated.failures.clear()
    assert add(simulated.connect(), "anna") == 0
    simulated.failures.set("down", 1, 0)
    with pytest.raises(ldap3.core.exceptions.LDAPExceptionError):
        simulated.connect()
    assert simulated.connect().bound


def test_it_starts_and_stops_more_than_once_on_one_port(simulated: Simulated) -> None:
    assert add(simulated.connect(), "anna") == 0
    with pytest.raises(Unavailable):
        simulated.server.start()
    simulated.server.stop()
    simulated.server.stop()
    assert simulated.server.start() == simulated.url
    assert add(simulated.connect(), "anna") == 68


def test_a_port_that_is_held_is_told(simulated: Simulated, tmp_path: Path) -> None:
    journal = Journal(tmp_path / "other.sqlite")
    other = LdapSimulator("ldap", tmp_path, simulated.port, journal, Failures(), secret="s", reader_secret="r")
    with pytest.raises(Unavailable, match=str(simulated.port)):
        other.start()
    other.stop()
    journal.close()


def test_what_was_answered_outlives_a_kill(tmp_path: Path) -> None:
    def start(port: str) -> tuple[subprocess.Popen[str], str]:
        child = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", CHILD, str(tmp_path), port], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        return child, child.stdout.readline().strip()

    child, url = start("0")
    with child:
        connection = connected(url)
        answered = []
        for number in range(60):
            if number == 50:
                os.kill(child.pid, signal.SIGKILL)
            try:
                assert add(connection, f"u{number}") == 0
            except ldap3.core.exceptions.LDAPExceptionError:
                break
            answered.append(f"u{number}")
    assert 50 <= len(answered) < 60
    child, again = start(url.rpartition(":")[2])
    with child:
        assert again == url
        connection = connected(url)
        connection.search(PEOPLE, "(uid=*)", attributes=["uid"])
        kept = [entry["attributes"]["uid"][0] for entry in connection.response]
        connection.unbind()
        child.kill()
    journal = Journal(tmp_path / "journal.sqlite")
    created = [entry.key for entry in journal.entries() if (entry.op, entry.result) == ("create", "applied")]
    journal.close()
    assert set(answered) <= set(kept)
    assert sorted(created) == sorted(kept), "an effect and its journal entry are kept together"
