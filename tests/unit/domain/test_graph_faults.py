"""Faults of a journey's graph, with restricted needs counted as the steps that they name."""

from __future__ import annotations

from idm.domain.graph_faults import bare, graph_faults
from idm.domain.journey import Actor, Journey, Source, StepDef, TaskKind
from tests.support.cases import HIRE, automatic, human


def rules(*steps: StepDef) -> list[tuple[str, str]]:
    journey = Journey("j", "e", steps, Source("journeys/j.yaml", 1, "x"))
    return [(fault.rule, fault.message) for fault in graph_faults(journey)]


def test_a_sound_journey_has_none() -> None:
    assert graph_faults(HIRE) == []


def test_a_restriction_is_no_part_of_the_step() -> None:
    assert bare(("review@pay", "form")) == ("review", "form")


def test_an_unknown_step_behind_a_restriction_is_found() -> None:
    found = rules(automatic("record", "payroll", "revew@pay"))

    assert [rule for rule, _ in found] == ["unknown-step"]
    assert "'revew'" in found[0][1]


def test_returns_lead_back_to_a_need() -> None:
    nowhere = human("review", TaskKind.REVIEW, Actor.PAY, returns_to="document")
    unneeded = (human("a", TaskKind.RIGHTS, Actor.IT), human("review", TaskKind.REVIEW, Actor.PAY, returns_to="a"))

    assert [rule for rule, _ in rules(nowhere)] == ["unknown-step"]
    assert [rule for rule, _ in rules(*unneeded)] == ["return"]


def test_a_cycle_is_told_the_shortest_way_and_what_hangs_on_it_too() -> None:
    found = rules(automatic("a", "x", "b@pay"), automatic("b", "x", "c"), automatic("c", "x", "a"), automatic("d", "x", "c"))

    assert [rule for rule, _ in found] == ["cycle", "cycle", "cycle", "unreachable"]
    assert "a -> b -> c -> a" in found[0][1]
