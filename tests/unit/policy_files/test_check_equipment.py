"""equipment.yaml: every edit that breaks it is named by file and line with its consequence, and what can hardly be meant is a warning."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from idm.domain.people import Organisation, Position, Unit
from idm.policy_files import policy_text
from idm.policy_files.folder import check_texts, read_texts

SHIPPED = Path(__file__).parents[3] / "policies"
TEXTS, _ = read_texts(SHIPPED)
FILE = "equipment.yaml"
TEXT = next(text.text for text in TEXTS if text.file == FILE)
TREE = Organisation(
    {"top": Unit("top", "Top"), "schools": Unit("schools", "S", "top"), "daycare": Unit("daycare", "D", "top"), "care": Unit("care", "C")},
    {"engineer": Position("engineer", "E")},
)


def edited(old: str, new: str) -> tuple[list[tuple[str, str, str]], list[tuple[str, str, str]], int]:
    """The faults and warnings of equipment.yaml after one edit, and the line that was edited."""
    assert TEXT.count(old) == 1, TEXT.count(old)
    others = [text for text in TEXTS if text.file != FILE]
    _, faults, warnings = check_texts([*others, policy_text(FILE, TEXT.replace(old, new))], organisation=TREE)
    line = TEXT[: TEXT.index(old)].count("\n") + 1
    found = [[(each.path, each.rule, each.message) for each in each_list if each.path.startswith(FILE)] for each_list in (faults, warnings)]
    return found[0], found[1], line


def test_the_shipped_file_has_no_fault() -> None:
    policies, faults, _ = check_texts(TEXTS)
    assert faults == []
    assert policies is not None
    assert policies.equipment.items["uniform"].account == "5.30.27-4020"
    assert policies.equipment.items["laptop"].source.line == TEXT[: TEXT.index("  laptop:")].count("\n") + 1


@pytest.mark.parametrize(
    ("old", "new", "rule", "says"),
    [
        ("    price: 6995\n", "    price: 0\n", "range", "price"),
        ("    price: 6995\n", "    price: 69.955\n", "rule", "two decimals"),
        ("    price: 6995\n", "    price: cheap\n", "type", "price"),
        ("trusted: true}\n  office_house", "trusted: maybe}\n  office_house", "type", "trusted"),
        ("    maximum: 2\n", "    maximum: 0\n", "range", "maximum"),
        ("supplier: workwear\n", "supplier: workware\n", "unknown-supplier", "did you mean 'workwear'"),
        ('account: "5.30.27-4020"\n', 'account: "5.30.27-4099"\n', "account-not-allowed", "could never be ordered"),
        ('numbers: ["5.25.14-4010"]', 'numbers: ["5.25.14"]', "account-form", "nobody could ever use it"),
        ("  the_rest: {total_over: 15000, line_over: 10000}", "  the_rest: {}", "rule", "never: true"),
        ("never: true}", "never: true, line_over: 5}", "rule", "never: true"),
        ("{laptop: 1, dock: 1, screen: 1}", "{laptop: 1, dok: 1}", "unknown-item", "did you mean 'dock'"),
        ("{workstation: 1, screen: 2}", "{workstation: 1, screen: 3}", "maximum", "at most 2"),
        ("desk: {positions: [consultant,", "desk: {positions: [consultant, nurse, consultant,", "rule", "twice"),
        ("drawing: {positions: [engineer]", "drawing: {positions: [librarian]", "not-for-position", "always refused"),
        ("  positions: [engineer, consultant, librarian]", "  groups: [nobody_at_all]", "unknown-group", "nobody_at_all"),
        ("  confirm_from: 5000", "  confirm_from: -1", "range", "confirm_from"),
        ("    returnable: false # it", "    returnible: false # it", "unknown-key", "did you mean 'returnable'"),
    ],
)
def test_a_broken_edit_names_its_line_and_what_comes_of_it(old: str, new: str, rule: str, says: str) -> None:
    faults, _, line = edited(old, new)
    assert [(fault[0], says in fault[2]) for fault in faults if fault[1] == rule] == [(f"{FILE}:{line}", True)], faults


def test_a_form_that_cannot_be_read_is_named_where_the_account_plan_begins() -> None:
    faults, _, line = edited("form: '[0-9]", "form: '([0-9]")
    assert [(path, rule) for path, rule, words in faults if "regular expression" in words] == [(f"{FILE}:{line - 1}", "rule")]


def test_a_limit_behind_one_for_everybody_never_counts() -> None:
    faults, _, line = edited("  it_department: {when: {units: [it_department]}, never: true}", "  all: {never: true}")
    assert [(path, rule) for path, rule, _ in faults] == [(f"{FILE}:{line + 1}", "never-reached")]


@pytest.mark.parametrize(
    ("old", "new", "rule", "says"),
    [
        ("total_over: 15000", "total_over: 1", "always-asked", "approves every order"),
        ("line_over: 10000", "line_over: 9000000", "never-asked", "never asked because of a line"),
        ("  confirm_from: 5000", "  confirm_from: 9000000", "never-confirmed", "nothing of a trusted supplier"),
        ("supplier: workwear\n", "supplier: office_house\n", "unused-supplier", "workwear"),
        ('    everywhere: {numbers: ["6.45.51-4010"]}', '    everywhere: {units: [care], numbers: ["6.45.51-4010"]}', "no-account", "top"),
        ("{units: [schools]", "{units: [schols]", "never-matches", "did you mean 'schools'"),
    ],
)
def test_what_can_hardly_be_meant_is_a_warning_with_its_consequence(old: str, new: str, rule: str, says: str) -> None:
    faults, warnings, _ = edited(old, new)
    assert faults == []
    assert [path for path, of, words in warnings if of == rule and says in words], warnings


def test_a_journey_that_orders_needs_the_file_and_an_order_needs_a_journey() -> None:
    _, faults, _ = check_texts([text for text in TEXTS if text.file != FILE])
    assert [fault.rule for fault in faults] == ["no-catalogue"]
    hire = next(text for text in TEXTS if text.file == "journeys/hire.yaml").text
    without = re.sub(r"(?ms)^  (approve_|order_|receive_)?equipment:\n.*?(?=^  \w|\Z)", "", hire)
    without = without.replace(", equipment]", "]")
    texts = [text for text in TEXTS if text.file != "journeys/hire.yaml"]
    _, faults, warnings = check_texts([*texts, policy_text("journeys/hire.yaml", without)])
    assert faults == []
    assert "never-asked" in {warning.rule for warning in warnings if warning.path.startswith(FILE)}
