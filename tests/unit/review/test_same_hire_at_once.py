"""Two sources tell of one hire at the same moment: one case, and the other is told of it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from idm.domain.people import Employment
from idm.errors import Conflict
from tests import data
from tests.support.world import World


def test_the_same_hire_from_two_sources_at_once_is_one_case(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    cpr = data.hire_event("h1")["data"]["person"]["cpr"]
    first = world.hire("h1", unit="town_hall", position="case_worker")
    ask = world.store.employments

    def asked(person: str) -> Sequence[Employment]:
        found = ask(person)
        monkeypatch.undo()
        world.take("h2", cpr=cpr)
        return found

    monkeypatch.setattr(world.store, "employments", asked)
    with pytest.raises(Conflict, match="already"):
        world.take("h3", cpr=cpr)
    assert len(world.store.list_cases(person=world.case(first).person)) == 2
