"""The command line as a process: quick to begin, quiet when its reader leaves, and servers that start and stop in order."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

import cli
from tests import data
from tests.acceptance.command_line import CommandLine
from tests.servers.keeper import keeper
from tests.support.processor import of_children
from tests.waiting import wait_until

HELP_CPU_SECONDS = 0.3


@pytest.fixture
def idm(tmp_path: Path) -> CommandLine:
    made = CommandLine(tmp_path / "home")
    made.prepare()
    return made


def begin(idm: CommandLine, *arguments: str, **variables: str) -> subprocess.Popen[str]:
    """A command that goes on running."""
    process = subprocess.Popen(
        [sys.executable, "-m", "cli", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=idm.environment(**variables),
        cwd=idm.home.parent,
    )
    keeper().watch(process.pid)
    return process


@pytest.fixture
def server(idm: CommandLine) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`idm serve` and its address."""
    process = begin(idm, "serve", "--port", "0", "--json")
    assert process.stdout is not None
    told = json.loads(process.stdout.readline())
    assert (told["schema"], told["pid"]) == (1, process.pid)
    yield process, told["url"]
    if process.poll() is None:
        process.kill()
    process.communicate()


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_are_quick(idm: CommandLine, option: str) -> None:
    """In processor time, of which a busy machine takes hardly more; and without what measuring the tests' coverage costs."""
    before = of_children()
    assert idm.process(option, PYTHONDONTWRITEBYTECODE="", COVERAGE_PROCESS_CONFIG="").out.startswith(("Usage: idm", "idm"))
    assert of_children() - before < HELP_CPU_SECONDS


def test_no_command_shows_the_help_and_is_wrong_usage(idm: CommandLine) -> None:
    assert "Usage: idm" in idm.process(code=2).err


def test_a_reader_that_leaves_is_no_fault(idm: CommandLine) -> None:
    program = f"{sys.executable} -m cli org show --json | head -c 1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", program], capture_output=True, env=idm.environment(), cwd=idm.home.parent)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"{", b"")


@pytest.mark.parametrize(
    ("ends", "code", "told"),
    [
        ("org show --json > /dev/full", 7, "can't be written: No space left on device"),
        ("org show > /dev/full", 7, "can't be written: No space left on device"),
        ("case show nonsense --json > /dev/full", 4, "There is no case or employment 'nonsense'."),
        ("hire - <&-", 7, "Standard input can't be read"),
        ("org show >&-", 0, ""),
        ("case show nonsense 2>&-", 4, ""),
        ("case show nonsense 2> /dev/full", 4, ""),
    ],
)
def test_odd_ends_of_a_command_are_met_in_words(idm: CommandLine, ends: str, code: int, told: str) -> None:
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m cli {ends}"], capture_output=True, text=True, env=idm.environment(), cwd=idm.home.parent
    )
    assert (done.returncode, done.stdout) == (code, "") and told in done.stderr
    assert "Traceback" not in done.stderr and "Exception ignored" not in done.stderr


def test_an_interrupt_ends_without_a_traceback(idm: CommandLine) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "cli", "hire", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=idm.environment(),
        cwd=idm.home.parent,
    )
    keeper().watch(process.pid)
    # It waits for its standard input once it has everything loaded; before, Python itself is interrupted.
    wait_until(lambda: _reads(process.pid), 60, "it never reads")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert err.startswith("Interrupted") and "Traceback" not in err


def _reads(pid: int) -> bool:
    """Whether the process waits in read(2) of its standard input."""
    return Path(f"/proc/{pid}/syscall").read_text().split()[:2] == ["0", "0x0"]


def test_a_fault_of_idm_itself_is_a_sentence_without_private_data(idm: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> Any:
        raise RuntimeError("the private thing")

    monkeypatch.setattr("idm.commands.session.case_by", broken)
    for arguments in (["case", "show", "x"], ["case", "show", "x", "--json"]):
        done = idm.run(*arguments, code=1)
        assert "the private thing" not in done.out + done.err
        assert "RuntimeError at idm/commands/session.py:" in done.out + done.err
        assert "IDM_DEBUG=1" in done.out + done.err


def test_a_fault_shows_all_of_itself_when_asked(
    idm: CommandLine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("idm.commands.session.case_by", lambda *_: 1 / 0)
    monkeypatch.setenv("IDM_HOME", str(idm.home))
    monkeypatch.setenv("IDM_DEBUG", "1")
    assert cli.run(["case", "show", "x"]) == 1
    assert "ZeroDivisionError: division by zero" in capsys.readouterr().err


def get(url: str, body: object = None, token: str = "") -> tuple[int, dict[str, Any]]:
    content = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/cloudevents-batch+json", "Authorization": f"Bearer {token}"}
    try:
        with urlopen(Request(url, content, headers), timeout=60) as answer:
            return answer.status, json.loads(answer.read())
    except HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


def test_a_server_takes_events_and_stops_in_order(idm: CommandLine, server: tuple[subprocess.Popen[str], str]) -> None:
    process, url = server
    assert json.loads((idm.home / "server.json").read_text()) == {"schema": 1, "url": url, "pid": process.pid}
    assert get(f"{url}/healthz")[0] == get(f"{url}/readyz")[0] == 200
    token = (idm.home / "keys" / "events.token").read_text()
    status, answer = get(f"{url}/events", [data.hire_event("posted"), data.hire_event("wrong", unit="x")], token)
    assert (status, [item["outcome"] for item in answer["items"]]) == (207, ["created", "refused"])
    assert [row["id"] for row in idm.json("case", "list")["items"]] == [answer["items"][0]["case"]]

    second = idm.process("serve", "--port", "0", "--json", code=6).document
    assert second["error"]["code"] == "conflict" and second["error"]["next"]
    port = url.rpartition(":")[2]
    taken = idm.process("serve", "--port", port, "--json", code=7).document["error"]
    assert taken["message"] == f"127.0.0.1 port {port} can't be listened on: {os.strerror(98)}."
    assert get(f"{url}/healthz")[0] == 200

    process.terminate()
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0
    assert said == f"idm listens on {url} (process {process.pid}). Ctrl-C stops it.\n"
    assert not (idm.home / "server.json").exists()


def test_a_server_killed_leaves_nothing_in_the_way_of_the_next(idm: CommandLine, server: tuple[subprocess.Popen[str], str]) -> None:
    server[0].kill()
    server[0].wait()
    next_one = begin(idm, "serve", "--port", "0", "--json")
    assert next_one.stdout is not None
    assert json.loads(next_one.stdout.readline())["pid"] == next_one.pid
    next_one.send_signal(signal.SIGINT)
    next_one.communicate(timeout=60)
    assert next_one.returncode == 0


@pytest.mark.parametrize("address", ["amqp://guest@127.0.0.1:1//", "nonsense://x", "nonsense"])
def test_a_worker_without_a_broker_says_so(idm: CommandLine, address: str) -> None:
    """And so does the doctor, and a server starts neither."""
    error = idm.process("worker", "--json", code=7, IDM_BROKER_URL=address).document["error"]
    assert "broker" in error["message"] and error["next"]
    checks = idm.process("doctor", "--json", code=8, IDM_BROKER_URL=address).items
    [broker] = [check for check in checks if check["name"] == "broker"]
    assert not broker["ok"] and broker["next"]


def test_a_worker_asks_for_lanes_that_exist(idm: CommandLine, rabbitmq_url: str) -> None:
    error = idm.process("worker", "--lanes", "ldap,nonsense", "--json", code=2, IDM_BROKER_URL=rabbitmq_url).document["error"]
    assert "nonsense" in error["message"] and "payroll" in error["next"]


def test_a_worker_works_on_its_lanes_until_told_to_stop(idm: CommandLine, postgres_url: str, rabbitmq_url: str) -> None:
    settings = {"IDM_DATABASE_URL": postgres_url, "IDM_BROKER_URL": rabbitmq_url}
    CommandLine(idm.home, **settings).run("init", "--test")
    process = begin(idm, "worker", "--lanes", "ldap,erp", "--json", **settings)
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["lanes"] == ["ldap", "erp"]
    process.terminate()
    process.communicate(timeout=60)
    assert process.returncode == 0
