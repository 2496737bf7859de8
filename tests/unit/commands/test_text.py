"""Text for terminals."""

from __future__ import annotations

import io
import sys
from datetime import UTC, datetime

import pytest

from idm.commands.text import colourful, local, table, unicode_output


def test_a_table_has_its_columns_under_their_heads() -> None:
    assert table(("case", "state"), [("c-1", "waiting"), ("c-22222", None)]) == ["CASE     STATE", "c-1      waiting", "c-22222  -"]


def test_a_table_without_rows_says_so() -> None:
    assert table(("case",), [], "No cases.") == ["No cases."]


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        ("2027-01-03T23:00:00+00:00", "2027-01-04 00:00"),
        (datetime(2026, 7, 1, 12, 0, tzinfo=UTC), "2026-07-01 14:00"),
        (None, ""),
    ],
)
def test_moments_are_shown_in_danish_time(moment: str | datetime | None, shown: str) -> None:
    assert local(moment) == shown


class Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("variables", "wanted"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)], ids=["terminal", "NO_COLOR", "dumb"]
)
def test_colour_is_for_terminals_that_want_it(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], wanted: bool) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stdout", Terminal(io.BytesIO(), encoding="ascii"))
    assert colourful() is wanted
    assert not unicode_output()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="utf-8"))
    assert not colourful()
    assert unicode_output()
