"""Taking a batch of events: each read, checked and taken by itself, so that the good go on and the bad come back."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from idm.dispatch.hires import Refusal
from idm.domain.hire import Event, HireEvent
from idm.errors import BadInput, IdmError, Unavailable
from idm.flow.calling import place_of
from idm.flow.intake import Receipt, refused, take, unknown_places
from idm.flow.known_as import known_as
from idm.flow.take_departure import take_departure
from idm.inputs.cpr import looks_like_cpr
from idm.inputs.departure_events import check_event
from idm.inputs.events import RawEvent, read_events
from idm.ports import App

log = logging.getLogger("idm.hires")


def take_batch(app: App, raw: bytes | str) -> list[Receipt]:
    """Take every event of a body or file. Raises BadInput only if it isn't JSON events at all, Unavailable if nothing could be taken."""
    return [receipt for _, receipt in take_each(app, raw)]


def take_each(app: App, raw: bytes | str) -> Iterator[tuple[RawEvent, Receipt]]:
    """Each event of a body or file as it was read, with its receipt, as soon as it was taken."""
    yield from take_events(app, read_events(raw))


def look_at(app: App, raw: bytes | str) -> IdmError | None:
    """What the first event of a text would be refused for, None if nothing speaks against it. Nothing is taken, nobody looked up."""
    try:
        found = _checked(app, read_events(raw)[0])
    except BadInput as error:
        return error
    if not isinstance(found, HireEvent):
        return None
    places = unknown_places(app, app.store.organisation(), found.unit, found.position, found.manager)
    return BadInput("The hire can't be taken so.", faults=places) if places else None


def take_events(app: App, events: Iterable[RawEvent]) -> Iterator[tuple[RawEvent, Receipt]]:
    """Each event with its receipt, as soon as it was taken."""
    for index, event in enumerate(events):
        try:
            yield event, _taken(app, _checked(app, event))
        except Unavailable:
            raise
        except IdmError as error:
            yield event, refused(shown_id(event.source, ""), shown_id(event.id, f"[{index}]"), error)


def take_message(app: App, body: bytes) -> list[Refusal]:
    """Take the events of a message of the queue of hires; what of it was refused. Raises Unavailable: then it is to be delivered again.

    What idm itself breaks off on is refused, too: it would break off for ever.
    """
    try:
        answered = list(take_each(app, body))
    except Unavailable:
        raise
    except IdmError as error:
        return [Refusal.by(body, error)]
    except Exception as error:  # noqa: BLE001 - one message must not keep all others from being taken
        log.error("a hire from the queue broke off with %s", place_of(error))
        return [Refusal.by(body, IdmError())]
    return [
        Refusal.by(body if isinstance(event.content, dict) and len(answered) == 1 else as_text(event), receipt.error)
        for event, receipt in answered
        if receipt.error is not None
    ]


def as_text(event: RawEvent) -> bytes:
    """An event that was read, as JSON again."""
    return json.dumps(event.content, ensure_ascii=False).encode("utf-8", "backslashreplace")


def shown_id(text: str, instead: str) -> str:
    """An id of an event that was not checked: `instead` of nothing, and of a CPR number, which must not be told again."""
    return instead if not text or looks_like_cpr(text) else text


def _taken(app: App, event: Event) -> Receipt:
    return take(app, event) if isinstance(event, HireEvent) else take_departure(app, event)


def _checked(app: App, event: RawEvent) -> Event:
    try:
        found = check_event(event.content, app.clock.today())
    except BadInput as error:
        raise _with_unknown_places(app, event, error) from None
    return replace(found, manager=known_as(app, found.manager)) if isinstance(found, HireEvent) else found


def _with_unknown_places(app: App, event: RawEvent, error: BadInput) -> BadInput:
    """`error` with the faults of unit, position and manager added, as far as they can be read: everything wrong is named at once."""
    data = event.content.get("data") if isinstance(event.content, Mapping) else None
    employment = data.get("employment") if isinstance(data, Mapping) else None
    if not isinstance(employment, Mapping):
        return error
    unit, position, manager = (value if isinstance(value := employment.get(name), str) else "" for name in ("unit", "position", "manager"))
    broken = {fault.path for fault in error.faults}
    known = app.store.organisation()
    found = [fault for fault in unknown_places(app, known, unit, position, known_as(app, manager)) if fault.path not in broken]
    if not found:
        return error
    faults = [*error.faults, *found]
    return BadInput(f"The hire event breaks {len(faults)} rule(s).", faults=faults, next_step=error.next_step)
