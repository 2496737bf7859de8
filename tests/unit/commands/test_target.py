from __future__ import annotations

from typing import Any

from idm.commands.target import because


def reason(rule: str = "ldap.account", case: str = "c-1", approver: str = "boss", line: int = 31) -> dict[str, Any]:
    return {"rule": rule, "file": "systems.yaml", "line": line, "policy_hash": "8c25aa11bb22cc33", "case": case, "approver": approver}


def test_a_rule_is_told_once_with_all_who_approved_its_facts() -> None:
    told = because([reason(approver="boss"), reason(approver="pia"), reason(approver="boss")])
    assert told == ["because of ldap.account (systems.yaml:31, 8c25aa11bb22), case c-1, approved by boss, pia"]


def test_other_rules_and_cases_have_lines_of_their_own() -> None:
    told = because([reason(), reason(case="c-2"), reason(rule="roles.all", approver=""), reason(line=40)])
    assert [line.partition(", approved")[0] for line in told] == [
        "because of ldap.account (systems.yaml:31, 8c25aa11bb22), case c-1",
        "because of ldap.account (systems.yaml:31, 8c25aa11bb22), case c-2",
        "because of roles.all (systems.yaml:31, 8c25aa11bb22), case c-1",
        "because of ldap.account (systems.yaml:40, 8c25aa11bb22), case c-1",
    ]
