"""A skipped test is told with its reason, and fails a run that could have installed what it lacked."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests import skips


def skipped(reason: str) -> pytest.TestReport:
    return pytest.TestReport("tests/x.py::y", ("tests/x.py", 1, "y"), {}, "skipped", ("tests/x.py", 1, f"Skipped: {reason}"), "setup")


def test_the_same_reason_is_told_once_with_its_count() -> None:
    reports = [skipped("no broker"), skipped("no directory"), skipped("no broker")]
    assert skips.reasons(reports) == ["2 tests skipped: no broker", "1 test skipped: no directory"]


def test_what_was_skipped_is_remembered_over_several_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(skips, "RECORD", tmp_path / "made" / "skipped.txt")
    skips.remember([])
    assert not skips.RECORD.exists()
    skips.remember(["first"])
    skips.remember(["second"])
    assert skips.RECORD.read_text() == "first\nsecond\n"


@pytest.mark.parametrize(
    ("ci", "user", "strict"), [("true", 0, Path("/etc/debian_version").exists()), ("true", 1000, False), ("", 0, False)]
)
def test_only_a_machine_that_can_install_everything_must_run_everything(
    ci: str, user: int, strict: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(os, "getuid", lambda: user)
    assert skips.must_run_everything() is strict
