"""The IT contact confirms the roles that follow from the position, leaves some out, or adds others within what they may grant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from idm.domain.roles import NEEDS_REASON
from idm.flow.deciding import Decision
from idm.flow.history import LANGUAGES
from idm.flow.rights import offered
from idm.web.desks.desk import Desk
from idm.web.phrasebook import sentence
from idm.web.portal import Visit


def show(visit: Visit) -> Mapping[str, Any]:
    """Each role with why it is proposed or how far it may go, whether it is ticked, and what clashes with what.

    Where the rules stand is for who keeps them, and shown apart from why.
    """
    told = offered(visit.app, visit.case)
    roles = visit.app.policies.current().roles
    rules = {rule.id: rule for rule in visit.app.policies.current().role_rules}
    behind = {role: rules[rule] for role, rule in told["proposed"].items() if rule in rules}
    because = {role: "; ".join(rule.match.asks()) for role, rule in behind.items()}
    names = visit.named(*because.values(), *(each["words"] for each in told["conflicts"]))
    systems, units = LANGUAGES[visit.language].systems, visit.app.store.organisation().units
    posted = visit.request.method == "POST"
    ticked = set(visit.form.all("role")) if posted else set(told.get("held") or told["proposed"])

    def row(id: str) -> dict[str, Any]:
        role = roles[id]
        terms = {**told["terms"][id]}
        if terms.get("units"):
            terms["units"] = [units[unit].name if unit in units else unit for unit in terms["units"]]
        return {
            "id": id,
            "title": role.titles.get(visit.language, id),
            "ticked": id in ticked,
            "because": visit.words(because[id], names) if id in because else None,
            "entitlements": [f"{systems.get(system, system)}: {', '.join(names)}" for system, names in role.entitlements.items()],
            "terms": terms,
            "start": visit.form.text(f"from.{id}"),
            "until": visit.form.text(f"until.{id}"),
        }

    proposed, extra = [row(id) for id in told["proposed"] if id in roles], [row(id) for id in told["grantable"]]
    days = {"from": visit.say("Holds from"), "until": visit.say("Holds until")}
    return {
        "proposed": proposed,
        "extra": extra,
        "behind": [(each["title"], behind[each["id"]]) for each in proposed if each["id"] in behind],
        "conflicts": [
            {
                "titles": [roles[id].titles.get(visit.language, id) for id in each["roles"] if id in roles],
                "words": sentence(visit.words(each["words"], names)),
                "may_be_accepted": each["severity"] == NEEDS_REASON,
            }
            for each in told["conflicts"]
        ],
        "reason": visit.form.text("reason"),
        "labels": {
            f"{name}-{each['id']}": f"{each['title']}, {title.lower()}" for each in proposed + extra for name, title in days.items()
        },
    }


def read(visit: Visit) -> Decision:
    """What was ticked beside what is proposed: some left out, some added with their first and last day."""
    proposed = offered(visit.app, visit.case)["proposed"]
    ticked = visit.form.all("role")
    add = [{"role": role, **terms} if terms else role for role, terms in _added(visit, proposed)]
    values = {"add": add, "remove": [role for role in proposed if role not in ticked]}
    return Decision("confirm", visit.form.text("reason"), values)


def _added(visit: Visit, proposed: Mapping[str, str]) -> list[tuple[str, dict[str, str]]]:
    """The roles that are asked for beside what is proposed, or for a time, in the order in which the decision names them."""
    days = {
        role: {name: day for name in ("from", "until") if (day := visit.form.text(f"{name}.{role}"))} for role in visit.form.all("role")
    }
    return [(role, terms) for role, terms in days.items() if terms or role not in proposed]


def beside(visit: Visit) -> Mapping[str, str]:
    """What is wrong with a day is said beside it, what is wrong with a role beside that, and what concerns several above them all."""
    found = {"values": "", "values.add": "", "values.remove": ""}
    for place, (role, _) in enumerate(_added(visit, offered(visit.app, visit.case)["proposed"])):
        at = f"values.add[{place}]"
        found |= {at: f"role-{role}", f"{at}.role": f"role-{role}", f"{at}.from": f"from-{role}", f"{at}.until": f"until-{role}"}
    return found


DESK = Desk("rights.html", show, read, {"confirm": "The rights are confirmed. They are set up now, and opened on the first day."}, beside)
