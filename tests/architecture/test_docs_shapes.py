"""The JSON that docs/contract.md shows is what commands print: the same keys, in both directions."""

from __future__ import annotations

import contextlib
import io
import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

import cli
from idm.bootstrap import opened
from idm.domain.sessions import SessionKind
from idm.flow.invitations import invite
from idm.flow.sessions import open_session
from idm.inputs.events import check_hire
from idm.inputs.organisation import read_organisation
from idm.inputs.task_input import read_task_input
from idm.settings import read_settings
from tests import data
from tests.architecture.docs_pages import Block, blocks, named, page
from tests.architecture.project import ROOT
from tests.servers.keeper import keeper
from tests.support.business_time import begin
from tests.support.clock import START

FREE = {"row", "was", "attributes", "payload", "basis", "settings", "takes", "faults"}
"""Keys whose values have keys of their own making."""
GOES_ON = {"idm serve", "idm worker", "idm demo"}
"""Commands that don't end, or take long: the acceptance tests read their documents."""

DAY = date.fromisoformat(data.START)
"""The day on which the examples are read."""


def keys(value: object, at: str = "") -> dict[str, set[str]]:
    """The keys of every object in `value`, by where it stands; those of a list's items together."""
    found: dict[str, set[str]] = {}
    if isinstance(value, Mapping):
        found[at] = set(value)
        for name, inner in value.items():
            if name not in FREE:
                for place, names in keys(inner, f"{at}.{name}").items():
                    found.setdefault(place, set()).update(names)
    elif isinstance(value, list):
        for item in value:
            for place, names in keys(item, f"{at}[]").items():
                found.setdefault(place, set()).update(names)
    return found


def documented() -> dict[str, dict[str, set[str]]]:
    """What docs/contract.md shows, by command."""
    shown: dict[str, dict[str, set[str]]] = {}
    for block in blocks(ROOT / "docs" / "contract.md"):
        if block.info == "json":
            for command in re.findall(r"`(idm [a-z ]+)`", block.heading):
                shown[command] = keys(json.loads(block.text))
    return shown


SHOWN = documented()


def ask(*arguments: str, code: int = 0) -> Any:
    """What a command prints with --json, after it ended with `code`."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        left = cli.run([*arguments, "--json"])
    assert left == code, out.getvalue() + err.getvalue()
    return json.loads(out.getvalue())


@pytest.fixture(scope="module")
def homes() -> list[Path]:
    """The installations that were made."""
    return []


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory, homes: list[Path]) -> Iterator[dict[str, dict[str, set[str]]]]:
    """What the commands print in an installation where a hire is under way, by command."""
    folder = tmp_path_factory.mktemp("docs")
    homes.append(folder / "home")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("IDM_HOME", str(folder / "home"))
        answers = {"idm init": ask("init", "--test"), "idm db upgrade": ask("db", "upgrade")}
        begin(read_settings())
        answers["idm simulators start"] = ask("simulators", "start")
        keeper().watch(answers["idm simulators start"]["items"][0]["pid"])
        try:
            answers |= _hire(folder) | _look(folder) | _systems()
        finally:
            answers["idm simulators stop"] = ask("simulators", "stop")
    yield {command: keys(answer) for command, answer in answers.items()}


def _hire(folder: Path) -> dict[str, Any]:
    contract = folder / "contract.pdf"
    contract.write_bytes(data.pdf())
    answer = data.write_json(folder / "answer.json", {"decision": "return", "reason": "page 2 is missing"})
    answers = {"idm org import": ask("org", "import", str(data.write_json(folder / "org.json", data.organisation())))}
    for authority, person in (("pay", data.PAY), ("it", data.IT)):
        answers["idm delegate"] = ask("delegate", "--authority", authority, "--unit", "town", "--to", person)
    taken_back = ask("delegate", "--authority", "it", "--unit", "town", "--to", data.PAY)["items"][0]["id"]
    answers["idm delegations revoke"] = ask("delegations", "revoke", taken_back)
    policy = folder / "home" / "policies" / "equipment.yaml"
    policy.write_text(policy.read_text().replace("positions: [engineer, consultant, librarian]", "positions: [teacher]", 1))
    event = data.write_json(folder / "event.json", data.hire_event("h1"))
    answers["idm hire"] = ask("hire", str(event))
    case = answers["idm hire"]["items"][0]["case"]
    answers["idm document add"] = ask("document", "add", case, "contract", str(contract))
    answers["idm task show"] = ask("task", "show", f"{case}.review-contract.1")
    answers["idm task do"] = ask("task", "do", f"{case}.review-contract.1", "--as", data.PAY, "--input", str(answer))
    confirm = data.write_json(folder / "confirm.json", {"decision": "confirm"})
    ask("task", "do", f"{case}.confirm_rights.1", "--as", data.IT, "--input", str(confirm))
    answers["idm work"] = ask("work", "--until-idle")
    answers |= _people_say(folder, case)
    answers |= _equipment(folder, case)
    for command in ("case show", "case graph", "document list", "explain", "audit list"):
        answers[f"idm {command}"] = ask(*command.split(), case)
    answers |= _powers(case) | _doors(case)
    answers["idm target show"] = ask("target", "show", "ldap", case)
    document = answers["idm document list"]["items"][0]["id"]
    answers["idm document get"] = ask("document", "get", document, "--out", str(folder / "got.pdf"))
    return answers


def _equipment(folder: Path, case: str) -> dict[str, Any]:
    lines = [{"item": item, "account": "3.22.01-4010"} for item in ("laptop", "screen")]
    order = data.write_json(folder / "order.json", {"decision": "order", "values": {"lines": lines}})
    ask("task", "do", f"{case}.equipment.1", "--as", data.IT, "--input", str(order))
    ask("work", "--until-idle")
    return {
        "idm equipment catalogue": ask("equipment", "catalogue"),
        "idm equipment list": ask("equipment", "list"),
        "idm equipment receive": ask("equipment", "receive", case, "1", "--as", data.IT),
        "idm template list": ask("template", "list"),
        "idm template preview": ask("template", "preview", "reminder", "--lang", "en"),
        "idm template check": ask("template", "check"),
    }


def _powers(case: str) -> dict[str, Any]:
    near = ask("delegate", "--authority", "pay", "--unit", "school_north", "--to", data.HEAD_SOUTH, "--amount", "50000")["items"][0]["id"]
    confirmed = ask("delegations", "confirm", near, "--as", data.DIRECTOR)
    entered = ask("substitute", "set", data.HEAD_SOUTH, "--by", data.TEACHER)
    taken = ask("access", "take", data.PAY, "--reason", "account locked")
    away = ask("substitute", "set", data.IT, "--away")["id"]
    answers = {
        "idm delegations confirm": confirmed,
        "idm delegations resolve": ask("delegations", "resolve", "--case", case),
        "idm delegations export": ask("delegations", "export"),
        "idm delegations used": ask("delegations", "used", "--case", case),
        "idm substitute set": entered,
        "idm substitute list": ask("substitute", "list"),
        "idm substitute end": ask("substitute", "end", entered["id"]),
        "idm access take": taken,
        "idm access list": ask("access", "list"),
        "idm access give": ask("access", "give", data.PAY),
    }
    ask("substitute", "end", away)
    ask("delegations", "revoke", near)
    return answers


def _doors(case: str) -> dict[str, Any]:
    with opened() as installation:
        open_session(installation.app, data.PAY, SessionKind.STAFF)
        invite(installation.app, case, data.HEAD_NORTH)
    return {
        "idm invitation list": ask("invitation", "list", case),
        "idm invitation renew": ask("invitation", "renew", case),
        "idm invitation revoke": ask("invitation", "revoke", case),
        "idm session list": ask("session", "list"),
        "idm session revoke": ask("session", "revoke", data.PAY),
    }


def _people_say(folder: Path, case: str) -> dict[str, Any]:
    note = folder / "note.txt"
    note.write_text("She calls on Monday.")
    said = ask("case", "comment", case, str(note), "--as", data.PAY)
    until = (START.date() + timedelta(days=14)).isoformat()
    asked = ("case", "wait", case, "--reason", "awaiting_authority", "--until", until, "--as", data.PAY)
    told = data.write_json(folder / "personal.json", {"decision": "submit", "values": data.personal_values()})
    person = ask("case", "show", case)["person"]
    ask("task", "do", f"{case}.personal_data.1", "--as", person, "--input", str(told))
    return {
        "idm case again": ask("case", "again", case, "personal", "--as", person),
        "idm case comment": said,
        "idm case uncomment": ask("case", "uncomment", case, said["id"], "--reason", "named somebody"),
        "idm case comments": ask("case", "comments", case),
        "idm case wait": ask(*asked),
        "idm case resume": ask("case", "resume", case, "--as", data.PAY),
        "idm case history": ask("case", "history", case),
    }


def _look(folder: Path) -> dict[str, Any]:
    classes = folder / "classes.csv"
    ask("payroll", "export", "classes", "--to", str(classes))
    ended = classes.read_text(encoding="utf-8").replace(
        "seniority_proof,2015-01-01,", f"seniority_proof,2015-01-01,{DAY - timedelta(days=1)}"
    )
    classes.write_text(ended, encoding="utf-8")
    answers = {
        f"idm {command}": ask(*command.split())
        for command in (
            f"payroll import {classes}",
            "payroll check",
            "payroll export steps",
            "payroll ask --unit school_north --position teacher",
            "doctor",
            "org show",
            "org units",
            "org positions",
            "org people",
            "delegations list",
            "case list",
            "task list",
            "audit seal",
            "audit key",
            "audit verify",
            "policy check",
            "policy show",
        )
    }
    answers |= {
        "idm payroll import": answers.pop(f"idm payroll import {classes}"),
        "idm payroll export": answers.pop("idm payroll export steps"),
        "idm payroll ask": answers.pop("idm payroll ask --unit school_north --position teacher"),
    }
    ask("simulators", "fail", "payroll", "--mode", "refuse")
    second = data.write_json(folder / "second.json", data.hire_event("h2"))
    case = ask("hire", str(second))["items"][0]["case"]
    ask("simulators", "fail", "ldap", "--mode", "refuse", "--times", "1")
    ask("work", "--until-idle")
    answers |= _told(folder, case)
    answers["idm case retry"] = ask("case", "retry", case)
    answers["idm case move"] = ask("case", "move", case, "--start-date", (DAY + timedelta(days=28)).isoformat())
    name = data.write_json(folder / "name.json", {"family_name": "Holm"})
    answers["idm person correct"] = ask("person", "correct", answers["idm case move"]["person"], "--input", str(name))
    answers["idm case cancel"] = ask("case", "cancel", case, "--reason", "withdrew")
    ordered = ask("equipment", "list")["items"][0]["case"]
    ask("case", "cancel", ordered, "--reason", "withdrew")
    answers["idm equipment return"] = ask("equipment", "return", ordered, "1", "--as", data.IT)
    return answers


def _told(folder: Path, case: str) -> dict[str, Any]:
    """A task that nobody can do, and mails that failed."""
    ask("access", "take", data.IT, "--reason", "account locked")
    answers = {"idm task stranded": ask("task", "stranded", code=8), "idm notice list": ask("notice", "list", "--case", case)}
    ask("access", "give", data.IT)
    with closing(sqlite3.connect(folder / "home" / "idm.sqlite")) as database:
        database.execute("update notices set state = 'failed'")
        database.commit()
    first, second = (notice["id"] for notice in answers["idm notice list"]["items"][:2])
    return {**answers, "idm notice retry": ask("notice", "retry", first), "idm notice drop": ask("notice", "drop", second)}


def _systems() -> dict[str, Any]:
    return {
        "idm simulators status": ask("simulators", "status"),
        "idm simulators fail": ask("simulators", "fail", "erp", "--mode", "slow"),
        "idm simulators journal": ask("simulators", "journal"),
        "idm clock show": ask("clock", "show"),
        "idm clock set": ask("clock", "set", "2027-01-04T08:00"),
    }


def test_the_contract_shows_something() -> None:
    assert len(SHOWN) > 25


@pytest.mark.parametrize("command", sorted(set(SHOWN) - GOES_ON))
def test_the_contract_shows_what_the_command_prints(command: str, printed: dict[str, dict[str, set[str]]]) -> None:
    assert command in printed, "the contract shows a command that this test doesn't run"
    shown, real = SHOWN[command], printed[command]
    assert shown[""] == real[""]
    assert {at: names for at, names in shown.items() if at in real} == {at: names for at, names in real.items() if at in shown}
    empty = {at for at in real if at not in shown and not at.endswith("waits_for")}
    assert empty == set(), "the contract's example is empty where the command prints something"


def test_every_command_that_ends_has_its_shape() -> None:
    from tests.architecture.test_docs import COMMANDS

    assert {f"idm {' '.join(words)}" for words in COMMANDS} - set(SHOWN) - GOES_ON == {"idm simulators clear"}


def test_the_files_of_an_installation_are_all_on_the_list(printed: dict[str, dict[str, set[str]]], homes: list[Path]) -> None:
    table = page("contract.md").partition("\n## Files\n")[2].partition("\n## ")[0]
    listed = {
        name.rstrip("/") for line in table.splitlines() if line.startswith("| `") for name in re.findall(r"`([^`]+)`", line.split("|")[1])
    }
    [home] = homes
    assert {path.name for path in home.iterdir()} - listed == {
        f"idm.sqlite{end}" for end in ("-shm", "-wal") if (home / f"idm.sqlite{end}").exists()
    }
    assert {path.name for path in (home / "keys").iterdir()} <= set(re.findall(r"`([^`]+)`", table))


def test_the_erasure_erases_and_the_chain_still_verifies(
    printed: dict[str, dict[str, set[str]]], homes: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IDM_HOME", str(homes[0]))
    case = ask("case", "list")["items"][0]["id"]
    [block] = named("sql")
    with closing(sqlite3.connect(homes[0] / "idm.sqlite")) as database:
        assert database.execute(block.text.replace("c-4x7k2m9qhv", case)).rowcount == 1
        database.commit()
    assert [entry["entry"] for entry in ask("audit", "list", case)["items"] if entry["payload"] is None] == [3]
    assert ask("audit", "verify")["ok"]


def test_the_error_is_as_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDM_HOME", str(tmp_path / "none"))
    [shown] = named("json error")
    assert keys(ask("case", "list", code=7)) == keys(json.loads(shown.text))


def test_the_hire_event_is_one_that_is_taken() -> None:
    [shown] = named("json hire-event")
    checked = check_hire(json.loads(shown.text), DAY)
    assert checked.unit == "school_north"


def test_the_organisation_file_is_one_that_is_taken() -> None:
    [shown] = named("json organisation")
    assert len(read_organisation(shown.text, DAY).units) == 2


@pytest.mark.parametrize("block", named("json answer"), ids=lambda block: block.info)
def test_answers_are_well_formed(block: Block) -> None:
    assert read_task_input(block.text).decision
