"""A script run apart gets what it is given and nothing of the environment that it needn't see, and ends in time."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from idm import apart
from idm.apart import NotRun, run_apart

SCRIPT = """
import os, sys, time
if sys.argv[1:] == ["sleep"]:
    time.sleep(60)
print(sys.stdin.read(), sys.argv[1:], sorted(os.environ), sys.path[0] == os.path.dirname(__file__), sep="|")
sys.exit(7)
"""


@pytest.fixture(autouse=True)
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "asked.py").write_text(SCRIPT, encoding="utf-8")
    monkeypatch.setattr(apart, "__file__", str(tmp_path / "apart.py"))


def test_bytes_and_arguments_reach_it_and_how_it_ended_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDM_SECRET", "x")
    monkeypatch.setenv("LANG", "C.UTF-8")
    ran = run_apart("asked.py", "a", "b", source=b"content", seconds=30)
    content, arguments, environment, sees_its_neighbours = ran.stdout.decode().strip().split("|")
    assert (ran.returncode, content, arguments, sees_its_neighbours) == (7, "content", "['a', 'b']", "False")
    assert "'LANG'" in environment
    assert "IDM_SECRET" not in environment


def test_a_file_is_handed_over_as_it_lies(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"from the file")
    descriptor = os.open(tmp_path / "file", os.O_RDONLY)
    try:
        assert run_apart("asked.py", source=descriptor, seconds=30).stdout.startswith(b"from the file|")
    finally:
        os.close(descriptor)


def test_one_that_does_not_end_in_time_has_not_run() -> None:
    with pytest.raises(NotRun, match=r"asked\.py"):
        run_apart("asked.py", "sleep", source=b"", seconds=0.2)
