"""A damaged database file is said to be one, with what to do; and one case's damage doesn't stop the others."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests import data
from tests.acceptance import people
from tests.acceptance.command_line import CommandLine
from tests.acceptance.stack import Stack
from tests.waiting import wait_until


@pytest.fixture
def idm(tmp_path: Path) -> CommandLine:
    made = CommandLine(tmp_path / "home")
    made.prepare()
    for id in ("a", "b"):
        made.new_case(id)
    with closing(sqlite3.connect(made.home / "idm.sqlite")) as connection:
        connection.execute("pragma wal_checkpoint(truncate)")
    return made


def root_page(path: Path, table: str) -> tuple[int, int]:
    """The first page of a table, from 1, and the size of a page."""
    with closing(sqlite3.connect(path)) as connection:
        page = connection.execute("select rootpage from sqlite_master where name = ?", (table,)).fetchone()[0]
        return int(page), int(connection.execute("pragma page_size").fetchone()[0])


def overwrite(path: Path, at: int, content: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(content)


def test_a_broken_page_is_named_with_the_next_step(idm: CommandLine) -> None:
    path = idm.home / "idm.sqlite"
    page, size = root_page(path, "cases")
    overwrite(path, (page - 1) * size, b"\xa5" * size)

    for command in (["case", "list"], ["hire", "-"]):
        stdin = b"" if command[0] == "case" else str(data.hire_event("c")).replace("'", '"').encode()
        error = idm.run(*command, "--json", stdin=stdin, code=7).document["error"]
        assert "damaged" in error["message"] and str(path) in error["message"] and "back-up" in error["next"]
    check = next(item for item in idm.json("doctor", code=8)["items"] if item["name"] == "database")
    assert not check["ok"] and "damaged" in check["detail"] and "back-up" in check["next"]
    # What doesn't touch that page goes on.
    assert len(idm.json("org", "people")["items"]) == 8


def test_damage_that_nothing_has_met_yet_is_found_by_the_doctor(idm: CommandLine) -> None:
    path = idm.home / "idm.sqlite"
    page, size = root_page(path, "delegations")
    overwrite(path, (page - 1) * size + size // 2, b"\xa5" * 16)
    overwrite(path, (page - 1) * size, b"\x02")
    check = next(item for item in idm.json("doctor", code=8)["items"] if item["name"] == "database")
    assert "damaged" in check["detail"]


@pytest.mark.parametrize("content", [b"this is no database " * 1000, b"\0" * 100, b"SQLite format 3\0" + b"\xff" * 84])
def test_a_file_that_is_no_database_any_more_is_said_so(idm: CommandLine, content: bytes) -> None:
    path = idm.home / "idm.sqlite"
    overwrite(path, 0, content)
    for command in (["case", "list"], ["org", "show"], ["db", "upgrade"]):
        error = idm.run(*command, "--json", code=7).document["error"]
        assert "damaged" in error["message"] and "back-up" in error["next"]
    assert idm.run("doctor", "--json", code=8).code == 8


@pytest.mark.parametrize("part", [0.0, 0.3, 0.7, 0.999])
def test_a_log_that_was_cut_short_leaves_a_database_that_is_whole(tmp_path: Path, part: float) -> None:
    """SQLite takes the log up to the last whole transaction; what was cut off is gone, as after an older back-up."""
    idm = CommandLine(tmp_path / "home")
    idm.prepare()
    path = idm.home / "idm.sqlite"
    with closing(sqlite3.connect(path)) as holder:
        holder.execute("select count(*) from cases").fetchone()
        for id in ("a", "b", "c"):
            idm.new_case(id)
        log = path.with_name("idm.sqlite-wal")
        kept = (path.read_bytes(), log.read_bytes())
    path.write_bytes(kept[0])
    log.write_bytes(kept[1][: int(len(kept[1]) * part)])
    path.with_name("idm.sqlite-shm").unlink(missing_ok=True)

    database = next(item for item in idm.run("doctor", "--json", code=None).items if item["name"] == "database")
    assert database["ok"], database
    assert len(idm.json("case", "list")["items"]) < 3
    assert idm.json("audit", "verify")["ok"]
    assert idm.hire(data.hire_event("d"))["items"][0]["outcome"] == "created"


def test_one_cases_damage_doesnt_stop_the_others(tmp_path: Path) -> None:
    stack = Stack(tmp_path).open()
    try:
        broken, whole = stack.take_here([data.hire_event("a"), data.hire_event("b")])
        with stack.installation.database.writing() as connection:
            connection.exec_driver_sql("update cases set doc = substr(doc, 1, 200) where id = ?", (broken,))
        stack.start()
        people.appoint(stack.app, whole)
        people.everything(stack.app, whole)
        wait_until(lambda: stack.states(whole)["account"] == "done", 60.0, stack.output())
        assert not stack.unready()
        idm = CommandLine(stack.home)
        error = idm.run("case", "show", broken, "--json", code=7).document["error"]
        assert broken in error["message"] and "back-up" in error["next"]
        assert "Traceback" not in stack.output()
    finally:
        stack.close()
