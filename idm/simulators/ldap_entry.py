"""Entries of the directory, and the refusals an operation on them can meet (RFC 4511 section 4.1.9)."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from idm.errors import IdmError
from idm.simulators.ldap_matching import NormalDn

Values = Mapping[str, Mapping[bytes, bytes]]
"""An entry's values: the attribute's name -> normal form -> the value as it was given."""


class Code(enum.IntEnum):
    """The result codes that this directory answers with."""

    SUCCESS = 0
    PROTOCOL_ERROR = 2
    SIZE_LIMIT = 4
    COMPARE_FALSE = 5
    COMPARE_TRUE = 6
    AUTH_METHOD_NOT_SUPPORTED = 7
    STRONGER_AUTH_REQUIRED = 8
    ADMIN_LIMIT = 11
    UNAVAILABLE_CRITICAL_EXTENSION = 12
    NO_SUCH_ATTRIBUTE = 16
    UNDEFINED_ATTRIBUTE_TYPE = 17
    INAPPROPRIATE_MATCHING = 18
    CONSTRAINT_VIOLATION = 19
    ATTRIBUTE_OR_VALUE_EXISTS = 20
    INVALID_SYNTAX = 21
    NO_SUCH_OBJECT = 32
    INVALID_DN = 34
    INAPPROPRIATE_AUTHENTICATION = 48
    INVALID_CREDENTIALS = 49
    INSUFFICIENT_ACCESS = 50
    BUSY = 51
    UNWILLING = 53
    NAMING_VIOLATION = 64
    OBJECT_CLASS_VIOLATION = 65
    NOT_ALLOWED_ON_NON_LEAF = 66
    ENTRY_EXISTS = 68
    CLASS_MODS_PROHIBITED = 69
    AFFECTS_MULTIPLE_DSAS = 71
    OTHER = 80


class LdapRefusal(IdmError):
    """The directory refuses the operation."""

    code = "ldap"

    def __init__(self, result: Code, message: str = "", *, matched: str = "") -> None:
        """`result` and `message` go to the client; `matched` is the nearest entry that exists."""
        super().__init__(message or result.name.lower().replace("_", " "))
        self.result = result
        self.text = message
        self.matched = matched


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: its immutable id (entryUUID), its name as written and in normal form, and its values."""

    id: str
    dn: str
    name: NormalDn
    values: Values

    def first(self, attribute: str) -> str | None:
        """Some value of the attribute as text, None if it has none."""
        for value in self.values.get(attribute, {}).values():
            return value.decode("utf-8", "replace")
        return None


@dataclass(frozen=True, slots=True)
class Step:
    """One entry's part of a write: what it was (None: made now) and what it becomes (None: gone)."""

    before: Entry | None
    after: Entry | None
