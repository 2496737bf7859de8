"""What the schema demands of values and entries (RFC 4512), refused with the result codes that OpenLDAP gives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from idm.simulators.ldap_entry import Code, LdapRefusal, Values
from idm.simulators.ldap_matching import NormalDn, is_valid, normal, pretty
from idm.simulators.ldap_schema import AttributeType, ObjectClass, Schema


def attribute_type(schema: Schema, name: str) -> AttributeType:
    """The attribute type of that name. Raises LdapRefusal undefinedAttributeType, also for names with options."""
    kind = schema.attribute(name)
    if kind is None:
        text = "attribute options aren't supported" if ";" in name else "attribute type undefined"
        raise LdapRefusal(Code.UNDEFINED_ATTRIBUTE_TYPE, f"{name}: {text}")
    return kind


def read_values(schema: Schema, kind: AttributeType, values: Iterable[bytes]) -> dict[bytes, bytes]:
    """Values from a client by their normal form. Raises LdapRefusal for a bad syntax or a value given twice."""
    read: dict[bytes, bytes] = {}
    for number, value in enumerate(values):
        if not is_valid(schema, kind, value) or not _known_class(schema, kind, value):
            raise LdapRefusal(Code.INVALID_SYNTAX, f"{kind.name}: value #{number} invalid per syntax")
        form = normal(schema, kind, value)
        if form in read:
            raise LdapRefusal(Code.ATTRIBUTE_OR_VALUE_EXISTS, f"{kind.name}: value #{number} provided more than once")
        read[form] = pretty(schema, kind, value)
    return read


def _known_class(schema: Schema, kind: AttributeType, value: bytes) -> bool:
    return kind.name != "objectClass" or schema.object_class(value.decode("latin-1")) is not None


def refuse_read_only(kind: AttributeType) -> None:
    """Raises LdapRefusal if clients may not write this attribute."""
    if kind.read_only or kind.name == "memberOf":
        raise LdapRefusal(Code.CONSTRAINT_VIOLATION, f"{kind.name}: no user modification allowed")


def check_entry(schema: Schema, values: Values, name: NormalDn) -> str:
    """Check a whole entry against its object classes and its name; the name of its structural class.

    Raises LdapRefusal: objectClassViolation, constraintViolation or namingViolation.
    """
    structural = structural_class(schema, values)
    allowed, required = allowances(schema, values)
    for attribute, kept in values.items():
        kind = attribute_type(schema, attribute)
        if kind.single_value and len(kept) > 1:
            raise LdapRefusal(Code.CONSTRAINT_VIOLATION, f"attribute '{attribute}' cannot have multiple values")
        if attribute not in allowed and not kind.operational and "extensibleObject" not in classes(schema, values):
            raise LdapRefusal(Code.OBJECT_CLASS_VIOLATION, f"attribute '{attribute}' not allowed")
    for attribute, by in required.items():
        if not values.get(attribute):
            raise LdapRefusal(Code.OBJECT_CLASS_VIOLATION, f"object class '{by}' requires attribute '{attribute}'")
    for attribute, form in name[0] if name else ():
        if form not in values.get(attribute, {}):
            raise LdapRefusal(Code.NAMING_VIOLATION, f"naming attribute '{attribute}' is not present in entry")
    return structural.name


def classes(schema: Schema, values: Values) -> dict[str, ObjectClass]:
    """All object classes of an entry, those above them included."""
    return schema.with_superiors(value.decode("latin-1") for value in values.get("objectClass", {}).values())


def class_forms(schema: Schema, values: Values) -> dict[bytes, bytes]:
    """What `objectClass` is compared with: a search for a class finds the entries of those below it too."""
    return {each.oid.encode(): each.name.encode() for each in classes(schema, values).values()}


def structural_class(schema: Schema, values: Values) -> ObjectClass:
    """The most special structural class. Raises LdapRefusal if there is none, or two that aren't of one line."""
    if not values.get("objectClass"):
        raise LdapRefusal(Code.OBJECT_CLASS_VIOLATION, "no objectClass attribute")
    found = [each for each in classes(schema, values).values() if each.kind == "STRUCTURAL"]
    if not found:
        raise LdapRefusal(Code.OBJECT_CLASS_VIOLATION, "no structural object class provided")
    for each in found:
        line = schema.with_superiors([each.name])
        if all(other.name in line for other in found):
            return each
    names = "/".join(sorted(each.name for each in found))
    raise LdapRefusal(Code.OBJECT_CLASS_VIOLATION, f"invalid structural object class chain ({names})")


def allowances(schema: Schema, values: Values) -> tuple[frozenset[str], Mapping[str, str]]:
    """Which attributes the entry may have, and which it must have with the class that demands each."""
    allowed: set[str] = set()
    required: dict[str, str] = {}
    for each in classes(schema, values).values():
        for attribute in each.must:
            required[attribute_type(schema, attribute).name] = each.name
        allowed.update(kind.name for kind in map(schema.attribute, each.may) if kind is not None)
    return frozenset(allowed | required.keys()), required
