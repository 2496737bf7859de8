"""An approval of the whole: by the manager where policy asks it, or by payroll control. What is wrong goes back by field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from idm.flow.compose import title_of
from idm.flow.deciding import Decision
from idm.flow.payroll import monthly_amount
from idm.flow.tasks import describe
from idm.web.desks.answers import answers
from idm.web.desks.desk import Desk, decided, read_by_the_hire
from idm.web.portal import Visit

_HIRE = {
    "hire.unit": "Unit",
    "hire.position": "Position",
    "hire.start_date": "First day",
    "hire.end_date": "Last day",
    "hire.weekly_hours": "Hours a week",
    "hire.manager": "Manager",
    "rights": "Rights",
}


def show(visit: Visit) -> Mapping[str, Any]:
    """What is approved, field by field, with the words of each form; and which fields can be returned."""
    told = describe(visit.app, visit.task)
    policies = visit.app.policies.current()
    titles: dict[str, str] = {field: visit.say(text) for field, text in _HIRE.items()}
    values = []
    for name, filled in told["values"].items():
        for answer in answers(visit, name, filled):
            titles[f"{name}.{answer.field}"] = answer.title
            values.append(answer)
    papers = [{"title": title_of(policies, kind, visit.language), "state": state} for kind, state in told["documents"].items()]
    titles |= {f"documents.{kind}": title_of(policies, kind, visit.language) for kind in told["documents"]}
    return {
        "told": told,
        "hire": told["hire"],
        "values": values,
        "monthly": monthly_amount(visit.app, visit.case) if values else None,
        "papers": papers,
        "returnable": [(field, titles.get(field, field)) for field in told["fields"][0]["choices"]],
        "theirs": read_by_the_hire(visit),
        "field": visit.form.text("field"),
        "reason": visit.form.text("reason"),
    }


def read(visit: Visit) -> Decision:
    """Approve, or return one field with the reason."""
    if decided(visit) == "return":
        return Decision("return", visit.form.text("reason"), {"field": visit.form.text("field")})
    return Decision(decided(visit))


DESK = Desk("approve.html", show, read, {"approve": "It is approved.", "return": "It went back to who can mend it, with your reason."})
