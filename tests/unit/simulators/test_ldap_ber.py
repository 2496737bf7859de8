"""The LDAP simulator's codec: what any client sends is understood, and what no client sends does no harm."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idm.simulators import ldap_ber as ber
from idm.simulators import ldap_messages as wire
from idm.simulators.ldap_ber import BerError, Reader
from idm.simulators.ldap_filter import MAX_DEPTH, And, Assertion, Extensible, Filter, Not, Or, Present, Substrings
from idm.simulators.ldap_messages import (
    Abandon,
    Add,
    Bind,
    BodyError,
    Compare,
    Control,
    Delete,
    Message,
    Modification,
    Modify,
    Rename,
    Search,
    Unbind,
)

TEXT = st.text(max_size=20)
BYTES = st.binary(max_size=300)
SMALL = st.binary(min_size=1, max_size=10)


@given(st.integers(-(2**63), 2**63 - 1))
def test_an_integer_comes_back(number: int) -> None:
    assert Reader(ber.integer(number)).integer() == number


@given(st.binary(max_size=70_000), st.sampled_from([0x04, 0x80, 0x87]))
def test_octets_come_back(value: bytes, tag: int) -> None:
    reader = Reader(ber.octets(value, tag))
    assert reader.octets(tag) == value
    reader.finish()


@pytest.mark.parametrize("value", [True, False])
def test_a_boolean_comes_back(value: bool) -> None:
    assert Reader(ber.boolean(value)).boolean() is value
    assert ber.boolean(True)[-1] == 0xFF


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"\x30",
        b"\x30\x80",
        b"\x30\x85\x00\x00\x00\x00\x00",
        b"\x30\x05\x02\x01",
        b"\x30\x84\xff\xff\xff\xff",
        b"\x3f\x01\x00",
        b"\x04\x01a",
    ],
)
def test_a_broken_element_is_refused(broken: bytes) -> None:
    with pytest.raises(BerError):
        Reader(broken).inside()


@pytest.mark.parametrize("broken", [b"\x02\x00", b"\x02\x09" + b"\1" * 9, b"\x01\x02\0\0"])
def test_a_broken_number_is_refused(broken: bytes) -> None:
    with pytest.raises(BerError):
        Reader(broken).integer(broken[0]) if broken[0] == 2 else Reader(broken).boolean()


def encoded(filter_: Filter) -> bytes:
    match filter_:
        case And(parts):
            return ber.element(0xA0, *map(encoded, parts))
        case Or(parts):
            return ber.element(0xA1, *map(encoded, parts))
        case Not(part):
            return ber.element(0xA2, encoded(part))
        case Present(attribute):
            return ber.octets(attribute, 0x87)
        case Assertion(how, attribute, value):
            return ber.element({"=": 0xA3, ">=": 0xA5, "<=": 0xA6, "~=": 0xA8}[how], ber.octets(attribute), ber.octets(value))
        case Substrings(attribute, initial, middle, final):
            begin = [ber.octets(initial, 0x80)] if initial else []
            inside = [ber.octets(part, 0x81) for part in middle]
            end = [ber.octets(final, 0x82)] if final else []
            return ber.element(0xA4, ber.octets(attribute), ber.sequence(*begin, *inside, *end))
        case Extensible(rule, attribute, value, dn_attributes):
            named = [ber.octets(text, tag) for tag, text in ((0x81, rule), (0x82, attribute)) if text is not None]
            return ber.element(0xA9, *named, ber.octets(value, 0x83), ber.boolean(dn_attributes, 0x84))


LEAVES = st.one_of(
    st.builds(Present, TEXT),
    st.builds(Assertion, st.sampled_from(["=", ">=", "<=", "~="]), TEXT, BYTES),
    st.builds(Substrings, TEXT, SMALL, st.lists(SMALL, max_size=3).map(tuple), st.none() | SMALL),
    st.builds(Extensible, st.none() | TEXT, st.none() | TEXT, BYTES, st.booleans()),
)
FILTERS: st.SearchStrategy[Any] = st.recursive(
    LEAVES,
    lambda parts: st.one_of(
        st.builds(And, st.lists(parts, max_size=4).map(tuple)), st.builds(Or, st.lists(parts, max_size=4).map(tuple)), st.builds(Not, parts)
    ),
    max_leaves=15,
)


def packet(message_id: int, body: bytes, *controls: bytes) -> bytes:
    return wire.envelope(message_id, body, controls)


def search(filter_: bytes, base: str = "", attributes: tuple[str, ...] = ()) -> bytes:
    numbers = (ber.integer(2, ber.ENUMERATED), ber.integer(0, ber.ENUMERATED), ber.integer(7), ber.integer(0), ber.boolean(False))
    return ber.element(0x63, ber.octets(base), *numbers, filter_, ber.sequence(*map(ber.octets, attributes)))


@given(TEXT, FILTERS, st.lists(TEXT, max_size=5).map(tuple))
def test_a_search_comes_back(base: str, filter_: Filter, attributes: tuple[str, ...]) -> None:
    message = wire.read_message(packet(5, search(encoded(filter_), base, attributes)))
    assert message == Message(5, Search(base, 2, 7, False, filter_, attributes), ())


VALUES = st.lists(BYTES, max_size=4).map(tuple)


def attribute(name: str, values: tuple[bytes, ...]) -> bytes:
    return ber.sequence(ber.octets(name), ber.set_of(*map(ber.octets, values)))


@given(TEXT, st.lists(st.tuples(TEXT, VALUES), max_size=4).map(tuple))
def test_an_add_comes_back(dn: str, attributes: tuple[tuple[str, tuple[bytes, ...]], ...]) -> None:
    body = ber.element(0x68, ber.octets(dn), ber.sequence(*(attribute(*each) for each in attributes)))
    assert wire.read_message(packet(1, body)).request == Add(dn, attributes)


@given(TEXT, st.lists(st.builds(Modification, st.integers(0, 5), TEXT, VALUES), max_size=4).map(tuple))
def test_a_modify_comes_back(dn: str, changes: tuple[Modification, ...]) -> None:
    parts = [ber.sequence(ber.integer(each.kind, ber.ENUMERATED), attribute(each.attribute, each.values)) for each in changes]
    body = ber.element(0x66, ber.octets(dn), ber.sequence(*parts))
    assert wire.read_message(packet(1, body)).request == Modify(dn, changes)


@given(TEXT, TEXT, st.booleans(), st.none() | TEXT)
def test_a_rename_comes_back(dn: str, rdn: str, delete_old: bool, superior: str | None) -> None:
    tail = [] if superior is None else [ber.octets(superior, 0x80)]
    body = ber.element(0x6C, ber.octets(dn), ber.octets(rdn), ber.boolean(delete_old), *tail)
    assert wire.read_message(packet(1, body)).request == Rename(dn, rdn, delete_old, superior)


@given(TEXT, BYTES)
def test_small_requests_come_back(text: str, value: bytes) -> None:
    compare = ber.element(0x6E, ber.octets(text), ber.sequence(ber.octets(text), ber.octets(value)))
    bind = ber.element(0x60, ber.integer(3), ber.octets(text), ber.octets(value, 0x80))
    sasl = ber.element(0x60, ber.integer(3), ber.octets(text), ber.element(0xA3, ber.octets("PLAIN")))
    assert wire.read_message(packet(1, compare)).request == Compare(text, text, value)
    assert wire.read_message(packet(1, bind)).request == Bind(3, text, value)
    assert wire.read_message(packet(1, sasl)).request == Bind(3, text, None)
    assert wire.read_message(packet(1, ber.octets(text, 0x4A))).request == Delete(text)
    assert wire.read_message(packet(1, ber.element(0x42))).request == Unbind()
    assert wire.read_message(packet(1, ber.integer(77, 0x50))).request == Abandon(77)


def test_controls_come_back() -> None:
    controls = (
        ber.sequence(ber.octets("1.2.3")),
        ber.sequence(ber.octets("1.2.4"), ber.boolean(True)),
        ber.sequence(ber.octets("1.2.5"), ber.octets(b"x")),
    )
    message = wire.read_message(packet(9, ber.octets("dc=x", 0x4A), *controls))
    assert message.controls == (Control("1.2.3"), Control("1.2.4", True), Control("1.2.5", False, b"x"))


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_in_words(content: bytes) -> None:
    for data in (content, ber.sequence(content), packet(1, ber.element(0x63, content)), packet(1, ber.element(0x66, content))):
        try:
            wire.read_message(data)
        except BerError as error:
            assert error.message


def test_a_broken_body_is_told_apart_from_a_broken_envelope() -> None:
    with pytest.raises(BodyError) as body:
        wire.read_message(packet(6, ber.element(0x68, b"\x04\x09abc")))
    assert (body.value.message_id, body.value.response) == (6, 0x69)
    with pytest.raises(BerError) as envelope:
        wire.read_message(packet(6, ber.element(0x7F, b"")))
    assert not isinstance(envelope.value, BodyError)


def test_a_filter_is_not_read_deeper_than_allowed() -> None:
    def nested(depth: int) -> bytes:
        filter_ = ber.octets("cn", 0x87)
        for _ in range(depth):
            filter_ = ber.element(0xA2, filter_)
        return packet(1, search(filter_))

    wire.read_message(nested(MAX_DEPTH))
    with pytest.raises(BodyError, match="deeper"):
        wire.read_message(nested(MAX_DEPTH + 1))


@pytest.mark.parametrize("parts", [[], [(0x82, b"x"), (0x80, b"y")], [(0x81, b"x"), (0x80, b"y")], [(0x80, b"")], [(0x83, b"x")]])
def test_substrings_out_of_order_are_refused(parts: list[tuple[int, bytes]]) -> None:
    content = ber.sequence(*(ber.octets(value, tag) for tag, value in parts))
    with pytest.raises(BodyError):
        wire.read_message(packet(1, search(ber.element(0xA4, ber.octets("cn"), content))))


def test_a_page_control_is_read() -> None:
    assert wire.read_paged(ber.sequence(ber.integer(500), ber.octets(b"cookie"))) == (500, b"cookie")
    with pytest.raises(BerError):
        wire.read_paged(ber.sequence(ber.integer(-1), ber.octets(b"")))
