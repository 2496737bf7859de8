"""Take an event that departs from what a hire event told: once, however often it comes, and never an older one after a newer."""

from __future__ import annotations

from datetime import UTC, datetime

from idm.domain.hire import Event, HireCancelled, HireChanged, HireEvent, PersonCorrected
from idm.errors import Conflict, Fault, NotFound
from idm.flow.correct import correct
from idm.flow.depart import Word, cancel, move
from idm.flow.graphs import load
from idm.flow.intake import Receipt, Taken, replayed
from idm.ports import App
from idm.ports_store import Duplicate
from idm.rows import EventRow


def take_departure(app: App, event: Event) -> Receipt:
    """The receipt of a changed, cancelled or corrected event. `subject` names the hire event of the same source.

    Raises `NotFound` if that hire was never taken (it may still be on its way: send this again after it), and what the change raises.
    """
    digest = app.keys.blind_index("event", event.content.reveal())
    before = replayed(app, event.source, event.id, digest)
    if before is not None:
        return before
    hire = app.store.event(event.source, event.subject)
    if hire is None:
        raise NotFound(
            f"No hire event {event.subject} from {event.source} was taken, so nothing of it can change.",
            faults=[Fault("subject", "unknown-hire", "must be the id of a hire event of the same source that was taken")],
            next_step="Send the hire first, then this event again with the same id.",
        )
    word = Word(reason=_reason(event), event=EventRow(event.source, event.id, digest, hire.case), told_at=_time(event.time))
    try:
        _do(app, event, hire.case, word)
    except Duplicate:
        again = replayed(app, event.source, event.id, digest)
        if again is None:
            raise Conflict("This event keeps being taken by others; nothing was done.", next_step="Send it again.") from None
        return again
    except Conflict:
        # What is in its way may be this very event, taken by another process since the look above.
        again = replayed(app, event.source, event.id, digest)
        if again is None:
            raise
        return again
    return Receipt(event.source, event.id, Taken.CREATED, hire.case)


def _do(app: App, event: Event, case: str, word: Word) -> None:
    match event:
        case HireChanged():
            move(app, case, event.facts, word)
        case HireCancelled():
            cancel(app, case, word)
        case PersonCorrected():
            correct(app, load(app, case).case.person, event.correction, word)
        case HireEvent():
            raise TypeError("a hire event begins a case, and departs from none")


def _reason(event: Event) -> str:
    return event.reason if isinstance(event, HireCancelled) else f"told by event {event.id} from {event.source}"


def _time(text: str) -> datetime | None:
    return datetime.fromisoformat(text.upper()).astimezone(UTC) if text else None
