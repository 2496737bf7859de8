"""The two entries that anybody may read: what the server can do (root DSE, RFC 4512 section 5.1), and its schema."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from idm.simulators.ldap_filter import Filter, matches
from idm.simulators.ldap_matching import normal
from idm.simulators.ldap_messages import MANAGE_DSA_IT, PAGED_RESULTS, WHO_AM_I
from idm.simulators.ldap_schema import AttributeType, Schema

SUBSCHEMA = "cn=Subschema"


class Root:
    """The root DSE and the subschema entry of a directory."""

    def __init__(self, schema: Schema, suffix: str) -> None:
        """For a directory with this one naming context."""
        self._schema = schema
        self._root: dict[str, Sequence[str]] = {
            "objectClass": ("top", "OpenLDAProotDSE"),
            "structuralObjectClass": ("OpenLDAProotDSE",),
            "namingContexts": (suffix,),
            "supportedLDAPVersion": ("3",),
            "supportedControl": (PAGED_RESULTS, MANAGE_DSA_IT),
            "supportedExtension": (WHO_AM_I,),
            "subschemaSubentry": (SUBSCHEMA,),
            "vendorName": ("idm",),
            "vendorVersion": ("directory simulator",),
            "entryDN": ("",),
        }
        self._subschema: dict[str, Sequence[str]] = {
            "objectClass": ("top", "subentry", "subschema", "extensibleObject"),
            "structuralObjectClass": ("subentry",),
            "cn": ("Subschema",),
            "attributeTypes": schema.attribute_definitions,
            "objectClasses": schema.class_definitions,
            "subschemaSubentry": (SUBSCHEMA,),
            "entryDN": (SUBSCHEMA,),
        }

    def entry(self, base: str) -> tuple[str, Mapping[str, Sequence[str]]] | None:
        """The one of the two that `base` names (without regard to case), as its name and values; None for another name."""
        if not base:
            return "", self._root
        if base.replace(" ", "").lower() == SUBSCHEMA.lower():
            return SUBSCHEMA, self._subschema
        return None

    def found(self, values: Mapping[str, Sequence[str]], filter_: Filter) -> bool:
        """Whether a base search with `filter_` finds the entry with these values."""

        def forms(kind: AttributeType) -> Mapping[bytes, bytes]:
            raw = [value.encode() for value in values.get(kind.name, ())]
            return {normal(self._schema, kind, value): value for value in raw}

        return matches(filter_, self._schema, forms) is True

    def shown(self, values: Mapping[str, Sequence[str]], wanted: Sequence[str], *, types_only: bool) -> list[tuple[str, Iterable[bytes]]]:
        """The attributes that a search asked for."""
        words = [word.lower() for word in wanted] or ["*"]
        shown: list[tuple[str, Iterable[bytes]]] = []
        for name, kept in values.items():
            kind = self._schema.attribute(name)
            group = "+" if kind is not None and kind.operational else "*"
            if group in words or name.lower() in words:
                shown.append((name, () if types_only else [value.encode() for value in kept]))
        return shown
