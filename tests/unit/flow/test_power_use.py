from __future__ import annotations

from datetime import date

import pytest

from idm.domain.journey import Actor
from idm.errors import NotAllowed
from idm.flow.substitute import Absence, substitute
from idm.flow.tasks import open_tasks
from tests import data
from tests.support.world import World


def test_a_decision_by_a_substitute_says_so_and_the_one_substituted_sees_it(world: World) -> None:
    world.delegate("town")
    case = world.hire("h1")
    substitute(world.app, Absence(data.PAY, data.TEACHER, until=date(2026, 12, 1)), by=data.PAY)
    world.hand_in(case)
    world.accept(case, "contract", by=data.TEACHER)

    decided = world.case(case).approvals["review-contract"]
    assert (decided.by, decided.via, decided.place_of) == (data.TEACHER, "substitute", data.PAY)
    entry = world.store.audit(case)[-1]
    assert entry.payload is not None
    assert '"substitute_for":["pay_officer"]' in entry.payload.replace(" ", "")
    assert "substitute for pay_officer until 2026-12-01: pay contact of town" in entry.payload
    (seen,) = world.store.decisions(place_of=data.PAY)
    assert (seen.by, seen.action, seen.via, seen.case) == (data.TEACHER, "review-accept", "substitute", case)
    assert world.store.decisions(by=data.TEACHER) == [seen]
    (use,) = [use for use in world.store.last_uses() if use.authority == "pay"]
    assert (use.delegation, use.person, use.principal, use.via) == (decided.delegation, data.TEACHER, data.PAY, "substitute")


def test_the_one_substituted_may_still_act(world: World) -> None:
    world.delegate("town")
    case = world.hire("h1")
    substitute(world.app, Absence(data.PAY, data.TEACHER))
    world.hand_in(case)
    world.accept(case, "contract", by=data.PAY)
    assert world.case(case).approvals["review-contract"].via == ""
    assert world.store.decisions(place_of=data.PAY) == []


def test_both_find_the_task_in_their_lists(world: World) -> None:
    case = world.hire("h1")
    substitute(world.app, Absence(data.HEAD_NORTH, data.HEAD_SOUTH))
    for person in (data.HEAD_NORTH, data.HEAD_SOUTH):
        assert "appoint" in [row.step for row, _ in open_tasks(world.app, person=person)]
        assert "appoint" in [row.step for row, _ in open_tasks(world.app, person=person, case=case)]
    assert [row for row, _ in open_tasks(world.app, person=data.TEACHER)] == []


def test_nobody_decides_on_their_own_hire_and_is_told_who_may(world: World) -> None:
    case = world.hire("h1", cpr=data.cpr(2), position="nurse", unit="school_north")
    assert world.case(case).person == data.HEAD_NORTH
    substitute(world.app, Absence(data.HEAD_NORTH, data.TEACHER))
    with pytest.raises(NotAllowed, match="own hire") as refusal:
        world.appoint(case, by=data.HEAD_NORTH)
    assert refusal.value.next_step == f"It waits for {data.DIRECTOR}."
    with pytest.raises(NotAllowed, match=Actor.MANAGER.value):
        world.appoint(case, by=data.TEACHER)


def test_who_is_refused_hears_why(world: World) -> None:
    world.delegate("town")
    world.delegate("school_north", pay=data.TEACHER)
    case = world.hire("h1")
    world.hand_in(case)
    with pytest.raises(NotAllowed, match="others are nearer"):
        world.accept(case, "contract", by=data.PAY)
