from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idm.errors import BadInput
from idm.inputs.task_input import TaskInput, read_task_input


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ("{}", TaskInput()),
        ('{"decision": " accept "}', TaskInput("accept")),
        ('{"decision": "return", "reason": "Blurred.\\r\\nTake it again."}', TaskInput("return", "Blurred.\nTake it again.")),
        (
            '{"values": {"pay": ["p1", "p2"], "step": 12, "rate": 0.5, "own": true, "none": null}}',
            TaskInput(values={"pay": ["p1", "p2"], "step": 12, "rate": 0.5, "own": True, "none": None}),
        ),
        (
            '{"values": {"add": ["a", {"role": "b", "units": ["u1", "u2"], "amount": 5000}]}}',
            TaskInput(values={"add": ["a", {"role": "b", "units": ["u1", "u2"], "amount": 5000}]}),
        ),
        ('{"reason": "Call 12345678, or 4520123456."}', TaskInput(reason="Call 12345678, or 4520123456.")),
    ],
)
def test_takes(raw: str, found: TaskInput) -> None:
    assert read_task_input(raw) == found
    assert read_task_input(raw.encode()) == found


@pytest.mark.parametrize(
    ("raw", "faults"),
    [
        ("", [("1:1", "empty")]),
        ("{", [("1:2", "json")]),
        ("[]", [("$", "object")]),
        ('{"decision": 5}', [("decision", "text")]),
        ('{"reason": ["x"]}', [("reason", "text")]),
        ('{"reason": "\\u0000"}', [("reason", "control-characters")]),
        ('{"reason": "Page 2 of 010190-1234 is missing."}', [("reason", "cpr-number")]),
        ('{"reason": "0101901234"}', [("reason", "cpr-number")]),
        ('{"values": []}', [("values", "object")]),
        ('{"values": {"a": {"b": 1}}}', [("values.a", "value")]),
        ('{"values": {"a": [1]}}', [("values.a", "value")]),
        ('{"values": {"a": "\\u0000"}}', [("values.a", "value")]),
        ('{"values": {"a": [{"b": ["\\u0000"]}]}}', [("values.a", "value")]),
        ('{"values": {"a": [{"b": [["c"]]}]}}', [("values.a", "value")]),
        ('{"values": {"010190-1234": "x"}}', [("values[0]", "name")]),
        ('{"descision": "accept"}', [("descision", "unknown-field")]),
        (
            '{"decision": 5, "reason": 5, "values": 5}',
            [("decision", "text"), ("reason", "text"), ("values", "object")],
        ),
    ],
)
def test_refuses_with_every_fault(raw: str, faults: list[tuple[str, str]]) -> None:
    with pytest.raises(BadInput) as caught:
        read_task_input(raw)

    assert [(fault.path, fault.rule) for fault in caught.value.faults] == faults
    assert caught.value.exit_code == 3


def test_does_not_show_what_was_filled_in() -> None:
    assert "secret" not in repr(read_task_input('{"reason": "secret", "values": {"a": "secret"}}'))


def test_too_long_is_refused() -> None:
    for content in ({"reason": "x" * 2001}, {"values": {"a": "x" * 2001}}, {"values": {"a": ["x" * 2001]}}, {"decision": "x" * 41}):
        with pytest.raises(BadInput):
            read_task_input(json.dumps(content))


@given(raw=st.text(max_size=40) | st.dictionaries(st.sampled_from(["decision", "reason", "values"]), st.text() | st.none()).map(json.dumps))
def test_any_text_is_taken_or_refused_with_faults(raw: str) -> None:
    try:
        read_task_input(raw)
    except BadInput as error:
        assert error.faults
