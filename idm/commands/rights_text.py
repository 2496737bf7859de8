"""What the task of confirming rights takes, in words."""

from __future__ import annotations

from typing import Any


def rights_lines(takes: dict[str, Any]) -> list[str]:
    """The proposed roles with their rules, those that may be added, how far each reaches, and what excludes what."""
    terms = takes.get("terms", {})
    lines = [f"  proposed: {role} by rule {rule}{_terms(terms.get(role))}" for role, rule in takes.get("proposed", {}).items()]
    lines += [f"  may be added: {role}{_terms(terms.get(role))}" for role in takes.get("grantable", ())]
    lines += [f"  held so far: {role}{_days(grant)}" for role, grant in takes.get("held", {}).items()]
    refused = {"refuse": "never together", "needs_reason": "together only for a reason"}
    lines += [f"  {refused[clash['severity']]}: {clash['words']}" for clash in takes.get("conflicts", ())]
    return lines


def _terms(terms: dict[str, Any] | None) -> str:
    if terms is None:
        return ""
    units = f"in {' and '.join(terms['units'])}{' and below' if terms['below'] else ' alone'}" if terms["units"] else ""
    amount = f"up to {terms['amount']} kroner" if terms["amount"] else ""
    days = f"for at most {terms['most_days']} days" if terms["most_days"] else ""
    told = ", ".join(part for part in (units, amount, days) if part)
    return f" ({told})" if told else ""


def _days(grant: dict[str, Any]) -> str:
    return "".join(f" {word} {grant[word]}" for word in ("from", "until") if grant[word])
