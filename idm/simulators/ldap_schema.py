"""The directory's schema (RFC 4512 section 4.1): attribute types and object classes, read once at start.

The definitions are OpenLDAP's own, as the ldap3 package carries them as data; what a current OpenLDAP has
besides is added below.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_ALSO_ATTRIBUTES = (
    "( 1.3.6.1.4.1.4203.666.1.7 NAME 'entryCSN' DESC 'change sequence number of the entry content' EQUALITY octetStringMatch "
    "SYNTAX 1.3.6.1.4.1.1466.115.121.1.40{64} SINGLE-VALUE NO-USER-MODIFICATION USAGE directoryOperation )",
)
_TOKEN = re.compile(r"'[^']*'|[()$]|[^\s()$']+")


@dataclass(frozen=True, slots=True)
class AttributeType:
    """An attribute type with what it inherits already filled in; `syntax` and matching rules are None if it has none."""

    oid: str
    names: tuple[str, ...]
    superior: str | None
    equality: str | None
    ordering: str | None
    substr: str | None
    syntax: str | None
    single_value: bool
    read_only: bool
    operational: bool

    @property
    def name(self) -> str:
        """The name it is shown by."""
        return self.names[0] if self.names else self.oid

    def is_equality(self, rule: str) -> bool:
        """Whether `rule` names this attribute's equality rule."""
        return self.equality is not None and rule.lower() == self.equality.lower()


@dataclass(frozen=True, slots=True)
class ObjectClass:
    """An object class; `must` and `may` hold only what it adds itself, `kind` is ABSTRACT, STRUCTURAL or AUXILIARY."""

    oid: str
    names: tuple[str, ...]
    superiors: tuple[str, ...]
    kind: str
    must: tuple[str, ...]
    may: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name it is shown by."""
        return self.names[0] if self.names else self.oid


class Schema:
    """Attribute types and object classes by any of their names or their OID, without regard to case."""

    def __init__(self, attribute_types: Iterable[str], object_classes: Iterable[str]) -> None:
        """The schema of these definitions in RFC 4512's notation."""
        self.attribute_definitions = tuple(attribute_types)
        self.class_definitions = tuple(object_classes)
        self._attributes: dict[str, AttributeType] = {}
        self._classes: dict[str, ObjectClass] = {}
        self._subtypes: dict[str, tuple[AttributeType, ...]] = {}
        self._read_attributes([_definition(text) for text in self.attribute_definitions])
        self._read_classes([_definition(text) for text in self.class_definitions])

    def attribute(self, name: str) -> AttributeType | None:
        """The attribute type of that name or OID."""
        return self._attributes.get(name) or self._attributes.get(name.lower())

    def object_class(self, name: str) -> ObjectClass | None:
        """The object class of that name or OID."""
        return self._classes.get(name.lower())

    def with_subtypes(self, kind: AttributeType) -> tuple[AttributeType, ...]:
        """The attribute type itself and all that descend from it."""
        return self._subtypes[kind.oid]

    def with_superiors(self, names: Iterable[str]) -> dict[str, ObjectClass]:
        """The object classes of these names and all above them, by name; unknown names are left out."""
        found: dict[str, ObjectClass] = {}
        waiting = list(names)
        while waiting:
            kind = self.object_class(waiting.pop())
            if kind is not None and kind.name not in found:
                found[kind.name] = kind
                waiting.extend(kind.superiors)
        return found

    def _read_attributes(self, definitions: list[dict[str, list[str]]]) -> None:
        by_name = {name.lower(): each for each in definitions for name in [*each["NAME"], each["OID"][0]]}

        def inherited(each: dict[str, list[str]], word: str) -> str | None:
            while not each.get(word) and each.get("SUP"):
                each = by_name[each["SUP"][0].lower()]
            return each[word][0] if each.get(word) else None

        for each in definitions:
            syntax = inherited(each, "SYNTAX")
            kind = AttributeType(
                oid=each["OID"][0],
                names=tuple(each["NAME"]),
                superior=each["SUP"][0] if each.get("SUP") else None,
                equality=inherited(each, "EQUALITY"),
                ordering=inherited(each, "ORDERING"),
                substr=inherited(each, "SUBSTR"),
                syntax=syntax.partition("{")[0] if syntax else None,
                single_value="SINGLE-VALUE" in each,
                read_only="NO-USER-MODIFICATION" in each,
                operational=each.get("USAGE", ["userApplications"])[0] != "userApplications",
            )
            for name in (*kind.names, kind.oid):
                self._attributes[name] = self._attributes[name.lower()] = kind
        kinds = {kind.oid: kind for kind in self._attributes.values()}.values()
        for kind in kinds:
            self._subtypes[kind.oid] = (kind, *(each for each in kinds if each is not kind and self._descends(each, kind)))

    def _descends(self, each: AttributeType, kind: AttributeType) -> bool:
        above: AttributeType | None = each
        while above is not None and above.superior is not None:
            above = self.attribute(above.superior)
            if above is kind:
                return True
        return False

    def _read_classes(self, definitions: list[dict[str, list[str]]]) -> None:
        for each in definitions:
            kind = ObjectClass(
                oid=each["OID"][0],
                names=tuple(each["NAME"]),
                superiors=tuple(each.get("SUP", ())),
                kind=next((word for word in ("ABSTRACT", "AUXILIARY") if word in each), "STRUCTURAL"),
                must=tuple(each.get("MUST", ())),
                may=tuple(each.get("MAY", ())),
            )
            for name in (*kind.names, kind.oid):
                self._classes[name.lower()] = kind


def load_schema() -> Schema:
    """OpenLDAP's schema. Takes some 20 ms, besides the import of the package that carries the data: call it once."""
    # Imported here so that nothing of it is loaded before a directory starts.
    from ldap3.protocol.schemas.slapd24 import slapd_2_4_schema

    raw = json.loads(slapd_2_4_schema)["raw"]
    return Schema((*raw["attributeTypes"], *_ALSO_ATTRIBUTES), raw["objectClasses"])


def _definition(text: str) -> dict[str, list[str]]:
    """A definition in RFC 4512's notation as word -> values; a word without values has an empty list."""
    tokens = iter(_TOKEN.findall(text)[1:-1])
    read: dict[str, list[str]] = {"OID": [next(tokens)], "NAME": []}
    word = ""
    for token in tokens:
        if token == "(":
            read[word].extend(_group(tokens))
        elif token.startswith("'") or (word and not read[word] and not _is_word(token)):
            read[word].append(token.strip("'"))
        else:
            word = token
            read.setdefault(word, [])
    return read


def _group(tokens: Iterator[str]) -> Iterator[str]:
    for token in tokens:
        if token == ")":
            return
        if token != "$":
            yield token.strip("'")


_WORDS = frozenset(
    "NAME DESC OBSOLETE SUP EQUALITY ORDERING SUBSTR SYNTAX SINGLE-VALUE COLLECTIVE NO-USER-MODIFICATION USAGE "
    "ABSTRACT STRUCTURAL AUXILIARY MUST MAY".split()
)


def _is_word(token: str) -> bool:
    return token in _WORDS or token.startswith("X-")
