from __future__ import annotations

from typing import Any

import pytest

from idm.errors import BadInput, Conflict, Fault
from idm.inputs.csv_events import COLUMNS, read_csv_events, reason_of
from idm.inputs.departure_events import check_event
from idm.inputs.events import canonical, check_hire
from tests.unit.inputs.examples import EVENT, TODAY

HEAD = "id,source,cpr,given_name,family_name,private_email,mobile,unit,position,start_date,weekly_hours"
ROW = "h-1,/hr/csv,0101904321,Åse,Bæk,aase@example.net,+4520123456,school_north,teacher,2027-01-04,37"


def faults(row: str, head: str = HEAD) -> dict[str, str]:
    table = read_csv_events(f"{head}\n{row}\n", "hires.csv")
    (event,) = table.events
    with pytest.raises(BadInput) as error:
        check_hire(event.content, TODAY)
    table.placed(event, error.value)
    return {fault.path: fault.message for fault in error.value.faults}


def test_a_row_is_the_event_that_json_would_be() -> None:
    told: dict[str, Any] = {}
    for column, path in COLUMNS.items():
        value: Any = EVENT
        for part in path.split("."):
            value = value.get(part) if value is not None else None
        if value is not None:
            told[column] = str(value)
    (event,) = read_csv_events(f"{';'.join(told)}\n{';'.join(told.values())}\n", "hires.csv").events

    assert check_hire(event.content, TODAY) == check_hire(EVENT, TODAY)
    assert canonical(event.content) == canonical(EVENT)


def test_type_and_version_may_be_left_out() -> None:
    (event,) = read_csv_events(f"{HEAD}\n{ROW}\n", "hires.csv").events
    hire = check_hire(event.content, TODAY)
    assert (hire.type, hire.weekly_hours, hire.manager, hire.end_date) == ("dk.idm.hire", "37", "", None)


@pytest.mark.parametrize(("written", "read"), [("18,5", "18.5"), ("18.5", "18.5"), ("37", "37")])
def test_hours_may_have_a_decimal_comma(written: str, read: str) -> None:
    (event,) = read_csv_events(f"{HEAD}\n{ROW}\n".replace(",", ";").replace(";37\n", f";{written}\n"), "hires.csv").events
    assert check_hire(event.content, TODAY).weekly_hours == read


def test_a_fault_names_file_line_and_column() -> None:
    found = faults(ROW.replace("2027-01-04", "04-01-2027").replace("school_north", ""))
    assert set(found) == {"hires.csv:2:unit", "hires.csv:2:start_date"}


def test_a_cpr_number_whose_zero_a_spreadsheet_dropped_is_told_so() -> None:
    found = faults(ROW.replace("0101904321", "101904321"))
    assert "first zero" in found["hires.csv:2:cpr"]
    assert "101904321" not in str(found)


def test_an_unknown_column_is_refused_before_any_row_is_taken() -> None:
    with pytest.raises(BadInput) as error:
        read_csv_events(f"{HEAD},shoe_size\n{ROW},43\n", "hires.csv")
    assert [fault.path for fault in error.value.faults] == ["hires.csv:1:shoe_size"]


def test_a_row_may_tell_the_language_and_an_empty_cell_tells_none() -> None:
    rows = f"{HEAD},language\n{ROW},en\n{ROW.replace('h-1', 'h-2')},\n"
    first, second = (check_hire(event.content, TODAY) for event in read_csv_events(rows, "hires.csv").events)
    assert (first.language, second.language) == ("en", "")


def test_a_table_of_column_names_alone_holds_no_event() -> None:
    with pytest.raises(BadInput, match="holds no event"):
        read_csv_events(HEAD, "hires.csv")


def test_refused_rows_come_back_with_the_reason_and_can_be_read_again() -> None:
    table = read_csv_events(f"{HEAD}\n{ROW}\n{ROW.replace('h-1', 'h-2').replace(',37', ',60')}\n", "hires.csv")
    with pytest.raises(BadInput) as error:
        check_hire(table.events[1].content, TODAY)
    table.placed(table.events[1], error.value)
    rejects = table.rejects([(table.events[1], reason_of(error.value))])

    text = rejects.decode("utf-8-sig")
    assert text.splitlines()[0] == f"{HEAD},reason"
    assert "weekly_hours: must be more than 0 and at most 48 hours a week" in text and "'+4520123456" in text and "h-1" not in text
    again = read_csv_events(rejects, "rejects.csv")
    assert again.events[0].content == table.events[1].content


def test_the_reason_of_a_whole_row_says_all_and_names_no_line() -> None:
    table = read_csv_events(f"{HEAD}\n{ROW}\n", "hires.csv")
    error = Conflict("This person is being hired already.", faults=[Fault("", "same-hire", "it is employment e-1")])

    assert reason_of(table.placed(table.events[0], error)) == "This person is being hired already. it is employment e-1"


def test_changes_and_corrections_may_stand_in_a_table_beside_hires() -> None:
    head = "id;source;type;subject;start_date;family_name"
    rows = ["c-1;/hr/csv;dk.idm.hire.changed;h-1;2027-02-01;", "c-2;/hr/csv;dk.idm.person.corrected;h-1;;Bech"]
    changed, corrected = read_csv_events("\n".join([head, *rows]), "changes.csv").events
    assert changed.content["data"] == {"employment": {"start_date": "2027-02-01"}}
    assert corrected.content["data"] == {"person": {"family_name": "Bech"}}
    for event in (changed, corrected):
        assert check_event(event.content, TODAY).subject == "h-1"
