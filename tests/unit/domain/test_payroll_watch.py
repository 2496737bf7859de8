from __future__ import annotations

from datetime import date

import pytest

from idm.domain.payroll_tables import PayrollTables
from idm.domain.payroll_watch import lost_places, warnings
from idm.domain.people import Organisation, Position, Unit
from tests.support.payroll import built, line_of, texts, with_rows

TODAY = date(2027, 2, 1)
ENDS = "TEACH-1,TEACH,Lærer,Teacher,main,31,40,seniority_proof,2015-01-01,2027-03-31"
LAST = len(texts()["classes"].splitlines())


def told(
    tables: PayrollTables, today: date = TODAY, organisation: Organisation | None = None, days: int | None = None
) -> list[tuple[str, str]]:
    return [(warning.path, warning.rule) for warning in warnings(tables, today, organisation, days)]


def ending() -> PayrollTables:
    return built(with_rows("classes", ENDS, without="TEACH-1,"))


def test_the_shipped_tables_need_no_warning() -> None:
    assert told(built(), days=3650) == []


def test_a_row_that_ends_soon_is_told_with_who_then_has_no_choice() -> None:
    found = list(warnings(ending(), TODAY))

    assert [(warning.path, warning.rule) for warning in found] == [(f"payroll/classes.csv:{LAST}", "ends")]
    assert found[0].message == "this row ends on 2027-03-31 and nothing follows; from 2027-04-01 there is no choice for teacher in any unit"


@pytest.mark.parametrize(
    ("today", "days", "seen"),
    [
        (date(2027, 1, 29), None, False),
        (date(2027, 1, 30), None, True),
        (date(2027, 3, 31), None, True),
        (date(2027, 2, 1), 57, False),
        (date(2027, 2, 1), 58, True),
    ],
)
def test_it_is_told_as_many_days_ahead_as_policy_says(today: date, days: int | None, *, seen: bool) -> None:
    assert ("ends" in [rule for _, rule in told(ending(), today, days=days)]) is seen


def test_a_row_that_is_followed_is_not_told() -> None:
    tables = built(with_rows("classes", ENDS, ENDS.replace("2015-01-01,2027-03-31", "2027-04-01,"), without="TEACH-1,"))

    assert told(tables) == []


def test_a_gap_is_told_at_the_row_that_comes_too_late() -> None:
    tables = built(with_rows("classes", ENDS, ENDS.replace("2015-01-01,2027-03-31", "2027-05-01,"), without="TEACH-1,"))
    found = list(warnings(tables, TODAY))

    assert [(warning.path, warning.rule) for warning in found] == [(f"payroll/classes.csv:{LAST + 1}", "gap")]
    assert f"nothing holds from 2027-04-01 to 2027-04-30, between line {LAST} and this row" in found[0].message


def test_a_place_without_any_choice_today_is_told() -> None:
    assert told(ending(), date(2027, 4, 1)) == [(f"payroll/allowed.csv:{line_of('allowed', ',teacher,')}", "no-choice")]
    assert ("teacher", "") in lost_places(ending(), date(2027, 4, 1))


def test_many_rows_that_end_together_are_one_warning() -> None:
    steps = texts()["steps"].replace("2026-10-01,\n", "2026-10-01,2027-03-31\n")
    found = [warning for warning in warnings(built({"steps": steps}), TODAY) if warning.rule == "ends"]

    assert len(found) == 1
    assert "this row and 54 other rows end on 2027-03-31" in found[0].message
    assert " more" in found[0].message


def test_positions_and_units_that_no_row_is_about_are_told() -> None:
    organisation = Organisation(
        {
            "town": Unit("town", "Town"),
            "moon": Unit("moon", "Moon"),
            "base": Unit("base", "Base", "moon"),
            "care": Unit("care", "Care", "town"),
        },
        {"teacher": Position("teacher", "Teacher"), "astronaut": Position("astronaut", "Astronaut")},
    )
    told_all = list(warnings(built(), TODAY, organisation))
    found = [warning for warning in told_all if warning.rule != "never-matches"]

    assert [(warning.path, warning.rule) for warning in found] == [
        ("payroll/allowed.csv:1", "no-agreement"),
        ("payroll/institutions.csv:1", "no-cost-centre"),
    ]
    assert "astronaut" in found[0].message
    assert "base, moon, town" in found[1].message
    strange = {warning.path: warning.message for warning in told_all if warning.rule == "never-matches"}
    assert "no position 'dentist'" in strange[f"payroll/allowed.csv:{line_of('allowed', ',dentist,')}"]
    assert "no unit 'schools'" in strange[f"payroll/institutions.csv:{line_of('institutions', '0200,')}"]
    assert f"payroll/allowed.csv:{line_of('allowed', ',teacher,')}" not in strange
