"""roles.yaml beyond plain rules: limits, what may be granted, conflicts, rules that can't matter, and the examples beside them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from idm.domain.grants import Reach
from idm.domain.matching import Match
from idm.domain.people import Organisation, Position, Unit
from idm.domain.roles import NAMED, Conflict, DataLimit, Grantable
from idm.policy_files import check, load
from tests.unit.policy_files.base import BASE, write

GROUPS = """\
groups:
  children: {positions: [teacher], units: [schools]}
  doctors: {positions: [doctor]}
"""
ROLES = """\
roles:
  employee: {titles: {da: M, en: E}, entitlements: {ldap: [all-staff]}}
  nurse: {titles: {da: S, en: N}, entitlements: {ldap: [care]}}
  buyer:
    titles: {da: I, en: B}
    entitlements: {ldap: [buyers]}
    data_limits: {units: own, amount: 50000}
    grantable: {when: {units: [town], age_from: 18}, most_days: 90}
  approver: {titles: {da: G, en: A}, entitlements: {ldap: [approvers]}, data_limits: {units: [care, schools]}, grantable: true}
rules:
  everybody: {roles: [employee]}
  nurses:
    roles: [nurse]
    positions: [nurse]
    when: {hours_from: 8}
  grown_up_teachers: {roles: [buyer], when: {groups: [children], age_from: 18}}
conflicts:
  buys_and_approves: {titles: {da: K, en: C}, roles: [buyer, approver], severity: refuse}
examples:
  a_nurse:
    given: {position: nurse, unit: [care, town], weekly_hours: 20}
    expect: [employee, nurse]
    never: others
  a_young_teacher:
    given: {position: teacher, unit: north, age: 17}
    expect: [employee]
    never: [buyer]
"""
ORGANISATION = Organisation(
    {
        "town": Unit("town", "T"),
        "care": Unit("care", "C", "town"),
        "schools": Unit("schools", "S", "town"),
        "north": Unit("north", "N", "schools"),
    },
    {name: Position(name, name) for name in ("nurse", "teacher", "doctor")},
)


def texts(old: str = "", new: str = "") -> dict[str, str]:
    assert not old or ROLES.count(old) == 1, f"{old!r} stands {ROLES.count(old)} times"
    return {**BASE, "groups.yaml": GROUPS, "roles.yaml": ROLES.replace(old, new) if old else ROLES}


def test_limits_grants_and_conflicts_reach_the_domain(tmp_path: Path) -> None:
    found = load(write(tmp_path, texts()))

    assert found.roles["buyer"].limit == DataLimit("own", (), Decimal(50000))
    assert found.roles["buyer"].grantable == Grantable(Match(units=("town",), age_from=18), 90)
    assert found.roles["approver"].grantable == Grantable()
    assert found.roles["approver"].limit == DataLimit(NAMED, ("care", "schools"))
    assert found.roles["approver"].limit.reach("x") == Reach(("care", "schools"))
    assert found.roles["nurse"].grantable is None and found.roles["nurse"].limit == DataLimit()
    assert found.role_rules[1].match == Match(positions=("nurse",), hours_from=Decimal(8))
    (conflict,) = found.conflicts
    assert conflict == Conflict("buys_and_approves", ("buyer", "approver"), "refuse", {"da": "K", "en": "C"}, conflict.source)
    assert (conflict.source.file, conflict.source.line) == ("roles.yaml", 18)


def test_the_sound_set_has_neither_faults_nor_warnings_of_its_roles(tmp_path: Path) -> None:
    policies, faults, warned = check(write(tmp_path, texts()), ORGANISATION)
    assert policies is not None and faults == []
    assert [warning for warning in warned if warning.path.startswith("roles.yaml")] == []


@dataclass(frozen=True)
class Edit:
    old: str
    new: str
    line: int
    rule: str
    says: str


FAULTS = [
    Edit("roles: [nurse]\n", "roles: [nurze]\n", 13, "unknown-role", "did you mean 'nurse'?"),
    Edit("groups: [children]", "groups: [childern]", 16, "unknown-group", "did you mean 'children'?"),
    Edit("when: {hours_from: 8}", "when: {positions: [doctor]}", 12, "rule", "say it once"),
    Edit("when: {hours_from: 8}", "when: {}", 15, "rule", "asks nothing"),
    Edit("when: {hours_from: 8}", "when: {amount_from: 8}", 15, "never-fits", "data_limits"),
    Edit("data_limits: {units: own, amount: 50000}", "data_limits: {}", 7, "rule", "limits nothing"),
    Edit("data_limits: {units: own, amount: 50000}", "data_limits: {amount: -1}", 7, "range", "greater than 0"),
    Edit("most_days: 90", "most_days: 0", 8, "range", "greater than or equal to 1"),
    Edit("roles: [buyer, approver], severity", "roles: [buyer], severity", 18, "rule", "one role only"),
    Edit("roles: [buyer, approver], severity", "roles: [buyer, aprover], severity", 18, "unknown-role", "'aprover'"),
    Edit("severity: refuse", "severity: maybe", 18, "choice", "'refuse' or 'needs_reason'"),
    Edit("everybody: {roles: [employee]}", "everybody: {roles: [employee, buyer, approver]}", 11, "conflict", "refuses buyer and approver"),
    Edit("expect: [employee, nurse]", "expect: [employee, nurze]", 22, "unknown-role", "'nurze'"),
    Edit("never: [buyer]", "never: [byer]", 27, "unknown-role", "'byer'"),
    Edit("    expect: [employee]\n    never: [buyer]\n", "", 24, "rule", "could never fail"),
    Edit(
        "expect: [employee, nurse]",
        "expect: [employee, nurse, buyer]",
        22,
        "example",
        "no rule gives buyer; it gets employee by rule everybody, nurse by",
    ),
    Edit("weekly_hours: 20", "weekly_hours: 7", 22, "example", "expects employee, nurse, but no rule gives nurse"),
    Edit(
        "expect: [employee, nurse]\n",
        "expect: [nurse]\n",
        23,
        "example",
        "must never get employee, but rule 'everybody' (line 11) gives it",
    ),
    Edit("age: 17", "age: 18", 27, "example", "must never get buyer, but rule 'grown_up_teachers' (line 16)"),
    Edit("given: {position: teacher, unit: north", "given: {position: teachr, unit: north", 25, "example", "did you mean 'teacher'?"),
    Edit("unit: north, age", "unit: nort, age", 25, "example", "did you mean 'north'?"),
]


@pytest.mark.parametrize("edit", FAULTS, ids=lambda edit: f"{edit.line}:{edit.new[:40]}")
def test_an_edit_that_breaks_is_named_with_its_line_and_what_follows(edit: Edit, tmp_path: Path) -> None:
    policies, faults, _ = check(write(tmp_path, texts(edit.old, edit.new)), ORGANISATION)

    assert policies is None
    assert [(fault.path, fault.rule) for fault in faults] == [(f"roles.yaml:{edit.line}", edit.rule)]
    assert edit.says in faults[0].message


WARNED = [
    Edit("when: {hours_from: 8}", "when: {hourly: true}", 15, "known-late", "once payroll's form is filled in"),
    Edit("when: {hours_from: 8}", "when: {groups: [doctors], hours_from: 8}", 12, "never-fits", "nobody can be in doctors"),
    Edit("positions: [nurse]\n", "positions: [nursse]\n", 14, "never-matches", "did you mean 'nurse'?"),
    Edit("units: [town], age_from", "units: [twon], age_from", 8, "never-matches", "did you mean 'town'?"),
    Edit("units: [care, schools]}", "units: [car, schools]}", 9, "never-matches", "no unit 'car'"),
    Edit("groups: [children], age", "units: [shools], age", 16, "never-matches", "did you mean 'schools'?"),
    Edit(
        "conflicts:\n",
        "  more: {roles: [nurse], positions: [nurse], units: [care], when: {hours_from: 10}}\nconflicts:\n",
        17,
        "shadowed",
        "'nurses' (line 12)",
    ),
    Edit(
        "conflicts:\n",
        "  more: {roles: [nurse], units: [care], when: {temporary: true}}\nconflicts:\n",
        17,
        "overlapping",
        "'nurses' (line 12)",
    ),
    Edit(
        "conflicts:\n",
        "  more: {roles: [approver], units: [north]}\nconflicts:\n",
        17,
        "conflict",
        "buyer and approver together, against 'buys_and_approves'",
    ),
]


@pytest.mark.parametrize("edit", WARNED, ids=lambda edit: f"{edit.line}:{edit.new[:40]}")
def test_what_can_hardly_be_meant_is_warned_of(edit: Edit, tmp_path: Path) -> None:
    changed = texts(edit.old, edit.new)
    changed["roles.yaml"] = changed["roles.yaml"][: changed["roles.yaml"].index("examples:")]
    policies, faults, warned = check(write(tmp_path, changed), ORGANISATION)

    assert policies is not None and faults == []
    mine = [warning for warning in warned if warning.path.startswith("roles.yaml")]
    assert [(warning.path, warning.rule) for warning in mine] == [(f"roles.yaml:{edit.line}", edit.rule)]
    assert edit.says in mine[0].message


def test_of_two_rules_that_say_the_same_only_one_is_called_needless(tmp_path: Path) -> None:
    again = "  again: {roles: [nurse], positions: [nurse], when: {hours_from: 8}}\nconflicts:\n"
    _, _, warned = check(write(tmp_path, texts("conflicts:\n", again)), ORGANISATION)
    assert [(each.path, each.rule) for each in warned if each.path.startswith("roles.yaml")] == [("roles.yaml:17", "shadowed")]


def test_rules_of_other_positions_are_not_held_against_each_other(tmp_path: Path) -> None:
    other = "  doctors: {roles: [nurse], positions: [doctor]}\nconflicts:\n"
    _, _, warned = check(write(tmp_path, texts("conflicts:\n", other)), ORGANISATION)
    assert [each for each in warned if each.path.startswith("roles.yaml")] == []


def test_without_an_organisation_only_examples_that_name_the_units_above_are_run(tmp_path: Path) -> None:
    broken = texts("age: 17", "age: 18")
    assert check(write(tmp_path / "one", broken))[1] == []
    listed = {**broken, "roles.yaml": broken["roles.yaml"].replace("unit: north", "unit: [north, schools]")}
    assert [fault.rule for fault in check(write(tmp_path / "two", listed))[1]] == ["example"]


def test_thousands_of_rules_are_checked_in_a_moment(tmp_path: Path) -> None:
    many = "".join(f"  r{n}: {{roles: [nurse], positions: [p{n}], units: [care]}}\n" for n in range(2000))
    policies, faults, _ = check(write(tmp_path, texts("conflicts:\n", f"{many}conflicts:\n")))
    assert faults == [] and policies is not None and len(policies.role_rules) == 2003
