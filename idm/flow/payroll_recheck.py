"""A change of the payroll tables meets running cases.

A form that isn't submitted sees the tables as they are. One that is submitted and would be refused now is asked again, with the reason,
unless payroll has it already: then it is only told of.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from idm.domain.case import Case, StepState
from idm.domain.departures import reopen
from idm.domain.forms import Form
from idm.domain.journey import Graph, StepDef
from idm.domain.payroll import Funnel
from idm.domain.payroll_tables import PayrollTables
from idm.domain.policy import Policies
from idm.errors import Fault, IdmError, Unavailable
from idm.flow.changing import Note, change
from idm.flow.graphs import graph_of, load
from idm.flow.payroll import funnel_form, funnel_of
from idm.ports import App

log = logging.getLogger("idm.payroll")

RECHECKED = "payroll_rechecked"
"""The setting that holds the hash of the tables that running cases were last held against."""

OPEN, SUBMITTED, DELIVERED = "open", "submitted", "delivered"
_ALL = 1_000_000


@dataclass(frozen=True, slots=True)
class Concerned:
    """A case that other tables mean something for.

    `stage`: its form is open (or comes yet), submitted, or delivered to payroll. `faults`: what is refused of what was submitted, or
    that nothing could be chosen.
    """

    case: str
    person: str
    unit: str
    start_date: str
    stage: str
    faults: tuple[Fault, ...]

    @property
    def effect(self) -> str:
        """What becomes of it: asked again, other choices, no choice, or only told of."""
        if self.stage == DELIVERED:
            return "told"
        if self.stage == SUBMITTED:
            return "asked-again"
        return "no-choice" if self.faults else "other-choices"

    def as_json(self) -> dict[str, Any]:
        """The case in the outside contract's shape."""
        faults = [fault.as_json() for fault in self.faults]
        return {
            "case": self.case,
            "person": self.person,
            "unit": self.unit,
            "start_date": self.start_date,
            "stage": self.stage,
            "effect": self.effect,
            "faults": faults,
        }


def concerned(app: App, tables: PayrollTables) -> list[Concerned]:
    """The cases for which `tables` mean something else than those in force, and those whose submitted form they refuse."""
    return [found for case in _going(app) if (found := _concern(app, case, tables)) is not None]


def _concern(app: App, case: Case, tables: PayrollTables) -> Concerned | None:
    form = funnel_form(app, case)
    if form is None:
        return None
    stage = stage_of(app.policies.current(), case, graph_of(app, case), form)
    values = case.values.get(form.name, {}) if stage != OPEN else {}
    after = funnel_of(app, case, values, tables)
    faults = tuple(refusal.fault() for refusal in after.refusals)
    if not faults and (stage != OPEN or _offered(after) == _offered(funnel_of(app, case, values))):
        return None
    facts = case.facts
    return Concerned(case.id, case.person, facts.unit, facts.start_date.isoformat(), stage, faults)


def _offered(funnel: Funnel) -> dict[str, Any]:
    """What a funnel offers, without the lines that offer it, which any change of a file moves."""
    return {
        name: ([(each.value, each.titles, each.amount) for each in asked.choices], [(each.low, each.high) for each in asked.ranges])
        for name, asked in funnel.fields.items()
    }


def _going(app: App) -> Iterator[Case]:
    """The cases that aren't cancelled, and not completed with a first day in the past."""
    for row in app.store.list_cases(limit=_ALL):
        if row.state != "cancelled" and (row.state != "completed" or row.start_date > app.clock.today()):
            yield load(app, row.id).case


def stage_of(policies: Policies, case: Case, graph: Graph, form: Form) -> str:
    """Whether the form's values are open, submitted, or delivered: held by a system that they go to."""
    asking = [step for step in graph if step.form == form.name]
    if not asking or any(case.steps[step.id].state is not StepState.DONE for step in asking):
        return OPEN
    delivering = [step for step in graph if _delivers(policies, step, form)]
    return DELIVERED if any(case.steps[step.id].state is StepState.DONE for step in delivering) else SUBMITTED


def _delivers(policies: Policies, step: StepDef, form: Form) -> bool:
    system = policies.systems.get(step.system) if step.system else None
    if system is None:
        return False
    rules = (system.resources[kind] for kind in step.resources if kind in system.resources)
    return any(attribute.fact.startswith(f"{form.name}.") for rule in rules for attribute in rule.attributes.values())


def recheck(app: App) -> list[Concerned]:
    """Hold every submitted form against the tables in force, and ask again for those that are refused and not delivered.

    Answers them, with those that are delivered already: of these somebody must be told.
    """
    found = []
    for case in _going(app):
        try:
            concern = _concern(app, case, app.policies.current().payroll)
            if concern is not None and concern.stage == SUBMITTED:
                _ask_again(app, case.id)
        except Unavailable:
            raise
        except IdmError as error:
            # One case that can't be read must not keep the others from being asked.
            log.warning("payroll tables and case %s: %s", case.id, error.message)
            continue
        if concern is not None and concern.stage != OPEN:
            found.append(concern)
    return found


def _ask_again(app: App, case: str) -> None:
    def mutate(before: Case, graph: Graph, now: datetime) -> tuple[Case, Note] | None:
        form = funnel_form(app, before)
        if form is None or before.over or stage_of(app.policies.current(), before, graph, form) != SUBMITTED:
            return None
        refusals = funnel_of(app, before, before.values.get(form.name, {})).refusals
        if not refusals:
            return None
        reason = "The payroll tables have changed: " + "; ".join(f"{refusal.message} ({refusal.rule})" for refusal in refusals)
        steps = [step.id for step in graph if step.form == form.name]
        told = {"form": form.name, "steps": steps, "rules": [refusal.rule for refusal in refusals]}
        return reopen(before, graph, steps, reason, now), Note("idm", "form-asked-again", told)

    change(app, case, mutate)


def recheck_if_changed(app: App) -> int:
    """`recheck`, if the tables in force aren't those that cases were last held against. How many cases were asked again.

    Safe in any number of processes: one does it, the others look again at their next sweep.
    """
    hash = app.policies.current().payroll.hash
    known = app.cache.get(RECHECKED)
    if not hash or (known is not None and known[1] == hash):
        return 0
    asked = 0
    if app.store.settings().get(RECHECKED) != hash:
        with app.store.lead(RECHECKED) as mine:
            if not mine:
                return 0
            asked = sum(each.stage == SUBMITTED for each in recheck(app))
            with app.store.write() as writer:
                writer.put_setting(RECHECKED, hash)
    app.cache[RECHECKED] = (0.0, hash)
    return asked
