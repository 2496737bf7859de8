"""access.yaml: what it says reaches the domain, and what would let nobody in is refused or warned of."""

from __future__ import annotations

from pathlib import Path

import pytest

from idm.domain.access_policy import MANAGERS_START, AccessPolicy
from idm.domain.people import Organisation, Position, Unit
from idm.policy_files import check, load
from tests.unit.policy_files.base import BASE, write

TEAMS = """\
teams:
  office: {titles: {da: Kontor, en: Office}, members: [P1, P2], mailbox: office@example.org}
"""
ACCESS = """\
payroll_staff: ["team:office", P3]
auditors: [P4]
start_hires:
  managers: {positions: [nurse]}
  helpers:
    holders: [P5, "team:office"]
    units: [care]
"""


def checked(folder: Path, text: str, organisation: Organisation | None = None, teams: str = TEAMS) -> tuple[list[tuple[str, ...]], ...]:
    _, faults, warned = check(write(folder, {**BASE, "authority.yaml": teams, "access.yaml": text}), organisation)
    mine = [each for each in warned if each.path.startswith("access.yaml")]
    return [(each.path, each.rule, each.message) for each in faults], [(each.path, each.rule, each.message) for each in mine]


def test_everything_it_says_reaches_the_domain_with_its_line(tmp_path: Path) -> None:
    made = load(write(tmp_path, {**BASE, "authority.yaml": TEAMS, "access.yaml": ACCESS})).access

    assert (made.payroll_staff, made.auditors) == (("team:office", "P3"), ("P4",))
    assert [(each.id, each.holders, each.units, each.positions, each.source.line) for each in made.starts] == [
        ("managers", (), (), ("nurse",), 4),
        ("helpers", ("P5", "team:office"), ("care",), (), 5),
    ]


def test_without_the_file_nobody_is_let_in_and_managers_start_hires(tmp_path: Path) -> None:
    assert load(write(tmp_path)).access == AccessPolicy((), (), MANAGERS_START)


def test_a_file_that_says_nothing_of_starting_leaves_it_to_managers_and_an_empty_section_to_nobody(tmp_path: Path) -> None:
    assert load(write(tmp_path, {**BASE, "access.yaml": "auditors: [P4]\n"})).access.starts == MANAGERS_START
    assert load(write(tmp_path, {**BASE, "access.yaml": "start_hires: {}\n"})).access.starts == ()


@pytest.mark.parametrize(
    ("old", "new", "line", "rule", "says"),
    [
        ('payroll_staff: ["team:office"', 'payroll_staff: ["team:ofice"', 1, "unknown-team", "did you mean 'office'"),
        ("auditors: [P4]", 'auditors: ["team:audit"]', 2, "unknown-team", "nobody would be let in"),
        ('[P5, "team:office"]', '[P5, "team:payroll"]', 6, "unknown-team", "authority.yaml has: office"),
        ("auditors: [P4]", "auditors: []", 2, "rule", "empty list"),
        ("auditors: [P4]", "auditors: [P4, P4]", 2, "rule", "twice"),
        ("auditors: [P4]", "auditor: [P4]", 2, "unknown-key", "did you mean 'auditors'"),
        ("[P5,", '["mob:x",', 6, "pattern", "team:NAME"),
        ("units: [care]", "unit: [care]", 7, "unknown-key", "did you mean 'units'"),
        ("positions: [nurse]", "positions: []", 4, "rule", "empty list"),
    ],
)
def test_an_edit_that_breaks_it_names_line_and_consequence(tmp_path: Path, old: str, new: str, line: int, rule: str, says: str) -> None:
    assert ACCESS.count(old) == 1
    (fault,) = checked(tmp_path, ACCESS.replace(old, new))[0]
    assert (fault[0], fault[1]) == (f"access.yaml:{line}", rule)
    assert says in fault[2]


def test_a_broken_authority_file_is_told_of_once_and_a_missing_one_has_no_teams(tmp_path: Path) -> None:
    assert {path for path, *_ in checked(tmp_path, ACCESS, teams="teams: []\n")[0]} == {"authority.yaml:1"}
    (tmp_path / "authority.yaml").unlink()
    faults = check(tmp_path)[1]
    assert [(each.path, each.rule) for each in faults] == [("access.yaml:1", "unknown-team"), ("access.yaml:6", "unknown-team")]


def test_places_that_the_organisation_lacks_and_auditors_of_their_own_work_are_warned_of(tmp_path: Path) -> None:
    organisation = Organisation({"cares": Unit("cares", "C")}, {"nurses": Position("nurses", "N")})
    faults, warned = checked(tmp_path, ACCESS.replace("[P4]", '[P4, "team:office"]'), organisation)

    assert faults == []
    assert [(path, rule) for path, rule, _ in warned] == [
        ("access.yaml:2", "own-work"),
        ("access.yaml:4", "never-matches"),
        ("access.yaml:7", "never-matches"),
    ]
    assert "did you mean 'nurses'" in warned[1][2]
    assert "no hire is ever started there" in warned[2][2]
