"""A full disk and one that can only be read: commands say what was not done, servers stay up and go on, nothing is half-written."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests import data
from tests.acceptance import people
from tests.acceptance.command_line import CommandLine, Done
from tests.acceptance.stack import Stack
from tests.support.disk import NoMount, SmallDisk
from tests.waiting import wait_until

DATABASE = ("idm.sqlite",)
"""SQLite's own files change size on a full disk and are whole all the same: what they hold is looked at instead."""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """A disk of 24 MB."""
    try:
        made = SmallDisk(tmp_path / "disk", 24)
    except NoMount as reason:
        pytest.skip(str(reason))
    yield made
    made.close()


@pytest.fixture
def idm(disk: SmallDisk) -> CommandLine:
    """A test installation on that disk, with the organisation."""
    made = CommandLine(disk.path / "home")
    made.prepare()
    return made


def refused(done: Done) -> dict[str, Any]:
    """The error of a command that could not write."""
    assert done.code == 7, done.out + done.err
    error: dict[str, Any] = done.document["error"]
    assert error["code"] == "unavailable" and error["next"]
    return error


def writing_commands(case: str, papers: Path) -> list[tuple[list[str], bytes]]:
    """Every kind of command that writes, with its input."""
    wrong = json.dumps([data.hire_event("new"), data.hire_event("wrong", unit="moon")]).encode()
    appoint = json.dumps({"decision": "appoint", "values": {"pay": [data.PAY], "it": [data.IT]}}).encode()
    return [
        (["hire", "-"], json.dumps(data.hire_event("new")).encode()),
        (["hire", "-"], wrong),
        (["org", "import", "-"], json.dumps(data.organisation()).encode()),
        (["delegate", "--authority", "pay", "--unit", "town", "--to", data.PAY], b""),
        (["task", "do", f"{case}.appoint.1", "--as", data.HEAD_NORTH, "--input", "-"], appoint),
        (["document", "add", case, "contract", str(papers)], b""),
        (["case", "cancel", case, "--reason", "took another position"], b""),
        (["clock", "set", "2027-01-04"], b""),
    ]


def test_on_a_full_disk_every_command_says_what_was_not_done(disk: SmallDisk, idm: CommandLine, tmp_path: Path) -> None:
    case = idm.new_case("first")
    papers = tmp_path / "contract.pdf"
    papers.write_bytes(data.pdf())
    commands = writing_commands(case, papers)
    before, events = disk.files(but=DATABASE), idm.json("audit", "list")["items"]
    disk.fill()
    for arguments, stdin in commands:
        error = refused(idm.process(*arguments, "--json", stdin=stdin, code=None))
        assert str(disk.path) in error["message"], error
    check = idm.process("doctor", "--json", code=8).items
    assert "full" in next(item for item in check if item["name"] == "disk")["detail"]
    assert disk.files(but=DATABASE) == before
    refused(CommandLine(disk.path / "second").process("init", "--test", "--json", code=None))

    disk.free()
    assert idm.json("audit", "list")["items"] == events
    assert idm.json("audit", "verify")["ok"]
    for arguments, stdin in commands:
        idm.run(*arguments, "--json", stdin=stdin, code=8 if b"moon" in stdin else 0)
    CommandLine(disk.path / "second").run("init", "--test")


def test_on_a_read_only_disk_every_command_says_what_was_not_done(disk: SmallDisk, idm: CommandLine, tmp_path: Path) -> None:
    case = idm.new_case("first")
    papers = tmp_path / "contract.pdf"
    papers.write_bytes(data.pdf())
    disk.read_only()
    for arguments, stdin in writing_commands(case, papers):
        error = refused(idm.process(*arguments, "--json", stdin=stdin, code=None))
        assert str(disk.path) in error["message"], error
    check = idm.process("doctor", "--json", code=8).items
    assert "only be read" in next(item for item in check if item["name"] == "disk")["detail"]
    refused(CommandLine(disk.path / "second").process("init", "--test", "--json", code=None))

    disk.read_only(False)
    assert [item["id"] for item in idm.json("case", "list")["items"]] == [case]


@pytest.fixture
def stack(disk: SmallDisk) -> Iterator[Stack]:
    """A server that runs on that disk; its programs' output goes there, too."""
    made = Stack(disk.path).open()
    yield made
    made.close()


def leave_no_room_in_the_log(path: Path) -> None:
    """Cut SQLite's log to nothing: what it has of a log that was taken over already, it would write into though the disk is full."""

    def cut() -> bool:
        busy: int = connection.execute("pragma wal_checkpoint(truncate)").fetchone()[0]
        return not busy

    with closing(sqlite3.connect(path, timeout=20)) as connection:
        wait_until(cut, 60.0, "others never leave the log alone")


def test_a_server_stays_up_says_so_and_goes_on_by_itself(disk: SmallDisk, stack: Stack) -> None:
    stack.start()
    case = stack.take([data.hire_event("first")])[0]
    people.appoint(stack.app, case)
    stack.wait_until_idle()
    people.hand_in(stack.app, case)
    leave_no_room_in_the_log(stack.home / "idm.sqlite")
    disk.fill()

    told = wait_until(lambda: said if "full" in (said := stack.unready()) else "", 30.0, "it says that it isn't ready")
    assert str(disk.path) in told
    status, answer = stack.post([data.hire_event("second")])
    assert status == 503 and str(disk.path) in answer["error"]["message"]
    assert not stack.programs["server"].ended

    disk.free()
    wait_until(lambda: not stack.unready(), 30.0, "it is ready again")
    stack.take([data.hire_event("second")])
    people.review(stack.app, case)
    stack.wait_until_idle()
    assert {row.id for row in stack.app.store.list_cases()} >= {case}
    assert "Traceback" not in stack.output()
