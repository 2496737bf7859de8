"""The rules that docs/domain.md promises: grouped as a hire is, each with a test that is there."""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import cache

import pytest

from tests.architecture.docs_pages import links, page
from tests.architecture.project import ROOT

GROUPS = (
    "Intake",
    "Journey",
    "Documents and checks",
    "Pay funnel",
    "What the new employee tells and hands in",
    "Approvals and control",
    "Authority",
    "Deadlines",
    "Departures",
    "Roles and rights",
    "Naming",
    "Equipment",
    "Mails",
    "Comments, waiting and history",
    "Who may see and do what",
    "Signing in",
    "The portal",
    "Audit and safety",
)
"""What concerns a hire, in the order in which the page tells it."""
_TEST = re.compile(r"`(tests/[\w/]+/test_\w+\.py)::(test_\w+)`")
FEWEST = 6
"""A group of fewer rules has been forgotten, or belongs into another."""
MOST = 3
"""A test that is to show more rules than this shows none of them."""


def rules(text: str) -> dict[str, list[tuple[str, str]]]:
    """The rules of the page, and the cell that names their tests, by group."""
    found: dict[str, list[tuple[str, str]]] = {}
    for part in text.partition("\n## The rules of a hire\n")[2].split("\n### ")[1:]:
        name, _, body = part.partition("\n")
        rows = [line.strip("|").split(" | ") for line in body.splitlines() if line.startswith("| ") and not line.startswith("| rule ")]
        found[name] = [(row[0].strip(), row[1].strip() if len(row) == 2 else "") for row in rows]
    return found


RULES = rules(page("domain.md"))


@cache
def defined_in(file: str) -> Counter[str]:
    """How often each test is defined in a file; none if there is no such file."""
    path = ROOT / file
    if not path.is_file():
        return Counter()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return Counter(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"))


def test_the_rules_are_told_in_the_groups_of_a_hire() -> None:
    assert tuple(RULES) == GROUPS
    assert {name: len(rows) for name, rows in RULES.items() if len(rows) < FEWEST} == {}


@pytest.mark.parametrize("group", GROUPS)
def test_every_rule_names_tests_that_are_there(group: str) -> None:
    wrong = []
    for rule, cell in RULES[group]:
        named = _TEST.findall(cell)
        if not named or cell != "<br>".join(f"`{file}::{test}`" for file, test in named):
            wrong.append(f"{rule} names no test, or more than tests: {cell}")
        wrong += [f"{rule} {file}::{test}" for file, test in named if defined_in(file)[test] != 1]
        wrong += [f"{rule} names a test twice" for _ in [named] if len(set(named)) < len(named)]
    assert wrong == []


def test_no_rule_is_told_twice_and_no_test_is_to_show_everything() -> None:
    told = Counter(rule for rows in RULES.values() for rule, _ in rows)
    assert [rule for rule, count in told.items() if count > 1] == []
    used = Counter(test for rows in RULES.values() for _, cell in rows for test in _TEST.findall(cell))
    assert [test for test, count in used.items() if count > MOST] == []


@pytest.mark.parametrize(("row", "cell"), [("| A rule. |", ""), ("| A rule. | by hand |", "by hand"), ("| A rule. | `x.py` |", "`x.py`")])
def test_a_rule_without_a_test_would_be_found(row: str, cell: str) -> None:
    told = rules(f"\n## The rules of a hire\n\n### Intake\n\n| rule | shown by |\n|---|---|\n{row}\n")

    assert [named for _, named in told["Intake"]] == [cell]
    assert _TEST.findall(cell) == []


def test_the_page_is_reached_from_the_index_and_from_the_readme() -> None:
    assert "domain.md" in {target for _, target in links(ROOT / "docs" / "README.md")}
    assert {"docs/domain.md", "docs/README.md"} & {target for _, target in links(ROOT / "README.md")}
