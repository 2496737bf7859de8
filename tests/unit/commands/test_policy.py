"""Showing a rule: the lines that belong to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from idm.commands.policy import declared, passage
from idm.policy_files import load

TEXT = "roles:\n  one:\n    titles: {da: a}\n\n    entitlements:\n      ldap: [x]\n\n  two:\n    titles: {da: b}\n"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (2, "one:\n  titles: {da: a}\n\n  entitlements:\n    ldap: [x]"),
        (8, "two:\n  titles: {da: b}"),
        (6, "ldap: [x]"),
        (99, ""),
    ],
)
def test_a_passage_is_the_line_and_what_is_indented_under_it(line: int, shown: str) -> None:
    assert passage(TEXT, line) == shown


def test_every_declared_name_stands_on_the_line_it_is_said_to_stand_on() -> None:
    folder = Path(__file__).parents[3] / "policies"
    rules = list(declared(load(folder)))
    expected = {"journey", "step", "document", "form", "field", "role", "rule", "conflict", "group", "system", "resource"}
    assert {kind for kind, _, _ in rules} >= expected
    wrong = [
        (kind, id, source)
        for kind, id, source in rules
        if id not in (folder / source.file).read_text().splitlines()[source.line - 1] and kind not in ("journey", "form")
    ]
    assert wrong == []
