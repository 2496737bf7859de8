"""One event of a departure, delivered to two workers at the same moment: one does it, and the other is told of it."""

from __future__ import annotations

import json

import pytest

from idm.rows import EventRow
from idm.taking import take_batch
from tests import data
from tests.support.world import World

CANCELLED = {"id": "h1-over", "type": "dk.idm.hire.cancelled", "data": {"reason": "took another position"}}


def test_an_event_that_another_took_since_the_look_is_a_replay(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    case = world.hire("h1")
    event = json.dumps({"specversion": "1.0", "source": data.hire_event("h1")["source"], "subject": "h1", **CANCELLED})
    look = world.store.event
    others: list[str] = []

    def looked(source: str, id: str) -> EventRow | None:
        found = look(source, id)
        if id == CANCELLED["id"] and not others:
            others.append("takes it now")
            others[0] = take_batch(world.app, event)[0].outcome
        return found

    monkeypatch.setattr(world.store, "event", looked)
    (receipt,) = take_batch(world.app, event)

    assert (others, receipt.outcome, receipt.case) == (["created"], "replayed", case)
