"""What the tests keep to."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.architecture.project import ROOT, modules_of_tests, short

UNIT = ROOT / "tests" / "unit"
REVIEW = UNIT / "review"
"""Tests of what goes wrong between modules: each is named after its subject."""
MAY_SLEEP = {"tests/waiting.py"}


def what_it_tests(test: Path) -> list[Path]:
    """Where the module that `test` is named after may be: `test_vault_keys_age.py` is about vault_keys_age, vault_keys or vault."""
    folder = test.parent.relative_to(UNIT)
    # Connectors and the command line lie beside idm/, not in it.
    homes = [ROOT / "idm" / folder, ROOT / folder]
    words = test.stem.removeprefix("test_").split("_")
    names = ["_".join(words[:count]) for count in range(len(words), 0, -1)]
    return [home / name for home in homes for name in names]


def test_every_unit_test_has_the_module_it_is_named_after() -> None:
    orphans = [
        short(test)
        for test in UNIT.rglob("test_*.py")
        if test.parent != REVIEW
        and not any(place.with_suffix(".py").is_file() or (place / "__init__.py").is_file() for place in what_it_tests(test))
    ]
    assert orphans == []


def sleeps(source: str) -> list[int]:
    """The lines where `source` calls `time.sleep`, under whatever name it was imported."""
    tree = ast.parse(source)
    names = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "time"
        for alias in node.names
        if alias.name == "sleep"
    }
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and (
            (isinstance(node.func, ast.Name) and node.func.id in names)
            or (isinstance(node.func, ast.Attribute) and node.func.attr == "sleep" and ast.unparse(node.func.value) == "time")
        )
    ]


def test_no_test_sleeps() -> None:
    found = [(short(path), line) for path in modules_of_tests() if short(path) not in MAY_SLEEP for line in sleeps(path.read_text())]
    assert found == [], "wait for what you wait for: tests.waiting.wait_until"


@pytest.mark.parametrize(
    "source", ["import time\ntime.sleep(1)", "from time import sleep\n\nsleep(1)", "from time import sleep as nap\nnap(1)"]
)
def test_a_sleeping_test_would_be_found(source: str) -> None:
    assert len(sleeps(source)) == 1
