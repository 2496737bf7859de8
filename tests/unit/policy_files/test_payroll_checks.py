from __future__ import annotations

import pytest

from idm.policy_files.payroll_checks import table_faults
from tests.support.payroll import line_of, read, texts, with_rows


def faults(changed: dict[str, str], documents: set[str] | None = None) -> list[tuple[str, str]]:
    return [(fault.path, fault.rule) for fault in table_faults(read(changed), (), documents)]


def after(name: str, row: str, count: int = 1) -> tuple[dict[str, str], str]:
    """The table with a row at its end, and where that stands."""
    return with_rows(name, row), f"payroll/{name}.csv:{len(texts()[name].splitlines()) + count}"


def test_the_shipped_tables_hold() -> None:
    assert faults({}, {"seniority_proof"}) == []


@pytest.mark.parametrize(
    ("name", "row", "rule"),
    [
        ("classes", "X-1,NONE,x,x,main,1,2,,2026-01-01,", "unknown-agreement"),
        ("classes", "X-1,ADM,x,x,minor,1,2,,2026-01-01,", "unknown-scale"),
        ("classes", "X-1,ADM,x,x,main,3,2,,2026-01-01,", "last_step"),
        ("experience", "NONE,0,1,2026-01-01,", "unknown-pay-class"),
        ("experience", "TEACH-2,0,31,2026-01-01,", "step"),
        ("experience", "TEACH-1,20,39,2026-01-01,", "step"),
        ("supplements", "S,ADM,CARE-1,x,x,1,yes,,2026-01-01,", "other-agreement"),
        ("pensions", "P99,ADM,,,x,x,10,30,30,,,2026-01-01,", "below_age"),
        ("pensions", "P99,ADM,,,x,x,10,,,20,10,2026-01-01,", "below_hours"),
        ("occupation", "ADM,ADM-1,monthly,0.5,0.4,2026-01-01,", "maximum"),
        ("allowed", ",x,ADM,ADM-99,,,2026-01-01,", "unknown-pay-class"),
        ("allowed", ",x,ADM,ADM-1,5,4,2026-01-01,", "last_step"),
        ("steps", "main,1,2,3,2026-10-01,", "overlap"),
    ],
)
def test_a_row_that_does_not_fit_is_named_with_its_line(name: str, row: str, rule: str) -> None:
    changed, where = after(name, row)

    assert faults(changed) == [(where, rule)]


def test_rows_that_hold_on_the_same_day_are_named_with_both_lines() -> None:
    changed, where = after("classes", "TEACH-1,TEACH,x,x,main,31,40,,2027-04-01,")
    found = list(table_faults(read(changed)))

    assert [fault.path for fault in found] == [where]
    assert f"line {line_of('classes', 'TEACH-1,')} too, and both hold on 2027-04-01" in found[0].message


@pytest.mark.parametrize(("ends", "overlaps"), [("2027-03-31", False), ("2027-04-01", True)])
def test_one_row_may_follow_another_the_next_day(ends: str, *, overlaps: bool) -> None:
    changed = with_rows(
        "classes",
        f"TEACH-1,TEACH,x,x,main,31,40,,2015-01-01,{ends}",
        "TEACH-1,TEACH,x,x,main,31,40,,2027-04-01,",
        without="TEACH-1,",
    )
    assert bool(faults(changed)) is overlaps


def test_seniority_papers_must_be_a_kind_of_document() -> None:
    found = faults({}, {"seniority_prof"})

    assert found[0] == (f"payroll/classes.csv:{line_of('classes', 'CARE-1,')}", "unknown-document")


def test_a_missing_table_is_named_and_no_tables_at_all_are_none() -> None:
    assert [(f.path, f.rule) for f in table_faults([each for each in read() if each.name != "pensions"])] == [
        ("payroll/pensions.csv:1", "missing-file")
    ]
    assert list(table_faults([])) == []


def test_rows_do_not_count_as_missing_where_their_table_is_broken() -> None:
    found = faults({"classes": texts()["classes"].replace("TEACH-1,TEACH", "TEACH-1,", 1)})

    assert [rule for _, rule in found] == ["agreement"]
