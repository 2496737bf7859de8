from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from idm.domain.payroll import Funnel, narrow
from idm.domain.payroll_tables import PayrollTables
from tests import data
from tests.support.payroll import START, built, line_of, place, texts, with_rows

TABLES = built()


def step_of(line: str) -> int:
    """The step of a line of the table of steps; 0 for its head and other scales."""
    scale, step = line.split(",")[:2]
    return int(step) if scale == "main" else 0


def funnel(answers: dict[str, str] | None = None, tables: PayrollTables = TABLES, on: date = START, **where: Any) -> Funnel:
    where.setdefault("start_date", on)
    return narrow(tables, place(**where), answers or {}, on)


def choices(found: Funnel, field: str) -> list[str]:
    return [choice.value for choice in found.fields[field].choices]


def refused(found: Funnel) -> dict[str, str]:
    return {refusal.field: refusal.rule for refusal in found.refusals}


def said(found: Funnel, field: str) -> str:
    return next(refusal.message for refusal in found.refusals if refusal.field == field)


def test_a_place_leaves_what_is_allowed_there_and_settles_single_choices() -> None:
    found = funnel()

    assert {field: found.fields[field].settled for field in ("institution", "cost_centre", "agreement", "pay_class", "pension_code")} == {
        "institution": "0210",
        "cost_centre": "210100",
        "agreement": "TEACH",
        "pay_class": "TEACH-1",
        "pension_code": "P40",
    }
    assert choices(found, "scale_step") == [str(step) for step in range(31, 41)]
    assert found.fields["occupation_rate"].proposed == "1"
    assert not found.refusals


def test_choices_carry_titles_validity_amount_and_their_row() -> None:
    choice = funnel().fields["scale_step"].choices[0]
    agreement = funnel().fields["agreement"].choices[0]

    assert choice.rule == f"payroll/steps.csv:{line_of('steps', 'main,31,') + 1}"
    assert choice.amount is not None and choice.amount > 30000
    assert (choice.valid_from, choice.valid_to) == (date(2026, 10, 1), None)
    assert agreement.titles == {"da": "Lærere i folkeskolen m.fl.", "en": "Teachers in primary and lower secondary school"}


def test_each_answer_narrows_the_others_in_any_direction() -> None:
    where: dict[str, Any] = {"unit": "town_hall", "position": "accountant"}
    assert sorted(choices(funnel(**where), "agreement")) == ["ACAD", "ADM"]
    assert choices(funnel({"pension_code": "P50"}, **where), "agreement") == ["ACAD"]
    assert choices(funnel({"pay_class": "ADM-2"}, **where), "pension_code") == ["P10"]
    assert set(choices(funnel({"pay_class": "ADM-3"}, **where), "pension_code")) == {"P10", "P90"}
    assert choices(funnel({"scale_step": "5"}, **where), "pay_class") == ["ACAD-1"]


def test_what_tests_and_demo_submit_is_sound() -> None:
    found = funnel(data.payroll_values())

    assert not found.refusals
    assert found.values == data.payroll_values(cost_centre="210100")


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"unit": "music_school", "position": "teacher"}, ["TEACH-3"]),
        ({"unit": "daycare", "position": "student_worker"}, ["EDU-1"]),
        ({"unit": "town_hall", "position": "student_worker"}, ["ADM-9"]),
    ],
)
def test_the_nearest_unit_decides_what_is_allowed(where: dict[str, Any], expected: list[str]) -> None:
    assert choices(narrow(TABLES, place(where["unit"], where["position"], "town"), {}, START), "pay_class") == expected


def test_rows_for_a_position_go_before_rows_for_any() -> None:
    tables = built(with_rows("allowed", "schools,,ADM,ADM-1,,,2015-01-01,"))

    assert choices(funnel(tables=tables), "pay_class") == ["TEACH-1"]
    assert choices(funnel(tables=tables, position="cook"), "pay_class") == ["ADM-1"]


def test_without_an_agreement_nothing_can_be_created() -> None:
    found = funnel(data.payroll_values(), position="astronaut")

    assert refused(found) == {"agreement": "payroll/allowed.csv"}
    assert said(found, "agreement") == (
        "no agreement is allowed for position 'astronaut' in unit 'school_north' on 2027-01-04; nothing can be created"
    )
    assert choices(found, "agreement") == []


def test_without_a_cost_centre_nothing_can_be_created() -> None:
    found = narrow(TABLES, place("moon_base", "teacher", "moon"), {}, START)

    assert refused(found) == {"cost_centre": "payroll/institutions.csv"}
    assert "no institution and cost centre is given for unit 'moon_base'" in said(found, "cost_centre")


@pytest.mark.parametrize(
    ("field", "value", "rule", "words"),
    [
        ("agreement", "NONE", "payroll/agreements.csv", "no agreement has this code"),
        ("agreement", "ADM", f"payroll/allowed.csv:{line_of('allowed', ',teacher,')}", "is not allowed for position 'teacher'"),
        ("pay_class", "TEACH-2", f"payroll/allowed.csv:{line_of('allowed', ',teacher,')}", "allowed: TEACH-1"),
        ("pay_class", "ADM-1", f"payroll/classes.csv:{line_of('classes', 'ADM-1,')}", "belongs to agreement ADM, not to TEACH"),
        ("pay_type", "hourly", f"payroll/agreements.csv:{line_of('agreements', 'TEACH,')}", "it pays: monthly"),
        ("seniority_date", "2027-01-05", "payroll/experience.csv", "after the first day"),
        ("seniority_date", "1999-05-17", "payroll/experience.csv", "from the age of 15"),
        ("scale_step", "41", f"payroll/classes.csv:{line_of('classes', 'TEACH-1,')}", "has the steps 31 to 40"),
        ("scale_step", "36", f"payroll/experience.csv:{line_of('experience', 'TEACH-1,6,')}", "6 full years of seniority give step 35"),
        ("occupation_rate", "0.9", f"payroll/agreements.csv:{line_of('agreements', 'TEACH,')}", "are 1.0000 of the 37 hours"),
        ("pension_code", "P10", "payroll/pensions.csv:4", "is not one of class TEACH-1"),
        ("pension_code", "P90", "payroll/pensions.csv:24", "is not one of class TEACH-1"),
        ("institution", "0310", f"payroll/institutions.csv:{line_of('institutions', '0210,')}", "is not one of unit 'school_north'"),
        ("cost_centre", "9", "payroll/institutions.csv", "no cost centre has this code"),
        ("supplements", "CARE-NIGHT", f"payroll/supplements.csv:{line_of('supplements', 'CARE-NIGHT,')}", "is for CARE, not for class"),
    ],
)
def test_a_refusal_names_the_row_and_says_why(field: str, value: str, rule: str, words: str) -> None:
    found = funnel(data.payroll_values(**{field: value}))

    assert refused(found)[field] == rule
    assert words in said(found, field)


def test_an_unknown_code_is_never_repeated_but_a_near_one_is_proposed() -> None:
    found = funnel(data.payroll_values(agreement="0101904321", pay_class="TEACH1"))

    assert "0101904321" not in str(found.refusals)
    assert "did you mean TEACH-1?" in said(found, "pay_class")


def test_of_two_answers_that_do_not_go_together_the_later_one_is_refused() -> None:
    found = funnel({"agreement": "ADM", "pension_code": "P50"}, unit="town_hall", position="accountant")

    assert found.fields["agreement"].answer == "ADM"
    assert set(refused(found)) == {"pension_code"}


def test_seniority_that_is_not_proved_gives_the_starting_step() -> None:
    missing = funnel(data.payroll_values(), papers={})

    assert said(missing, "scale_step") == "no 'seniority_proof' is accepted, so only the starting step of class TEACH-1 can be given: 31"
    assert refused(missing) == {"scale_step": f"payroll/classes.csv:{line_of('classes', 'TEACH-1,')}"}
    assert choices(funnel(papers={}), "scale_step") == ["31"]


@pytest.mark.parametrize(("days", "in_time"), [(90, True), (91, False)])
def test_seniority_papers_count_until_so_many_days_after_the_start(days: int, *, in_time: bool) -> None:
    found = funnel(data.payroll_values(), papers={"seniority_proof": START + timedelta(days=days)})

    assert bool(found.refusals) is not in_time
    assert in_time or "was accepted later than 90 days after the start" in said(found, "scale_step")


def test_a_class_without_experience_rules_agrees_on_the_step() -> None:
    found = funnel({"seniority_date": START.isoformat(), "scale_step": "34"}, unit="town_hall", position="case_worker", papers={})

    assert not found.refusals


@pytest.mark.parametrize(
    ("since", "step"),
    [("2027-01-04", "31"), ("2026-01-05", "31"), ("2026-01-04", "32"), ("2013-01-05", "37"), ("2013-01-04", "40")],
)
def test_the_step_that_full_years_give_is_proposed(since: str, step: str) -> None:
    tables = built(
        with_rows("experience", "TEACH-1,1,32,2015-01-01,", "TEACH-1,13,37,2015-01-01,", "TEACH-1,14,40,2015-01-01,", without="TEACH-1,1")
    )
    assert funnel({"seniority_date": since}, tables).fields["scale_step"].proposed == step


def test_only_without_proof_seniority_is_proposed_to_count_from_the_first_day() -> None:
    proved, unproved = funnel(), funnel(papers={})

    assert [proved.fields[field].proposed for field in ("seniority_date", "scale_step")] == ["", ""]
    assert funnel({"scale_step": "35"}).fields["seniority_date"].proposed == ""
    assert unproved.fields["seniority_date"].proposed == START.isoformat() and choices(unproved, "scale_step") == ["31"]


def test_a_step_bounds_the_seniority_date() -> None:
    found = funnel({"scale_step": "35"}).fields["seniority_date"]

    assert [(each.low, each.high) for each in found.ranges] == [("2000-05-17", "2021-01-04")]
    assert found.ranges[0].rule == f"payroll/experience.csv:{line_of('experience', 'TEACH-1,6,')}"


def test_a_step_below_what_seniority_gives_is_told_of() -> None:
    found = funnel(data.payroll_values(scale_step="33"))

    assert not found.refusals
    assert [(notice.field, notice.message) for notice in found.notices] == [
        ("scale_step", "6 full years of seniority give step 35; the step filled in is lower")
    ]


def test_the_rate_follows_the_weekly_hours() -> None:
    part = funnel({"pay_type": "monthly"}, unit="care", position="nurse", weekly_hours=Decimal(32))
    rate = part.fields["occupation_rate"]

    assert rate.proposed == "0.8649"
    assert [(each.low, each.high) for each in rate.ranges] == [("0.8598648649", "0.8698648648")]


def test_hours_above_full_time_are_full_time() -> None:
    found = funnel(data.payroll_values(), weekly_hours=Decimal(40))

    assert not found.refusals
    assert [notice.field for notice in found.notices] == ["occupation_rate"]


def test_few_hours_are_paid_by_the_hour() -> None:
    found = funnel({"pay_type": "monthly"}, unit="care", position="nurse", weekly_hours=Decimal(6))

    assert refused(found) == {"pay_type": f"payroll/occupation.csv:{line_of('occupation', 'CARE,,monthly')}"}
    assert choices(found, "pay_type") == ["hourly"]
    assert "monthly pay takes 0.2162 to 1" in said(found, "pay_type")


@pytest.mark.parametrize(
    ("born", "hours", "codes"),
    [
        (date(2006, 1, 4), 20, ["P10"]),
        (date(2006, 1, 5), 20, ["P00"]),
        (date(1990, 1, 1), 12, ["P10"]),
        (date(1990, 1, 1), 11, ["P00"]),
        (None, 20, ["P00", "P10"]),
    ],
)
def test_pension_follows_age_and_hours(born: date | None, hours: int, codes: list[str]) -> None:
    found = funnel(unit="town_hall", position="case_worker", born=born, weekly_hours=Decimal(hours))

    assert sorted(choices(found, "pension_code")) == codes


def test_a_pension_that_does_not_fit_is_refused_without_telling_the_age() -> None:
    found = funnel({"pension_code": "P10"}, unit="town_hall", position="case_worker", born=date(2008, 1, 1))

    assert said(found, "pension_code") == "pension P10 doesn't fit: it is from the age of 21 on"


def test_a_pension_may_be_for_one_kind_of_pay_alone() -> None:
    tables = built(
        with_rows("pensions", "P10,ADM,,hourly,x,x,12,,,,,2015-01-01,", "P10,ADM,,monthly,x,x,16.5,,,,,2015-01-01,", without="P")
    )
    where: dict[str, Any] = {"unit": "town_hall", "position": "case_worker", "weekly_hours": Decimal(20)}

    assert sorted(choices(funnel(tables=tables, **where), "pay_type")) == ["hourly", "monthly"]
    assert funnel({"pay_type": "hourly"}, tables, **where).fields["pension_code"].settled == "P10"
    only = built(with_rows("pensions", "P10,ADM,,hourly,x,x,12,,,,,2015-01-01,", "P00,ADM,,monthly,x,x,0,,,,,2015-01-01,", without="P"))
    assert choices(funnel({"pension_code": "P10"}, only, **where), "pay_type") == ["hourly"]
    found = funnel({"pay_type": "monthly", "pension_code": "P10"}, only, **where)
    assert said(found, "pension_code") == "pension P10 doesn't fit: it is for hourly pay"


def test_supplements_of_one_group_exclude_each_other() -> None:
    found = funnel(data.payroll_values(supplements="TEACH-UV TEACH-MENT TEACH-UVL"))

    assert found.fields["supplements"].answer == "TEACH-UV TEACH-MENT"
    assert said(found, "supplements") == "supplement TEACH-UVL can't be had beside TEACH-UV: both are of the group 'TEACHING'"
    assert sorted(choices(found, "supplements")) == ["TEACH-MENT", "TEACH-UV"]


@pytest.mark.parametrize(
    ("on", "pay_class"),
    [(date(2027, 3, 31), "TEACH-1"), (date(2027, 4, 1), "TEACH-5")],
)
def test_rows_hold_from_their_first_to_their_last_day(on: date, pay_class: str) -> None:
    tables = built(
        with_rows(
            "classes",
            "TEACH-1,TEACH,Lærer,Teacher,main,31,40,seniority_proof,2015-01-01,2027-03-31",
            "TEACH-5,TEACH,Lærer,Teacher,main,32,42,,2027-04-01,",
            without="TEACH-1,",
        )
        | with_rows("allowed", ",teacher,TEACH,TEACH-5,,,2015-01-01,")
    )
    assert choices(funnel(tables=tables, on=on), "pay_class") == [pay_class]
    gone = funnel({"pay_class": "TEACH-1"}, tables, date(2027, 4, 1))
    assert "pay class TEACH-1 isn't valid on 2027-04-01: it ended on 2027-03-31" in said(gone, "pay_class")
    early = funnel({"pay_class": "TEACH-5"}, tables, date(2027, 3, 31))
    assert "it begins on 2027-04-01" in said(early, "pay_class")


@pytest.mark.parametrize(
    ("answers", "where", "amount"),
    [
        ({}, {}, "36601.00"),
        ({"supplements": "TEACH-UV"}, {}, "38351.00"),
        ({"supplements": "TEACH-UV", "occupation_rate": "0.5"}, {"weekly_hours": Decimal("18.5")}, "19175.50"),
    ],
)
def test_pay_a_month_is_the_step_by_the_rate_with_supplements(answers: dict[str, str], where: dict[str, Any], amount: str) -> None:
    assert funnel(data.payroll_values(**answers), **where).monthly_amount == Decimal(amount)


def test_hourly_pay_is_reckoned_by_the_weekly_hours() -> None:
    answers = {"pay_type": "hourly", "scale_step": "26", "occupation_rate": "0.5405"}
    found = funnel(answers, unit="care", position="nurse", weekly_hours=Decimal(20))
    hourly = next(choice.amount for choice in found.fields["scale_step"].choices if choice.value == "26")

    assert hourly is not None
    assert found.monthly_amount == (hourly * 20 * 52 / 12).quantize(Decimal("0.01"))


def test_pay_is_not_told_before_class_step_and_rate_are_known() -> None:
    assert funnel({"scale_step": "31"}).monthly_amount is None
    assert funnel({"occupation_rate": "1", "scale_step": "31"}).monthly_amount is not None


def test_two_cost_centres_of_one_unit_are_a_choice() -> None:
    tables = built(with_rows("institutions", "0210,school_north,210200,Nordskolen SFO,North after school,2015-01-01,"))

    assert choices(funnel(tables=tables), "cost_centre") == ["210100", "210200"]
    assert funnel(tables=tables).fields["cost_centre"].settled == ""
    assert funnel({"cost_centre": "210200"}, tables).fields["institution"].settled == "0210"


@pytest.mark.parametrize(
    ("changed", "where", "rule", "words"),
    [
        (
            with_rows("pensions", "P40,TEACH,,,x,x,17,,,20,,2015-01-01,", without="P40,"),
            {"weekly_hours": Decimal(10)},
            f"payroll/classes.csv:{line_of('classes', 'TEACH-1,')}",
            "no pension of agreement TEACH fits monthly pay in class TEACH-1, the age and the weekly hours",
        ),
        (
            {"steps": "\n".join(line for line in texts()["steps"].splitlines() if step_of(line) < 42) + "\n"},
            {"position": "school_head"},
            f"payroll/allowed.csv:{line_of('allowed', ',school_head,')}",
            "no step of scale main is both in class TEACH-2 and allowed here",
        ),
        (
            with_rows("allowed", ",teacher,TEACH,TEACH-1,36,,2015-01-01,", without=",teacher,"),
            {"papers": {}},
            f"payroll/classes.csv:{line_of('classes', 'TEACH-1,')}",
            "class TEACH-1 begins at step 36 here, and no 'seniority_proof' is accepted: only step 31 could be given",
        ),
        (
            with_rows("occupation", "TEACH,,monthly,0.5,1,2015-01-01,", without="TEACH,"),
            {"weekly_hours": Decimal(10)},
            "payroll/occupation.csv:19",
            "10 hours a week are 0.2703 of the 37 hours of agreement TEACH; monthly pay takes 0.5 to 1",
        ),
    ],
)
def test_a_way_that_leads_nowhere_is_refused_with_the_row_that_ends_it(
    changed: dict[str, str], where: dict[str, Any], rule: str, words: str
) -> None:
    found = funnel(tables=built(changed), **where)

    assert refused(found) == {"agreement": rule}
    assert words in said(found, "agreement")
    assert choices(found, "pay_class") == []
