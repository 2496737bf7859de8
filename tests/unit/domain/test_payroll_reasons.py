"""Why an answer is refused where tables end, overlap or leave only a part: the row is named, and the words say what holds instead."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from idm.domain.payroll import Funnel, narrow
from idm.domain.payroll_tables import PayrollTables
from tests import data
from tests.support.payroll import START, built, line_of, place, texts, with_rows

ENDED = "2026-12-31"


def at(name: str, begins: str, changed: dict[str, str]) -> str:
    """The place of the first row of a changed table that begins so."""
    number = next(number for number, line in enumerate(changed[name].splitlines(), 1) if line.startswith(begins))
    return f"payroll/{name}.csv:{number}"


def ended(name: str, begins: str) -> dict[str, str]:
    """The table in which every open row that begins so ended on the day before the year of the start."""
    lines = [f"{line}{ENDED}" if line.startswith(begins) and line.endswith(",") else line for line in texts()[name].splitlines()]
    return {name: "\n".join(lines) + "\n"}


def refusal(answers: dict[str, str], tables: PayrollTables, field: str, **where: Any) -> tuple[str, str]:
    """The row that an answer is refused by, and the words."""
    found: Funnel = narrow(tables, place(**where), answers, START)
    return next((each.rule, each.message) for each in found.refusals if each.field == field)


@pytest.mark.parametrize(
    ("field", "value", "table", "begins"),
    [
        ("agreement", "CARE", "agreements", "CARE,"),
        ("pay_class", "CARE-1", "classes", "CARE-1,"),
        ("supplements", "TEACH-UV", "supplements", "TEACH-UV,"),
        ("pension_code", "P10", "pensions", "P10,"),
        ("institution", "0310", "institutions", "0310,"),
    ],
)
def test_what_has_ended_is_refused_with_its_last_day(field: str, value: str, table: str, begins: str) -> None:
    changed = ended(table, begins)
    rule, words = refusal(data.payroll_values(**{field: value}), built(changed), field)

    assert rule == at(table, begins, changed)
    assert f"it ended on {ENDED}" in words and value in words


def test_a_step_that_has_ended_or_that_no_scale_has_is_refused() -> None:
    changed = with_rows("steps", f"main,33,38000,230,2015-01-01,{ENDED}", without="main,33,")
    rule, words = refusal(data.payroll_values(scale_step="33"), built(changed), "scale_step")
    assert (rule, words.startswith("step 33 of scale main")) == (at("steps", "main,33,", changed), True)

    gone = built(with_rows("steps", without="main,33,"))
    assert refusal(data.payroll_values(scale_step="33"), gone, "scale_step") == ("payroll/steps.csv", "scale main has no step 33")


def test_a_step_of_the_class_that_isnt_allowed_here_names_what_is() -> None:
    changed = with_rows("allowed", ",teacher,TEACH,TEACH-1,31,34,2015-01-01,", without=",teacher,")

    found = refusal(data.payroll_values(scale_step="35"), built(changed), "scale_step")

    assert found == (at("allowed", ",teacher,", changed), "only the steps 31 to 34 of class TEACH-1 are allowed here")


def test_seniority_that_gives_less_than_the_lowest_step_here_is_refused() -> None:
    changed = with_rows("allowed", ",teacher,TEACH,TEACH-1,35,,2015-01-01,", without=",teacher,")

    rule, words = refusal({"seniority_date": "2025-01-04"}, built(changed), "seniority_date")

    assert rule.startswith("payroll/experience.csv:")
    assert words.startswith("2 full years of seniority give step") and words.endswith("in class TEACH-1; here it begins at 35")
    none = refusal({"seniority_date": START.isoformat()}, built(changed), "seniority_date")
    assert none[1].startswith("0 full years of seniority give step 31")


def test_a_cost_centre_of_another_institution_of_the_unit_is_refused() -> None:
    changed = with_rows("institutions", "0211,school_north,210200,Nordskolen SFO,North after school,2015-01-01,")
    answers = data.payroll_values(institution="0210", cost_centre="210200")

    found = refusal(answers, built(changed), "cost_centre")

    assert found == (at("institutions", "0211,", changed), "cost centre 210200 belongs to institution 0211, not to 0210")


def test_an_agreement_or_class_that_leads_nowhere_says_why() -> None:
    changed = with_rows("pensions", "P00,CARE,,,x,x,0,,,60,,2015-01-01,", without="P20,")
    changed = {"pensions": "\n".join(line for line in changed["pensions"].splitlines() if not line.startswith("P00,CARE,,,I")) + "\n"}
    changed |= with_rows("allowed", ",teacher,CARE,CARE-1,,,2015-01-01,")
    tables = built(changed)

    rule, words = refusal({"agreement": "CARE"}, tables, "agreement")
    assert rule == f"payroll/classes.csv:{line_of('classes', 'CARE-1,')}"
    assert words.startswith("agreement CARE can't be used here: no pension of agreement CARE fits")
    rule, words = refusal({"pay_class": "CARE-1"}, tables, "pay_class")
    assert rule == f"payroll/classes.csv:{line_of('classes', 'CARE-1,')}"
    assert words.startswith("pay class CARE-1 can't be used here: no pension of agreement CARE fits")


@pytest.mark.parametrize(("rate", "words"), [("0", "a rate lies above 0 and is at most 1"), ("a half", "no number written with a decimal")])
def test_a_rate_that_can_not_be_is_refused_where_hours_and_bounds_say_nothing(rate: str, words: str) -> None:
    tables = built(with_rows("occupation", without="TEACH,"))

    rule, said = refusal({"occupation_rate": rate}, tables, "occupation_rate", weekly_hours=None)

    assert rule == f"payroll/agreements.csv:{line_of('agreements', 'TEACH,')}"
    assert words in said


def test_who_was_born_on_a_leap_day_counts_years_from_the_first_of_march() -> None:
    leap = {"born": date(2012, 2, 29), "start_date": START, "weekly_hours": Decimal(20)}

    assert refusal({"seniority_date": "2027-01-05"}, built(), "seniority_date", **leap)[1].startswith("seniority can't begin after")
    late = narrow(built(), place(born=date(2012, 2, 29), start_date=date(2027, 3, 2)), {"seniority_date": "2027-03-01"}, date(2027, 3, 2))
    early = narrow(built(), place(born=date(2012, 2, 29), start_date=date(2027, 3, 2)), {"seniority_date": "2027-02-28"}, date(2027, 3, 2))
    assert not [each for each in late.refusals if each.field == "seniority_date"]
    assert [each.message for each in early.refusals if each.field == "seniority_date"] == [
        "seniority counts from the age of 15 on; this date is earlier"
    ]
