"""Intake: a hire event becomes a person, an employment and a case, once, however often it comes."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from idm import faults
from idm.domain import transitions
from idm.domain.authority import Matter
from idm.domain.case import Case, HireFacts
from idm.domain.hire import HireEvent
from idm.domain.journey import Journey
from idm.domain.paper_rules import wanted_papers
from idm.domain.people import Employment, Organisation, Person
from idm.domain.policy import Policies
from idm.errors import BadInput, Conflict, Fault, IdmError
from idm.flow.appointing import decided_by_itself
from idm.flow.changing import Note, prepare
from idm.flow.circumstances import circumstances_of
from idm.flow.facts import was_cancelled
from idm.flow.identity import fresh, with_names
from idm.ports import App
from idm.ports_store import Duplicate
from idm.rows import EventRow


class Taken(enum.StrEnum):
    """What became of an event."""

    CREATED = "created"
    REPLAYED = "replayed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to one event: what became of it, its case (and whether that was cancelled), or the error that refused it."""

    source: str
    id: str
    outcome: Taken
    case: str = ""
    error: IdmError | None = None
    cancelled: bool = False

    @property
    def reason(self) -> str:
        """Why it was refused, or what else must be known; "" if nothing."""
        if self.error is not None:
            return self.error.message
        return "This case was cancelled: to hire anew, send the hire under a new id." if self.cancelled else ""

    def as_json(self) -> dict[str, Any]:
        """The receipt in the outside contract's shape."""
        return {
            "source": self.source,
            "id": self.id,
            "outcome": self.outcome.value,
            "case": self.case or None,
            "faults": [fault.as_json() for fault in self.error.faults] if self.error is not None else [],
            "reason": self.reason,
        }


def take(app: App, hire: HireEvent) -> Receipt:
    """Take one event. The same event again answers the same case; the same id with other content is refused as a conflict."""
    digest = app.keys.blind_index("event", hire.content.reveal())
    again = replayed(app, hire.source, hire.id, digest)
    if again is not None:
        return again
    # Texts first: a set that comes in force between the two questions then shows as a journey whose text isn't among them.
    texts, policies = app.policies.texts(), app.policies.current()
    if any(texts.get(file, ("",))[0] != hash for file, hash in policies.files.items()):
        texts, policies = app.policies.texts(), app.policies.current()
    journey = policies.journey_for(hire.type)
    if journey is None:
        known = ", ".join(sorted(journey.event for journey in policies.journeys.values()))
        raise BadInput(
            f"No journey starts from an event of type {hire.type}.", faults=[Fault("type", "unknown-type", f"known types: {known}")]
        )
    organisation = app.store.organisation()
    _demand_known(app, hire, organisation)
    for _ in range(20):
        try:
            case = _begin(app, hire, digest, journey, policies, texts, organisation)
        except Duplicate:
            again = replayed(app, hire.source, hire.id, digest)
            if again is not None:
                return again
            continue
        except Conflict:
            # The same hire may be this very event, taken by another process since the look above.
            again = replayed(app, hire.source, hire.id, digest)
            if again is not None:
                return again
            raise
        faults.point("intake.after-commit")
        return Receipt(hire.source, hire.id, Taken.CREATED, case)
    raise Conflict("The person of this event keeps changing; nothing was taken.", next_step="Send the event again.")


def refused(source: str, id: str, error: IdmError) -> Receipt:
    """The receipt of an event that was refused; nothing was reserved for it."""
    return Receipt(source, id, Taken.REFUSED, "", error)


def replayed(app: App, source: str, id: str, digest: str) -> Receipt | None:
    """The receipt of an event that was taken before, None of a new one; `Conflict` if it had other content then."""
    before = app.store.event(source, id)
    if before is None:
        return None
    if before.digest != digest:
        raise Conflict(
            f"Event {id} from {source} was taken before with other content.",
            faults=[Fault("id", "same-id-other-content", f"it became case {before.case}")],
            next_step="Send a correction under a new id, or the event as it was.",
        )
    return Receipt(source, id, Taken.REPLAYED, before.case, cancelled=was_cancelled(app, before.case))


def unknown_places(app: App, organisation: Organisation, unit: str, position: str, manager: str) -> list[Fault]:
    """A fault for each of unit, position and manager that is named ("" is not) and that the organisation doesn't have."""
    found: list[Fault] = []
    if unit and unit not in organisation.units:
        found.append(Fault("data.employment.unit", "unknown-unit", f"there is no unit '{unit}' in the organisation"))
    if position and position not in organisation.positions:
        found.append(Fault("data.employment.position", "unknown-position", f"there is no position '{position}' in the organisation"))
    if manager and app.store.person(manager) is None:
        found.append(Fault("data.employment.manager", "unknown-person", f"there is no person '{manager}' in the organisation"))
    return found


def _demand_known(app: App, hire: HireEvent, organisation: Organisation) -> None:
    found = unknown_places(app, organisation, hire.unit, hire.position, hire.manager)
    if found:
        raise BadInput(
            "The event names what the organisation doesn't have.",
            faults=found,
            next_step="Mend the event, or import the organisation first.",
        )


def _begin(
    app: App,
    hire: HireEvent,
    digest: str,
    journey: Journey,
    policies: Policies,
    texts: Mapping[str, tuple[str, str]],
    organisation: Organisation,
) -> str:
    """Write person, employment, names, event and case in one transaction; the new case's id. Raises `Duplicate` if one was there first."""
    index = app.keys.blind_index("cpr", hire.cpr.reveal())
    known = app.store.person_by_cpr(index)
    held = app.store.employments(known.id) if known is not None else ()
    _demand_no_overlap(app, held, hire)
    person = _person(app, hire, known)
    case_id, employment_id = fresh(app, "c"), fresh(app, "e")
    now = app.clock.now()
    facts = HireFacts(hire.unit, hire.position, hire.start_date, hire.end_date, hire.weekly_hours, hire.manager)
    told = Case(case_id, person.id, employment_id, journey.name, journey.hash, facts, (), {})
    circumstances = circumstances_of(app, told, person, policies)
    wanted = wanted_papers(policies.documents, policies.checks, circumstances)
    case = transitions.begin(
        case=case_id,
        person=person.id,
        employment=employment_id,
        journey=journey,
        facts=facts,
        wanted=wanted,
        by_itself=decided_by_itself(app, journey, Matter(case_id, hire.unit, person.id, hire.manager), organisation, circumstances),
        now=now,
    )
    note = Note(hire.source, "hire-taken", {"event": hire.id, "employment": employment_id, "person": person.id, "by_itself": _told(case)})
    commit = prepare(app, None, case, case.graph(journey), note, now, person=person)
    employment = Employment(
        employment_id, person.id, hire.unit, hire.position, hire.start_date, hire.end_date, hire.weekly_hours, hire.manager, case_id
    )
    text = texts.get(journey.source.file)
    with app.store.write() as writer:
        writer.add_event(EventRow(hire.source, hire.id, digest, case_id), now)
        person = with_names(person, policies.naming, writer, now)
        writer.put_person(person, index, app.keys.encrypt(hire.cpr.reveal()))
        if writer.employments_of(person.id) - {each.id for each in held}:
            # Another event about this person came first: whether it is the same hire must be asked again.
            raise Duplicate("employment")
        writer.put_employment(employment)
        if text is not None and text[0] == journey.hash:
            writer.put_policy(journey.hash, journey.source.file, text[1], now)
        writer.commit_case(commit)
        faults.point("intake.before-commit")
    return case_id


def _person(app: App, hire: HireEvent, known: Person | None) -> Person:
    """The person that the event is about: the one with that CPR, with the newer ways to reach them, or a new one."""
    if known is None:
        return Person(
            fresh(app, "p"),
            hire.cpr,
            hire.given_name,
            hire.family_name,
            private_email=hire.private_email,
            mobile=hire.mobile,
            citizenship=hire.citizenship,
            language=hire.language,
        )
    return Person(
        known.id,
        known.cpr,
        hire.given_name,
        hire.family_name,
        known.email,
        hire.private_email or known.private_email,
        hire.mobile or known.mobile,
        hire.citizenship or known.citizenship,
        known.username,
        known.address,
        hire.language or known.language,
    )


def _demand_no_overlap(app: App, held: Sequence[Employment], hire: HireEvent) -> None:
    """Refuse a second hire of one person into the same unit, position and start date: it is the same hire from another source."""
    for employment in held:
        same = (employment.unit, employment.position, employment.start_date) == (hire.unit, hire.position, hire.start_date)
        if same and not was_cancelled(app, employment.case):
            raise Conflict(
                "This person is being hired into that position from that date already.",
                faults=[Fault("data.employment", "same-hire", f"it is employment {employment.id}")],
                next_step=f"See `idm case show {employment.case}`." if employment.case else "See the organisation.",
            )


def _told(case: Case) -> dict[str, dict[str, str]]:
    """The steps that were decided by themselves, each with who had granted the delegations that did, and which."""
    return {step: {"approver": approval.by, "delegation": approval.delegation} for step, approval in case.approvals.items()}
