"""What rules may ask about the hire of a case."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from idm.domain.case import Case
from idm.domain.cpr import birth_date
from idm.domain.matching import Circumstances, groups_of
from idm.domain.people import Person
from idm.domain.policy import Policies
from idm.domain.timers import HOME
from idm.flow.facts import organisation, was_cancelled
from idm.ports import App

PAYROLL_FORM = "payroll"
"""The form whose fields `agreement`, `pay_class` and `pay_type` (hourly or another) rules may ask about."""


def circumstances_of(app: App, case: Case, person: Person, policies: Policies, *, amount: Decimal | None = None) -> Circumstances:
    """The circumstances of the hire of `case`, which needn't be stored yet. `amount`: kroner, of what the caller asks about.

    Agreement and pay class are those of the payroll form, "" until it is filled in. Reads the person's employments and when the event
    was taken; the day of birth is only in the answer, never in a text that `asks` or `unmet` gives.
    """
    facts, tree = case.facts, organisation(app)
    path = tuple(unit.id for unit in tree.path(facts.unit))
    pay = case.values.get(PAYROLL_FORM, {})
    pay_type = pay.get("pay_type", "")
    return Circumstances(
        position=facts.position,
        unit_path=path,
        start_date=facts.start_date,
        end_date=facts.end_date,
        citizenship=person.citizenship,
        weekly_hours=Decimal(facts.weekly_hours) if facts.weekly_hours else None,
        hourly=pay_type == "hourly" if pay_type else None,
        born=birth_date(person.cpr),
        new_person=_first_employment(app, case),
        manages=any(unit.manager == person.id for unit in tree.units.values()),
        notice_days=(facts.start_date - _taken(app, case)).days,
        agreement=pay.get("agreement", ""),
        pay_class=pay.get("pay_class", ""),
        amount=amount,
        groups=groups_of(policies.groups, facts.position, path),
    )


def _first_employment(app: App, case: Case) -> bool:
    """Whether no other employment that wasn't cancelled began before this one (of two on one day the one with the lesser id is first)."""
    this = (case.facts.start_date, case.employment)
    others = [each for each in app.store.employments(case.person) if each.id != case.employment and (each.start_date, each.id) < this]
    return all(was_cancelled(app, each.case) for each in others)


def _taken(app: App, case: Case) -> date:
    """The day on which the event of `case` was taken, in the installation's time zone; today for one that isn't stored yet."""
    first = app.store.audit(case.id, limit=1) if case.version else ()
    return first[0].at.astimezone(HOME).date() if first else app.clock.today()
