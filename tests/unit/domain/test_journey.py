from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idm.domain.graph_faults import graph_faults
from idm.domain.journey import Actor, Journey, Paper, Source, StepDef, StepKind, TaskKind, expand, in_order, undo_id

CONTRACT, PHOTO = Paper("contract", Actor.PAY), Paper("photo", Actor.IT)


def human(
    id_: str,
    *needs: str,
    task: TaskKind = TaskKind.FORM,
    actor: Actor = Actor.PAY,
    line: int = 0,
    approves: tuple[str, ...] = (),
    for_each: str = "",
    returns_to: str = "",
) -> StepDef:
    source = Source("journeys/hire.yaml", line)
    return StepDef(
        id_, StepKind.HUMAN, needs, task=task, actor=actor, approves=approves, for_each=for_each, returns_to=returns_to, source=source
    )


def automatic(id_: str, *needs: str, system: str = "ldap", lane: str = "") -> StepDef:
    return StepDef(id_, StepKind.AUTOMATIC, needs, system=system, resources=("account",), lane=lane)


APPOINT = human("appoint", task=TaskKind.APPOINT, actor=Actor.MANAGER, approves=("hire",))
DOCUMENT = human("document", "appoint", task=TaskKind.DOCUMENT, actor=Actor.HIRE, for_each="document")
REVIEW = human(
    "review", "document", task=TaskKind.REVIEW, actor=Actor.REVIEWER, for_each="document", returns_to="document", approves=("documents",)
)
FORM = human("form", "review", approves=("payroll",))
RECORD = automatic("record", "form", "review", system="payroll", lane="slow")
HIRE = Journey("hire", "dk.idm.hire", (APPOINT, DOCUMENT, REVIEW, FORM, RECORD), Source("journeys/hire.yaml", 1, "abc"))


def test_the_hash_of_a_journey_is_that_of_its_file() -> None:
    assert HIRE.hash == "abc"


def test_makes_a_step_for_each_document_with_the_reviewer_of_its_kind() -> None:
    graph = expand(HIRE, (CONTRACT, PHOTO))

    assert list(graph.steps) == ["appoint", "document-contract", "document-photo", "review-contract", "review-photo", "form", "record"]
    photo = graph["review-photo"]
    assert (photo.document, photo.actor, photo.needs, photo.returns_to) == ("photo", Actor.IT, ("document-photo",), "document-photo")
    assert graph["review-contract"].actor is Actor.PAY
    assert graph["document-photo"].actor is Actor.HIRE
    assert graph["document-photo"].needs == ("appoint",)


def test_a_step_after_the_documents_waits_for_all_of_them() -> None:
    graph = expand(HIRE, (CONTRACT, PHOTO))

    assert graph["form"].needs == ("review-contract", "review-photo")
    assert graph.followers["review-photo"] == ("form", "record")
    assert graph.followers["record"] == ()
    assert graph.approving("documents") == ("review-contract", "review-photo")
    assert graph.approving("rights") is None


def test_without_documents_the_steps_after_them_still_wait_for_those_before() -> None:
    graph = expand(HIRE, ())

    assert list(graph.steps) == ["appoint", "form", "record"]
    assert graph["form"].needs == ("appoint",)
    assert graph["record"].needs == ("form", "appoint")


def test_a_lane_is_the_systems_name_unless_another_is_declared() -> None:
    graph = expand(Journey("x", "x.y", (automatic("a"), automatic("b", system="payroll", lane="slow"))), (), ("ldap", "payroll", "erp"))

    assert {step.id: step.lane for step in graph} == {
        "a": "ldap",
        "b": "slow",
        "undo-ldap": "ldap",
        "undo-payroll": "slow",
        "undo-erp": "erp",
    }


def test_undo_steps_wait_for_nothing() -> None:
    graph = expand(HIRE, (CONTRACT,), ("payroll",))
    undo = graph[undo_id("payroll")]

    assert (undo.kind, undo.system, undo.needs) == (StepKind.AUTOMATIC, "payroll", ())
    with pytest.raises(KeyError):
        graph[undo_id("ldap")]


def test_a_sound_journey_has_no_faults() -> None:
    assert graph_faults(HIRE) == []


def faults_of(*steps: StepDef) -> list[tuple[str, str]]:
    return [(fault.path, fault.rule) for fault in graph_faults(Journey("x", "x.y", steps))]


def test_names_the_steps_on_a_cycle_and_those_behind_it() -> None:
    a, b, c = human("a", "c", line=1), human("b", "a", line=2), human("c", "b", line=3)
    behind, beside = human("behind", "b", line=4), human("beside", line=5)
    found = graph_faults(Journey("x", "x.y", (a, b, c, behind, beside)))

    assert [(fault.path.rpartition(":")[2], fault.rule) for fault in found] == [
        ("1", "cycle"),
        ("2", "cycle"),
        ("3", "cycle"),
        ("4", "unreachable"),
    ]
    assert "a -> c -> b -> a" in found[0].message
    assert faults_of(human("self", "self", line=7)) == [("journeys/hire.yaml:7", "cycle")]


def test_names_what_is_not_declared_before_anything_else() -> None:
    assert faults_of(human("a", "gone", line=2)) == [("journeys/hire.yaml:2", "unknown-step")]
    assert faults_of(human("a", line=2, returns_to="gone")) == [("journeys/hire.yaml:2", "unknown-step")]
    assert faults_of(human("a", line=1), human("b", line=2, returns_to="a")) == [("journeys/hire.yaml:2", "return")]


@st.composite
def journeys(draw: st.DrawFn) -> Journey:
    """Journeys without cycles, some of whose human steps are per document."""
    count = draw(st.integers(1, 8))
    steps = []
    for number in range(count):
        needs = tuple(f"s{earlier}" for earlier in range(number) if draw(st.booleans()))
        per_document = draw(st.booleans())
        steps.append(human(f"s{number}", *needs, for_each="document" if per_document else ""))
    return Journey("any", "x.y", tuple(draw(st.permutations(steps))))


@given(journey=journeys(), documents=st.sampled_from([(), (CONTRACT,), (CONTRACT, PHOTO)]))
def test_every_graph_is_whole_and_in_order(journey: Journey, documents: tuple[Paper, ...]) -> None:
    graph = expand(journey, documents)
    seen: set[str] = set()
    for step in graph:
        assert set(step.needs) <= seen
        assert len(set(step.needs)) == len(step.needs)
        seen.add(step.id)

    wanted = sum(len(documents) if step.for_each else 1 for step in journey.steps)
    assert len(graph.steps) == wanted
    assert {(need, step.id) for step in graph for need in step.needs} == {
        (id_, after) for id_, all_ in graph.followers.items() for after in all_
    }


@given(journey=journeys())
def test_without_documents_nothing_begins_earlier(journey: Journey) -> None:
    """Whatever came before a step, by way of documents or not, still does."""

    def before(steps: dict[str, tuple[str, ...]], id_: str) -> set[str]:
        return {id_} | {found for need in steps[id_] for found in before(steps, need)}

    declared = {step.id: step.needs for step in journey.steps}
    plain = {step.id for step in journey.steps if not step.for_each}
    graph = {step.id: step.needs for step in expand(journey, ())}

    assert set(graph) == plain
    assert all(before(graph, id_) == before(declared, id_) & plain for id_ in plain)


def test_steps_on_a_cycle_are_left_out_of_the_order() -> None:
    assert [step.id for step in in_order([human("b", "a"), human("a"), human("c", "d"), human("d", "c")])] == ["a", "b"]
