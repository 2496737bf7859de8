"""`idm invitation` and `idm session`: what an administrator sees of the portal's doors, and how they are shut."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import pytest

import cli
from idm.bootstrap import opened
from idm.domain.sessions import SessionKind
from idm.flow.invitations import enter_code, go_on, invite
from idm.flow.sending import send_due
from idm.flow.sessions import open_session, session_of
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


def said(*arguments: str) -> str:
    """What a command tells people."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert cli.run(list(arguments)) == 0
    return out.getvalue()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A test installation with one hire, `h1`."""
    folder = tmp_path / "home"
    monkeypatch.setenv("IDM_HOME", str(folder))
    monkeypatch.setenv("IDM_PORTAL_URL", "https://idm.example.org")
    ask("init", "--test")
    begin(read_settings())
    ask("org", "import", str(data.write_json(tmp_path / "org.json", data.organisation())))
    ask("hire", str(data.write_json(tmp_path / "hire.json", data.hire_event("h1"))))
    return folder


def only_case() -> str:
    return str(ask("case", "list")["items"][0]["id"])


def messages(home: Path) -> list[dict[str, str]]:
    return [json.loads(file.read_text()) for file in sorted((home / "sms").glob("*.json"))]


def test_a_link_is_renewed_used_and_withdrawn(home: Path) -> None:
    case = only_case()
    assert ask("invitation", "list", case)["items"] == []
    assert ask("invitation", "renew", case) == {"schema": 1, "case": case, "renewed": True}
    with opened() as installation:
        send_due(installation.app)
    mails = [file.read_bytes().decode() for file in (home / "mails").glob("*.eml") if b"X-Idm-Template: new_link" in file.read_bytes()]
    assert len(mails) == 1
    (token,) = {
        line.rpartition("/")[2] for line in mails[0].replace("=\r\n", "").splitlines() if line.startswith("https://idm.example.org/start/")
    }
    shown = said("invitation", "list", case)
    assert token not in shown
    assert "open" in shown

    with opened() as installation:
        pending = go_on(installation.app, token)
        (message,) = messages(home)
        assert message["id"] == next((home / "sms").glob("*.json")).stem
        code = next(word.strip(".") for word in message["text"].split() if word.strip(".").isdigit() and len(word.strip(".")) == 6)
        session = enter_code(installation.app, pending, code)
        invite(installation.app, case, data.HEAD_NORTH)
    states = [item["state"] for item in ask("invitation", "list", case)["items"]]
    assert sorted(states) == ["open", "open", "spent"], "the mail that invited the hire carries one, too"
    assert ask("invitation", "revoke", case) == {"schema": 1, "case": case, "links": 2, "sessions": 1}
    with opened() as installation:
        assert session_of(installation.app, session) is None
    assert ask("invitation", "revoke", case)["links"] == 0
    assert ask("audit", "verify")["ok"]


def test_links_of_no_case_or_one_that_is_over_are_told_by_the_exit_code(home: Path) -> None:
    for command in ("list", "renew", "revoke"):
        assert ask("invitation", command, "c-nope", code=4)["error"]["code"] == "not-found"
    case = only_case()
    ask("case", "cancel", case, "--reason", "not coming", "--as", data.HEAD_NORTH)
    assert ask("invitation", "renew", case, code=6)["error"]["code"] == "conflict"


def test_sessions_are_listed_and_ended(home: Path) -> None:
    with opened() as installation:
        tokens = [open_session(installation.app, person, SessionKind.STAFF, agent="Browser 1") for person in (data.PAY, data.PAY, data.IT)]
    items = ask("session", "list", "--person", data.PAY)["items"]
    assert [(item["person"], item["name"], item["kind"], item["case"], item["agent"]) for item in items] == [
        (data.PAY, "Pia Lønholm", "staff", None, "Browser 1")
    ] * 2
    assert ask("session", "revoke", "--session", items[0]["id"])["revoked"] == 1
    assert ask("session", "revoke", "--session", items[0]["id"], code=4)["error"]["code"] == "not-found"
    assert ask("session", "revoke", data.PAY)["revoked"] == 1
    assert said("session", "revoke", data.PAY) == f"{data.PAY} wasn't signed in.\n"
    ask("session", "revoke", "nobody", code=4)
    ask("session", "revoke", code=2)
    assert [item["person"] for item in ask("session", "list")["items"]] == [data.IT]
    with opened() as installation:
        assert [session_of(installation.app, token) is not None for token in tokens] == [False, False, True]
    entries = ask("audit", "list", f"sessions/{data.PAY}")["items"]
    assert [entry["action"] for entry in entries] == ["session-opened"] * 2 + ["session-closed"] * 2


def test_doctor_tells_where_links_lead_and_text_messages_go(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def check(name: str) -> tuple[bool, str]:
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            cli.run(["doctor", "--json"])
        found = next(item for item in json.loads(out.getvalue())["items"] if item["name"] == name)
        return found["ok"], found["detail"]

    assert check("portal") == (True, "links in mails lead to https://idm.example.org")
    assert check("text messages") == (True, f"they become files in {home / 'sms'}")
    monkeypatch.setenv("IDM_SMS_URL", "http://gateway.example.org/")
    assert check("text messages")[0] is False
    monkeypatch.setenv("IDM_SMS_URL", "https://user:secret@gateway.example.org/")
    assert check("text messages")[0] is False, "its token isn't there"
    (home / "keys" / "sms-token").write_text("t")
    assert check("text messages") == (True, "they go to https://user:***@gateway.example.org/")
    monkeypatch.delenv("IDM_SMS_URL")
    monkeypatch.delenv("IDM_PORTAL_URL")
    assert check("portal") == (True, "no server runs here, so mails to new hires carry no link")


def test_a_production_installation_needs_an_address_and_a_gateway(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDM_HOME", str(tmp_path / "home"))
    ask("init")
    items = {item["name"]: item for item in ask("doctor", code=8)["items"]}
    assert (items["portal"]["ok"], items["text messages"]["ok"]) == (False, False)
    assert "IDM_PORTAL_URL" in items["portal"]["next"]
    assert "IDM_SMS_URL" in items["text messages"]["next"]
    monkeypatch.setenv("IDM_PORTAL_URL", "http://idm.example.org")
    assert not {item["name"]: item for item in ask("doctor", code=8)["items"]}["portal"]["ok"]
