"""`idm target` and `idm explain`: what a target system holds now, and why it should be there."""

from __future__ import annotations

from typing import Any

import click

from idm.commands.answer import Answer
from idm.commands.command import IdmGroup, single
from idm.commands.session import installation

target = IdmGroup("target", help="The target systems.", examples=("idm target show ldap", "idm target show payroll e-9mzq47kd2c"))


@target.add(
    "show",
    examples=("idm target show ldap", "idm target show payroll e-9mzq47kd2c", "idm target show erp c-4x7k2m9qhv --json"),
    exits={4: "there is no such system, case or employment", 7: "the system can't be read"},
)
@click.argument("system")
@click.argument("employment", required=False, default="")
def show(system: str, employment: str) -> Answer:
    """Show what SYSTEM holds now, read live: of one EMPLOYMENT (or case), or every record."""
    from idm.flow.targets import show_target

    with installation() as found:
        _demand_set_up(found.connector_faults, system)
        items = show_target(found.app, system, employment)
    lines = [line for item in items for line in _told(item)]
    return Answer({"system": system, "items": items}, lines or [f"{system} holds nothing of it."])


def _demand_set_up(faults: Any, system: str) -> None:
    """Raise the reason why a system could not be set up, if it could not."""
    if system in faults:
        raise faults[system]


def _told(item: dict[str, Any]) -> list[str]:
    """A record with each attribute on a line of its own."""
    values = {name: value if isinstance(value, str) else ", ".join(value) for name, value in sorted(item["attributes"].items())}
    width = max((len(name) for name in values), default=0)
    return [
        f"{item['kind']} {item['key'] or '(without a key)'}: {item['state']}{'' if item['managed'] else ', not made by idm'}",
        *(f"    {name:{width}}  {value}" for name, value in values.items() if value),
        *([f"    rights: {', '.join(item['entitlements'])}"] if item["entitlements"] else []),
    ]


@single(
    "explain",
    examples=("idm explain e-9mzq47kd2c", "idm explain c-4x7k2m9qhv --json"),
    exits={4: "there is no such case or employment"},
)
@click.argument("id")
def explain(id: str) -> Answer:
    """Say why each record and right of an employment (or case) should be there: rule, file and line, policy, case, approver."""
    from idm.flow.explain import explain as reasons

    with installation() as found:
        items = reasons(found.app, id)
    lines: list[str] = []
    for item in items:
        if "entitlement" in item:
            lines.append(f"    right {item['entitlement']}")
            lines.extend(f"        {_reason(reason)}" for reason in item["reasons"])
        else:
            lines.append(f"{item['system']}: {item['kind']} {item['key']}, {item['state']}")
            lines.extend(f"    {_reason(reason)}" for reason in item["reasons"])
    return Answer({"items": items}, lines or ["Nothing should be there: no approved fact asks for anything yet."])


def _reason(reason: dict[str, Any]) -> str:
    approver = f", approved by {reason['approver']}" if reason["approver"] else ""
    return f"because of {reason['rule']} ({reason['file']}:{reason['line']}, {reason['policy_hash'][:12]}), case {reason['case']}{approver}"
