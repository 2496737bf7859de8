"""Syntaxes and matching rules (RFC 4517): which values are allowed, and which are the same.

`normal` gives a value's normal form: two values of an attribute are equal when their normal forms are.
"""

from __future__ import annotations

import re
import unicodedata
import uuid
from datetime import UTC, datetime, timedelta, timezone

from idm.simulators.ldap_dn import DnError, escape, parse_dn
from idm.simulators.ldap_schema import AttributeType, Schema

NormalDn = tuple[tuple[tuple[str, bytes], ...], ...]
"""A name in normal form: the same for two names of one entry, however they are written."""

_SYNTAX = "1.3.6.1.4.1.1466.115.121.1."
_DN, _DIRECTORY, _IA5, _PRINTABLE = _SYNTAX + "12", _SYNTAX + "15", _SYNTAX + "26", _SYNTAX + "44"
_INTEGER, _BOOLEAN, _TIME, _OID = _SYNTAX + "27", _SYNTAX + "7", _SYNTAX + "24", _SYNTAX + "38"
_OCTETS, _NUMERIC, _TELEPHONE, _UUID = _SYNTAX + "40", _SYNTAX + "36", _SYNTAX + "50", "1.3.6.1.1.16.1"
_PRINTABLE_FORM = re.compile(rb"[A-Za-z0-9'()+,\-./:? =]+")
_TIME_FORM = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(?:(\d\d)(\d\d)?)?(?:[.,](\d+))?(Z|[+-]\d\d(?:\d\d)?)")


def normal_dn(schema: Schema, text: str) -> NormalDn:
    """The name in normal form. Raises DnError, also for an attribute type that the schema doesn't know."""
    levels = []
    for rdn in parse_dn(text):
        pairs = []
        for name, value in rdn:
            kind = schema.attribute(name)
            if kind is None:
                raise DnError(f"a name uses the unknown attribute type {name}")
            form = assertion(schema, kind, value) if value else None
            if form is None:
                raise DnError(f"a value of {kind.name} in a name breaks its syntax")
            pairs.append((kind.name, form))
        levels.append(tuple(sorted(pairs)))
    return tuple(levels)


def pretty_dn(schema: Schema, text: str) -> str:
    """A name that `normal_dn` takes, written as OpenLDAP shows names: types by their names and in order, signs as hexadecimal."""
    levels = []
    for rdn in parse_dn(text):
        pairs = [(kind.name if (kind := schema.attribute(name)) else name, value) for name, value in rdn]
        levels.append("+".join(f"{name}={escape(value)}" for name, value in sorted(pairs, key=lambda pair: pair[0].lower())))
    return ",".join(levels)


def pretty(schema: Schema, kind: AttributeType, value: bytes) -> bytes:
    """A valid value as it is kept: names as `pretty_dn` writes them, all else as it came."""
    return pretty_dn(schema, value.decode("utf-8")).encode() if kind.syntax == _DN else value


def is_valid(schema: Schema, kind: AttributeType, value: bytes) -> bool:
    """Whether `value` keeps the attribute's syntax. Syntaxes that nothing here needs take any bytes."""
    syntax = kind.syntax
    if syntax == _DIRECTORY:
        return bool(value) and _is_utf8(value)
    if syntax == _IA5:
        return value.isascii()
    if syntax in (_PRINTABLE, _TELEPHONE):
        return _PRINTABLE_FORM.fullmatch(value) is not None if syntax == _PRINTABLE else bool(value) and value.isascii()
    if syntax == _DN:
        return _dn_form(schema, value) is not None
    if syntax == _INTEGER:
        return re.fullmatch(rb"-?(0|[1-9]\d*)", value) is not None and value != b"-0"
    if syntax == _BOOLEAN:
        return value in (b"TRUE", b"FALSE")
    if syntax == _TIME:
        return _time_form(value) is not None
    if syntax == _NUMERIC:
        return re.fullmatch(rb"[0-9 ]+", value) is not None
    if syntax == _OID:
        return re.fullmatch(rb"[A-Za-z][A-Za-z0-9;-]*|\d+(\.\d+)+", value) is not None
    if syntax == _UUID:
        return _uuid_form(value) is not None
    return True


def normal(schema: Schema, kind: AttributeType, value: bytes) -> bytes:
    """The normal form of a value that `is_valid`; the value itself where the attribute has no rule of equality."""
    form = assertion(schema, kind, value)
    return value if form is None else form


def assertion(schema: Schema, kind: AttributeType, value: bytes) -> bytes | None:
    """The normal form to look for, None when the value can't be compared (so that a filter is Undefined)."""
    rule = kind.equality or ""
    if rule.startswith("caseIgnore"):
        return _text(value, fold=True)
    if rule.startswith("caseExact"):
        return _text(value, fold=False)
    if rule == "distinguishedNameMatch" or rule == "uniqueMemberMatch":
        return _dn_form(schema, value)
    if rule == "objectIdentifierMatch":
        return _oid_form(schema, value)
    if rule == "generalizedTimeMatch":
        return _time_form(value)
    if rule == "UUIDMatch":
        return _uuid_form(value)
    if rule in ("integerMatch", "booleanMatch"):
        return value if is_valid(schema, kind, value) else None
    if rule == "numericStringMatch":
        return value.replace(b" ", b"")
    if rule == "telephoneNumberMatch":
        return value.lower().replace(b" ", b"").replace(b"-", b"")
    if not rule and kind.syntax != _OCTETS:
        return None
    return value


def ordering_key(schema: Schema, kind: AttributeType, value: bytes) -> tuple[int, bytes] | None:
    """What to order values by, None where the attribute has no order or the value can't be compared."""
    rule = kind.ordering or ""
    if not rule:
        return None
    if rule == "integerOrderingMatch":
        return (int(value), b"") if is_valid(schema, kind, value) else None
    form = assertion(schema, kind, value)
    return None if form is None else (0, form)


def text_form(kind: AttributeType, value: bytes) -> str:
    """A stored value as text to look for substrings in, folded as the attribute's substring rule says."""
    return _folded(kind, value).strip(" ")


def fold_part(kind: AttributeType, part: bytes | None, place: str) -> str:
    """One substring of a filter (`place` initial, any or final) in the form of `text_form`; nothing for None."""
    if part is None:
        return ""
    text = _folded(kind, part)
    return text.lstrip(" ") if place == "initial" else text.rstrip(" ") if place == "final" else text


def _folded(kind: AttributeType, value: bytes) -> str:
    rule = kind.substr or ""
    text = unicodedata.normalize("NFKC", value.decode("utf-8", "replace"))
    if rule.startswith("telephoneNumber"):
        text = text.replace(" ", "").replace("-", "")
    if rule.startswith("numericString"):
        text = text.replace(" ", "")
    return re.sub(" +", " ", text if rule.startswith("caseExact") else text.lower())


def _text(value: bytes, *, fold: bool) -> bytes | None:
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        return None
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    if fold:
        text = text.lower()
    return " ".join(part for part in text.split(" ") if part).encode()


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _dn_form(schema: Schema, value: bytes) -> bytes | None:
    try:
        return dn_bytes(normal_dn(schema, value.decode("utf-8")))
    except (DnError, UnicodeDecodeError):
        return None


def dn_bytes(name: NormalDn) -> bytes:
    """A name in normal form as bytes, to be kept among values."""
    return b"\0,".join(b"\0+".join(kind.lower().encode() + b"=" + value for kind, value in rdn) for rdn in name)


def _oid_form(schema: Schema, value: bytes) -> bytes | None:
    try:
        name = value.decode("ascii")
    except UnicodeDecodeError:
        return None
    known = schema.object_class(name) or schema.attribute(name)
    return known.oid.encode() if known else None


def _time_form(value: bytes) -> bytes | None:
    found = _TIME_FORM.fullmatch(value.decode("latin-1"))
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    if year == "0000":
        # Outside what datetime knows, but OpenLDAP's "locked for good" (000001010000Z).
        return f"{year}{month}{day}{hour}{minute or '00'}{second or '00'}Z".encode() if zone == "Z" else None
    offset = timedelta(0)
    if zone != "Z":
        offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:] or 0)) * (-1 if zone[0] == "-" else 1)
    try:
        moment = datetime(int(year), int(month), int(day), int(hour), int(minute or 0), int(second or 0), tzinfo=timezone(offset))
        text = moment.astimezone(UTC).strftime("%Y%m%d%H%M%S")
    except (ValueError, OverflowError):
        return None
    digits = (fraction or "").rstrip("0")
    return f"{text}{'.' + digits if digits else ''}Z".encode()


def _uuid_form(value: bytes) -> bytes | None:
    text = value.decode("latin-1")
    if re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", text) is None:
        return None
    return str(uuid.UUID(text)).encode()
