"""Text messages into a folder, and to gateways that answer well, badly or not at all."""

from __future__ import annotations

import json
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from idm.connector import Confidential
from idm.errors import BadInput, Unavailable
from idm.render import Renderer
from idm.sms import Folder, Gateway, NotSetUp, Sms, check_set_up, dialled, texter

SHIPPED = Path(__file__).parents[2] / "templates"
VALUES = {"code": "493027", "minutes": "10"}
NUMBER = Confidential("20 30 40 50")


class Gate:
    """A gateway that answers what `answers` says in turn, the last one for ever: (status, headers, body)."""

    def __init__(self, *answers: tuple[int, dict[str, str], str]) -> None:
        self.answers = list(answers) or [(202, {}, "{}")]
        self.asked: list[tuple[dict[str, str], dict[str, Any]]] = []

    def answer(self, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], str]:
        self.asked.append((headers, json.loads(body)))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def listening(gate: Gate) -> Iterator[str]:
    """The gateway at an address of this machine."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status, headers, text = gate.answer({name.lower(): value for name, value in self.headers.items()}, body)
            self.send_response(status)
            for name, value in {**headers, "content-length": str(len(text.encode()))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/messages"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@contextmanager
def gateway(*answers: tuple[int, dict[str, str], str], deadline: float = 30.0) -> Iterator[tuple[Sms, Gate, list[float]]]:
    gate, pauses = Gate(*answers), list[float]()
    with listening(gate) as url:
        sms = Sms(Gateway(url, lambda: "the-token", deadline), Renderer([SHIPPED]), pause=pauses.append)
        try:
            yield sms, gate, pauses
        finally:
            sms.close()


def send(sms: Sms, id: str = "k-1-1", language: str = "da") -> bool:
    return sms.send(id, NUMBER, "code", language, VALUES)


def test_a_gateway_gets_number_text_and_id_with_token_and_idempotency_key() -> None:
    with gateway((201, {}, '{"message": "m-1"}')) as (sms, gate, _):
        assert send(sms) is True
    ((headers, body),) = gate.asked
    assert set(body) == {"to", "text", "id"}
    assert (body["to"], body["id"]) == ("+4520304050", "k-1-1")
    assert "493027" in body["text"]
    assert (headers["authorization"], headers["idempotency-key"]) == ("Bearer the-token", "k-1-1")
    assert headers["content-type"] == "application/json"


def test_an_empty_answer_is_an_answer() -> None:
    with gateway((204, {}, "")) as (sms, gate, _):
        assert send(sms) is True
    assert len(gate.asked) == 1


def test_what_surely_did_not_go_is_handed_over_again_under_the_same_key() -> None:
    with gateway((503, {}, "{}"), (429, {"retry-after": "1"}, "{}"), (200, {}, "{}")) as (sms, gate, pauses):
        assert send(sms) is True
    assert [headers["idempotency-key"] for headers, _ in gate.asked] == ["k-1-1"] * 3
    assert pauses == [0.0, 0.2, 1.0]


def test_a_gateway_that_stays_away_or_asks_to_wait_long_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    with gateway((503, {}, "{}")) as (sms, gate, _), pytest.raises(Unavailable, match="can't be sent now"):
        send(sms)
    assert len(gate.asked) == 3
    with gateway((429, {"retry-after": "60"}, "{}")) as (sms, gate, _), pytest.raises(Unavailable):
        send(sms)
    assert len(gate.asked) == 1
    assert "k-1-1" in caplog.text


def test_nobody_at_the_address_is_surely_not_sent() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        sms = Sms(Gateway(url, lambda: "t", 30.0), Renderer([SHIPPED]), pause=lambda seconds: None)
        with pytest.raises(Unavailable):
            send(sms)
        sms.close()


@pytest.mark.parametrize("answer", [(500, {}, '{"error": {"message": "stumbled over 20304050"}}'), (200, {}, "accepted"), (502, {}, "")])
def test_what_may_have_gone_is_never_sent_twice(answer: tuple[int, dict[str, str], str], caplog: pytest.LogCaptureFixture) -> None:
    with gateway(answer) as (sms, gate, _):
        assert send(sms) is False
    assert len(gate.asked) == 1
    assert "20304050" not in caplog.text


@pytest.mark.parametrize(
    ("status", "text"),
    [(401, "{}"), (400, '{"error": {"message": "+4520304050 is no mobile"}}'), (404, '{"error": {"code": "no-record"}}')],
)
def test_a_refusal_is_told_in_the_log_without_the_number(status: int, text: str, caplog: pytest.LogCaptureFixture) -> None:
    with gateway((status, {}, text)) as (sms, gate, _), pytest.raises(Unavailable, match="refused"):
        send(sms)
    assert len(gate.asked) == 1
    assert "was refused" in caplog.text
    assert "304050" not in caplog.text


@pytest.mark.parametrize("behave", [lambda wire: None, lambda wire: wire.sendall(b"HTTP/1.1 2")])
def test_a_connection_that_breaks_off_leaves_a_doubt(behave: Callable[[socket.socket], None]) -> None:
    listener = socket.create_server(("127.0.0.1", 0))

    def once() -> None:
        wire, _ = listener.accept()
        with wire:
            wire.recv(65536)
            behave(wire)

    thread = threading.Thread(target=once, daemon=True)
    thread.start()
    sms = Sms(Gateway(f"http://127.0.0.1:{listener.getsockname()[1]}", lambda: "t", 30.0), Renderer([SHIPPED]))
    assert send(sms) is False
    thread.join(5)
    listener.close()
    sms.close()


def test_a_gateway_that_never_answers_does_not_hold_the_page() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    sms = Sms(Gateway(f"http://127.0.0.1:{listener.getsockname()[1]}", lambda: "t", 1.5), Renderer([SHIPPED]), pause=lambda seconds: None)
    assert send(sms) is False
    listener.close()
    sms.close()


def test_a_folder_holds_one_private_file_a_message_with_nothing_in_its_name(tmp_path: Path) -> None:
    sms = Sms(Folder(tmp_path / "sms", lambda: "2026-11-23T09:00:00+00:00"), Renderer([SHIPPED]))
    assert (send(sms), send(sms), send(sms, "k-1-2", "en"), send(sms, "../../x")) == (True, True, True, True)
    files = sorted((tmp_path / "sms").iterdir())
    assert len(files) == 3, "the same message is not written twice"
    assert {file.name for file in files} > {"k-1-1.json", "k-1-2.json"}
    assert {oct(file.stat().st_mode)[-3:] for file in [*files, tmp_path / "sms"]} == {"600", "700"}
    found = json.loads((tmp_path / "sms" / "k-1-1.json").read_text())
    assert (found["to"], found["at"]) == ("+4520304050", "2026-11-23T09:00:00+00:00")
    assert "493027" in found["text"]
    assert not [file for file in files if "493027" in file.name or "304050" in file.name]


def test_a_folder_that_cannot_be_written_is_surely_not_sent(tmp_path: Path) -> None:
    (tmp_path / "sms").write_text("in the way")
    sms = Sms(Folder(tmp_path / "sms", str), Renderer([SHIPPED]), pause=lambda seconds: None)
    with pytest.raises(Unavailable):
        send(sms)


@pytest.mark.parametrize(
    ("number", "dials"),
    [
        ("20304050", "+4520304050"),
        ("+45 20 30 40 50", "+4520304050"),
        ("0046 70-123 45 67", "+46701234567"),
        ("(+49) 151/1234567", "+491511234567"),
        ("", ""),
        ("call me", ""),
        ("12345", ""),
        ("+45203040501234567", ""),
        ("٢٠٣٠٤٠٥٠", ""),
    ],
)
def test_a_number_is_dialled_with_its_country(number: str, dials: str) -> None:
    assert dialled(number) == dials


def test_what_is_no_number_is_refused_without_repeating_it(tmp_path: Path) -> None:
    sms = Sms(Folder(tmp_path, str), Renderer([SHIPPED]))
    with pytest.raises(BadInput) as found:
        sms.send("k-1", Confidential("not 2030"), "code", "da", VALUES)
    assert "2030" not in repr(found.value.as_json())


def test_a_text_of_ones_own_counts_and_a_broken_one_goes_out_as_shipped(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    own = tmp_path / "templates" / "sms" / "code"
    own.mkdir(parents=True)
    sms = Sms(Folder(tmp_path / "sms", str), Renderer([tmp_path / "templates", SHIPPED]))
    (own / "da.txt").write_text("Kode: {{ code }} ({{ minutes }} min.)\n")
    send(sms, "k-1")
    for number, broken in enumerate(("{{ cod }}", "Kode: {{ code }}", "{% if %}", "{{ code }} {{ minutes }}" + "x" * 500), 2):
        (own / "da.txt").write_text(broken)
        with caplog.at_level(logging.WARNING):
            caplog.clear()
            send(sms, f"k-{number}")
        assert "goes out with the shipped text" in caplog.text
        assert "493027" not in caplog.text
    texts = [json.loads(file.read_text())["text"] for file in sorted((tmp_path / "sms").iterdir())]
    assert texts[0] == "Kode: 493027 (10 min.)"
    assert len(set(texts[1:])) == 1
    assert texts[1].startswith("Din kode er 493027.")


@pytest.mark.parametrize("url", ["ftp://x", "http://gateway.example.org/", "nonsense"])
def test_an_address_that_cannot_be_used_is_told_by_the_name_of_its_setting(tmp_path: Path, url: str) -> None:
    with pytest.raises(BadInput) as found:
        check_set_up(url, tmp_path)
    assert [fault.path for fault in found.value.faults] == ["IDM_SMS_URL"]
    refusing = texter(url, tmp_path, Renderer([SHIPPED]), str)
    assert isinstance(refusing, NotSetUp)
    with pytest.raises(Unavailable, match="as they are set up"):
        refusing.send("k-1", NUMBER, "code", "da", VALUES)


def test_the_token_lies_in_the_keys_folder(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="token"):
        check_set_up("https://gateway.example.org/", tmp_path)
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "sms-token").write_text("secret-1\n")
    check_set_up("https://gateway.example.org/", tmp_path)
    gate = Gate()
    with listening(gate) as url:
        sms = texter(url, tmp_path, Renderer([SHIPPED]), str)
        assert isinstance(sms, Sms)
        send(sms)
        sms.close()
    assert gate.asked[0][0]["authorization"] == "Bearer secret-1"
