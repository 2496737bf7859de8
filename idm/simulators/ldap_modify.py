"""A modify's parts, carried out in line on a copy of an entry's values (RFC 4511 section 4.6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from idm.simulators.ldap_entry import Code, Entry, LdapRefusal
from idm.simulators.ldap_rules import attribute_type
from idm.simulators.ldap_schema import Schema


def modified(schema: Schema, entry: Entry, changes: Iterable[tuple[int, str, dict[bytes, bytes]]]) -> dict[str, Mapping[bytes, bytes]]:
    """The entry's values after `changes` (kind 0 add, 1 delete, 2 replace; attribute; values). Raises LdapRefusal."""
    values: dict[str, Mapping[bytes, bytes]] = dict(entry.values)
    for kind, attribute, given in changes:
        kept = values.get(attribute, {})
        match kind:
            case 0:
                after = _added(attribute, kept, given)
            case 1:
                after = _deleted(schema, attribute, kept, given)
            case _:
                after = given
        if after:
            values[attribute] = after
        else:
            values.pop(attribute, None)
    for attribute, form in entry.name[0]:
        if form not in values.get(attribute, {}):
            raise LdapRefusal(Code.NAMING_VIOLATION, f"value of naming attribute '{attribute}' is not present in entry")
    return values


def _added(attribute: str, kept: Mapping[bytes, bytes], given: dict[bytes, bytes]) -> dict[bytes, bytes]:
    for number, form in enumerate(given):
        if form in kept:
            raise LdapRefusal(Code.ATTRIBUTE_OR_VALUE_EXISTS, f"modify/add: {attribute}: value #{number} already exists")
    return {**kept, **given}


def _deleted(schema: Schema, attribute: str, kept: Mapping[bytes, bytes], given: dict[bytes, bytes]) -> dict[bytes, bytes]:
    if not kept:
        raise LdapRefusal(Code.NO_SUCH_ATTRIBUTE, f"modify/delete: {attribute}: no such attribute")
    if given and attribute_type(schema, attribute).equality is None:
        raise LdapRefusal(Code.INAPPROPRIATE_MATCHING, f"modify/delete: {attribute}: no equality matching rule")
    for form in given:
        if form not in kept:
            raise LdapRefusal(Code.NO_SUCH_ATTRIBUTE, f"modify/delete: {attribute}: no such value")
    return {form: value for form, value in kept.items() if given and form not in given}
