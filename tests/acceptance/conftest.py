"""A whole installation for a test, on each of the two stacks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.stack import Stack

MakeStack = Callable[..., Stack]


@pytest.fixture(params=["embedded", "distributed"])
def make_stack(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeStack]:
    """Makes installations on the stack of this round, not opened yet; closes them all."""
    made: list[Stack] = []

    def make(**settings: Any) -> Stack:
        if request.param == "distributed":
            settings |= {"database_url": request.getfixturevalue("postgres_url"), "broker_url": request.getfixturevalue("rabbitmq_url")}
        made.append(Stack(tmp_path / str(len(made)), **settings))
        return made[-1]

    # Asked for here, so that they end after what uses them.
    if request.param == "distributed":
        request.getfixturevalue("postgres_url")
        request.getfixturevalue("rabbitmq_url")
    yield make
    for stack in made:
        stack.close()


@pytest.fixture
def stack(make_stack: MakeStack) -> Stack:
    """An installation that runs."""
    stack = make_stack().open()
    stack.start()
    return stack
