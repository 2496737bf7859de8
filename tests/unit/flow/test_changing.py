from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from idm.domain.case import Case
from idm.domain.journey import Graph
from idm.errors import Conflict, IdmError, NotFound
from idm.flow.changing import Note, change
from idm.flow.graphs import journey_of, load
from tests.support.world import World


def test_a_change_that_changes_nothing_writes_nothing(world: World) -> None:
    case = world.hire()
    before = world.case(case)
    assert change(world.app, case, lambda case, graph, now: None) == before
    assert world.case(case) == before


def test_a_change_is_asked_again_with_the_newer_case_when_one_slips_in(world: World) -> None:
    case = world.hire()
    seen: list[int] = []

    def mutate(before: Case, graph: Graph, now: datetime) -> tuple[Case, Note]:
        seen.append(before.version)
        if len(seen) < 3:
            world.sql("update cases set version = version + 1")
        return before, Note("boss", "touched", {})

    assert change(world.app, case, mutate).version == 4
    assert seen == [1, 2, 3]
    assert world.actions(case) == ["hire-taken", "touched"]


def test_a_case_that_never_stands_still_is_a_conflict_and_nothing_is_done(world: World) -> None:
    case = world.hire()
    written: list[int] = []

    def mutate(before: Case, graph: Graph, now: datetime) -> tuple[Case, Note]:
        world.sql("update cases set version = version + 1")
        return before, Note("boss", "touched", {})

    with pytest.raises(Conflict, match="keeps changing"):
        change(world.app, case, mutate, lambda writer, after: written.append(after.version))
    assert written == []
    assert world.actions(case) == ["hire-taken"]


def test_what_is_written_along_goes_with_the_change_or_not_at_all(world: World) -> None:
    case = world.hire()

    def fails(writer: object, after: Case) -> None:
        raise RuntimeError("the second half can't be written")

    with pytest.raises(RuntimeError):
        change(world.app, case, lambda case, graph, now: (case, Note("boss", "touched", {})), fails)
    assert world.case(case).version == 1
    assert world.actions(case) == ["hire-taken"]


def test_a_case_goes_on_with_the_journey_it_pinned_also_in_a_new_process(world: World) -> None:
    case = world.hire()
    before = journey_of(world.app, world.case(case))
    hire = world.policies.current().journeys["hire"]
    world.policies.edit(journeys={"hire": replace(hire, steps=hire.steps[:1], source=replace(hire.source, hash="newer"))})
    fresh = world.another_worker()

    assert [step.id for step in journey_of(fresh, world.case(case)).steps] == [step.id for step in before.steps]
    assert journey_of(fresh, world.case(case)) is journey_of(fresh, world.case(case))
    other = world.case(world.hire("h2"))
    assert set(other.steps) == {"appoint"}
    world.policies.edit(journeys={})
    assert len(journey_of(world.another_worker(), world.case(case)).steps) == len(before.steps)


def test_a_journey_that_is_nowhere_any_more_is_said_in_words(world: World) -> None:
    case = world.hire()
    world.sql("delete from policies")
    world.policies.edit(journeys={})
    with pytest.raises(IdmError, match="pinned isn't in the database") as fault:
        journey_of(world.another_worker(), world.case(case))
    assert "back-up" in fault.value.next_step


def test_an_unknown_case_is_not_found(world: World) -> None:
    with pytest.raises(NotFound, match="no case 'x'"):
        load(world.app, "x")


def test_a_change_leaves_alone_the_run_of_a_lane_that_somebody_holds(world: World) -> None:
    case = world.hire()
    until = int(world.clock.machine().timestamp() + 60) * 1_000_000
    world.sql(
        "insert into runs (case_id, lane, state, epoch, owner, lease_until, priority)"
        " values (:case, 'ldap', 'claimed', 4, 'w', :until, '')",
        case=case,
        until=until,
    )
    world.appoint(case)
    runs = load(world.app, case).runs
    assert (runs["ldap"].state, runs["ldap"].epoch, runs["erp"].state) == ("claimed", 4, "ready")
