from __future__ import annotations

import hashlib
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from idm.simulators.personnel_file import personnel_file
from idm.simulators.service import Failures, Journal, Service
from tests.unit.simulators.http_client import OWN, READER, Running, running
from tests.waiting import wait_until

FILE = {
    "title": "Personnel file",
    "case_template": "personnel",
    "kle_number": "81.03.00-G01",
    "person_name": "Åse Ærø",
    "cpr": "0101904321",
    "opened": "2027-01-04",
}
CONTENT = bytes(range(256)) * 2000


@pytest.fixture
def system(tmp_path: Path) -> Iterator[Running]:
    def build(port: int, journal: Journal, failures: Failures) -> Service:
        return personnel_file(tmp_path, port, journal, failures, secret=OWN, reader_secret=READER)

    with running(tmp_path / "journal", build) as system:
        assert system.ask("POST", "/file", {"key": "E1", "attributes": FILE})[0] == 200
        yield system


def form(record: Any, content: bytes | None = CONTENT, *, media_type: str = "application/pdf") -> bytes:
    parts = [b'--xyz\r\nContent-Disposition: form-data; name="record"\r\n\r\n' + json.dumps(record).encode() + b"\r\n"]
    if content is not None:
        head = f'--xyz\r\nContent-Disposition: form-data; name="content"; filename="a.pdf"\r\nContent-Type: {media_type}\r\n\r\n'
        parts.append(head.encode() + content + b"\r\n")
    return b"".join(parts) + b"--xyz--\r\n"


HEADERS = {"Content-Type": "multipart/form-data; boundary=xyz"}


def post(system: Running, key: Any = "D1", content: bytes | None = CONTENT, **attributes: str) -> tuple[int, dict[str, Any]]:
    record = {"key": key, "attributes": {"file": "E1", "kind": "contract", "title": "Contract", **attributes}}
    return system.ask("POST", "/document", form(record, content), headers=HEADERS, effect=f"document/{key}/post")


def left_behind(tmp_path: Path) -> list[str]:
    return [path.name for path in (tmp_path / "documents").iterdir() if path.name.startswith("incoming")]


def test_a_document_is_filed_with_a_receipt_and_comes_back_whole(system: Running, tmp_path: Path) -> None:
    status, filed = post(system)
    assert status == 200
    held = system.ask("GET", f"/document/{filed['link']}", token=READER)[1]["attributes"]
    assert held["sha256"] == hashlib.sha256(CONTENT).hexdigest()
    assert (held["size"], held["media_type"], held["file"], held["kind"]) == (str(len(CONTENT)), "application/pdf", "E1", "contract")
    assert held["receipt"].startswith("PF-")
    assert system.ask_raw("GET", f"/document/{filed['link']}/content", token=READER) == (200, CONTENT)
    assert left_behind(tmp_path) == []


def test_the_same_document_twice_is_filed_once(system: Running, tmp_path: Path) -> None:
    assert post(system) == post(system)
    assert post(system, content=b"other")[0] == 409
    assert [entry[3] for entry in system.told()[1:]] == ["applied", "unchanged", "refused"]
    assert len(list((tmp_path / "documents").iterdir())) == 1


def test_a_document_needs_an_open_file(system: Running, tmp_path: Path) -> None:
    status, answer = post(system, file="E2")
    assert (status, answer["faults"][0]["field"]) == (422, "file")
    link = system.ask("GET", "/file?key=E1")[1]["items"][0]["link"]
    assert system.ask("POST", f"/file/{link}/end?key=E1")[1]["state"] == "ended"
    assert post(system)[0] == 422
    assert post(system, title="")[0] == 422
    assert left_behind(tmp_path) == []


def test_an_empty_document_is_a_document(system: Running) -> None:
    filed = post(system, content=b"")[1]
    assert system.ask_raw("GET", f"/document/{filed['link']}/content") == (200, b"")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no form at all",
        form({"key": "D1"}, None),
        form({"attributes": {}}),
        form({"key": "D1", "attributes": 1}),
        form([1]),
        form({"key": "D1"})[:-20],
        form({"key": "D1"})[:-9] + form({"key": "D1"}),
    ],
)
def test_bodies_that_are_no_document(system: Running, tmp_path: Path, body: bytes) -> None:
    assert system.ask("POST", "/document", body, headers=HEADERS)[0] == 400
    assert system.told()[1:] == []
    assert left_behind(tmp_path) == []


def test_a_body_that_says_it_is_something_else(system: Running) -> None:
    assert system.ask("POST", "/document", b"{}", headers={"Content-Type": "application/json"})[0] == 400


def test_a_document_that_breaks_off_leaves_nothing(system: Running, tmp_path: Path) -> None:
    address = urlsplit(system.url)
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=30) as wire:
        head = f"POST /document HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {OWN}\r\nIdempotency-Key: k\r\n"
        head += f"Content-Type: {HEADERS['Content-Type']}\r\nContent-Length: 100000\r\n\r\n"
        wire.sendall(head.encode() + form({"key": "D1"}, b"x")[:150])
        wait_until(lambda: left_behind(tmp_path) or None)
    wait_until(lambda: not left_behind(tmp_path))
    assert system.told()[1:] == []


def test_documents_are_not_changed(system: Running) -> None:
    link = post(system)[1]["link"]
    assert system.ask("DELETE", f"/document/{link}?key=D1")[0] == 404
    assert system.ask("PATCH", f"/document/{link}?key=D1", {"attributes": {"title": "x"}})[0] == 404
    assert system.ask("GET", "/document/no-such-link/content")[0] == 404
