from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idm.errors import BadInput
from idm.inputs.events import RawEvent, canonical, check_hire, read_events
from tests.unit.inputs.examples import EVENT, MISSING, TODAY, changed, text

P, E = "data.person.", "data.employment."


def faults_of(event: object) -> list[tuple[str, str]]:
    with pytest.raises(BadInput) as caught:
        check_hire(event, TODAY)
    return [(fault.path, fault.rule) for fault in caught.value.faults]


def test_a_sound_event_gives_every_fact() -> None:
    found = check_hire(EVENT, TODAY)

    assert (found.id, found.source, found.type, found.subject) == ("hire-1", "/hr/north", "dk.idm.hire", "hire-1")
    assert found.time == "2026-11-22T10:00:00+01:00"
    assert found.cpr.reveal() == "0101901234"
    assert (found.given_name, found.family_name) == ("Åse", "Brun")
    assert found.private_email.reveal() == "ase.brun@example.net"
    assert found.mobile.reveal() == "+4520304050"
    assert (found.citizenship, found.unit, found.position, found.manager) == ("DK", "school_north", "teacher", "p1")
    assert (found.start_date, found.end_date, found.weekly_hours) == (date(2027, 1, 4), date(2027, 12, 31), "37")


def test_what_may_be_left_out_may_be_null_too() -> None:
    for empty in (MISSING, None):
        event = EVENT
        for path in ("time", "subject", P + "citizenship", E + "end_date", E + "manager"):
            event = changed(event, path, empty)
        found = check_hire(event, TODAY)
        assert (found.time, found.subject, found.citizenship, found.end_date, found.manager) == ("", "", "", None, "")


SOUND = [
    (P + "cpr", "0401145000", "cpr", "0401145000"),  # thirteen on the first day
    (P + "cpr", "0101901234", "cpr", "0101901234"),
    (P + "given_name", "  A\u030ase ", "given_name", "Åse"),
    (P + "family_name", "Æ" * 80, "family_name", "Æ" * 80),
    (P + "family_name", "D'Angelo-Şahin", "family_name", "D'Angelo-Şahin"),
    (P + "given_name", "Å", "given_name", "Å"),
    (P + "given_name", "Søren Ægir O’Neill-Bügel", "given_name", "Søren Ægir O’Neill-Bügel"),
    (P + "mobile", "20304050", "mobile", "+4520304050"),
    (P + "language", "en", "language", "en"),
    (P + "language", None, "language", ""),
    (P + "mobile", "+46 (70) 123-45 67", "mobile", "+46701234567"),
    (E + "weekly_hours", 18.5, "weekly_hours", "18.5"),
    (E + "weekly_hours", "18.50", "weekly_hours", "18.5"),
    (E + "weekly_hours", 40.0, "weekly_hours", "40"),
    (E + "end_date", "2027-01-04", "end_date", date(2027, 1, 4)),
    ("time", "2026-11-22t10:00:00.123456789z", "time", "2026-11-22t10:00:00.123456789z"),
    (E + "unit", "børnehus-sol", "unit", "børnehus-sol"),
]


@pytest.mark.parametrize(("path", "value", "name", "expected"), SOUND)
def test_takes(path: str, value: object, name: str, expected: object) -> None:
    found = getattr(check_hire(changed(EVENT, path, value), TODAY), name)

    assert (found.reveal() if hasattr(found, "reveal") else found) == expected


WRONG = [
    ("specversion", "0.3", "cloudevents"),
    ("specversion", 1.0, "text"),
    ("specversion", MISSING, "required"),
    ("id", "", "required"),
    ("id", "   ", "required"),
    ("id", 7, "text"),
    ("id", MISSING, "required"),
    ("id", "0101901234", "id-is-cpr"),
    ("subject", "010190-1234", "id-is-cpr"),
    ("source", MISSING, "required"),
    ("source", None, "required"),
    ("type", "dk.idm.fire", "event-type"),
    ("type", MISSING, "required"),
    ("time", "2026-11-22", "time"),
    ("time", "2026-11-22T10:00:00", "time"),
    ("time", "2026-13-22T10:00:00Z", "time"),
    ("time", 5, "text"),
    ("datacontenttype", "text/xml", "cloudevents"),
    ("data_base64", "e30=", "cloudevents"),
    ("Extension", "x", "unknown-field"),
    ("extension", ["x"], "cloudevents"),
    ("data", MISSING, "required"),
    ("data", "{}", "object"),
    ("data.person", [], "object"),
    ("data.employment", MISSING, "required"),
    ("data.note", "x", "unknown-field"),
    (P + "cpr", MISSING, "required"),
    (P + "cpr", 101901234, "cpr"),
    (P + "cpr", "3102901234", "cpr"),
    (P + "cpr", "010190-12", "cpr"),
    (P + "cpr", "2411265000", "cpr"),
    (P + "cpr", "0501145000", "too-young"),  # thirteen the day after the start
    (P + "given_name", "", "required"),
    (P + "given_name", "A\x00", "characters"),
    (P + "given_name", "A\nB", "characters"),
    (P + "given_name", "A\ud800", "characters"),
    (P + "given_name", "A\u2028B", "characters"),
    (P + "given_name", "Signe Maj 010190-1234", "cpr-number"),
    (P + "family_name", "Brun 0101901234", "cpr-number"),
    (P + "family_name", "Brun ٠١٠١٩٠-١٢٣٤", "cpr-number"),
    (P + "family_name", "x" * 101, "length"),
    (P + "family_name", ["x"], "text"),
    (P + "private_email", "nobody", "email"),
    (P + "private_email", "a@b", "email"),
    (P + "private_email", "a b@example.org", "email"),
    (P + "private_email", "å@example.org", "email"),
    (P + "mobile", "12345678", "mobile"),
    (P + "mobile", "2030405", "mobile"),
    (P + "mobile", "+45203040501234567", "mobile"),
    (P + "mobile", 20304050, "text"),
    (P + "citizenship", "dk", "country"),
    (P + "citizenship", "DNK", "country"),
    (P + "citizenship", "ZZ", "country"),
    (P + "language", "de", "language"),
    (P + "language", "DA", "language"),
    (P + "language", 1, "text"),
    (P + "telephone", "1", "unknown-field"),
    (P + "telephone", float("inf"), "unknown-field"),
    (E + "unit", "", "required"),
    (E + "unit", "a b", "id"),
    (E + "unit", "0101901234", "id-is-cpr"),
    (E + "position", MISSING, "required"),
    (E + "start_date", "2027-02-29", "date"),
    (E + "start_date", "4/1 2027", "date"),
    (E + "start_date", "20270104", "date"),
    (E + "start_date", 0, "date"),
    (E + "start_date", MISSING, "required"),
    (E + "end_date", "2027-01-03", "order"),
    (E + "end_date", "", "date"),
    (E + "weekly_hours", 0, "hours"),
    (E + "weekly_hours", -5, "hours"),
    (E + "weekly_hours", 48.1, "hours"),
    (E + "weekly_hours", True, "hours"),
    (E + "weekly_hours", "full", "hours"),
    (E + "weekly_hours", "٣٧", "hours"),
    (E + "weekly_hours", 10**25, "hours"),
    (E + "weekly_hours", MISSING, "required"),
    (E + "manager", 5, "text"),
    (E + "enddate", "2027-12-31", "unknown-field"),
]


@pytest.mark.parametrize(("path", "value", "rule"), WRONG)
def test_refuses_one_wrong_field_with_its_path_and_nothing_else(path: str, value: object, rule: str) -> None:
    assert faults_of(changed(EVENT, path, value)) == [(path, rule)]


def test_names_every_fault_at_once() -> None:
    event = EVENT
    for path, value in ((P + "cpr", "3102901234"), (P + "private_email", "x"), (E + "end_date", "2020-01-01"), (E + "unit", MISSING)):
        event = changed(event, path, value)

    assert set(faults_of(event)) == {
        (P + "cpr", "cpr"),
        (P + "private_email", "email"),
        (E + "end_date", "order"),
        (E + "unit", "required"),
    }


def test_no_private_value_is_ever_repeated() -> None:
    event = changed(changed(EVENT, P + "cpr", "3102901234"), P + "private_email", "hemmelig")
    event = changed(changed(event, P + "mobile", "55512"), P + "no 0101901234", "x")
    event = changed(changed(event, P + "given_name", "Signe 020290-1234"), P + "family_name", "Lund 0303901234")
    with pytest.raises(BadInput) as caught:
        check_hire(event, TODAY)

    said = json.dumps(caught.value.as_json()) + repr(caught.value) + repr(RawEvent(0, event)) + repr(check_hire(EVENT, TODAY))
    for private in ("3102901234", "310290", "hemmelig", "55512", "0101901234", "020290", "0303901234", "Signe", "ase.brun", "20304050"):
        assert private not in said


def test_reads_one_event_or_many_and_leaves_the_bad_for_the_check() -> None:
    assert [event.content for event in read_events(text(EVENT))] == [EVENT]
    many = read_events(text([EVENT, 5, {"id": "x", "source": "y", "type": "z"}, {"id": 5}]).encode())

    assert [(event.index, event.id, event.source, event.type) for event in many] == [
        (0, "hire-1", "/hr/north", "dk.idm.hire"),
        (1, "", "", ""),
        (2, "x", "y", "z"),
        (3, "", "", ""),
    ]
    assert faults_of(many[1].content) == [("$", "object")]


@pytest.mark.parametrize(
    ("raw", "rule", "says"),
    [
        ("", "empty", "is empty"),
        (b"  \n", "empty", "is empty"),
        ('{"a": 1,\n  b}', "json", "line 2, column 3"),
        (b'{\n"a": "\xe6"}', "encoding", "line 2, byte 7"),
        ('{"a": 1, "a": 2}', "json", "'a' stands twice"),
        ("[NaN]", "json", "NaN"),
        ("[1e999]", "json", "too large"),
        ("1" * 5000, "json", "digits"),
        ("[" * 100_000, "depth", "too deeply"),
        ("[]", "event", "holds no event"),
        ('"text"', "event", "holds no event"),
        ("null", "event", "holds no event"),
    ],
)
def test_refuses_what_is_no_event_file(raw: str | bytes, rule: str, says: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_events(raw, source_hint="events.json")

    assert [fault.rule for fault in caught.value.faults] == [rule]
    assert caught.value.message.startswith("events.json ")
    assert says in caught.value.message
    assert caught.value.next_step


def test_a_byte_order_mark_is_taken() -> None:
    assert read_events(b"\xef\xbb\xbf" + text(EVENT).encode())[0].id == "hire-1"


def _reversed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _reversed(value[key]) for key in reversed(value)}
    return value


def test_the_canonical_text_ignores_order_white_space_and_envelope_and_nothing_else() -> None:
    again = read_events(json.dumps(_reversed(EVENT), indent=7))[0].content

    assert canonical(again) == canonical(EVENT)
    assert canonical(changed(EVENT, "time", "2026-01-01T00:00:00Z")) == canonical(EVENT)
    assert canonical(changed(EVENT, E + "unit", "other")) != canonical(EVENT)
    assert canonical(changed(EVENT, "type", "dk.idm.hire.changed")) != canonical(EVENT)
    assert canonical(changed(EVENT, E + "manager", MISSING)) != canonical(EVENT)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
paths = st.sampled_from(sorted({path for path, _, _ in WRONG if path.partition(".")[0] in EVENT}))


@given(path=paths, value=values)
def test_any_value_in_any_field_is_taken_or_refused_with_faults(path: str, value: object) -> None:
    try:
        found = check_hire(changed(EVENT, path, value), TODAY)
    except BadInput as error:
        assert error.faults
    else:
        assert found.id
        canonical(EVENT)


@given(raw=st.binary(max_size=60) | st.text(max_size=60) | values.map(json.dumps))
def test_any_input_is_taken_or_refused_with_faults(raw: bytes | str) -> None:
    try:
        events = read_events(raw)
    except BadInput as error:
        assert error.faults
    else:
        assert all(faults_of(event.content) for event in events)
