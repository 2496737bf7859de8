"""A payroll clerk changes tables through the command line: forms, warnings and running cases follow."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from idm.bootstrap import opened
from idm.settings import read_settings
from tests import data
from tests.acceptance.command_line import CommandLine
from tests.acceptance.people import appoint, hand_in, review, tell_personal

APRIL = "2027-04-01"


@pytest.fixture
def idm(tmp_path: Path) -> CommandLine:
    """A test installation with the organisation, in February 2027."""
    made = CommandLine(tmp_path / "home")
    made.prepare()
    made.run("clock", "set", "2027-02-15T08:00")
    return made


@pytest.fixture
def systems(idm: CommandLine) -> Iterator[None]:
    """The target systems run."""
    idm.process("simulators", "start")
    yield
    idm.run("simulators", "stop")


def form_open(idm: CommandLine, id: str, start: str = APRIL) -> str:
    """A teacher's hire whose payroll form is open."""
    case: str = idm.hire(data.hire_event(id, start=start))["items"][0]["case"]
    with opened(read_settings(home=idm.home)) as found:
        appoint(found.app, case)
        hand_in(found.app, case)
        tell_personal(found.app, case)
        review(found.app, case)
    return case


def submit(idm: CommandLine, case: str, round: int = 1, code: int = 0, **changes: str) -> dict[str, Any]:
    answer = {"decision": "submit", "values": data.payroll_values(**changes)}
    return idm.answer(f"{case}.payroll_form.{round}", data.PAY, answer, code=code).document


def edit(idm: CommandLine, table: str, old: str, new: str) -> Path:
    """A table as the clerk exports and edits it."""
    path = idm.home.parent / f"{table}.csv"
    path.unlink(missing_ok=True)
    idm.run("payroll", "export", table, "--to", str(path))
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


def field(idm: CommandLine, case: str, id: str, round: int = 1) -> dict[str, Any]:
    takes = idm.json("task", "show", f"{case}.payroll_form.{round}")["takes"]
    found: dict[str, Any] = next(each for each in takes["fields"] if each["id"] == id)
    return found


OLD = "TEACH-1,TEACH,Lærer,Teacher,main,31,40,seniority_proof,2015-01-01,\n"
ENDED = "TEACH-1,TEACH,Lærer,Teacher,main,31,40,seniority_proof,2015-01-01,2027-03-31\n"
NEW = "TEACH-5,TEACH,Lærer (ny klasse),Teacher (new class),main,33,42,seniority_proof,2027-04-01,\n"
ALLOWED = ",teacher,TEACH,TEACH-1,,,2015-01-01,\n"


def new_class(idm: CommandLine) -> None:
    """The new class is there and allowed from April on, beside the old one."""
    idm.json("payroll", "import", str(edit(idm, "classes", OLD, OLD + NEW)), "--take", "--as", data.PAY)
    idm.json("payroll", "import", str(edit(idm, "allowed", ALLOWED, ALLOWED + ALLOWED.replace("TEACH-1", "TEACH-5"))), "--take")


@pytest.mark.usefixtures("systems")
def test_a_new_class_and_the_end_of_the_old_one_reach_forms_warnings_and_running_cases(idm: CommandLine) -> None:
    march, is_open, waiting = form_open(idm, "march", "2027-03-31"), form_open(idm, "open"), form_open(idm, "waiting")
    new_class(idm)
    assert field(idm, is_open, "pay_class")["choices"] == ["TEACH-1", "TEACH-5"]
    submit(idm, march)
    submit(idm, waiting)

    # The difference is shown first, with whom it concerns; nothing changes by looking.
    path = str(edit(idm, "classes", OLD, ENDED))
    looked = idm.json("payroll", "import", path)
    assert (looked["taken"], looked["counts"]) == (False, {"added": 0, "ended": 1, "changed": 0, "removed": 0})
    assert looked["items"][0]["was"] == {"valid_to": ""}
    assert {case["case"]: (case["stage"], case["effect"]) for case in looked["cases"]} == {
        is_open: ("open", "other-choices"),
        waiting: ("submitted", "asked-again"),
    }
    assert field(idm, is_open, "pay_class")["choices"] == ["TEACH-1", "TEACH-5"]
    assert "Nothing is taken yet" in idm.run("payroll", "import", path).out

    # Taken, the open form offers the new class only, and the submitted one is asked again with the reason.
    taken = idm.json("payroll", "import", path, "--take", "--as", data.PAY)
    assert taken["taken"] and [case["case"] for case in taken["cases"]] == [case["case"] for case in looked["cases"]]
    assert field(idm, is_open, "pay_class")["settled"] == "TEACH-5"
    refused = submit(idm, is_open, code=3)["error"]["faults"]
    assert [(fault["path"], fault["message"]) for fault in refused] == [
        ("values.pay_class", "pay class TEACH-1 isn't valid on 2027-04-01: it ended on 2027-03-31")
    ]
    assert refused[0]["rule"].startswith("payroll/classes.csv:")
    asked = idm.json("task", "show", f"{waiting}.payroll_form.2")
    assert asked["state"] == "open" and "TEACH-1 isn't valid on 2027-04-01" in asked["reason"]
    assert submit(idm, waiting, 2, pay_class="TEACH-5")["state"] == "done"
    assert idm.json("task", "show", f"{march}.payroll_form.1")["state"] == "done"

    # The end is told while it is near, and by each who asks; it is on record who took what.
    for command in (["payroll", "check"], ["policy", "check"]):
        ends = [warning for warning in idm.json(*command)["warnings"] if warning["rule"] == "ends"]
        assert [warning["path"] for warning in ends] == [refused[0]["rule"]]
        assert "ends on 2027-03-31 and nothing follows; every position still has a choice then" in ends[0]["message"]
    entries = idm.json("audit", "list", "payroll")["items"]
    assert [(entry["actor"], entry["payload"]["table"]) for entry in entries][0::2] == [(data.PAY, "classes"), (data.PAY, "classes")]
    assert entries[-1]["payload"]["hash"] == taken["hash"]
    assert idm.json("audit", "verify")["ok"]
    idm.run("clock", "set", f"{APRIL}T08:00")
    assert "ends" not in {warning["rule"] for warning in idm.json("payroll", "check")["warnings"]}


@pytest.mark.usefixtures("systems")
def test_what_payroll_holds_is_told_of_and_left_as_it_is(idm: CommandLine) -> None:
    case = form_open(idm, "delivered")
    submit(idm, case)
    idm.process("work", "--until-idle")
    states = {step["id"]: step["state"] for step in idm.json("case", "show", case)["steps"]}
    assert states["record"] == "done", states
    new_class(idm)

    taken = idm.json("payroll", "import", str(edit(idm, "classes", OLD, ENDED)), "--take")
    assert [(each["case"], each["effect"]) for each in taken["cases"]] == [(case, "told")]
    assert idm.json("task", "show", f"{case}.payroll_form.1")["state"] == "done"


def test_an_edit_by_hand_reaches_cases_by_the_next_sweep(idm: CommandLine) -> None:
    case = form_open(idm, "by-hand")
    submit(idm, case)
    path = idm.home / "policies" / "payroll" / "classes.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(OLD, ENDED), encoding="utf-8")
    idm.run("work")

    assert idm.json("task", "show", f"{case}.payroll_form.2")["state"] == "open"
    assert idm.json("payroll", "check")["cases"][0]["effect"] == "no-choice"


@pytest.mark.parametrize(("point", "in_force"), [("table.before-place", False), ("table.before-commit", True)])
def test_a_killed_import_leaves_one_table_or_the_other_and_is_made_good_by_the_next(
    idm: CommandLine, point: str, *, in_force: bool
) -> None:
    case = form_open(idm, "killed")
    submit(idm, case)
    path = str(edit(idm, "classes", OLD, ENDED))
    before = (idm.home / "policies" / "payroll" / "classes.csv").read_text(encoding="utf-8")
    idm.process("payroll", "import", path, "--take", code=-9, IDM_FAULT=point)

    now = (idm.home / "policies" / "payroll" / "classes.csv").read_text(encoding="utf-8")
    assert now == (before.replace(OLD, ENDED) if in_force else before)
    assert "No entries" in idm.run("audit", "list", "payroll", code=0).out
    taken = idm.json("payroll", "import", path, "--take")
    assert [entry["payload"]["hash"] for entry in idm.json("audit", "list", "payroll")["items"]] == [taken["hash"]]
    assert idm.json("task", "show", f"{case}.payroll_form.2")["state"] == "open"
    assert idm.json("audit", "verify")["ok"]


def test_a_broken_file_is_refused_whole_with_lines_and_nothing_changes(idm: CommandLine) -> None:
    path = edit(idm, "classes", OLD, OLD + OLD + "TEACH-6,NONE,x,x,main,9,8,,2027-04-01,\n")
    before = idm.json("payroll", "export", "classes")["hash"]
    line = path.read_text(encoding="utf-8").splitlines().index(OLD.strip()) + 2
    expected = [(f"{path}:{line}", "overlap"), (f"{path}:{line + 1}", "last_step"), (f"{path}:{line + 1}", "unknown-agreement")]

    checked = idm.json("payroll", "check", str(path), code=3)
    assert sorted((fault["path"], fault["rule"]) for fault in checked["items"]) == expected
    refused = idm.json("payroll", "import", str(path), "--take", code=3)
    assert sorted((fault["path"], fault["rule"]) for fault in refused["error"]["faults"]) == expected
    assert idm.json("payroll", "export", "classes")["hash"] == before
    assert "No entries" in idm.run("audit", "list", "payroll", code=0).out


def test_a_table_that_would_leave_people_without_a_choice_says_whom(idm: CommandLine) -> None:
    case = form_open(idm, "left")
    path = edit(idm, "allowed", ALLOWED, ALLOWED.replace(",\n", ",2027-03-31\n"))
    looked = idm.json("payroll", "import", str(path))

    assert [(each["case"], each["effect"], each["faults"][0]["path"]) for each in looked["cases"]] == [
        (case, "no-choice", "values.agreement")
    ]
    (ends,) = [warning for warning in looked["warnings"] if warning["rule"] == "ends"]
    assert ends["path"].startswith(f"{path}:")
    assert "from 2027-04-01 there is no choice for teacher in any unit" in ends["message"]


def test_the_export_of_a_day_holds_what_is_valid_then_and_comes_back_unchanged(idm: CommandLine) -> None:
    rows = idm.json("payroll", "export", "steps", "--on", "2026-09-30")["items"]
    assert {(row["scale"], row["valid_to"]) for row in rows} == {("main", "2026-09-30"), ("academic", "")}
    printed = idm.run("payroll", "export", "steps").out
    path = idm.home.parent / "same.csv"
    path.write_text("\ufeff" + printed.replace(",", ";"), encoding="utf-8")

    same = idm.json("payroll", "import", str(path), "--table", "steps", "--take")
    assert (same["items"], same["cases"]) == ([], [])
    assert idm.json("payroll", "import", "-", "--table", "nothing", code=4)["error"]["next"]
    assert idm.run("payroll", "export", "steps", "--to", str(path), code=6).err


def test_a_clerk_sees_what_a_place_would_be_offered_without_a_case(idm: CommandLine) -> None:
    new_class(idm)
    before, after = (
        idm.json("payroll", "ask", "--unit", "school_north", "--position", "teacher", "--on", day, "--hours", "20")
        for day in ("2027-03-31", APRIL)
    )
    offered = [next(field["choices"] for field in told["fields"] if field["id"] == "pay_class") for told in (before, after)]
    assert offered == [["TEACH-1"], ["TEACH-1", "TEACH-5"]]
    assert (
        "occupation_rate: decimal, proposed 0.5405"
        in idm.run("payroll", "ask", "--unit", "school_north", "--position", "teacher", "--hours", "20").out
    )
    assert idm.json("payroll", "ask", "--unit", "school_north", "--position", "astronaut", code=4)["error"]["next"]


def test_answers_so_far_narrow_the_form_on_the_command_line(idm: CommandLine) -> None:
    case = form_open(idm, "narrow")
    path = idm.home.parent / "so_far.json"
    path.write_text(json.dumps({"values": {"scale_step": 40, "seniority_date": "2026-01-01"}}))

    shown = idm.run("task", "show", f"{case}.payroll_form.1", "--input", str(path)).out
    assert "refused: values.scale_step: 1 full year of seniority gives step 32 in class TEACH-1" in shown
    assert "pay_class: choice, proposed TEACH-1 (TEACH-1) - Pay class" in shown
