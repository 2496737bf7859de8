"""Equipment: where every ordered line is, and what is received, returned, and taken back with a cancelled hire."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from idm.domain import ordering
from idm.domain.access_rules import BY_ACTOR, Act, ever
from idm.domain.case import Approval, Case
from idm.domain.journey import Actor, Graph, StepDef
from idm.domain.orders import LineState, OrderLine, line_key, total
from idm.errors import Conflict, NotAllowed
from idm.flow.changing import Note, change
from idm.flow.equipment_rules import line_json
from idm.flow.facts import organisation
from idm.flow.graphs import graph_of
from idm.flow.known_as import known_as
from idm.flow.powers import PowersNow
from idm.ports import App


@dataclass(frozen=True, slots=True)
class Ordered:
    """One line of one case's order, with whom it is for."""

    case: Case
    line: OrderLine

    def as_json(self, name: str) -> dict[str, Any]:
        """The line in the outside contract's shape."""
        return {
            "case": self.case.id,
            "employment": self.case.employment,
            "hire": name,
            "unit": self.case.facts.unit,
            "position": self.case.facts.position,
            "start_date": self.case.facts.start_date.isoformat(),
            "key": line_key(self.case.id, self.line.number),
            **line_json(self.line),
        }


def ordered_lines(app: App, *, case: str = "", unit: str = "", states: tuple[LineState, ...] = ()) -> Iterator[Ordered]:
    """Every line that was ever ordered, of all cases or one, in a unit and all below it, in some states (none: all)."""
    tree = organisation(app)
    for each in app.store.cases_with_orders(case):
        if unit and unit not in (above.id for above in tree.path(each.facts.unit)):
            continue
        yield from (Ordered(each, line) for line in each.orders if not states or line.state in states)


def receive(app: App, case: str, number: int, person: str, administrator: str = "") -> Case:
    """Confirm as `person` that a line came. Raises `NotAllowed`, `Conflict` if nothing is to be confirmed, `NotFound` for no such line."""

    def mutate(before: Case, graph: Graph, now: datetime) -> tuple[Case, Note]:
        step = ordering.receipt_step(before, graph)
        if step is None:
            raise Conflict("No receipt is awaited in this case now.", next_step=f"`idm equipment list --case {case}` shows each line.")
        approval = _as_it_contact(app, before, graph[step], by, now, administrator)
        after = ordering.receive(before, graph, step, [number], approval, now)
        return after, Note(by, "equipment-received", {"line": number, "step": step, "administrator": administrator})

    by = known_as(app, person)
    return change(app, case, mutate)


def give_back(app: App, case: str, number: int, person: str, administrator: str = "") -> Case:
    """Confirm as `person` that a line of a cancelled hire was returned, or never came."""

    def mutate(before: Case, graph: Graph, now: datetime) -> tuple[Case, Note]:
        _as_it_contact(app, before, None, by, now, administrator)
        after = ordering.give_back(before, number, by, now)
        return after, Note(by, "equipment-returned", {"line": number, "administrator": administrator})

    by = known_as(app, person)
    return change(app, case, mutate)


def _as_it_contact(app: App, case: Case, step: StepDef | None, person: str, now: datetime, administrator: str) -> Approval:
    """The person's word, if they hold the IT authority, or manage the unit. Raises `NotAllowed`."""
    powers = PowersNow(app)
    actors = [actor for actor in (Actor.IT, Actor.MANAGER) if ever([BY_ACTOR[actor]], Act.RECEIVE_ORDER)]
    may = [holder for actor in actors for holder in powers.holders(case, actor, step)]
    holder = next((holder for holder in may if holder.person == person), None)
    if holder is None:
        names = ", ".join(dict.fromkeys(holder.person for holder in may)) or "nobody: use `idm delegate`"
        raise NotAllowed(f"{person} is neither IT contact nor manager here today.", next_step=f"It waits for {names}.")
    return Approval(person, holder.authority, now, holder.delegation, holder.granted_by, administrator)


def withdraw(app: App, before: Case, after: Case) -> Case:
    """The cancelled case `after` with its order taken back; `before` is it before the cancel."""
    if not before.orders:
        return after
    return ordering.take_back(after, before, graph_of(app, before), app.store.owned(before.person))


def summary(case: Case) -> Mapping[str, Any]:
    """The order as the case shows it: its lines, and what they cost together in kroner."""
    return {"lines": [line_json(line) for line in case.orders], "total": str(total(case.orders))}
