"""`idm target` and `idm explain`: what a target system holds now, and why it should be there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click

from idm.commands.answer import Answer
from idm.commands.command import IdmGroup, single
from idm.commands.session import installation
from idm.domain.case import CaseState

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
    from idm.flow.explain import case_by
    from idm.flow.explain import explain as reasons

    with installation() as found:
        items = reasons(found.app, id)
        cancelled = case_by(found.app, id).state is CaseState.CANCELLED
    lines: list[str] = []
    for item in items:
        if "entitlement" in item:
            lines.append(f"    right {item['entitlement']}")
            lines.extend(f"        {line}" for line in because(item["reasons"]))
        else:
            lines.append(f"{item['system']}: {item['kind']} {item['key']}, {item['state']}")
            lines.extend(f"    {line}" for line in because(item["reasons"]))
    return Answer({"items": items}, lines or [NOTHING_ANY_MORE if cancelled else NOTHING_YET])


NOTHING_YET = "Nothing should be there: no approved fact asks for anything yet."
NOTHING_ANY_MORE = "Nothing should be there any more: this hire was cancelled. `idm case show` tells how far it was taken back."


def because(reasons: Sequence[Mapping[str, Any]]) -> list[str]:
    """The reasons in words, a line for each rule and case, with all who approved the facts that it goes by."""
    approvers: dict[tuple[Any, ...], list[str]] = {}
    for reason in reasons:
        told = approvers.setdefault(tuple(reason[name] for name in ("rule", "file", "line", "policy_hash", "case")), [])
        if reason["approver"] and reason["approver"] not in told:
            told.append(reason["approver"])
    return [
        f"because of {rule} ({file}:{line}, {hash[:12]}), case {case}{', approved by ' + ', '.join(people) if people else ''}"
        for (rule, file, line, hash, case), people in approvers.items()
    ]
