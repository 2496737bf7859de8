"""Whatever is asked of the payroll funnel: what it offers is accepted, what it refuses has a rule, and more answers never leave more."""

from __future__ import annotations

import time
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from idm.domain.payroll import Funnel, Place, narrow
from idm.domain.payroll_funnel import FIELDS
from idm.domain.payroll_tables import PayrollTables
from tests.support.payroll import built, texts, with_rows

TABLES = built(
    with_rows(
        "classes",
        "TEACH-1,TEACH,Lærer,Teacher,main,31,40,seniority_proof,2015-01-01,2027-03-31",
        "TEACH-5,TEACH,Lærer,Teacher,main,32,42,seniority_proof,2027-04-01,",
        without="TEACH-1,",
    )
    | with_rows("allowed", ",teacher,TEACH,TEACH-5,,,2027-04-01,")
    | with_rows("institutions", "0210,school_north,210200,Nordskolen SFO,North after school,2026-01-01,2027-12-31")
)
_UNITS = sorted({row.unit for row in TABLES.allowed if row.unit} | {row.unit for row in TABLES.institutions} | {"moon"})
_POSITIONS = sorted({row.position for row in TABLES.allowed} | {"astronaut"})
_CODES = {
    "institution": sorted({row.code for row in TABLES.institutions}),
    "cost_centre": sorted({row.cost_centre for row in TABLES.institutions}),
    "agreement": sorted({row.code for row in TABLES.agreements}),
    "pay_class": sorted({row.code for row in TABLES.classes}),
    "pay_type": ["monthly", "hourly"],
    "scale_step": [str(step) for step in range(1, 57, 3)],
    "occupation_rate": ["1", "0.5", "0.2703", "0.01", "2"],
    "seniority_date": ["2010-08-01", "2024-02-29", "2027-01-04", "2030-01-01"],
    "supplements": sorted({row.code for row in TABLES.supplements}),
    "pension_code": sorted({row.code for row in TABLES.pensions}),
}

days = st.dates(date(2026, 9, 1), date(2027, 6, 1))
hours = st.one_of(st.none(), st.sampled_from(["37", "40", "32", "20", "18.5", "11.9", "7", "3"]).map(Decimal))
papers: st.SearchStrategy[dict[str, date]] = st.one_of(st.just({}), days.map(lambda day: {"seniority_proof": day}))


@st.composite
def places(draw: st.DrawFn) -> Place:
    path = (draw(st.sampled_from(_UNITS)), *draw(st.sampled_from([("schools", "town"), ("town",), ()])))
    born = draw(st.one_of(st.none(), st.dates(date(1960, 1, 1), date(2011, 1, 1))))
    return Place(path, draw(st.sampled_from(_POSITIONS)), draw(days), draw(hours), born, draw(papers))


@st.composite
def followed(draw: st.DrawFn) -> tuple[Place, dict[str, str]]:
    """A place, and answers that the funnel itself offered, in some order of fields."""
    place = draw(places())
    answers: dict[str, str] = {}
    for field in draw(st.permutations(FIELDS))[: draw(st.integers(0, len(FIELDS)))]:
        found = narrow(TABLES, place, answers, place.start_date)
        offered = offers(found, field)
        if offered:
            taken = draw(st.sampled_from(offered))
            answers[field] = taken if field != "supplements" else f"{answers.get(field, '')} {taken}".strip()
    return place, answers


given_answers = st.fixed_dictionaries({}, optional={field: st.sampled_from([*codes, "odd"]) for field, codes in _CODES.items()})


def offers(found: Funnel, field: str) -> list[str]:
    """Every choice of a field, and the bounds of its ranges."""
    asked = found.fields[field]
    bounds = [bound for each in asked.ranges for bound in (each.low, each.high) if bound]
    return [choice.value for choice in asked.choices] + bounds + ([asked.proposed] if asked.proposed else [])


def about_lanes(found: Funnel) -> list[str]:
    """The fields of refused answers, without what nothing could be answered to."""
    return [refusal.field for refusal in found.refusals]


@settings(max_examples=150)
@given(followed())
def test_what_is_offered_is_accepted_with_the_other_answers(case: tuple[Place, dict[str, str]]) -> None:
    place, answers = case
    found = narrow(TABLES, place, answers, place.start_date)
    blocked = narrow(TABLES, place, {}, place.start_date).refusals

    assert found.refusals == blocked
    assert {field: found.fields[field].answer for field in answers} == answers
    for field in FIELDS:
        for value in offers(found, field):
            wanted = value
            if field == "supplements" and value not in answers.get(field, "").split():
                wanted = f"{answers.get(field, '')} {value}".strip()
            elif field == "supplements":
                wanted = answers[field]
            again = narrow(TABLES, place, {**answers, field: wanted}, place.start_date)
            assert again.refusals == blocked, (field, wanted)


@settings(max_examples=150)
@given(followed())
def test_what_is_settled_or_proposed_goes_together_as_a_whole(case: tuple[Place, dict[str, str]]) -> None:
    place, answers = case
    found = narrow(TABLES, place, answers, place.start_date)
    assume(not found.refusals)
    settled = {field: asked.settled for field, asked in found.fields.items() if asked.settled}

    assert not narrow(TABLES, place, {**answers, **settled}, place.start_date).refusals


@settings(max_examples=200)
@given(places(), given_answers)
def test_a_refusal_names_its_rule_and_the_rest_is_judged_as_without_it(place: Place, answers: dict[str, str]) -> None:
    found = narrow(TABLES, place, answers, place.start_date)
    tables = texts()

    for refusal in found.refusals:
        file, _, line = refusal.rule.partition(":")
        assert file.removeprefix("payroll/").removesuffix(".csv") in tables
        assert not line or int(line) > 1
        assert refusal.message
    accepted = {field: asked.answer for field, asked in found.fields.items() if asked.answer}
    again = narrow(TABLES, place, accepted, place.start_date)
    assert {field: asked.answer for field, asked in again.fields.items() if asked.answer} == accepted
    assert {field: asked.choices for field, asked in again.fields.items()} == {
        field: asked.choices for field, asked in found.fields.items()
    }


@settings(max_examples=150)
@given(followed(), st.randoms(use_true_random=False))
def test_more_answers_never_leave_more_and_their_order_does_not_matter(case: tuple[Place, dict[str, str]], random: object) -> None:
    place, answers = case
    steps = [dict(list(answers.items())[:count]) for count in range(len(answers) + 1)]
    for less, more in pairwise(narrow(TABLES, place, each, place.start_date) for each in steps):
        for field in FIELDS:
            if field == "supplements":
                continue  # those already chosen are offered beside those that may be added
            before, after = less.fields[field], more.fields[field]
            assert {choice.value for choice in after.choices} <= {choice.value for choice in before.choices}
    assert narrow(TABLES, place, dict(reversed(answers.items())), place.start_date) == narrow(TABLES, place, answers, place.start_date)


@settings(max_examples=150)
@given(places())
def test_no_choice_is_offered_outside_its_days(place: Place) -> None:
    for shift in (0, -1, 1):
        on = place.start_date + timedelta(days=shift)
        for asked in narrow(TABLES, place, {}, on).fields.values():
            assert all(choice.valid_from <= on and (choice.valid_to is None or on <= choice.valid_to) for choice in asked.choices)


def many(count: int) -> PayrollTables:
    """The shipped tables with `count` rows more, most of them about other positions, classes and scales."""
    part = count // 5
    return built(
        with_rows("classes", *(f"X-{n},ADM,x,x,main,11,20,,2015-01-01," for n in range(part)))
        | with_rows("allowed", *(f"unit_{n},position_{n % 40},ADM,X-{n},,,2015-01-01," for n in range(part)))
        | with_rows("experience", *(f"X-{n},0,11,2015-01-01," for n in range(part)))
        | with_rows("supplements", *(f"S-{n},ADM,X-{n},x,x,100,yes,,2015-01-01," for n in range(part)))
        | with_rows("institutions", *(f"9{n:05d},unit_{n},9{n:05d},x,x,2015-01-01," for n in range(part)))
    )


@pytest.mark.serial
def test_ten_thousand_rows_are_narrowed_in_a_few_milliseconds() -> None:
    tables = many(10_000)
    answers = {"agreement": "ADM", "pay_class": "ADM-2", "scale_step": "24", "occupation_rate": "1", "pension_code": "P10"}
    place = Place(("town_hall", "town"), "accountant", date(2027, 1, 4), Decimal(37), date(1990, 1, 1))
    narrow(tables, place, answers, place.start_date)
    times = []
    for _ in range(50):
        began = time.perf_counter()
        narrow(tables, place, answers, place.start_date)
        times.append(time.perf_counter() - began)

    assert sorted(times)[25] < 0.005
