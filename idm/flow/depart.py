"""Departures from plan: facts of a hire change, or it is cancelled. What follows is told before it is done, by the very same reckoning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from idm.domain import transitions
from idm.domain.access_rules import Act, ever
from idm.domain.case import Approval, Case, CaseState, HireFacts
from idm.domain.consequences import Consequence, consequences, day_warnings, mail_told, start_warnings
from idm.domain.departures import cancellable, changed_facts, revise, touched
from idm.domain.journey import Graph, Paper
from idm.domain.paper_rules import wanted_papers
from idm.domain.people import Employment, Person
from idm.domain.prose import sound_reason
from idm.errors import BadInput, Conflict, Fault, IdmError, NotAllowed
from idm.flow.appointing import decided_by_itself
from idm.flow.asking import may_be_asked_now
from idm.flow.changing import Mutation, Note, change
from idm.flow.circumstances import circumstances_of
from idm.flow.deadlines import calendar
from idm.flow.equipment import withdraw
from idm.flow.facts import records_of
from idm.flow.graphs import graph_of, journey_of, load
from idm.flow.intake import unknown_places
from idm.flow.known_as import known_as
from idm.flow.managing import startable
from idm.flow.notices import told_by
from idm.flow.powers import matter_of
from idm.flow.relations import relations_of
from idm.ports import App
from idm.ports_store import Writer
from idm.rows import EventRow


@dataclass(frozen=True, slots=True)
class Word:
    """On whose word something departs: a person who may (checked), else a source or the administrator at the keyboard; and why.

    `event` is the row of the event that tells it, if one does, and `told_at` the time that it bears.
    """

    by: str = ""
    administrator: str = ""
    reason: str = ""
    event: EventRow | None = None
    told_at: datetime | None = None

    @property
    def actor(self) -> str:
        """Who stands in the audit entry."""
        return self.by or (self.event.source if self.event is not None else "") or self.administrator or "administrator"


def foresee_move(app: App, case: str, facts: Mapping[str, Any], word: Word) -> tuple[Consequence, ...]:
    """What `move` would bring about. Raises what it would raise; changes nothing."""
    return _foreseen(app, case, _moving(app, facts, word))


def move(app: App, case: str, facts: Mapping[str, Any], word: Word) -> Case:
    """Let facts of a hire be otherwise: `unit`, `position`, `start_date`, `end_date` (None: none), `weekly_hours`, `manager`.

    Nothing happens if they are so already. Unit and position change only before the start: afterwards that is a change of
    employment, not of the hire. Raises `BadInput` with every fault, `Conflict`, `NotAllowed`.
    """

    def also(writer: Writer, after: Case) -> None:
        known = app.store.employment(after.employment)
        if known is not None:
            writer.put_employment(_as_employment(known, after.facts))
        _take_event(app, writer, word)
        written.append(after)

    written: list[Case] = []
    moved = change(app, case, _moving(app, facts, word), also)
    if not written:
        # An event that changed nothing is kept too, so that its replay is known.
        with app.store.write() as writer:
            _take_event(app, writer, word)
    return moved


def minded_at_start(app: App, start: date) -> tuple[Consequence, ...]:
    """What is to be minded before a hire is started with that first day: what a hire moved to it would be told of the day."""
    return tuple(start_warnings(start, app.clock.today(), calendar(app.policies.current().deadlines)))


def foresee_cancel(app: App, case: str, word: Word) -> tuple[Consequence, ...]:
    """What `cancel` would bring about. Raises what it would raise; changes nothing."""
    return _foreseen(app, case, _cancelling(app, word))


def cancel(app: App, case: str, word: Word) -> Case:
    """Cancel a case: its tasks are withdrawn, and every system where it may have done something takes that back."""
    return change(app, case, _cancelling(app, word), lambda writer, after: _take_event(app, writer, word))


def _foreseen(app: App, case: str, mutate: Mutation) -> tuple[Consequence, ...]:
    before = load(app, case).case
    made = mutate(before, graph_of(app, before), app.clock.now())
    if made is None:
        return ()
    after, _ = made
    days = calendar(app.policies.current().deadlines)
    return (
        *day_warnings(before, after, app.clock.today(), days),
        *consequences(before, after, graph_of(app, before), graph_of(app, after), records_of(app, before.person)),
        *(mail_told(notice.slug) for notice in told_by(app, before, after, (), app.clock.now())),
    )


def _moving(app: App, wanted: Mapping[str, Any], word: Word) -> Mutation:
    def mutate(case: Case, graph: Graph, now: datetime) -> tuple[Case, Note] | None:
        _demand_word(app, case, word, Act.MOVE_HIRE)
        why = sound_reason(word.reason)
        facts = _new_facts(app, case, wanted)
        changed = changed_facts(case.facts, facts)
        if not changed:
            return told_of(case, word)
        _demand_possible(app, case, facts, changed)
        _demand_theirs(app, word, facts, changed)
        person = app.store.person(case.person)
        if person is None:
            raise IdmError(f"Person {case.person} isn't in the database.")
        reason = why or f"{', '.join(changed)} changed"
        after = revised(app, case, graph, facts, person, reason, now)
        payload = {
            "facts": {name: _told(getattr(facts, name)) for name in changed},
            "was": {name: _told(getattr(case.facts, name)) for name in changed},
            "reason": why,
            "administrator": word.administrator,
            "event": word.event.id if word.event is not None else "",
        }
        return replace(after, told_at=word.told_at or after.told_at), Note(word.actor, "hire-moved", payload)

    return mutate


def told_of(case: Case, word: Word) -> tuple[Case, Note] | None:
    """What an event leaves behind that tells what is so already: its time, so that an older one which comes later changes nothing."""
    if word.event is None or word.told_at is None or (case.told_at is not None and case.told_at >= word.told_at):
        return None
    return replace(case, told_at=word.told_at), Note(word.actor, "told-again", {"event": word.event.id})


def revised(app: App, case: Case, graph: Graph, facts: HireFacts, person: Person, reason: str, now: datetime) -> Case:
    """The case under other `facts`, or of a `person` who is otherwise: papers, appointment and systems as they follow now."""
    moved = replace(case, facts=facts)
    by_itself: Mapping[str, Approval] = {}
    journey = journey_of(app, case)
    if facts != case.facts:
        hire = circumstances_of(app, moved, person, app.policies.current())
        by_itself = decided_by_itself(app, journey, matter_of(moved), app.store.organisation(), hire)
    papers = _papers(app, moved, person)
    passed_over = may_be_asked_now(app, moved, graph, person)
    return revise(
        case, journey, facts, papers, systems=touched(case, graph), reason=reason, by_itself=by_itself, now=now, passed_over=passed_over
    )


def _papers(app: App, case: Case, person: Person) -> tuple[Paper, ...]:
    policies = app.policies.current()
    return wanted_papers(policies.documents, policies.checks, circumstances_of(app, case, person, policies))


def _new_facts(app: App, case: Case, wanted: Mapping[str, Any]) -> HireFacts:
    """The facts with what is wanted otherwise; raises `BadInput` for what can't be, and for places that don't exist."""
    manager = known_as(app, wanted["manager"]) if wanted.get("manager") else wanted.get("manager", case.facts.manager)
    facts = replace(case.facts, **{**wanted, "manager": manager})
    found = [
        Fault(fault.path.rpartition(".")[2], fault.rule, fault.message)
        for fault in unknown_places(app, app.store.organisation(), facts.unit, facts.position, facts.manager)
        if fault.path.rpartition(".")[2] in wanted
    ]
    if facts.end_date is not None and facts.end_date < facts.start_date:
        found.append(Fault("end_date", "order", f"it would end ({facts.end_date}) before it begins ({facts.start_date})"))
    if facts.manager and facts.manager == case.person:
        found.append(Fault("manager", "own-hire", "the person hired can't be the manager of their own hire"))
    if found:
        raise BadInput("The hire can't be changed so.", faults=found, next_step="Mend what is named; nothing was changed.")
    return facts


def _demand_word(app: App, case: Case, word: Word, act: Act) -> None:
    """Only the manager of the hire (or who acts for them) changes it; a source and the administrator at the keyboard may, too."""
    if case.state is CaseState.CANCELLED:
        raise Conflict("This case was cancelled before.", next_step="To hire anew, send the hire under a new id.")
    demand_newest(case, word)
    if word.by and not ever(relations_of(app, word.by, case), act):
        raise NotAllowed(
            f"{word.by} is not the manager of this hire today.", next_step=f"`idm delegations resolve --case {case.id}` says who is."
        )


def demand_newest(case: Case, word: Word) -> None:
    """Raise `Conflict` if a newer event about the hire was taken before."""
    if word.told_at is not None and case.told_at is not None and word.told_at < case.told_at:
        raise Conflict(
            f"A newer event of {case.told_at.isoformat()} was taken for this hire before; this older one was not.",
            faults=[Fault("time", "older", "an event that is older than what was taken already changes nothing")],
            next_step="Send what holds now as a new event, with the present time.",
        )


def _demand_possible(app: App, case: Case, facts: HireFacts, changed: tuple[str, ...]) -> None:
    today = app.clock.today()
    place = [name for name in changed if name in ("unit", "position")]
    if place and case.facts.start_date <= today:
        raise Conflict(
            f"This employment began on {case.facts.start_date}: its {' and '.join(place)} can't be changed as a part of the hire any more.",
            faults=[Fault(name, "begun", "only before the start") for name in place],
            next_step="A change after the start is a change of employment.",
        )
    for other in app.store.employments(case.person):
        if other.id == case.employment or (other.unit, other.position, other.start_date) != (facts.unit, facts.position, facts.start_date):
            continue
        if not other.case or load(app, other.case).case.state is not CaseState.CANCELLED:
            raise Conflict(
                "This person is being hired into that position from that date already.",
                faults=[Fault("employment", "same-hire", f"it is employment {other.id}")],
                next_step=f"See `idm case show {other.case}`." if other.case else "See the organisation.",
            )


def _demand_theirs(app: App, word: Word, facts: HireFacts, changed: tuple[str, ...]) -> None:
    """A manager moves a hire only to where they could have started it; a source and the administrator at the keyboard anywhere."""
    place = [name for name in changed if name in ("unit", "position")]
    if not word.by or not place or startable(app, word.by).allows(facts.unit, facts.position):
        return
    raise BadInput(
        "The hire can't be changed so.",
        faults=[Fault(name, "not-yours", "choose a unit and a position in which you can start a hire") for name in place],
        next_step="Cancel this hire and let whoever manages that unit start it there, or ask an administrator to move it.",
    )


def _cancelling(app: App, word: Word) -> Mutation:
    why = sound_reason(word.reason)
    if not why:
        raise BadInput(
            "A cancel needs its reason.",
            faults=[Fault("reason", "required", "say why the hire is cancelled")],
            next_step="Give it in words.",
        )

    def mutate(before: Case, graph: Graph, now: datetime) -> tuple[Case, Note]:
        _demand_word(app, before, word, Act.CANCEL_HIRE)
        if not cancellable(before, app.clock.today()):
            raise Conflict("This hire is completed and has begun.", next_step="Ending an employment is a leaving, not a cancel.")
        systems = touched(before, graph)
        after = withdraw(app, before, transitions.cancel(before, journey_of(app, before), systems, now))
        payload = {
            "reason": why,
            "systems": list(systems),
            "administrator": word.administrator,
            "event": word.event.id if word.event is not None else "",
        }
        return replace(after, told_at=word.told_at or after.told_at), Note(word.actor, "cancelled", payload)

    return mutate


def _take_event(app: App, writer: Writer, word: Word) -> None:
    if word.event is not None:
        writer.add_event(word.event, app.clock.now())


def _as_employment(known: Employment, facts: HireFacts) -> Employment:
    return replace(
        known,
        unit=facts.unit,
        position=facts.position,
        start_date=facts.start_date,
        end_date=facts.end_date,
        weekly_hours=facts.weekly_hours,
        manager=facts.manager,
    )


def _told(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
