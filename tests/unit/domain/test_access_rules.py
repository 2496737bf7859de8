"""Every relation x act x state x paper or task, against a table written by hand; and what must hold whatever the table says."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idm.domain.access_rules import BY_ACTOR, RULES, Act, Relation, Rule, Span, ever, may
from idm.domain.case import CaseState
from idm.domain.journey import Actor, Paper

WRITTEN = """
                  hire in_charge manager pay it  control decided starter payroll_staff auditor admin
see_checklist     K    .         .       .   .   .       .       .       .             .       A
see_receipt       A    .         .       .   .   .       .       .       .             .       A
see_case          .    .         A       A   A   A       A       .       .             A       A
see_story         .    .         A       A   .   .       .       .       .             A       A
see_comments      K    A         .       A   A   .       .       .       .             .       A
write_comment     K    A         .       A   A   .       .       .       .             .       A
see_document_list mK   .         A       A   mA  mA      .       .       .             A       A
read_document     mK   mK        .       mK  mK  mK      .       .       .             .       A
add_document      mK   mK        .       mK  mK  mK      .       .       .             .       K
see_personal      K    .         .       K   .   .       .       .       .             .       A
see_pay           .    .         .       K   .   K       .       .       .             .       A
see_rights        .    .         A       .   A   .       .       .       .             A       A
see_task          mK   mA        .       mA  mA  mA      A       .       .             A       A
do_task           mK   mK        .       mK  mK  mK      .       .       .             .       K
receive_order     .    A         .       .   A   .       .       .       .             .       A
appoint           .    .         K       .   .   .       .       .       .             .       K
invite            .    L         .       L   .   .       .       .       .             .       L
move_hire         .    K         .       .   .   .       .       .       .             .       K
cancel_hire       .    K         .       .   .   .       .       .       .             .       K
start_hire        .    .         .       .   .   .       .       H       .             .       H
delegate          .    .         H       .   .   .       .       .       .             .       H
see_overview      .    .         H       .   .   .       .       .       .             H       H
see_powers        .    .         H       .   .   .       .       .       .             H       H
keep_tables       .    .         .       .   .   .       .       .       H             .       H
see_all           .    .         .       .   .   .       .       .       .             H       H
"""
"""L: while it runs; K: kept unless it was cancelled; A: always; H: no case is asked for; m before it: only of what is theirs."""

STATES = (*CaseState, None)
COVERED = {
    "L": {CaseState.RUNNING, CaseState.WAITING},
    "K": {CaseState.RUNNING, CaseState.WAITING, CaseState.COMPLETED},
    "A": set(CaseState),
    "H": {*CaseState, None},
    ".": set(),
}
WORKERS = (Actor.HIRE, Actor.MANAGER, Actor.PAY, Actor.IT, Actor.CONTROL)
DOES = {"hire": Actor.HIRE, "in_charge": Actor.MANAGER, "pay": Actor.PAY, "it": Actor.IT, "control": Actor.CONTROL}
PAPERS = (None, *(Paper("contract", reviewer, provider=provider) for reviewer, provider in product(WORKERS, WORKERS)))
ACTORS = (None, *WORKERS)


def written() -> Iterator[tuple[Act, Relation, str]]:
    head, *rows = WRITTEN.strip().splitlines()
    for row in rows:
        act, *cells = row.split()
        yield from ((Act(act), Relation(name), cell) for name, cell in zip(head.split(), cells, strict=True))


def theirs(act: Act, relation: Relation, paper: Paper | None, actor: Actor | None) -> bool:
    """Worked out as the page tells it, not as the code does."""
    me = DOES.get(relation.value)
    if act in (Act.SEE_TASK, Act.DO_TASK):
        return me is not None and actor is me
    if act is Act.ADD_DOCUMENT:
        return paper is not None and paper.provider is me
    if act is Act.SEE_DOCUMENT_LIST and paper is None:
        return True
    return paper is not None and me in (paper.provider, paper.reviewer)


@pytest.mark.parametrize(("act", "relation", "cell"), list(written()), ids=str)
def test_one_relation_may_what_the_table_says_and_nothing_else(act: Act, relation: Relation, cell: str) -> None:
    for state, paper, actor in product(STATES, PAPERS, ACTORS):
        expected = state in COVERED[cell[-1]] and (not cell.startswith("m") or theirs(act, relation, paper, actor))
        assert may([relation], act, state, document=paper, actor=actor) is expected, (state, paper, actor)


def test_the_table_leaves_out_no_relation_and_no_act() -> None:
    assert {(act, relation) for act, relation, _ in written()} == set(product(Act, Relation))
    assert set(RULES) == set(Act)


relations = st.frozensets(st.sampled_from(Relation))
questions = st.tuples(st.sampled_from(Act), st.sampled_from(STATES), st.sampled_from(PAPERS), st.sampled_from(ACTORS))


@given(questions)
def test_who_has_no_relation_may_nothing(question: tuple[Act, CaseState | None, Paper | None, Actor | None]) -> None:
    act, state, paper, actor = question
    assert not may((), act, state, document=paper, actor=actor)


@given(relations, relations, questions)
def test_a_further_relation_never_takes_a_right_away(
    some: frozenset[Relation], more: frozenset[Relation], question: tuple[Act, CaseState | None, Paper | None, Actor | None]
) -> None:
    act, state, paper, actor = question
    if may(some, act, state, document=paper, actor=actor):
        assert may(some | more, act, state, document=paper, actor=actor)


@given(relations, questions)
def test_what_several_relations_may_one_of_them_may(
    some: frozenset[Relation], question: tuple[Act, CaseState | None, Paper | None, Actor | None]
) -> None:
    act, state, paper, actor = question
    alone = any(may([each], act, state, document=paper, actor=actor) for each in some)
    assert may(some, act, state, document=paper, actor=actor) is alone


def test_of_a_cancelled_hire_the_person_hired_keeps_the_receipt_only() -> None:
    left = {
        act
        for act, paper, actor in product(Act, PAPERS, ACTORS)
        if may([Relation.HIRE], act, CaseState.CANCELLED, document=paper, actor=actor)
    }
    assert left == {Act.SEE_RECEIPT}


def test_the_person_hired_never_sees_the_page_of_staff_or_decides() -> None:
    shut = {Act.SEE_CASE, Act.SEE_STORY, Act.SEE_PAY, Act.SEE_RIGHTS, Act.MOVE_HIRE, Act.CANCEL_HIRE, Act.INVITE, Act.APPOINT}
    assert not {act for act in shut if ever([Relation.HIRE], act)}


@pytest.mark.parametrize("relation", [Relation.MANAGER, Relation.IT, Relation.DECIDED, Relation.AUDITOR, Relation.PAYROLL_STAFF])
def test_pay_and_private_data_are_shut_to_who_needs_neither(relation: Relation) -> None:
    assert not ever([relation], Act.SEE_PAY)
    assert not ever([relation], Act.SEE_PERSONAL)


def test_nobody_but_its_provider_and_reviewer_reads_a_paper() -> None:
    for paper in PAPERS[1:]:
        assert paper is not None
        readers = {each for each in Relation if ever([each], Act.READ_DOCUMENT, document=paper)}
        assert readers == {BY_ACTOR[paper.provider], BY_ACTOR[paper.reviewer], Relation.ADMIN}


def test_an_act_of_a_case_is_nobodys_where_no_case_is_meant() -> None:
    about_the_house = {act for act, row in RULES.items() if Rule(Span.HOUSE) in row.values()}
    for act in set(Act) - about_the_house:
        assert not may(list(Relation), act, None, document=PAPERS[1], actor=Actor.PAY)
    assert {act for act in Act if may([Relation.ADMIN], act)} == about_the_house


def test_a_span_covers_no_less_than_a_shorter_one() -> None:
    reach = [{state for state in STATES if span.covers(state)} for span in (Span.LIVE, Span.KEPT, Span.ALWAYS, Span.HOUSE)]
    assert all(shorter < longer for shorter, longer in pairwise(reach))
