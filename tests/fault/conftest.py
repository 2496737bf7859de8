"""One installation per database for all fault tests: every test hires somebody else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from idm.flow.drain import drain
from tests import data
from tests.acceptance import people
from tests.acceptance.outcome import outcome
from tests.acceptance.stack import Stack

KIND = "contract"
"""The only document that a hire hands in here."""


def one_document(documents: dict[str, Any]) -> None:
    """Ask for one kind of document only: the others, which payroll's tables name, are asked of directors."""
    for kind, rule in documents["documents"].items():
        if kind != KIND:
            rule.pop("when", None)
            rule["positions"] = ["director"]


def begun(stack: Stack, name: str) -> str:
    """A hire from today on, for which people have done everything and systems nothing."""
    case = stack.take_here([event(stack, name)])[0]
    people.everything(stack.app, case, [KIND])
    return case


def event(stack: Stack, name: str) -> dict[str, Any]:
    """The event of a hire that begins today."""
    return data.hire_event(name, start=stack.app.clock.today().isoformat())


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def bench(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """An installation on each database, with the in-memory broker."""
    postgres = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    url = postgres.new_database() if postgres is not None else ""
    stack = Stack(tmp_path_factory.mktemp(request.param), database_url=url)
    stack.change_policy("documents.yaml", one_document)
    try:
        people.stand_in(stack.open().app)
        yield stack
    finally:
        stack.close()
        if postgres is not None:
            postgres.drop_database(url)


@pytest.fixture(scope="module")
def reference(bench: Stack) -> dict[str, Any]:
    """What comes of a hire when nothing goes wrong."""
    case = begun(bench, "reference")
    drain(bench.app)
    found = outcome(bench, case)
    assert set(found["steps"].values()) == {"done"}
    assert found["mails"] == 1
    return found
