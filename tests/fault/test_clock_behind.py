"""Two processes whose clocks disagree: what one has seen come, the other must not take for the future."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from idm.flow.drain import drain
from idm.flow.sweep import fire_timers
from idm.ports import Clock
from tests import data
from tests.acceptance import people
from tests.acceptance.stack import Stack


@dataclass
class Behind:
    """A clock that is an hour late."""

    clock: Clock

    def now(self) -> datetime:
        return self.clock.now() - timedelta(hours=1)

    def today(self) -> date:
        return self.now().date()

    def machine(self) -> datetime:
        return self.clock.machine()


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    stack = Stack(tmp_path)
    try:
        yield stack.open()
    finally:
        stack.close()


def test_an_account_opens_though_the_worker_is_late(stack: Stack) -> None:
    people.stand_in(stack.app)
    case = stack.take_here([data.hire_event("late")])[0]
    people.everything(stack.app, case)
    drain(stack.app)
    stack.move_clock(datetime(2027, 1, 3, 23, 10, tzinfo=UTC))
    assert fire_timers(stack.app) == 1
    drain(replace(stack.app, clock=Behind(stack.app.clock), owner="late"))
    assert stack.states(case)["open_account"] == "done"
    assert [item["state"] for item in stack.targets(case)["ldap"]] == ["enabled"]
