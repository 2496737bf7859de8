"""Search filters (RFC 4511 section 4.5.1): read from the wire and judged in three values.

None is Undefined: what can't be judged (an unknown attribute, a value that breaks its syntax) is neither true nor
false, and `(!(unknown=1))` finds nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from idm.simulators.ldap_ber import BerError, Reader
from idm.simulators.ldap_matching import assertion, fold_part, ordering_key, text_form
from idm.simulators.ldap_schema import AttributeType, Schema

MAX_DEPTH = 50
MAX_PARTS = 1000


@dataclass(frozen=True, slots=True)
class And:
    """All parts hold; of no parts: true (RFC 4526)."""

    parts: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Some part holds; of no parts: false (RFC 4526)."""

    parts: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part doesn't hold."""

    part: Filter


@dataclass(frozen=True, slots=True)
class Present:
    """The attribute has a value."""

    attribute: str


@dataclass(frozen=True, slots=True)
class Assertion:
    """The attribute has a value that is `how` ("=", ">=", "<=", "~=") `value`."""

    how: str
    attribute: str
    value: bytes


@dataclass(frozen=True, slots=True)
class Substrings:
    """The attribute has a value that begins, holds in line, and ends so."""

    attribute: str
    initial: bytes | None
    any: tuple[bytes, ...]
    final: bytes | None


@dataclass(frozen=True, slots=True)
class Extensible:
    """A match by a named rule; only the equality rule of the attribute itself is judged here."""

    rule: str | None
    attribute: str | None
    value: bytes
    dn_attributes: bool


Filter = And | Or | Not | Present | Assertion | Substrings | Extensible
_ASSERTIONS = {0xA3: "=", 0xA5: ">=", 0xA6: "<=", 0xA8: "~="}


def read_filter(reader: Reader, depth: int = 0) -> Filter:
    """The next element as a filter. Raises BerError, also when it is deeper than MAX_DEPTH."""
    if depth > MAX_DEPTH:
        raise BerError(f"a filter deeper than {MAX_DEPTH}")
    tag = reader.peek()
    if tag == 0x87:
        return Present(reader.text(0x87))
    tag, inside = reader.any()
    if tag in (0xA0, 0xA1):
        parts = []
        while inside.more():
            parts.append(read_filter(inside, depth + 1))
            if len(parts) > MAX_PARTS:
                raise BerError(f"a filter of more than {MAX_PARTS} parts")
        return And(tuple(parts)) if tag == 0xA0 else Or(tuple(parts))
    if tag == 0xA2:
        part = read_filter(inside, depth + 1)
        inside.finish()
        return Not(part)
    if tag in _ASSERTIONS:
        comparison = Assertion(_ASSERTIONS[tag], inside.text(), inside.octets())
        inside.finish()
        return comparison
    if tag == 0xA4:
        return _read_substrings(inside)
    if tag == 0xA9:
        return _read_extensible(inside)
    raise BerError(f"no filter has the tag 0x{tag:02x}")


def _read_substrings(inside: Reader) -> Substrings:
    attribute, parts = inside.text(), inside.inside()
    initial: bytes | None = None
    final: bytes | None = None
    middle: list[bytes] = []
    if not parts.more():
        raise BerError("a substring filter without substrings")
    first = True
    while parts.more():
        if final is not None:
            raise BerError("a substring after the final one")
        tag, part = parts.any()
        value = part.rest()
        if not value:
            raise BerError("an empty substring")
        if tag == 0x80 and first:
            initial = value
        elif tag == 0x81:
            middle.append(value)
        elif tag == 0x82:
            final = value
        else:
            raise BerError("substrings out of order")
        first = False
    return Substrings(attribute, initial, tuple(middle), final)


def _read_extensible(inside: Reader) -> Extensible:
    rule = inside.text(0x81) if inside.more() and inside.peek() == 0x81 else None
    attribute = inside.text(0x82) if inside.more() and inside.peek() == 0x82 else None
    value = inside.octets(0x83)
    dn_attributes = inside.boolean(0x84) if inside.more() else False
    inside.finish()
    return Extensible(rule, attribute, value, dn_attributes)


Values = Callable[[AttributeType], Mapping[bytes, bytes]]
"""An entry's values of an attribute type itself (without subtypes): normal form -> as stored."""


def matches(filter_: Filter, schema: Schema, values: Values) -> bool | None:
    """Whether the entry whose values `values` gives is found: True, False, or None for Undefined."""
    match filter_:
        case And(parts):
            return _all(matches(part, schema, values) for part in parts)
        case Or(parts):
            judged = _all(_negate(matches(part, schema, values)) for part in parts)
            return _negate(judged)
        case Not(part):
            return _negate(matches(part, schema, values))
        case Present(name):
            kind = schema.attribute(name)
            return None if kind is None else any(values(each) for each in schema.with_subtypes(kind))
        case Substrings():
            return _substrings(filter_, schema, values)
        case Assertion():
            return _assertion(filter_, schema, values)
        case Extensible(rule, attribute, value, _):
            kind = schema.attribute(attribute) if attribute else None
            if kind is None or (rule is not None and not kind.is_equality(rule)):
                return None
            return _assertion(Assertion("=", kind.name, value), schema, values)


def _all(parts: Iterable[bool | None]) -> bool | None:
    """Three-valued and: false as soon as one is false, else Undefined if one is."""
    undefined = False
    for part in parts:
        if part is False:
            return False
        undefined = undefined or part is None
    return None if undefined else True


def _negate(value: bool | None) -> bool | None:
    return None if value is None else not value


def _assertion(filter_: Assertion, schema: Schema, values: Values) -> bool | None:
    kind = schema.attribute(filter_.attribute)
    if kind is None:
        return None
    if filter_.how in ("=", "~="):
        wanted = assertion(schema, kind, filter_.value)
        if wanted is None:
            return None
        return any(wanted in values(each) for each in schema.with_subtypes(kind))
    limit = ordering_key(schema, kind, filter_.value)
    if limit is None:
        return None
    for each in schema.with_subtypes(kind):
        for stored in values(each).values():
            key = ordering_key(schema, kind, stored)
            if key is not None and (key >= limit if filter_.how == ">=" else key <= limit):
                return True
    return False


def _substrings(filter_: Substrings, schema: Schema, values: Values) -> bool | None:
    kind = schema.attribute(filter_.attribute)
    if kind is None or kind.substr is None:
        return None
    initial = fold_part(kind, filter_.initial, "initial")
    middle = [fold_part(kind, part, "any") for part in filter_.any]
    final = fold_part(kind, filter_.final, "final")
    for each in schema.with_subtypes(kind):
        for stored in values(each).values():
            if _holds(text_form(kind, stored), initial, middle, final):
                return True
    return False


def _holds(text: str, initial: str, middle: list[str], final: str) -> bool:
    if not text.startswith(initial) or not text.endswith(final):
        return False
    pos, end = len(initial), len(text) - len(final)
    for part in middle:
        found = text.find(part, pos, max(end, pos))
        if found < 0:
            return False
        pos = found + len(part)
    return pos <= end
