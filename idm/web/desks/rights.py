"""The IT contact confirms the roles that follow from the position, leaves some out, or adds others within what they may grant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from idm.flow.deciding import Decision
from idm.flow.history import LANGUAGES
from idm.flow.rights import offered
from idm.web.desks.desk import Desk
from idm.web.portal import Visit


def show(visit: Visit) -> Mapping[str, Any]:
    """Each role with why it is proposed or how far it may go, whether it is ticked, and what clashes with what."""
    told = offered(visit.app, visit.case)
    roles = visit.app.policies.current().roles
    rules = {rule.id: rule for rule in visit.app.policies.current().role_rules}
    systems, units = LANGUAGES[visit.language].systems, visit.app.store.organisation().units
    posted = visit.request.method == "POST"
    ticked = set(visit.form.all("role")) if posted else set(told.get("held") or told["proposed"])

    def row(id: str, rule: str) -> dict[str, Any]:
        role = roles[id]
        terms = {**told["terms"][id]}
        if terms.get("units"):
            terms["units"] = [units[unit].name if unit in units else unit for unit in terms["units"]]
        return {
            "id": id,
            "title": role.titles.get(visit.language, id),
            "ticked": id in ticked,
            "rule": rules[rule].source if rule in rules else None,
            "rule_id": rule,
            "entitlements": [f"{systems.get(system, system)}: {', '.join(names)}" for system, names in role.entitlements.items()],
            "terms": terms,
            "start": visit.form.text(f"from.{id}"),
            "until": visit.form.text(f"until.{id}"),
        }

    return {
        "proposed": [row(id, rule) for id, rule in told["proposed"].items() if id in roles],
        "extra": [row(id, "") for id in told["grantable"]],
        "conflicts": [
            {**each, "titles": [roles[id].titles.get(visit.language, id) for id in each["roles"] if id in roles]}
            for each in told["conflicts"]
        ],
        "reason": visit.form.text("reason"),
    }


def read(visit: Visit) -> Decision:
    """What was ticked beside what is proposed: some left out, some added with their first and last day."""
    proposed = offered(visit.app, visit.case)["proposed"]
    ticked = visit.form.all("role")
    add: list[Any] = []
    for role in ticked:
        terms = {name: day for name in ("from", "until") if (day := visit.form.text(f"{name}.{role}"))}
        if terms or role not in proposed:
            add.append({"role": role, **terms} if terms else role)
    values = {"add": add, "remove": [role for role in proposed if role not in ticked]}
    return Decision("confirm", visit.form.text("reason"), values)


DESK = Desk("rights.html", show, read, {"confirm": "The rights are confirmed. They are set up now, and opened on the first day."})
