"""Bad input through the command line: one clear message with what to do, a non-zero exit code, no traceback, nothing half-done."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests import data
from tests.acceptance.command_line import CommandLine

APPOINT = {"values": {"pay": [data.PAY], "it": [data.IT]}}
CPR = data.cpr(4711)


@dataclass(frozen=True)
class Scene:
    """A test installation with a case whose contacts are appointed, and one that was cancelled; no target system runs."""

    idm: CommandLine
    case: str
    person: str
    cancelled: str
    files: Path

    def file(self, content: object, name: str = "input.json") -> str:
        """A file with `content`: bytes as they are, anything else as JSON."""
        path = self.files / name
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return str(path)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    folder = tmp_path_factory.mktemp("bad-input")
    idm = CommandLine(folder / "home")
    idm.prepare()
    case, cancelled = idm.new_case("stays"), idm.new_case("goes")
    idm.answer(f"{case}.appoint.1", data.HEAD_NORTH, APPOINT)
    idm.run("document", "add", case, "contract", "-", "--name", "contract.pdf", stdin=data.pdf())
    idm.run("case", "cancel", cancelled, "--reason", "withdrew")
    return Scene(idm, case, idm.json("case", "show", case)["person"], cancelled, folder)


Command = Callable[[Scene], list[str]]


def event(**changes: Any) -> Command:
    return lambda scene: ["hire", scene.file(data.hire_event("wrong", **changes))]


def hiring(content: object) -> Command:
    return lambda scene: ["hire", scene.file(content)]


def doing(step: str, person: str, answer: object) -> Command:
    return lambda scene: ["task", "do", f"{scene.case}.{step}.1", "--as", person, "--input", scene.file(answer)]


def handing_in(kind: str, content: bytes, name: str, *more: str) -> Command:
    return lambda scene: ["document", "add", scene.case, kind, scene.file(content, name), *more]


def typed(*arguments: str) -> Command:
    """A command line; CASE, CANCELLED and FILES stand for the scene's."""

    def command(scene: Scene) -> list[str]:
        words = {"CASE": scene.case, "CANCELLED": scene.cancelled, "FILES": str(scene.files), "PERSON": scene.person}
        return [_filled(argument, words) for argument in arguments]

    return command


def _filled(argument: str, words: dict[str, str]) -> str:
    for word, value in words.items():
        argument = argument.replace(word, value)
    return argument


# name: (command, exit code, a rule among the faults or a word of the message)
EVENTS = {
    "an event without a person": (
        hiring({"specversion": "1.0", "id": "x", "source": "s", "type": "dk.idm.hire", "data": {}}),
        3,
        "required",
    ),
    "another type of event": (event(type="dk.idm.other"), 3, "event-type"),
    "an unknown unit": (event(unit="nowhere"), 3, "unknown-unit"),
    "an unknown position": (event(position="wizard"), 3, "unknown-position"),
    "an unknown manager": (event(manager="nobody"), 3, "unknown-person"),
    "a CPR with an impossible date": (event(cpr="3102901234"), 3, "cpr"),
    "a CPR that isn't one": (event(cpr="12"), 3, "cpr"),
    "an end before the start": (event(end_date="2026-12-31"), 3, "order"),
    "no event": (hiring([]), 3, "event"),
    "an empty file": (hiring(b""), 3, "empty"),
    "a file that isn't JSON": (hiring(b'{"id": '), 3, "json"),
    "a key twice": (hiring(b'{"id": "a", "id": "b"}'), 3, "json"),
    "a file that isn't UTF-8": (hiring(b'{"id": "\xff"}'), 3, "encoding"),
    "a folder": (typed("hire", "FILES"), 3, "folder"),
    "no file": (typed("hire", "FILES/none.json"), 4, "no file"),
    "a file below a file": (lambda scene: ["hire", scene.file({}) + "/x"], 4, "no file"),
    "a name with a nul": (typed("hire", "a\0b"), 7, "name"),
    "the same id with other content": (lambda s: ["hire", s.file(data.hire_event("stays", weekly_hours=20))], 6, "same-id-other-content"),
    "the same hire from another source": (lambda s: ["hire", s.file(data.hire_event("stays", source="/other"))], 6, "same-hire"),
    "an organisation with a loop": (
        lambda s: ["org", "import", s.file({"units": [{"id": "a", "name": "A", "parent": "a"}], "positions": [], "people": []})],
        3,
        "loop",
    ),
    "an organisation that is a list": (lambda s: ["org", "import", s.file([])], 3, "object"),
    "an organisation in a folder": (typed("org", "import", "FILES"), 3, "folder"),
}
PEOPLE = {
    "no authority": (doing("confirm_rights", data.TEACHER, {}), 5, "does not hold"),
    "one's own hire": (typed("task", "do", "CASE.confirm_rights.1", "--as", "PERSON", "--input", "FILES/empty.json"), 5, "own hire"),
    "an unknown person": (doing("confirm_rights", "nobody", {}), 4, "no person"),
    "a task done twice": (doing("appoint", data.HEAD_NORTH, APPOINT), 6, "answered already"),
    "a step that isn't open yet": (doing("payroll_form", data.PAY, {}), 4, "no task"),
    "an unknown decision": (doing("confirm_rights", data.IT, {"decision": "dance"}), 3, "unknown-decision"),
    "a role that may not be added": (doing("confirm_rights", data.IT, {"values": {"add": ["school_leadership"]}}), 3, "not-grantable"),
    "a return without a reason": (doing("review-contract", data.PAY, {"decision": "return"}), 3, "required"),
    "an answer that isn't an object": (doing("confirm_rights", data.IT, [1]), 3, "object"),
    "an answer of the wrong shape": (doing("confirm_rights", data.IT, {"decision": 1, "values": []}), 3, "text"),
    "an unknown task": (typed("task", "show", "nonsense"), 4, "no task"),
    "JSON for a document task": (
        lambda s: ["task", "do", f"{s.case}.document-diploma.1", "--as", s.person, "--input", s.file({})],
        3,
        "needs-a-file",
    ),
    "a picture that claims to be a PDF": (handing_in("diploma", data.png(), "diploma.pdf"), 3, "extension"),
    "a text that claims to be a PDF": (handing_in("diploma", b"hello", "diploma.pdf"), 3, "type"),
    "half a PDF": (handing_in("diploma", data.pdf()[:200], "diploma.pdf"), 3, ""),
    "an empty document": (handing_in("diploma", b"", "diploma.pdf"), 3, ""),
    "a kind that takes no pictures": (handing_in("contract", data.png(), "contract.png"), 3, "type"),
    "a kind that isn't wanted": (handing_in("id_photo", data.png(), "id.png"), 3, "unknown-document-kind"),
    "a document by somebody else": (handing_in("diploma", data.pdf(), "diploma.pdf", "--as", data.PAY), 5, "hired"),
    "a document that is a folder": (typed("document", "add", "CASE", "diploma", "FILES"), 3, "folder"),
    "an unknown document": (typed("document", "get", "nonsense", "--out", "FILES/out.pdf"), 4, "no document"),
    "a delegation to nobody known": (typed("delegate", "--authority", "pay", "--unit", "schools", "--to", "nobody"), 3, "unknown-person"),
    "a delegation for no unit": (typed("delegate", "--authority", "pay", "--unit", "nowhere", "--to", data.PAY), 3, "unknown-unit"),
    "a delegation that ends before it begins": (
        typed("delegate", "--authority", "it", "--unit", "schools", "--to", data.IT, "--from", "2027-02-01", "--until", "2027-01-01"),
        3,
        "order",
    ),
    "a delegation by somebody else": (
        typed("delegate", "--authority", "pay", "--unit", "school_north", "--to", data.PAY, "--as", data.HEAD_SOUTH),
        5,
        "does not manage",
    ),
    "a delegation for another unit's case": (
        typed("delegate", "--authority", "pay", "--unit", "schools", "--to", data.PAY, "--case", "CASE"),
        3,
        "other-unit",
    ),
    "a cancelled case: its task": (
        typed("task", "do", "CANCELLED.appoint.1", "--as", data.HEAD_NORTH, "--input", "FILES/empty.json"),
        6,
        "cancelled",
    ),
    "a cancelled case: a document": (lambda s: ["document", "add", s.cancelled, "diploma", s.file(data.pdf(), "d.pdf")], 6, "cancelled"),
    "a cancelled case: retried": (typed("case", "retry", "CANCELLED"), 6, ""),
    "a cancelled case: cancelled again": (typed("case", "cancel", "CANCELLED", "--reason", "again"), 6, "cancelled"),
    "a cancel without words": (typed("case", "cancel", "CASE", "--reason", "  "), 3, "required"),
    "a retry of nothing": (typed("case", "retry", "CASE", "nonsense"), 4, "nonsense"),
    "a retry of what waits for people": (typed("case", "retry", "CASE", "confirm_rights"), 6, ""),
}
OTHER = {
    "an unknown case": (typed("case", "show", "nonsense"), 4, "no case"),
    "an unknown case to draw": (typed("case", "graph", "nonsense"), 4, "no case"),
    "an unknown case to cancel": (typed("case", "cancel", "nonsense", "--reason", "why"), 4, "no case"),
    "an unknown case to list tasks of": (typed("task", "list", "--case", "nonsense"), 4, "no case"),
    "an unknown case to list documents of": (typed("document", "list", "nonsense"), 4, "no case"),
    "an unknown case to explain": (typed("explain", "nonsense"), 4, "no case"),
    "an unknown case to audit": (typed("audit", "verify", "nonsense"), 4, "no case"),
    "an unknown unit to list": (typed("delegations", "list", "--unit", "nowhere"), 4, "no unit"),
    "an unknown system": (typed("target", "show", "nonsense"), 4, "no system"),
    "an unknown simulator": (typed("simulators", "journal", "nonsense"), 4, "no simulated system"),
    "an unknown rule": (typed("policy", "show", "nonsense"), 4, "no policy file or rule"),
    "no target system": (typed("target", "show", "ldap"), 7, "never been started"),
    "no simulators to fail": (typed("simulators", "fail", "ldap", "--mode", "down"), 7, "No simulators run"),
    "no policies": (typed("policy", "check", "FILES/none"), 4, "no folder"),
    "a clock set back": (typed("clock", "set", "2020-01-01T08:00"), 6, "never set back"),
    "no broker for a worker": (typed("worker"), 7, "broker"),
    "no broker for a web server": (typed("serve", "--web-only"), 7, "broker"),
    "an address of another machine": (typed("serve", "--host", "203.0.113.1", "--port", "0"), 7, "can't be listened on"),
    "no such command": (typed("nonsense"), 2, "No such command"),
    "no such option": (typed("case", "list", "--nonsense"), 2, "No such option"),
    "no argument": (typed("case", "show"), 2, "Missing argument"),
    "no such choice": (typed("case", "list", "--state", "nonsense"), 2, "nonsense"),
    "no date": (typed("delegate", "--authority", "pay", "--unit", "u", "--to", "p", "--from", "soon"), 2, "soon"),
    "both kinds": (typed("init", "--demo", "--test"), 2, "one kind"),
    "another kind of installation": (typed("init", "--demo"), 6, "test installation"),
    "a CPR as an argument": (typed("case", "show", CPR), 2, "CPR"),
    "a CPR with a hyphen in a reason": (typed("case", "cancel", "CASE", "--reason", f"wrong person, {CPR[:6]}-{CPR[6:]}!"), 2, "CPR"),
    "a CPR in an option": (typed("case", "list", f"--person={CPR}"), 2, "CPR"),
    "a CPR in a file name": (typed("hire", f"FILES/{CPR}.json"), 2, "CPR"),
}
CASES = EVENTS | PEOPLE | OTHER


@pytest.mark.parametrize("name", CASES)
def test_bad_input_gets_one_clear_message_and_changes_nothing(scene: Scene, name: str) -> None:
    command, code, told = CASES[name]
    scene.file({}, "empty.json")
    before = state(scene)
    arguments = command(scene)

    shown = scene.idm.run(*arguments, "--json", code=code)
    spoken = scene.idm.run(*arguments, code=code)

    if arguments[0] == "hire" and "items" in shown.document:
        said = shown.document["items"][0]
        message, faults, rejects = said["reason"], said["faults"], shown.document["rejects_file"]
        assert Path(rejects).stat().st_mode & 0o777 == 0o600
        assert message in spoken.out and "Next: " in spoken.out
    else:
        error = shown.document["error"]
        message, faults = error["message"], error["faults"]
        assert error["code"] and error["next"], "it doesn't say what to do"
        assert message in spoken.err and "\nNext: " in spoken.err
        assert spoken.out == ""
        assert [fault for fault in faults if f"  {fault['path']}: {fault['message']} [{fault['rule']}]\n" not in spoken.err] == []
    assert told in message or told in {fault["rule"] for fault in faults}, shown.out
    assert not any(number in shown.out + shown.err + spoken.out + spoken.err for number in (CPR, f"{CPR[:6]}-{CPR[6:]}", "3102901234"))
    assert state(scene) == before


def state(scene: Scene) -> object:
    """Everything that a refused command could have half-done."""
    cases = scene.idm.json("case", "list")["items"]
    vault = sorted(path.name for path in (scene.idm.home / "vault").rglob("*") if path.is_file())
    return cases, scene.idm.json("task", "list", "--state", "all")["items"], scene.idm.json("delegations", "list")["items"], vault


def test_refused_events_come_back_to_be_mended_and_sent_again(scene: Scene) -> None:
    good, wrong = data.hire_event("batch-1"), data.hire_event("batch-2", unit="nowhere")
    taken = scene.idm.hire(good, wrong, code=8)
    assert [item["outcome"] for item in taken["items"]] == ["created", "refused"]
    rejects = Path(taken["rejects_file"])
    assert json.loads(rejects.read_text()) == [wrong]
    rejects.write_text(rejects.read_text().replace("nowhere", "school_south"))
    assert [item["outcome"] for item in scene.idm.json("hire", str(rejects))["items"]] == ["created"]


def test_a_refused_event_tells_nothing_private_and_does_nothing_to_the_terminal(scene: Scene) -> None:
    events = [{**data.hire_event("x"), "id": CPR, "source": CPR}, data.hire_event("\x1b[2Jgone", unit="nowhere")]
    done = scene.idm.run("hire", scene.file(events), code=3)
    assert CPR not in done.out + done.err
    assert "\x1b" not in done.out + done.err
    assert "?[2Jgone" in done.out


def test_a_damaged_document_is_not_handed_out_in_part(scene: Scene) -> None:
    [document] = [item["id"] for item in scene.idm.json("document", "list", scene.case)["items"] if item["id"]]
    [stored] = [path for path in (scene.idm.home / "vault").rglob("*") if path.is_file()]
    content, out = stored.read_bytes(), scene.files / "out.pdf"
    stored.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    try:
        error = scene.idm.json("document", "get", document, "--out", str(out), code=8)["error"]
        assert error["message"] and error["next"]
        assert not out.exists()
    finally:
        stored.write_bytes(content)
    assert scene.idm.json("document", "get", document, "--out", str(scene.files / "no" / "out.pdf"), code=7)["error"]["next"]


def test_two_wrong_events_and_no_good_one_are_bad_input(scene: Scene) -> None:
    assert len(scene.idm.hire(data.hire_event("w1", unit="x"), data.hire_event("stays", weekly_hours=1), code=3)["items"]) == 2


@pytest.mark.parametrize(
    ("edit", "rule"),
    [
        (("journeys/hire.yaml", "    needs: [appoint]\n\n  profile", "    needs: [appoint, open_account]\n\n  profile"), "cycle"),
        (("roles.yaml", "{da: Medarbejder, en: Employee}\n", "{da: Medarbejder, en: Employee}\n    grantabel: true\n"), "unknown-key"),
        (("systems.yaml", "connector: erp", "connector: [erp"), "yaml"),
    ],
    ids=["a cycle", "an unknown key", "no YAML"],
)
def test_a_broken_policy_is_named_with_file_and_line(scene: Scene, tmp_path: Path, edit: tuple[str, str, str], rule: str) -> None:
    folder = tmp_path / "policies"
    shutil.copytree(scene.idm.home / "policies", folder)
    file, old, new = edit
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1))
    found = scene.idm.json("policy", "check", str(folder), code=3)
    assert found["ok"] is False and found["error"]["code"] == "policy-invalid" and found["error"]["next"]
    assert [fault for fault in found["items"] if fault["rule"] == rule and fault["path"].startswith(f"{file}:")], found
    assert scene.idm.run("policy", "check", str(folder), code=3).err == ""


def test_production_takes_neither_simulators_nor_another_time(tmp_path: Path) -> None:
    idm = CommandLine(tmp_path / "home")
    idm.run("init")
    for arguments in (["clock", "set", "2099-01-04T08:00"], ["simulators", "start"], ["simulators", "status"]):
        assert idm.json(*arguments, code=5)["error"]["next"]


def _without_keys(home: Path) -> None:
    (home / "keys" / "master.keys").unlink()


def _damaged_keys(home: Path) -> None:
    (home / "keys" / "master.keys").write_text("nonsense")


def _damaged_database(home: Path) -> None:
    (home / "idm.sqlite").write_bytes(b"nonsense" * 1000)


def _no_database(home: Path) -> None:
    (home / "idm.sqlite").unlink()


def _no_policies(home: Path) -> None:
    shutil.rmtree(home / "policies")


def _no_home(home: Path) -> None:
    shutil.rmtree(home)


def _home_is_a_file(home: Path) -> None:
    shutil.rmtree(home)
    home.write_text("")


DAMAGE = {
    "no keys": (_without_keys, {}, 7),
    "damaged keys": (_damaged_keys, {}, 7),
    "a damaged database": (_damaged_database, {}, 7),
    "no database": (_no_database, {}, 7),
    "no policies": (_no_policies, {}, 3),
    "no installation": (_no_home, {}, 7),
    "a file for a home": (_home_is_a_file, {}, 7),
    "no database server": (lambda home: None, {"IDM_DATABASE_URL": "postgresql+psycopg://idm:secret@127.0.0.1:1/idm"}, 7),
    "no such database": (lambda home: None, {"IDM_DATABASE_URL": "nonsense://x"}, 7),
    "no address at all": (lambda home: None, {"IDM_DATABASE_URL": "nonsense"}, 7),
    "a wrong setting": (lambda home: None, {"IDM_PORT": "many"}, 3),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_installation_says_what_to_do(tmp_path: Path, name: str) -> None:
    damage, variables, code = DAMAGE[name]
    idm = CommandLine(tmp_path / "home")
    idm.run("init", "--test")
    damage(idm.home)
    idm = CommandLine(idm.home, **variables)
    for arguments in (["case", "list"], ["hire", "-"], ["serve", "--port", "0"]):
        done = idm.run(*arguments, "--json", stdin=json.dumps(data.hire_event("x")).encode(), code=code)
        assert done.document["error"]["message"] and done.document["error"]["next"], done.out
        assert "secret" not in done.out + done.err
    examined = idm.run("doctor", "--json", code=None)
    assert examined.code == (3 if name == "a wrong setting" else 8)
    wrong = [check for check in examined.document.get("items", []) if not check["ok"]]
    assert name == "a wrong setting" or (wrong and all(check["next"] for check in wrong)), examined.out


@pytest.mark.parametrize(
    "arguments",
    [
        ["delegate", "--authority", "pay", "--unit", "town", "--to", data.PAY, "--from", "01-02-2027"],
        ["clock", "set", "2027-02-30"],
    ],
)
def test_a_wrong_date_is_refused_as_people_write_dates(scene: Scene, arguments: list[str]) -> None:
    error = scene.idm.json(*arguments, code=2)["error"]
    assert "YYYY-MM-DD" in error["message"] and "%" not in error["message"]
