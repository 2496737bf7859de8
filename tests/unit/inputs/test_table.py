from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idm.errors import BadInput
from idm.inputs.table import guarded, read_table, unguarded, write_table

BOM = b"\xef\xbb\xbf"


def refusal(raw: bytes, known: tuple[str, ...] = ()) -> BadInput:
    with pytest.raises(BadInput) as error:
        read_table(raw, "t.csv", known)
    return error.value


@pytest.mark.parametrize("mark", [b"", BOM])
@pytest.mark.parametrize("separator", [",", ";"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_comma_or_semicolon_with_or_without_a_mark(mark: bytes, separator: str, end: str) -> None:
    text = end.join(["id;name", "1;Bæk", "", '2;"a{sep}""b"""'.replace("{sep}", separator)]).replace(";", separator)
    table = read_table(mark + text.encode(), "t.csv")

    assert (table.columns, table.delimiter) == (("id", "name"), separator)
    assert [(row.line, row.cells) for row in table.rows] == [(2, {"id": "1", "name": "Bæk"}), (4, {"id": "2", "name": f'a{separator}"b"'})]


def test_a_row_after_a_cell_of_several_lines_has_its_own_line() -> None:
    table = read_table(b'id,name\n1,"two\nlines"\n2,x\n', "t.csv")
    assert [row.line for row in table.rows] == [2, 4]


def test_empty_cells_and_short_rows_leave_their_columns_out() -> None:
    table = read_table(b"a,b,c\n1, ,3\n4\n , ,\n", "t.csv")
    assert [row.cells for row in table.rows] == [{"a": "1", "c": "3"}, {"a": "4"}]


@pytest.mark.parametrize(
    ("raw", "rule", "path"),
    [
        ("id;navn\n1;Bæk\n".encode("cp1252"), "encoding", "t.csv:2"),
        ("id,navn\n1,Bæk\n".encode("utf-16"), "encoding", "t.csv:1"),
        (b"", "empty", "t.csv:1"),
        (b" \n\n", "empty", "t.csv:1"),
        (b'id,b\n1,"open\n2,x\n', "csv", "t.csv:2"),
        (b"id,b\n1,x\n2,\0\n", "characters", "t.csv:3"),
        (b"id,id\n1,2\n", "duplicate", "t.csv:1:id"),
        (b"id,\n1,2\n", "column", "t.csv:1"),
        (b"id,b\n1,2,3\n", "cells", "t.csv:2"),
    ],
)
def test_what_is_no_table_is_refused_with_its_line(raw: bytes, rule: str, path: str) -> None:
    (fault,) = refusal(raw).faults
    assert (fault.rule, fault.path) == (rule, path)


def test_a_windows_file_is_told_what_to_save_it_as() -> None:
    assert "save it as 'CSV UTF-8'" in refusal("id;navn\n1;Bæk\n".encode("cp1252")).message


def test_a_misspelt_column_is_named_with_the_one_that_is_meant() -> None:
    (fault,) = refusal(b"id,given_nme\n1,2\n", ("id", "given_name")).faults
    assert (fault.path, fault.rule) == ("t.csv:1:given_nme", "unknown-field")
    assert "given_name" in fault.message


def test_a_table_without_a_heading_is_refused_without_repeating_it() -> None:
    error = refusal(b"anna,bech\n", ("id", "given_name"))
    assert "anna" not in str(error.as_json())


@pytest.mark.parametrize("cell", ["=1+1", "+4520123456", "-2", "@x", "\tx"])
def test_a_formula_is_guarded_on_writing_and_read_as_it_was(cell: str) -> None:
    written = write_table(("a", "b"), [{"a": cell, "b": "x"}], ";")
    assert f"'{cell}".encode() in written
    assert read_table(written, "t.csv").rows[0].cells == {"a": cell, "b": "x"}


@given(st.text())
def test_guarding_is_undone_by_reading(cell: str) -> None:
    assert unguarded(guarded(cell)) == (unguarded(cell) if cell[:1] == "'" else cell)


@given(st.binary(max_size=200))
def test_no_bytes_bring_anything_but_a_table_or_a_refusal(raw: bytes) -> None:
    try:
        read_table(raw, "t.csv")
    except BadInput as error:
        assert error.faults and error.message
