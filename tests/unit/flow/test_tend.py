from __future__ import annotations

from datetime import date

from idm.domain.notices import DIGEST
from idm.flow.tend import tend
from tests import data
from tests.support.world import World
from tests.unit.flow.test_sending import mails
from tests.unit.flow.test_stranded import leave, manager


def test_a_sweep_does_all_that_is_due_and_then_nothing(world: World) -> None:
    case = world.hire()
    world.clock.set_day(date(2026, 12, 11))
    assert tend(world.app) == 3, "the invitation, and digests for the manager and the one above"
    assert world.actions(case)[-1] == "escalated"
    before = world.case(case).version
    assert tend(world.app) == tend(world.another_worker()) == 0
    assert world.case(case).version == before


def test_what_was_escalated_this_morning_stands_in_this_mornings_digest(world: World) -> None:
    world.hire()
    world.clock.set_day(date(2026, 12, 11))
    tend(world.app)
    assert any("context_json.escalated" in mail for mail in mails(world, DIGEST))


def test_at_night_nothing_is_reminded_of_escalated_or_sent(world: World) -> None:
    case = world.hire()
    world.clock.set_day(date(2026, 12, 11), 23)
    assert tend(world.app) == 0
    assert world.actions(case) == ["hire-taken"]
    assert not mails(world)


def test_what_changes_in_the_organisation_is_seen_at_once(world: World) -> None:
    case = world.hire(unit="care")
    tend(world.app)
    manager(world, "town", "")
    tend(world.app)
    assert world.actions(case)[-1] == "stranded"


def test_what_changes_in_no_record_is_seen_within_a_minute(world: World) -> None:
    case = world.hire()
    world.appoint(case)
    tend(world.app)
    leave(world, data.IT)
    tend(world.app)
    assert "stranded" not in world.actions(case)
    world.app.cache.clear()  # as if the minute had gone
    tend(world.app)
    assert world.actions(case)[-1] == "stranded"
