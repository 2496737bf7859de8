from __future__ import annotations

from idm.demo import findings


def entry(op: str, effect_key: str = "account/p-1/record", result: str = "applied", system: str = "ldap") -> dict[str, str]:
    return {"system": system, "op": op, "effect_key": effect_key, "result": result}


def test_twice_is_the_same_effect_with_no_inverse_between() -> None:
    twice = [entry("create"), entry("create")]
    assert len(list(findings.doubles(twice))) == 1
    assert not list(findings.doubles([entry("create"), entry("delete"), entry("create")]))
    assert not list(findings.doubles([entry("create"), entry("create", result="unchanged")]))
    assert not list(findings.doubles([entry("create"), entry("create", system="erp")]))
    assert not list(findings.doubles([entry("grant", "a/right/x"), entry("grant", "a/right/y")]))
