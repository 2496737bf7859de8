from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idm.domain.comments import LONGEST
from idm.errors import BadInput
from idm.inputs.comments import check_comment, read_comment


@pytest.mark.parametrize(
    "text",
    [
        "0101901234",
        "the number is 010190-1234.",
        "010190 1234",
        "010190 - 1234",
        "010190\u20131234",
        "010190\u20111234",
        "cpr:3112991234",
        "two lines\n010190-1234",
        "\uff10\uff11\uff10\uff11\uff19\uff10-\uff11\uff12\uff13\uff14",
        "x010190-1234y",
    ],
)
def test_a_cpr_number_is_refused_however_it_is_written_and_never_repeated(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        check_comment(text)
    assert [fault.rule for fault in caught.value.faults] == ["cpr-number"]
    said = str(caught.value.as_json())
    assert not any(part in said for part in ("0101", "3112", "1234"))


@pytest.mark.parametrize(
    "text", ["call 4512345678", "invoice 9912341234", "01019012345", "order 320190-1234", "010190", "1 2 3", "00 00 00 00 00"]
)
def test_other_numbers_are_taken(text: str) -> None:
    assert check_comment(text) == text


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "required"),
        (" \n ", "required"),
        ("x" * (LONGEST + 1), "too-long"),
        ("a\x00b", "control-characters"),
        ("a\x1b[2Jb", "control-characters"),
        ("right\u202eleft", "control-characters"),
        ("zero\u200bwidth", "control-characters"),
    ],
)
def test_what_is_no_comment_is_refused_with_the_rule(text: str, rule: str) -> None:
    with pytest.raises(BadInput) as caught:
        check_comment(text)
    assert [fault.rule for fault in caught.value.faults] == [rule]


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(BadInput) as caught:
        check_comment("\x00010190-1234" + "x" * LONGEST)
    assert [fault.rule for fault in caught.value.faults] == ["too-long", "control-characters", "cpr-number"]


def test_bytes_are_utf_8_with_plain_line_ends() -> None:
    assert read_comment("\ufeff Kære Åse\r\nvi ses\n".encode()) == "Kære Åse\nvi ses"
    with pytest.raises(BadInput, match="can't be taken"):
        read_comment(b"\xff\xfe")


@given(st.text(max_size=60))
def test_any_text_is_taken_as_it_is_or_refused(text: str) -> None:
    try:
        taken = check_comment(text)
    except BadInput:
        return
    assert check_comment(taken) == taken
