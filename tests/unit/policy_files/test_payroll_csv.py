from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idm.domain.payroll_tables import TABLES
from idm.policy_files.payroll_build import tables
from idm.policy_files.payroll_columns import TABLES as COLUMNS
from idm.policy_files.payroll_csv import ReadTable, guarded, read_table, table_of, unguarded, written
from idm.policy_files.read import policy_text
from tests.support.payroll import texts

HEAD = "scale,step,monthly,hourly,valid_from,valid_to"


def read(text: str, name: str = "steps") -> ReadTable:
    return read_table(name, policy_text(f"payroll/{name}.csv", text))


def faults(text: str, name: str = "steps") -> list[tuple[str, str]]:
    return [(fault.path, fault.rule) for fault in read(text, name).faults]


@pytest.mark.parametrize(
    ("file", "table"),
    [
        ("payroll/steps.csv", "steps"),
        ("payroll/other.csv", None),
        ("steps.csv", None),
        ("payroll/steps.yaml", None),
        ("payroll/old/steps.csv", None),
    ],
)
def test_the_name_of_a_file_says_which_table_it_is(file: str, table: str | None) -> None:
    assert table_of(file) == table


def test_columns_are_declared_for_every_table() -> None:
    assert tuple(COLUMNS) == TABLES


@pytest.mark.parametrize(
    "text",
    [
        f"{HEAD}\nmain,1,20000.5,124.74,2026-01-01,\n",
        f"\ufeff{HEAD}\nmain,1,20000.5,124.74,2026-01-01,\n",
        "\ufeffscale;step;monthly;hourly;valid_from;valid_to\r\nmain;1;20000,5;124,74;2026-01-01;\r\n",
        f'{HEAD}\n"main","1","20000.5","124.74","2026-01-01",""\n',
        "monthly,hourly,scale,step,valid_to,valid_from\n 20000.5 ,124.74,main,1,,2026-01-01\n",
        f"\n{HEAD}\n\nmain,1,20000.5,124.74,2026-01-01,\n,,,,,\n",
    ],
)
def test_both_delimiters_marks_quotes_and_orders_are_taken(text: str) -> None:
    found = read(text)

    assert found.faults == ()
    assert [dict(record.cells) for record in found.records] == [
        {"scale": "main", "step": "1", "monthly": "20000.5", "hourly": "124.74", "valid_from": "2026-01-01", "valid_to": ""}
    ]


def test_a_table_from_before_a_column_was_there_is_read_and_gets_it_when_written() -> None:
    before = "pension_code,agreement,pay_class,title_da,title_en,percent,from_age,below_age,from_hours,below_hours,valid_from,valid_to"
    found = read(f"{before}\nP10,ADM,,Pension,Pension,16.5,21,,12,,2015-01-01,\n", "pensions")

    assert found.faults == ()
    assert written("pensions", found.records).splitlines()[1] == "P10,ADM,,,Pension,Pension,16.5,21,,12,,2015-01-01,"
    (pension,) = tables([found]).pensions
    assert (pension.pay_type, pension.percent) == ("", Decimal("16.5"))


@pytest.mark.parametrize("day", ["01-04-2027", "1-4-2027", "01.04.2027", "1.4.2027"])
def test_dates_as_danish_spreadsheets_write_them_are_taken_and_kept_in_one_way(day: str) -> None:
    found = read(f"{HEAD}\nmain,1,20000,124,{day},31-12-2027\n")

    assert found.faults == ()
    assert written("steps", found.records).splitlines()[1] == "main,1,20000,124,2027-04-01,2027-12-31"


@pytest.mark.parametrize("day", ["04/01/2027", "31-02-2027", "1. april 2027", "2027-4-1", "01-04-27"])
def test_a_date_that_is_none_or_could_be_another_is_told_how_it_is_written(day: str) -> None:
    (fault,) = read(f"{HEAD}\nmain,1,20000,124,{day},\n").faults

    assert (fault.path, fault.rule) == ("payroll/steps.csv:2", "valid_from")
    assert fault.message == "'valid_from' must be a date of the calendar, such as 2027-04-01 or 01-04-2027"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [("payroll/steps.csv:1", "empty")]),
        ("scale,step\n", [("payroll/steps.csv:1", "missing-column")] * 4),
        (f"{HEAD},colour\n", [("payroll/steps.csv:1", "unknown-column")]),
        (f"{HEAD},scale\n", [("payroll/steps.csv:1", "column-twice")]),
        (f"{HEAD}\nmain,1,2,3,2026-01-01\n", [("payroll/steps.csv:2", "cells")]),
        (f"{HEAD}\nmain,x,2,3,2026-01-01,\n", [("payroll/steps.csv:2", "step")]),
        (
            f"{HEAD}\nmain,1,2,3,2026-01-01,\nmain,2,-1,3,2026-02-30,\n",
            [("payroll/steps.csv:3", "monthly"), ("payroll/steps.csv:3", "valid_from")],
        ),
        (f"{HEAD}\nmain,1,2,3,2026-01-02,2026-01-01\n", [("payroll/steps.csv:2", "valid_to")]),
        (f"{HEAD}\nmain,,2,3,,\n", [("payroll/steps.csv:2", "step"), ("payroll/steps.csv:2", "valid_from")]),
        (f'{HEAD}\n"main,1,2,3,2026-01-01,\n', [("payroll/steps.csv:2", "csv")]),
        (f"{HEAD}\nmain,1,=1+1,3,2026-01-01,\n", [("payroll/steps.csv:2", "monthly")]),
        (f'{HEAD}\n=HYPERLINK("x"),1,1,3,2026-01-01,\n', [("payroll/steps.csv:2", "scale")]),
        (f"{HEAD}\n@x,1,1,3,2026-01-01,\n", [("payroll/steps.csv:2", "scale")]),
        (f"{HEAD}\nmain,1,20.000,3,2026-01-01,\n".replace(",", ";").replace("20.000", "20.000,50"), [("payroll/steps.csv:2", "monthly")]),
    ],
)
def test_every_fault_has_its_line_and_column(text: str, expected: list[tuple[str, str]]) -> None:
    assert faults(text) == expected


def test_lines_are_counted_through_cells_of_several_lines() -> None:
    head = ",".join(COLUMNS["agreements"].columns)
    row = 'A,"two\nlines",b,37,0.01,monthly,90,2026-01-01,'

    assert faults(f"{head}\n{row}\nB,b,b,37,0.01,weekly,90,2026-01-01,\n", "agreements") == [
        ("payroll/agreements.csv:2", "title_da"),
        ("payroll/agreements.csv:4", "pay_types"),
    ]


@pytest.mark.parametrize("name", TABLES)
def test_what_is_written_is_read_alike(name: str) -> None:
    found = read(texts()[name], name)

    assert found.faults == ()
    assert found.records
    assert read(written(name, found.records), name).records == found.records


@pytest.mark.parametrize(
    ("cell", "out"),
    [
        ("=1+1", "'=1+1"),
        ("+cmd", "'+cmd"),
        ("-x", "'-x"),
        ("@sum", "'@sum"),
        ("-5", "-5"),
        ("+4512345678", "+4512345678"),
        ("2026-01-01", "2026-01-01"),
        ("Lærer = god", "Lærer = god"),
    ],
)
def test_a_cell_that_could_be_calculated_is_guarded(cell: str, out: str) -> None:
    assert guarded(cell) == out
    assert unguarded(out) == cell


def test_a_title_that_looks_like_a_formula_stays_text_through_export_and_import() -> None:
    head = ",".join(COLUMNS["agreements"].columns)
    found = read(f"{head}\nA,=1+1,@x,37,0.01,monthly,90,2026-01-01,\n", "agreements")
    text = written("agreements", found.records)

    assert found.records[0].cells["title_da"] == "=1+1"
    assert "'=1+1" in text
    assert read(text, "agreements").records == found.records


@given(st.text(st.characters(codec="utf-8"), max_size=300))
def test_any_text_is_read_or_refused_with_lines_and_never_breaks(text: str) -> None:
    found = read(f"{HEAD}\n{text}")

    assert all(fault.path.startswith("payroll/steps.csv:") and int(fault.path.rpartition(":")[2]) >= 1 for fault in found.faults)
    for record in found.records:
        assert set(record.cells) == set(COLUMNS["steps"].columns)


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp", "Zs"]), min_size=1, max_size=60))
def test_no_exported_title_begins_a_formula(title: str) -> None:
    head = ",".join(COLUMNS["agreements"].columns)
    out = io.StringIO()
    csv.writer(out).writerow(["A", title, "x", "37", "0.01", "monthly", "90", "2026-01-01", ""])
    found = read(f"{head}\n{out.getvalue()}", "agreements")
    for row in csv.reader(io.StringIO(written("agreements", found.records))):
        assert not row[1].startswith(("=", "@"))
    assert read(written("agreements", found.records), "agreements").records == found.records
