"""`idm task` in an installation whose clock goes on: what is late, what nobody can do, and what `doctor` says of it."""

from __future__ import annotations

import contextlib
import io
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

import cli
from idm.bootstrap import opened
from idm.domain.deadlines import DeadlinePolicy
from idm.flow.deadlines import calendar
from idm.settings import read_settings
from tests import data
from tests.support.business_time import begin


def ask(*arguments: str, code: int = 0) -> Any:
    """What a command prints with --json, after it ended with `code`."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        left = cli.run([*arguments, "--json"])
    assert left == code, out.getvalue() + err.getvalue()
    return json.loads(out.getvalue())


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> date:
    """An installation with one hire at short notice; the day on which it starts."""
    monkeypatch.setenv("IDM_HOME", str(tmp_path / "home"))
    ask("init", "--test")
    begin(read_settings())
    ask("org", "import", str(data.write_json(tmp_path / "org.json", data.organisation())))
    with opened() as installation:
        start = installation.app.clock.today() + timedelta(days=5)
    ask("hire", str(data.write_json(tmp_path / "hire.json", data.hire_event("h1", start=start.isoformat()))))
    return start


def test_what_is_late_is_listed_as_such(start: date) -> None:
    assert ask("task", "list", "--overdue")["items"] == []
    assert ask("case", "list")["items"][0]["short_notice"]
    ask("clock", "set", f"{start + timedelta(days=20)}T10:00")
    (item,) = ask("task", "list", "--overdue", "--as", data.HEAD_NORTH)["items"]
    assert item["overdue"] > 5
    assert item["due"] <= start.isoformat()
    shown = ask("case", "show", item["case"])
    assert [(task["due"], task["overdue"]) for task in shown["tasks"]] == [(item["due"], item["overdue"])]


def test_who_may_act_on_an_escalated_task_is_shown_everywhere(start: date) -> None:
    day = calendar(DeadlinePolicy()).on_or_after(start + timedelta(days=20))
    ask("clock", "set", f"{day}T10:00")
    ask("work", "--until-idle")
    (item,) = ask("task", "list")["items"]
    assert item["escalated"] > 0
    assert item["actors"] == [data.HEAD_NORTH, data.DIRECTOR]
    assert set(ask("task", "show", item["id"])["basis"]) == {data.HEAD_NORTH, data.DIRECTOR}
    (step,) = [step for step in ask("case", "show", item["case"])["steps"] if step["waits_for"]]
    assert step["waits_for"]["ids"] == [data.HEAD_NORTH, data.DIRECTOR]


def test_what_nobody_can_do_is_an_exit_code_and_a_finding_of_the_doctor(start: date) -> None:
    assert ask("task", "stranded")["items"] == []
    for person in (data.HEAD_NORTH, data.DIRECTOR):
        ask("access", "take", person, "--reason", "account locked")
    (item,) = ask("task", "stranded", code=8)["items"]
    assert "account locked" in item["reason"]
    assert item["told"] == []
    found = {check["name"]: check for check in ask("doctor", code=8)["items"]}
    assert not found["tasks"]["ok"]
    assert found["notices"]["ok"]


def said(*arguments: str) -> str:
    """What a command prints for people."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert cli.run([*arguments]) == 0
    return out.getvalue()


def test_a_task_says_whom_it_is_about_and_whether_its_answer_ended_it(start: date, tmp_path: Path) -> None:
    ask("delegate", "--authority", "pay", "--unit", "town", "--to", data.PAY)
    ask("delegate", "--authority", "it", "--unit", "town", "--to", data.IT)
    (item,) = ask("task", "list")["items"]
    empty = data.write_json(tmp_path / "appoint.json", {})
    assert said("task", "do", item["id"], "--as", data.HEAD_NORTH, "--input", str(empty)).startswith(f"Task {item['id']} is done.")

    (consent,) = [each for each in ask("task", "list")["items"] if each["kind"] == "consent"]
    assert f"about {consent['hire'].split()[0]} " in said("task", "show", consent["id"])
    refusal = data.write_json(tmp_path / "refusal.json", {"decision": "refuse"})
    answer = said("task", "do", consent["id"], "--as", consent["actors"][0], "--input", str(refusal))
    assert answer.startswith(f"Task {consent['id']} is answered, and stays open: the new employee does not consent.")
