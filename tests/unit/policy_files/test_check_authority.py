"""authority.yaml: what it says reaches the domain, and what could never count is refused or warned of."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from idm.domain.authority_powers import AuthorityPolicy
from idm.domain.people import Organisation, Position, Unit
from idm.policy_files import check, load
from tests.unit.policy_files.base import BASE, write

AUTHORITY = """\
teams:
  office: {titles: {da: Kontor, en: Office}, members: [P1, P2], mailbox: office@example.org}
backups:
  schools_pay: {authority: pay, holders: ["team:office", P9], units: [schools]}
  managers: {authority: manager, holders: [P9]}
confirm: {every_months: 6, grace_days: 14, warn_days: 21}
four_eyes:
  high_pay: {tasks: [payroll], when: {amount_from: 40}}
  photos: {tasks: [photo, rights], when: {positions: [nurse]}}
amounts: {payroll: step}
"""


def checked(
    folder: Path, text: str, organisation: Organisation | None = None
) -> tuple[list[tuple[str, str, str]], list[tuple[str, str, str]]]:
    _, faults, warned = check(write(folder, {**BASE, "authority.yaml": text}), organisation)
    mine = [each for each in warned if each.path.startswith("authority.yaml")]
    return [(each.path, each.rule, each.message) for each in faults], [(each.path, each.rule, each.message) for each in mine]


def test_everything_it_says_reaches_the_domain_with_its_line(tmp_path: Path) -> None:
    made = load(write(tmp_path, {**BASE, "authority.yaml": AUTHORITY})).authority

    assert [(each.id, each.authority, each.holders, each.units, each.source.line) for each in made.backups] == [
        ("schools_pay", "pay", ("team:office", "P9"), ("schools",), 4),
        ("managers", "manager", ("P9",), (), 5),
    ]
    assert (made.teams["office"].members, made.teams["office"].mailbox) == (("P1", "P2"), "office@example.org")
    assert made.confirm is not None
    assert (made.confirm.months, made.confirm.grace_days, made.confirm.warn_days) == (6, 14, 21)
    assert [(rule.id, rule.kinds, rule.source.line) for rule in made.four_eyes] == [
        ("high_pay", ("payroll",), 8),
        ("photos", ("photo", "rights"), 9),
    ]
    assert made.four_eyes[0].when.amount_from == Decimal(40)
    assert made.amounts == {"payroll": "step"}
    assert [backup.id for backup in made.backups_for("pay", ("north", "schools"))] == ["schools_pay"]
    assert made.members("team:office") == ("P1", "P2")
    assert made.members("team:gone") == ()


def test_without_the_file_nothing_of_it_is_asked(tmp_path: Path) -> None:
    assert load(write(tmp_path)).authority == AuthorityPolicy()


@pytest.mark.parametrize(
    ("old", "new", "line", "rule", "says"),
    [
        ('"team:office", P9', '"team:ofice", P9', 4, "unknown-team", "did you mean 'office'"),
        ("authority: pay", "authority: king", 4, "choice", "'manager', 'pay', 'it' or 'control'"),
        ('holders: ["team:office", P9]', "holders: []", 4, "rule", "empty list"),
        ('"team:office", P9', '"mob:office", P9', 4, "pattern", "team:NAME"),
        ("members: [P1, P2]", "members: [P1, P1]", 2, "rule", "twice"),
        ("office@example.org", "office", 2, "pattern", "mail address"),
        ("every_months: 6", "every_months: 0", 6, "range", "greater than or equal to 1"),
        ("every_months: 6", "every_months: 1200", 6, "range", "less than or equal to 120"),
        ("warn_days: 21", "warn_days: 300", 6, "rule", "always stand in warning"),
        ("tasks: [payroll]", "tasks: [payrol]", 8, "unknown-task", "did you mean 'payroll'"),
        ("tasks: [payroll]", "tasks: [document]", 8, "unknown-task", "no task that somebody decides"),
        ("amount_from: 40", "amount_from: -40", 8, "range", "greater than 0"),
        ("amounts: {payroll: step}", "amounts: {payroll: agreement}", 10, "unknown-field", "no amount is ever known"),
        ("amounts: {payroll: step}", "amounts: {payrol: step}", 10, "unknown-form", "did you mean 'payroll'"),
        ("amounts: {payroll: step}\n", "", 8, "no-amount", "nobody would be asked to look twice"),
        ("positions: [nurse]", "groups: [nurses]", 9, "unknown-group", "'nurses'"),
        ("confirm: {", "conform: {", 6, "unknown-key", "did you mean 'confirm'"),
    ],
)
def test_an_edit_that_breaks_it_names_line_and_consequence(tmp_path: Path, old: str, new: str, line: int, rule: str, says: str) -> None:
    assert AUTHORITY.count(old) == 1
    (fault,) = checked(tmp_path, AUTHORITY.replace(old, new))[0]
    assert (fault[0], fault[1]) == (f"authority.yaml:{line}", rule)
    assert says in fault[2]


def test_units_and_positions_that_the_organisation_lacks_and_lone_teams_are_warned_of(tmp_path: Path) -> None:
    organisation = Organisation({"school": Unit("school", "S")}, {"teacher": Position("teacher", "T")})
    faults, warned = checked(tmp_path, AUTHORITY.replace("members: [P1, P2]", "members: [P1]"), organisation)

    assert faults == []
    assert [(path, rule) for path, rule, _ in warned] == [
        ("authority.yaml:2", "lone-member"),
        ("authority.yaml:4", "never-matches"),
        ("authority.yaml:9", "never-matches"),
    ]
    assert "did you mean 'school'" in warned[1][2]
