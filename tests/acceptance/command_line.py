"""The command line as tests use it: in a process of its own, or in this one where only the answer matters."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cli
from idm.settings import read_settings
from tests import data
from tests.support.business_time import begin

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Done:
    """How a command ended: exit code, standard output, standard error."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """The one JSON document on standard output."""
        found: dict[str, Any] = json.loads(self.out)
        assert found["schema"] == 1
        return found

    @property
    def items(self) -> list[dict[str, Any]]:
        """The list that the document holds."""
        found: list[dict[str, Any]] = self.document["items"]
        return found


class CommandLine:
    """The command `idm` on the installation in `home`, with `variables` in its environment."""

    def __init__(self, home: Path, **variables: str) -> None:
        self.home = home
        self.variables = {"IDM_HOME": str(home), **variables}

    def environment(self, **more: str) -> dict[str, str]:
        """The environment of a process of ours."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("IDM_")}
        return {**kept, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **self.variables, **more}

    def process(self, *arguments: str, stdin: bytes = b"", code: int | None = 0, **variables: str) -> Done:
        """Run a command in a process of its own; it must end with `code`, unless that is None."""
        done = subprocess.run(
            [sys.executable, "-m", "cli", *arguments],
            input=stdin,
            capture_output=True,
            cwd=self.home.parent,
            env=self.environment(**variables),
            timeout=200,
        )
        return self._judged(arguments, Done(done.returncode, done.stdout.decode(), done.stderr.decode()), code)

    def run(self, *arguments: str, stdin: bytes = b"", code: int | None = 0, **variables: str) -> Done:
        """Run a command in this process, which is quicker; it must end with `code`, unless that is None."""
        out, err = io.StringIO(), io.StringIO()
        with _set({**self.variables, **variables}), _reading(stdin), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            ended = cli.run(list(arguments))
        return self._judged(arguments, Done(ended, out.getvalue(), err.getvalue()), code)

    @staticmethod
    def _judged(arguments: tuple[str, ...], done: Done, code: int | None) -> Done:
        assert "Traceback" not in done.out + done.err, done.err
        assert code is None or done.code == code, f"idm {' '.join(arguments)} ended with {done.code}:\n{done.out}{done.err}"
        return done

    def json(self, *arguments: str, stdin: bytes = b"", code: int | None = 0) -> dict[str, Any]:
        """Run a command with --json in this process, and answer its document."""
        return self.run(*arguments, "--json", stdin=stdin, code=code).document

    def answer(self, task: str, person: str, answer: object, code: int = 0) -> Done:
        """Do a task as a person."""
        return self.run("task", "do", task, "--as", person, "--input", "-", "--json", stdin=json.dumps(answer).encode(), code=code)

    def prepare(self, kind: str = "--test") -> None:
        """Make the installation, put its clock to where tests begin, and import the organisation."""
        self.run("init", kind)
        self.begin()
        self.run("org", "import", "-", stdin=json.dumps(data.organisation()).encode())

    def begin(self) -> None:
        """Let the business time of the new installation be the one at which tests begin, whatever day it is."""
        with _set(self.variables):
            begin(read_settings())

    def hire(self, *events: dict[str, Any], code: int = 0) -> dict[str, Any]:
        """Take hire events; the answer's document."""
        return self.json("hire", "-", stdin=json.dumps(list(events)).encode(), code=code)

    def new_case(self, id: str) -> str:
        """The case of a new hire."""
        case: str = self.hire(data.hire_event(id))["items"][0]["case"]
        return case


@contextlib.contextmanager
def _set(variables: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextlib.contextmanager
def _reading(content: bytes) -> Iterator[None]:
    before = sys.stdin
    sys.stdin = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8")
    try:
        yield
    finally:
        sys.stdin = before
