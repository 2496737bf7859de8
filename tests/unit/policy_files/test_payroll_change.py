from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from idm.bootstrap import shipped
from idm.errors import BadInput, Conflict, NotFound, Unavailable
from idm.policy_files.payroll_change import Proposal, demand_sound, propose, put_in_place, table_named
from tests.support.payroll import line_of, texts, with_rows

NEW = "TEACH-5,TEACH,Lærer,Teacher,main,32,42,seniority_proof,2027-04-01,"
ENDED = "TEACH-1,TEACH,Lærer,Teacher,main,31,40,seniority_proof,2015-01-01,2027-03-31"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(shipped("policies"), tmp_path / "policies")
    return tmp_path / "policies"


def proposed(folder: Path, text: str, name: str = "classes", file: str = "new.csv") -> Proposal:
    return propose(folder, name, file, text.encode(), today=date(2027, 2, 15))


def april() -> str:
    return with_rows("classes", ENDED, NEW, without="TEACH-1,")["classes"]


def test_the_difference_tells_added_ended_changed_and_removed_rows(folder: Path) -> None:
    text = april().replace("CARE-9,CARE,Elev", "CARE-9,CARE,Trainee").replace("SERV-4,", "SERV-5,")
    changes = proposed(folder, text).changes

    assert [(change.kind, change.cells["pay_class"]) for change in changes] == [
        ("changed", "CARE-9"),
        ("added", "SERV-5"),
        ("ended", "TEACH-1"),
        ("added", "TEACH-5"),
        ("removed", "SERV-4"),
    ]
    ended = next(change for change in changes if change.kind == "ended")
    assert (ended.was, ended.line) == ({"valid_to": ""}, len(text.splitlines()) - 1)


def test_the_order_of_rows_and_columns_and_the_delimiter_are_no_difference(folder: Path) -> None:
    head, *rows = texts()["experience"].splitlines()
    text = "\r\n".join([head, *reversed(rows)]).replace(",", ";")

    assert proposed(folder, text, "experience").changes == ()


def test_a_proposal_changes_nothing_until_it_is_put_in_place(folder: Path) -> None:
    path = folder / "payroll" / "classes.csv"
    before = path.read_bytes()
    proposal = proposed(folder, april())
    assert path.read_bytes() == before

    undo = put_in_place(folder, proposal)
    assert path.read_text(encoding="utf-8") == proposal.text.text
    assert proposed(folder, april()).changes == ()
    undo()
    assert path.read_bytes() == before
    assert sorted(each.name for each in path.parent.iterdir()) == sorted(f"{name}.csv" for name in texts())


def test_a_table_that_somebody_changed_meanwhile_is_not_taken(folder: Path) -> None:
    proposal = proposed(folder, april())
    path = folder / "payroll" / "classes.csv"
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    now = path.read_bytes()

    with pytest.raises(Conflict):
        put_in_place(folder, proposal)
    assert path.read_bytes() == now


def test_a_folder_that_cannot_be_written_is_left_alone(folder: Path) -> None:
    proposal = proposed(folder, april())
    shutil.rmtree(folder / "payroll")
    (folder / "payroll").write_text("no folder")

    with pytest.raises(Unavailable):
        put_in_place(folder, proposal)


def test_a_faulty_row_is_told_with_the_line_of_the_file_given(folder: Path) -> None:
    proposal = proposed(folder, texts()["classes"].replace("\n", "\n\n") + "X-1,NONE,x,x,main,1,2,,2026-01-01,\n")

    assert proposal.policies is None
    assert [(fault.path, fault.rule) for fault in proposal.faults] == [
        (f"new.csv:{2 * len(texts()['classes'].splitlines()) + 1}", "unknown-agreement")
    ]
    with pytest.raises(BadInput):
        demand_sound(proposal, "new.csv")


def test_a_row_that_another_table_needs_cannot_go(folder: Path) -> None:
    proposal = proposed(folder, with_rows("classes", without="TEACH-3,")["classes"])

    assert {(fault.path, fault.rule) for fault in proposal.faults} >= {
        (f"payroll/allowed.csv:{line_of('allowed', ',music_teacher,')}", "unknown-pay-class"),
        (f"payroll/experience.csv:{line_of('experience', 'TEACH-3,')}", "unknown-pay-class"),
    }


def test_what_is_no_utf8_is_refused_with_its_line(folder: Path) -> None:
    proposal = propose(folder, "classes", "new.csv", texts()["classes"].encode("latin-1"))

    assert [(fault.path, fault.rule) for fault in proposal.faults] == [("new.csv:5", "encoding")]


def test_warnings_of_the_file_have_its_lines_and_their_consequence(folder: Path) -> None:
    proposal = proposed(folder, april())
    warning = next(warning for warning in proposal.warnings if warning.path.startswith("new.csv:"))

    assert warning.path == f"new.csv:{len(april().splitlines()) - 1}"
    assert warning.message == (
        "this row ends on 2027-03-31 and nothing follows; from 2027-04-01 there is no choice for teacher in any unit"
    )


@pytest.mark.parametrize(("name", "file", "table"), [("", "in/steps.csv", "steps"), ("classes", "april.csv", "classes")])
def test_a_table_is_named_by_its_file_or_by_name(name: str, file: str, table: str) -> None:
    assert table_named(name, file) == table


def test_a_file_of_no_table_is_not_found() -> None:
    with pytest.raises(NotFound, match="did you mean 'classes'"):
        table_named("", "class.csv")
