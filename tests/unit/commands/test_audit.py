from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import pytest

import cli


def ask(*arguments: str, code: int = 0) -> Any:
    """What a command prints with --json, after it ended with `code`."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        left = cli.run([*arguments, "--json"])
    assert left == code, out.getvalue() + err.getvalue()
    return json.loads(out.getvalue())


def test_a_stream_in_which_nothing_happened_yet_is_empty_and_not_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDM_HOME", str(tmp_path / "home"))
    ask("init", "--test")
    for stream in ("delegations", "organisation", "payroll", "notices", "clock"):
        assert ask("audit", "list", stream)["items"] == []
        assert ask("audit", "verify", stream)["ok"]
    assert ask("audit", "list", "c-nope", code=4)["error"]["code"] == "not-found"
