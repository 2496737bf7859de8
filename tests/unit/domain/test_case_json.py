from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from idm.domain.case import Approval, Case, CaseState, Document, DocumentState, HireFacts, Step, StepState
from idm.domain.case_json import decode, encode, micros, moment
from idm.domain.four_eyes import FirstLook
from idm.domain.journey import Actor, Paper
from idm.domain.pauses import Pause

TEXT = st.text(max_size=8)
MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(2999, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - a bound, made aware by hypothesis
STEPS = st.builds(Step, st.sampled_from(StepState), MOMENTS, st.integers(0, 99), st.integers(1, 9), st.none() | MOMENTS, TEXT)
APPROVALS = st.builds(Approval, TEXT, TEXT, MOMENTS, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT)
VALUES = st.dictionaries(TEXT, TEXT | st.lists(TEXT, max_size=2), max_size=2)
LOOKS = st.builds(FirstLook, APPROVALS, st.integers(1, 99), TEXT, VALUES, TEXT)
DOCUMENTS = st.builds(Document, st.sampled_from(DocumentState), TEXT, TEXT, TEXT, st.none() | st.dates())
PAPERS = st.builds(
    Paper,
    TEXT,
    st.sampled_from(Actor),
    st.sampled_from([("pay",), ("start",), ("pay", "start"), ()]),
    st.sampled_from(Actor),
    st.sampled_from([(), ("consent", "ordered"), ("assess",)]),
    st.integers(0, 99),
    st.integers(0, 99),
    st.none() | st.integers(0, 99),
)
PAUSES = st.builds(Pause, TEXT, st.dates(), st.dates(), TEXT, TEXT, st.none() | st.dates(), TEXT)
CASES = st.builds(
    Case,
    id=TEXT,
    person=TEXT,
    employment=TEXT,
    journey=TEXT,
    journey_hash=TEXT,
    facts=st.builds(HireFacts, TEXT, TEXT, st.dates(), st.none() | st.dates(), TEXT, TEXT),
    wanted=st.lists(PAPERS, max_size=3).map(tuple),
    revised=st.lists(TEXT, max_size=2).map(tuple),
    waived=st.lists(TEXT, max_size=2).map(tuple),
    told_at=st.none() | MOMENTS,
    steps=st.dictionaries(TEXT, STEPS, max_size=4),
    state=st.sampled_from(CaseState),
    version=st.integers(0, 10**12),
    head=st.tuples(st.integers(0, 10**12), TEXT),
    approvals=st.dictionaries(TEXT, APPROVALS, max_size=3),
    looks=st.dictionaries(TEXT, LOOKS, max_size=2),
    documents=st.dictionaries(TEXT, DOCUMENTS, max_size=3),
    values=st.dictionaries(TEXT, st.dictionaries(TEXT, TEXT, max_size=3), max_size=2),
    roles=st.dictionaries(TEXT, st.dictionaries(TEXT, st.lists(TEXT, max_size=3).map(tuple), max_size=2), max_size=2),
    undo=st.lists(TEXT, max_size=2).map(tuple),
    doubted=st.dictionaries(TEXT, st.lists(TEXT, max_size=2).map(tuple), max_size=2),
    pauses=st.lists(PAUSES, max_size=2).map(tuple),
)


def again(case: Case) -> Case:
    return decode(
        encode(case),
        id=case.id,
        person=case.person,
        employment=case.employment,
        journey_hash=case.journey_hash,
        version=case.version,
        state=case.state.value,
        head=case.head,
    )


@given(CASES)
def test_a_case_comes_back_as_it_was_written(case: Case) -> None:
    assert again(case) == case


@given(MOMENTS)
def test_moments_keep_their_microseconds(value: datetime) -> None:
    assert moment(micros(value)) == value


def test_what_is_empty_is_not_written() -> None:
    step = Step(StepState.READY, datetime(2027, 1, 1, tzinfo=UTC))
    case = Case("c", "p", "e", "hire", "h", HireFacts("u", "x", date(2027, 1, 4)), (), {"a": step, "b": replace(step, reason="r")})
    body = json.loads(encode(case))

    assert set(body) == {"journey", "facts", "wanted", "steps"}
    assert len(body["steps"]["a"]) == 4
    assert body["steps"]["b"][4:] == [None, "r"]
