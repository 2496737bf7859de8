"""A whole hire through the command line, each command a process of its own, against the simulated target systems."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests import data
from tests.acceptance.command_line import CommandLine

SYSTEMS = ("ldap", "payroll", "erp", "mailbox", "personnel_file")


@pytest.fixture
def idm(tmp_path: Path) -> Iterator[CommandLine]:
    """A test installation with the organisation, whose simulators run."""
    made = CommandLine(tmp_path / "home")
    made.prepare()
    made.process("simulators", "start")
    yield made
    made.run("simulators", "stop")


def as_bytes(content: object) -> bytes:
    return json.dumps(content).encode()


def states(idm: CommandLine, case: str) -> dict[str, str]:
    return {step["id"]: step["state"] for step in idm.json("case", "show", case)["steps"]}


def do(idm: CommandLine, task: str, person: str, answer: object) -> None:
    done = idm.process("task", "do", task, "--as", person, "--input", "-", "--json", stdin=as_bytes(answer)).document
    assert (done["task"], done["state"]) == (task, "done")


def hand_in(idm: CommandLine, case: str, kind: str, content: bytes, name: str) -> str:
    path = idm.home.parent / name
    path.write_bytes(content)
    id: str = idm.process("document", "add", case, kind, str(path), "--json").document["id"]
    return id


def held(idm: CommandLine, employment: str) -> dict[str, list[dict[str, Any]]]:
    return {system: idm.json("target", "show", system, employment)["items"] for system in SYSTEMS}


def test_a_hire_from_the_event_to_the_open_account(idm: CommandLine) -> None:
    assert idm.process("doctor", "--json").document["ok"]

    # The event comes, twice; the manager appoints the contacts; accounts are made, closed.
    taken = idm.process("hire", "-", "--json", stdin=as_bytes(data.hire_event("first")))
    assert taken.items[0]["outcome"] == "created" and taken.document["rejects_file"] is None
    case = taken.items[0]["case"]
    again = idm.process("hire", "-", "--json", stdin=as_bytes(data.hire_event("first"))).items[0]
    assert (again["outcome"], again["case"]) == ("replayed", case)
    assert [task["kind"] for task in idm.json("task", "list", "--as", data.HEAD_NORTH)["items"]] == ["appoint"]
    do(idm, f"{case}.appoint.1", data.HEAD_NORTH, {"decision": "appoint", "values": {"pay": [data.PAY], "it": [data.IT]}})
    worked = idm.process("work", "--until-idle", "--json").document
    assert worked["waiting_for"] == {"people": 6, "dates": 2, "circuits": 0}, (
        "the second date: from then on the pay waits no longer for proof of seniority"
    )
    shown = idm.json("case", "show", case)
    employment, person = shown["employment"], shown["person"]
    assert {item["state"] for item in held(idm, employment)["ldap"]} == {"disabled"}
    assert held(idm, employment)["payroll"] == []

    # Documents are handed in; one is returned and comes again; pay and rights are settled.
    first = hand_in(idm, case, "contract", data.pdf(), "contract.pdf")
    do(idm, f"{case}.review-contract.1", data.PAY, {"decision": "return", "reason": "the signature is missing"})
    assert [d["reason"] for d in idm.json("case", "show", case)["documents"] if d["state"] == "returned"] == ["the signature is missing"]
    second = hand_in(idm, case, "contract", data.pdf(), "contract.pdf")
    hand_in(idm, case, "diploma", data.jpeg(), "diploma.jpg")
    hand_in(idm, case, "seniority_proof", data.png(), "proof.png")
    for kind in data.DOCUMENTS:
        do(idm, f"{case}.review-{kind}.{2 if kind == 'contract' else 1}", data.PAY, {"decision": "accept"})
    do(idm, f"{case}.consent-child_protection.1", person, {"decision": "give"})
    for task, decision in (("ordered", "done"), ("received", "done"), ("assess", "clear")):
        do(idm, f"{case}.{task}-child_protection.1", data.HEAD_NORTH, {"decision": decision})
    do(idm, f"{case}.personal_data.1", person, {"decision": "submit", "values": data.personal_values()})
    do(idm, f"{case}.payroll_form.1", data.PAY, {"decision": "submit", "values": data.payroll_values()})
    do(idm, f"{case}.confirm_rights.1", data.IT, {"decision": "confirm", "values": {"add": ["remote_access"]}})

    # Payroll refuses once, which a person sees and tries again.
    idm.run("simulators", "fail", "payroll", "--mode", "refuse", "--times", "1")
    idm.process("work", "--until-idle")
    stuck = next(step for step in idm.json("case", "show", case)["steps"] if step["id"] == "record")
    assert stuck["state"] == "refused" and stuck["reason"]
    assert stuck["reason"] in idm.run("case", "graph", case).out
    idm.process("case", "retry", case, "record")
    idm.process("work", "--until-idle")
    assert {id for id, state in states(idm, employment).items() if state != "done"} == {
        "opening",
        "open_account",
        "open_profile",
        "open_mailbox",
    }

    # The first day of work comes.
    idm.process("clock", "set", f"{data.START}T08:00")
    assert idm.process("work", "--until-idle", "--json").document["waiting_for"] == {"people": 0, "dates": 0, "circuits": 0}
    assert idm.json("case", "show", case)["state"] == "completed", idm.run("case", "graph", case).out
    systems = held(idm, employment)
    assert {(item["kind"], item["state"]) for items in systems.values() for item in items} == {
        (kind, "enabled") for kind in ("account", "record", "profile", "mailbox", "file", "document")
    }
    assert "remote-access" in systems["ldap"][0]["entitlements"]
    assert systems["payroll"][0]["attributes"]["cpr"] == "***"

    # Everything has a reason and is on record, with the administrator who typed it; and nothing was done twice.
    reasons = idm.json("explain", employment)["items"]
    assert {item["system"] for item in reasons} == {*SYSTEMS, "mail"}
    assert all(reason["file"] and reason["line"] and reason["approver"] for item in reasons for reason in item["reasons"])
    effects = [entry["effect_key"] for entry in idm.json("simulators", "journal")["items"] if entry["result"] == "applied"]
    assert effects and sorted(set(effects)) == sorted(effects)
    documents = {item["id"]: item["state"] for item in idm.json("document", "list", case)["items"]}
    assert (documents[first], documents[second]) == ("replaced", "accepted")
    out = idm.home.parent / "got.pdf"
    idm.process("document", "get", second, "--out", str(out))
    assert (out.read_bytes(), out.stat().st_mode & 0o777) == (data.pdf(), 0o600)
    assert idm.json("document", "get", second, "--out", str(out), code=6)["error"]["next"]
    entries = idm.json("audit", "list", case)["items"]
    assert [entry["payload"]["document"] for entry in entries if entry["action"] == "document-handed-out"] == [second]
    assert all(entry["payload"]["administrator"] for entry in entries if entry["actor"] in (data.PAY, data.IT, data.HEAD_NORTH, person))
    assert idm.json("audit", "verify")["ok"]

    # Whoever changes the record is found out.
    with closing(sqlite3.connect(idm.home / "idm.sqlite")) as db, db:
        db.execute("update audit set actor = 'somebody' where stream = ? and seq = 3", (case,))
    found = idm.process("audit", "verify", "--json", code=8).document
    assert (found["ok"], found["faults"]) == (False, [{"entry": 3, "case": case, "kind": "changed"}])


def test_what_a_cancelled_hire_did_is_taken_back(idm: CommandLine) -> None:
    idm.run("delegate", "--authority", "pay", "--unit", "schools", "--to", data.PAY)
    idm.run("delegate", "--authority", "it", "--unit", "schools", "--to", data.IT, "--from", "2026-01-01", "--until", "2099-12-31")
    assert len(idm.json("delegations", "list", "--unit", "school_north")["items"]) == 2
    case = idm.new_case("withdrawn")
    assert states(idm, case)["appoint"] == "done", "standing delegations cover both authorities"
    idm.process("work", "--until-idle")
    assert len(held(idm, case)["ldap"]) == 1
    idm.process("case", "cancel", case, "--reason", "took another job")
    idm.process("work", "--until-idle")
    assert {item["state"] for items in held(idm, case).values() for item in items} <= {"ended"}
    assert idm.json("case", "list", "--state", "cancelled")["items"][0]["id"] == case
    assert idm.json("task", "list")["items"] == []


def test_the_graph_is_drawn_as_text_mermaid_and_data(idm: CommandLine) -> None:
    case = idm.new_case("drawn")
    steps = idm.json("case", "graph", case)["items"]
    text = idm.process("case", "graph", case).out
    assert [step["id"] for step in steps if f"{step['id']} " not in text] == []
    assert f"waits for {data.HEAD_NORTH}" in text and "\x1b" not in text
    assert idm.process("case", "graph", case, PYTHONUTF8="0", PYTHONIOENCODING="ascii").out.isascii()
    assert idm.run("case", "graph", case, "--format", "mermaid").out.startswith("flowchart LR\n")
    assert json.loads(idm.run("case", "graph", case, "--format", "json").out)["items"] == steps
