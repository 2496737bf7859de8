"""The demo as people run it, and what others find in the target systems that it leaves behind."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest

from idm.demo.expected import expected
from idm.simulators import control
from tests.acceptance.programs import ROOT, Program
from tests.servers.keeper import keeper, started_at
from tests.waiting import wait_until

SECONDS = 100
"""How long the whole demo may take: thirty are usual on two quiet cores, and a machine that does other things needs more."""
OPEN, CLOSED = 40, 3
"""People whose accounts are open in the end (two of them by two hires), and those who have one that stays closed."""

# It says how long it takes, and shows what others would see: it has the machine to itself.
pytestmark = [pytest.mark.slow, pytest.mark.serial, pytest.mark.timeout(360)]


@dataclass(frozen=True)
class Demo:
    """A demo that was played: its folder, its exit code, its answer, and what it said meanwhile."""

    home: Path
    code: int
    answer: dict[str, Any]
    said: str

    @property
    def systems(self) -> dict[str, dict[str, Any]]:
        return {status["system"]: status for status in self.answer["simulators"]["items"]}

    def secret(self, system: str) -> str:
        return Path(self.systems[system]["secret_file"]).read_text()


def run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cli", "demo", *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT), "IDM_HOME": str(home)},
        cwd=home.parent,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    home = tmp_path_factory.mktemp("demo") / "var"
    done = run(home, "--json", "--keep")
    if pid := running(home):
        keeper().watch(pid)
    yield Demo(home, done.returncode, json.loads(done.stdout), done.stderr)
    control.stop(home / "simulators")


def get(demo: Demo, system: str, path: str) -> Any:
    request = urllib.request.Request(demo.systems[system]["url"] + path, headers={"Authorization": f"Bearer {demo.secret(system)}"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read())


def test_everything_is_as_it_should_be_in_good_time(demo: Demo) -> None:
    assert [check for check in demo.answer["checks"] if not check["ok"]] == []
    assert (demo.code, demo.answer["ok"], demo.answer["schema"]) == (0, True, 1), demo.said
    assert demo.answer["seconds"] < SECONDS
    assert len(demo.answer["checks"]) >= 25


def test_the_answer_has_the_shape_that_scripts_rely_on(demo: Demo) -> None:
    answer = demo.answer
    assert set(answer) >= {"ok", "home", "seconds", "events", "cases", "people", "checks", "outcomes", "mails", "simulators"}
    outcomes = [item["outcome"] for item in answer["events"]["items"]]
    assert (len(outcomes), outcomes.count("created"), outcomes.count("refused"), outcomes.count("replayed")) == (60, 47, 12, 1)
    states = Counter(case["state"] for case in answer["cases"])
    assert states == {"completed": 40, "waiting": 6, "cancelled": 1}
    assert {case["employment"] for case in answer["cases"]} == {person["employment"] for person in answer["people"]}
    for person in answer["people"]:
        assert all(item["state"] in ("enabled", "disabled") for item in person["systems"].values())


def test_each_event_ends_as_the_table_that_was_made_by_hand_says(demo: Demo) -> None:
    rows = {row["number"]: row for row in demo.answer["outcomes"]}
    wanted = expected()
    assert [row for row in rows.values() if not row["ok"]] == []
    assert {number: row["ends"] for number, row in rows.items()} == {number: row.ends.value for number, row in wanted.items()}
    assert all(row["reason"] and row["waits_for"] for row in rows.values() if row["ends"] == "waiting")
    assert all(row["reason"] for row in rows.values() if row["ends"] == "refused")
    assert len(rows) == 60


def test_whatever_waits_waits_for_somebody_and_whatever_is_refused_says_why(demo: Demo) -> None:
    for case in demo.answer["cases"]:
        waits = [step["waits_for"] for step in case["steps"] if step["waits_for"]]
        assert (case["state"] == "waiting") == bool(waits), case["id"]
        assert all(each["kind"] == "person" and each["ids"] for each in waits), case["id"]
    refused = [item for item in demo.answer["events"]["items"] if item["outcome"] == "refused"]
    assert all(fault["message"] and fault["path"] for item in refused for fault in item["faults"]) and all(
        item["faults"] for item in refused
    )


def test_it_says_who_does_what_and_shows_no_private_value(demo: Demo) -> None:
    assert "Mette Holm (manager, School North) appoints" in demo.said
    assert "kill -9" in demo.said and "the payroll system goes down" in demo.said
    assert "Björn Åkesson" in demo.said and "idm explain" in demo.said
    everything = demo.said + json.dumps(demo.answer)
    numbers = [record["attributes"]["cpr"] for record in get(demo, "payroll", "/record")["items"]]
    assert len(numbers) >= 40
    assert [number for number in numbers if number in everything] == [] and "@example.com" not in everything


def test_the_readme_shows_what_it_says(demo: Demo) -> None:
    excerpt = re.findall(r"^```text\n(.*?)^```", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)[0].splitlines()
    said = [re.sub(r" +", " ", line) for line in demo.said.splitlines()]
    for line in excerpt:
        pattern = ".*".join(re.escape(part) for part in re.sub(r" +", " ", line.strip()).split("…"))
        assert any(re.search(pattern, heard) for heard in said), line
    assert len(excerpt) > 10


def ldapsearch(demo: Demo, wanted: str) -> str:
    status = demo.systems["ldap"]
    if shutil.which("ldapsearch") is None:
        pytest.skip("ldapsearch isn't installed: apt-get install ldap-utils")
    command = [
        "ldapsearch",
        "-LLL",
        "-o",
        "ldif-wrap=no",
        "-x",
        "-H",
        status["url"],
        "-D",
        status["reader_dn"],
        "-y",
        status["secret_file"],
    ]
    done = subprocess.run(
        [*command, "-b", "dc=example,dc=org", wanted, "uid", "memberOf", "pwdAccountLockedTime"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_ldapsearch_finds_the_same_accounts_and_groups(demo: Demo) -> None:
    found: dict[str, set[str]] = defaultdict(set)
    locked = 0
    for entry in ldapsearch(demo, "(objectClass=inetOrgPerson)").strip().split("\n\n"):
        locked += "pwdAccountLockedTime" in entry
        lines = [line.partition(": ")[::2] for line in entry.splitlines()]
        uid = next(value for name, value in lines if name == "uid")
        found[uid] = {value.partition(",")[0].removeprefix("cn=") for name, value in lines if name == "memberOf"}
    held = [person["systems"]["ldap"] for person in demo.answer["people"] if "ldap" in person["systems"]]
    assert found == {item["attributes"]["username"]: set(item["entitlements"]) for item in held}
    assert (len(found) - locked, locked) == (OPEN, CLOSED)
    assert found["bjoaak"] == {"all-staff", "it-admins", "remote-access", "town-hall"}


def test_http_finds_the_same_records(demo: Demo) -> None:
    for system, kind in {"payroll": "record", "erp": "profile", "mailbox": "mailbox", "personnel_file": "file"}.items():
        items = get(demo, system, f"/{kind}")["items"]
        shown = {
            person["systems"][system]["key"]: person["systems"][system] for person in demo.answer["people"] if system in person["systems"]
        }
        assert {item["key"]: item["state"] for item in items if item["state"] != "ended"} == {
            key: item["state"] for key, item in shown.items()
        }
        for item in items:
            if item["key"] in shown:
                assert sorted(item["entitlements"]) == shown[item["key"]]["entitlements"]
    temporary = [item for item in get(demo, "payroll", "/record")["items"] if item["attributes"].get("to_date")]
    assert len(temporary) == 2
    assert len(get(demo, "personnel_file", "/document")["items"]) >= 90


def test_nobody_is_created_with_any_other_credential_than_idms_own(demo: Demo) -> None:
    request = urllib.request.Request(
        demo.systems["mailbox"]["url"] + "/mailbox", b"{}", {"Authorization": f"Bearer {demo.secret('mailbox')}"}, method="POST"
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)
    with refused.value as answer:
        assert answer.code == 403


def test_the_journals_hold_no_effect_twice(demo: Demo) -> None:
    last: dict[tuple[str, str], str] = {}
    twice = []
    entries = control.journal(demo.home / "simulators")
    for entry in (entry for entry in entries if entry["result"] == "applied"):
        key = (entry["system"], entry["effect_key"])
        twice += [entry] if last.get(key) == entry["op"] else []
        last[key] = entry["op"]
    assert len(entries) > 100 and twice == []


def test_the_mails_can_be_read(demo: Demo) -> None:
    mails = [message_from_bytes(path.read_bytes()) for path in Path(demo.answer["mails"]["folder"]).glob("*.eml")]
    assert len(mails) == demo.answer["mails"]["count"]
    welcomes = [mail for mail in mails if str(mail["X-Idm-Template"]).startswith("welcome/")]
    assert len(welcomes) == 46
    assert all(mail["To"].endswith("@example.com") for mail in welcomes)


def test_a_folder_of_someone_else_is_refused_and_not_touched(tmp_path: Path) -> None:
    home = tmp_path / "var"
    home.mkdir()
    (home / "idm.sqlite").write_text("precious")
    done = run(home, "--json")
    assert done.returncode == 6, done.stderr
    assert json.loads(done.stdout)["error"]["code"] == "conflict"
    assert [path.name for path in home.iterdir()] == ["idm.sqlite"]


def test_an_interrupted_demo_leaves_no_process_behind(tmp_path: Path) -> None:
    home = tmp_path / "var"
    program = Program(["demo"], {"IDM_HOME": str(home)}, tmp_path / "log")
    simulators = wait_until(lambda: running(home), 60, "its simulators start")
    keeper().watch(simulators)
    server = wait_until(lambda: told(home / "server.json").get("pid"), 60, "its server starts")
    keeper().watch(server)
    program.process.send_signal(signal.SIGINT)
    assert program.wait(60) != 0
    assert "Interrupted" in program.tail()
    # Their last lines are written; the operating system may take a moment to clear them away.
    wait_until(lambda: not started_at(simulators) and not started_at(server), 60, "the simulators and the server are gone")


def running(home: Path) -> int:
    """The process of the simulators in `home`; 0 if they don't run."""
    return next((status.pid for status in control.status(home / "simulators") if status.pid), 0)


def told(path: Path) -> dict[str, Any]:
    """The JSON object in a file; an empty one as long as there is none."""
    return dict(json.loads(path.read_text())) if path.exists() else {}
