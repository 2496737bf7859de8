"""The Makefile explains itself, and the locks are whole, up to date and free of addresses."""

from __future__ import annotations

import re
import subprocess
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.project import ROOT

TARGETS = {"demo", "test", "run", "assets", "pictures", "lint", "bench", "bench-portal", "campaign", "lock", "clean", "help"}
LOCKS = ("run", "test")


def locked(name: str) -> dict[str, str]:
    """The packages that a lock names, with their versions."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    return {
        canonicalize_name(package): version for package, version in re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==([^\s;]+)", text, re.MULTILINE)
    }


def test_make_help_explains_every_target() -> None:
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert set(re.findall(r"^  make (\S+) +\S", shown, re.MULTILINE)) == TARGETS


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_hashes_and_no_address(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    entries = re.split(r"^(?=\w)", text, flags=re.MULTILINE)[1:]
    assert len(entries) == len(locked(name)) > 0
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert [line for line in text.splitlines() if "://" in line or line.startswith("--")] == []


def test_the_lock_satisfies_what_the_project_declares() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = [Requirement(line) for line in [*project["dependencies"], *project["optional-dependencies"]["postgres"]]]
    versions = locked("run")
    wrong = [
        str(need) for need in declared if not need.specifier.contains(versions.get(canonicalize_name(need.name), "0"), prereleases=True)
    ]
    assert wrong == [], "run `make lock`"


def test_both_locks_agree() -> None:
    run, test = locked("run"), locked("test")
    assert {name: (run[name], test[name]) for name in run.keys() & test.keys() if run[name] != test[name]} == {}
