"""Hire events: CloudEvents 1.0 in JSON, one or an array, and what a hire event must say."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from idm.connector import Confidential
from idm.domain import field_checks
from idm.domain.countries import COUNTRIES
from idm.domain.cpr import birth_date
from idm.domain.hire import HireEvent
from idm.domain.people import Cpr
from idm.errors import BadInput, Fault
from idm.inputs.fields import Fields
from idm.inputs.json_text import read_json

HIRE = "dk.idm.hire"
LANGUAGES = ("da", "en")
"""The languages in which a new hire can be written to."""
MOST_WEEKLY_HOURS = Decimal(48)
"""Hours in a week that working time may reach on average (Directive 2003/88/EC, article 6)."""

_MARKS = frozenset({"specversion", "source", "type", "data"})
YOUNGEST = 13
"""Years of age from which children may do light work (Directive 94/33/EC, article 4)."""

_RFC3339 = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)
_HOURS = re.compile(r"\d{1,3}(\.\d{1,4})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class RawEvent:
    """One event as it came: its place among those of one input (from 0), and its content, not yet checked."""

    index: int
    content: Any = field(repr=False)

    def _text(self, name: str) -> str:
        value = self.content.get(name) if isinstance(self.content, Mapping) else None
        return value if isinstance(value, str) else ""

    @property
    def id(self) -> str:
        """The event's id, or "" if it has none that is text."""
        return self._text("id")

    @property
    def source(self) -> str:
        """The event's source, or "" if it has none that is text."""
        return self._text("source")

    @property
    def type(self) -> str:
        """The event's type, or "" if it has none that is text."""
        return self._text("type")


def read_events(raw: bytes | str, *, source_hint: str = "") -> list[RawEvent]:
    """The events in `raw`: one JSON object, or an array. Each is still to be checked, so that the good of a batch can go on.

    `source_hint` names the input in messages, such as a file. Raises BadInput with line and column if it isn't JSON.
    """
    what = source_hint or "The input"
    content = read_json(raw, what)
    events = content if isinstance(content, list) else [content]
    if not any(_may_be_event(event) for event in events):
        message = "holds no event; it should be a CloudEvent as a JSON object, or an array of them"
        raise BadInput(f"{what} {message}.", faults=[Fault("$", "event", message)], next_step="Send one event or an array of events.")
    return [RawEvent(index, event) for index, event in enumerate(events)]


def _may_be_event(item: object) -> bool:
    """Whether an item is at least meant as an event; a file without any is another file, sent by mistake."""
    return isinstance(item, Mapping) and not _MARKS.isdisjoint(item)


def check_hire(event: object, today: date) -> HireEvent:
    """The hire event in `event`, the content of a `RawEvent`. `today` is the day that no date of birth may lie after.

    Raises BadInput with every fault at once; none repeats a value. Whether unit, position and manager exist is for the caller to ask.
    """
    faults: list[Fault] = []
    root = Fields(event, "", faults)
    envelope = envelope_of(root, HIRE)
    data = root.part("data")
    person, employment = data.part("person"), data.part("employment")
    cpr = person.cpr("cpr", today)
    start, end = employment.day("start_date"), employment.day("end_date", required=False)
    if start and end and end < start:
        employment.fault("end_date", "order", "is before start_date")
    if cpr and start and too_young(cpr, start):
        person.fault("cpr", "too-young", f"belongs to somebody who is under {YOUNGEST} years old on start_date, and may not be employed")
    found = HireEvent(
        **envelope,
        cpr=cpr or Cpr(""),
        given_name=person.person_name("given_name", most=100),
        family_name=person.person_name("family_name", most=100),
        private_email=person.email("private_email"),
        mobile=mobile(person),
        citizenship=citizenship(person),
        unit=employment.id("unit"),
        position=employment.id("position"),
        start_date=start or date.min,
        end_date=end,
        weekly_hours=hours(employment),
        manager=employment.id("manager", required=False),
        content=Confidential(""),
        language=language(person),
    )
    for part in (person, employment, data):
        part.nothing_else()
    if faults:
        raise BadInput(
            f"The hire event breaks {len(faults)} rule(s).", faults=faults, next_step="Mend the event and send it again with the same id."
        )
    # Only what is sound has a canonical text: an unknown field may hold what JSON has no way to write.
    return replace(found, content=Confidential(canonical(event) if isinstance(event, Mapping) else ""))


def too_young(cpr: Cpr, start: date) -> bool:
    """Whether somebody is under the age from which light work is allowed on the day `start`."""
    born = birth_date(cpr)
    return born is not None and (born.year + YOUNGEST, born.month, born.day) > (start.year, start.month, start.day)


def canonical(event: Mapping[str, Any]) -> str:
    """The type and data of an event as one text that order of keys and white space don't change: what tells a replay from a changed event.

    It holds personal data: keep a keyed digest of it, never the text.
    """
    said = {"type": event.get("type"), "data": event.get("data")}
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def envelope_of(root: Fields, wanted: str, *, subject: bool = False) -> dict[str, str]:
    """The attributes of CloudEvents 1.0 (section "REQUIRED attributes" and following) of an event of the type `wanted`."""
    version = root.text("specversion")
    if version not in ("1.0", ""):
        root.fault("specversion", "cloudevents", 'must be "1.0"')
    envelope = {
        "id": root.opaque("id"),
        "source": root.opaque("source"),
        "type": root.text("type"),
        "time": _time(root),
        "subject": root.opaque("subject", required=subject),
    }
    if envelope["type"] not in (wanted, ""):
        root.fault("type", "event-type", f"must be {wanted}")
    if root.raw("data_base64", required=False) is not None:
        root.fault("data_base64", "cloudevents", "is not taken; send the data as a JSON object under data")
    content_type = root.text("datacontenttype", required=False)
    if content_type and content_type.partition(";")[0].strip().lower() != "application/json":
        root.fault("datacontenttype", "cloudevents", "must be application/json, or left out")
    root.text("dataschema", required=False, most=2000)
    root.raw("data", required=False)
    root.extensions()
    return envelope


def _time(root: Fields) -> str:
    value = root.text("time", required=False)
    if not value:
        return ""
    try:
        if _RFC3339.fullmatch(value):
            datetime.fromisoformat(value.upper())
            return value
    except ValueError:
        pass
    root.fault("time", "time", "must be a time with an offset as in RFC 3339, such as 2027-01-04T08:00:00Z")
    return ""


def mobile(person: Fields, *, required: bool = True) -> Confidential:
    """A mobile number in the form of E.164. "" if it is missing or faulty."""
    value = person.text("mobile", required=required)
    try:
        return Confidential(field_checks.mobile(value) if value else "")
    except ValueError as error:
        person.fault("mobile", "mobile", str(error))
        return Confidential("")


def citizenship(person: Fields) -> str:
    """A country's code, or "" if it is missing or faulty."""
    value = person.text("citizenship", required=False)
    if value and value not in COUNTRIES:
        person.fault("citizenship", "country", "must be a country's code of two capital letters (ISO 3166-1), such as DK")
        return ""
    return value


def language(person: Fields) -> str:
    """The language in which somebody is written to, or "" if it is missing or faulty."""
    value = person.text("language", required=False)
    if value and value not in LANGUAGES:
        person.fault("language", "language", f"must be a language in which idm writes: {' or '.join(LANGUAGES)}")
        return ""
    return value


def hours(employment: Fields) -> str:
    """Hours a week as a decimal number in text, or "" if they are missing or faulty."""
    value = employment.raw("weekly_hours")
    if value is None:
        return ""
    text = str(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else ""
    number = Decimal(text) if _HOURS.fullmatch(text) else None
    if number is None:
        employment.fault("weekly_hours", "hours", "must be a number of hours such as 37 or 18.5, with at most four decimals")
        return ""
    if not 0 < number <= MOST_WEEKLY_HOURS:
        employment.fault("weekly_hours", "hours", f"must be more than 0 and at most {MOST_WEEKLY_HOURS} hours a week")
        return ""
    return format(number.normalize(), "f")
