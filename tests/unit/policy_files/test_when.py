"""`when:` and groups.yaml: every criterion reaches the domain, and what could never fit is refused or warned of."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from idm.domain.matching import EVERYBODY, Match
from idm.domain.people import Organisation, Position, Unit
from idm.policy_files import check, load
from idm.policy_files.build import Draft
from idm.policy_files.check_when import known_groups, when_faults
from idm.policy_files.read import policy_text, read
from idm.policy_files.when import GroupsFile, When, match_of
from tests.unit.policy_files.base import BASE, write

GROUPS = """\
groups:
  children: {positions: [teacher], units: [schools]}
  care:
    units: [care, cre]
"""


def test_every_criterion_reaches_the_domain() -> None:
    given: dict[str, Any] = {
        "positions": ["teacher"],
        "units": ["schools"],
        "groups": ["children"],
        "citizenship": ["danish", "UA"],
        "hours_from": 8,
        "hours_below": 18.5,
        "temporary": True,
        "hourly": False,
        "age_from": 15,
        "age_below": 18,
        "new_person": True,
        "manages": False,
        "notice_below": 14,
        "agreements": ["TEACH"],
        "pay_classes": ["TEACH-1"],
        "amount_from": 50000,
    }
    made = match_of(When.model_validate(given))
    assert made == Match(
        ("teacher",),
        ("schools",),
        ("children",),
        ("danish", "UA"),
        Decimal(8),
        Decimal("18.5"),
        True,
        False,
        15,
        18,
        True,
        False,
        14,
        ("TEACH",),
        ("TEACH-1",),
        Decimal(50000),
    )
    assert list(given) == list(made.asked()) == list(When.model_fields)


def test_no_when_means_everybody() -> None:
    assert match_of(None) is EVERYBODY


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "asks nothing"),
        ({"hours_from": 20, "hours_below": 20}, "nobody could ever fit"),
        ({"age_from": 18, "age_below": 15}, "nobody could ever fit"),
        ({"citizenship": ["swedish"]}, "pattern"),
        ({"citizenship": ["DK", "ZZ"]}, "no country has the code 'ZZ'"),
        ({"citizenship": []}, "empty list"),
        ({"units": ["a", "a"]}, "twice"),
        ({"age_below": 0}, "greater than or equal"),
        ({"hours_from": 200}, "less than or equal"),
        ({"temporary": "yes"}, "boolean"),
        ({"salary": 1}, "not permitted"),
    ],
)
def test_what_could_never_be_meant_is_refused(given: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        When.model_validate(given)


def test_groups_are_part_of_the_policies(tmp_path: Path) -> None:
    found = load(write(tmp_path, {**BASE, "groups.yaml": GROUPS})).groups

    assert set(found) == {"children", "care"}
    assert found["children"].positions == {"teacher"} and found["children"].units == {"schools"}
    assert (found["care"].source.file, found["care"].source.line) == ("groups.yaml", 3)


def test_no_groups_are_needed(tmp_path: Path) -> None:
    assert load(write(tmp_path)).groups == {}


def test_a_group_of_nobody_is_refused(tmp_path: Path) -> None:
    _, faults, _ = check(write(tmp_path, {**BASE, "groups.yaml": "groups:\n  nobody: {}\n"}))
    assert [(fault.path, fault.rule) for fault in faults] == [("groups.yaml:2", "rule")]
    assert "nobody would be in it" in faults[0].message


def test_a_group_of_places_that_the_organisation_does_not_have_is_warned_of(tmp_path: Path) -> None:
    organisation = Organisation({"schools": Unit("schools", "S"), "care": Unit("care", "C")}, {"teacher": Position("teacher", "T")})
    _, faults, warned = check(write(tmp_path, {**BASE, "groups.yaml": GROUPS}), organisation)

    assert faults == []
    mine = [warning for warning in warned if warning.path.startswith("groups.yaml")]
    assert [(warning.path, warning.rule) for warning in mine] == [("groups.yaml:4", "never-matches")]
    assert "no 'cre' among its units (did you mean 'care'?)" in mine[0].message


def test_a_group_that_is_not_declared_is_a_fault_where_it_stands() -> None:
    when = When.model_validate({"groups": ["children", "childern"]})
    file = read(policy_text("groups.yaml", GROUPS), GroupsFile)
    found = list(when_faults(file, ("groups",), when, known_groups(Draft((file,)))))

    assert [fault.rule for fault in found] == ["unknown-group"]
    assert "'childern' (did you mean 'children'?)" in found[0].message
    assert list(when_faults(file, (), None, ())) == list(when_faults(file, (), when, None)) == []


def test_of_broken_groups_nothing_is_said() -> None:
    assert known_groups(Draft((read(policy_text("groups.yaml", "groups: 1\n"), GroupsFile),))) is None
    assert known_groups(Draft(())) == ()
