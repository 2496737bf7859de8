"""Taking a batch of events: each read, checked and taken by itself, so that the good go on and the bad come back."""

from __future__ import annotations

from collections.abc import Iterator

from idm.errors import IdmError, Unavailable
from idm.flow.intake import Hire, Receipt, refused, take
from idm.inputs.events import RawEvent, canonical, check_hire, read_events
from idm.ports import App


def take_batch(app: App, raw: bytes | str) -> list[Receipt]:
    """Take every event of a body or file. Raises BadInput only if it isn't JSON events at all, Unavailable if nothing could be taken."""
    return [receipt for _, receipt in take_each(app, raw)]


def take_each(app: App, raw: bytes | str) -> Iterator[tuple[RawEvent, Receipt]]:
    """Each event as it was read, with its receipt, as soon as it was taken."""
    for index, event in enumerate(read_events(raw)):
        try:
            yield event, take(app, _hire(app, event))
        except Unavailable:
            raise
        except IdmError as error:
            yield event, refused(event.source, event.id or f"[{index}]", error)


def _hire(app: App, event: RawEvent) -> Hire:
    checked = check_hire(event.content, app.clock.today())
    return Hire(
        source=checked.source,
        id=checked.id,
        type=checked.type,
        cpr=checked.cpr,
        given_name=checked.given_name,
        family_name=checked.family_name,
        private_email=checked.private_email,
        mobile=checked.mobile,
        citizenship=checked.citizenship,
        unit=checked.unit,
        position=checked.position,
        start_date=checked.start_date,
        end_date=checked.end_date,
        weekly_hours=checked.weekly_hours,
        manager=checked.manager,
        digest_text=canonical(event.content),
    )
