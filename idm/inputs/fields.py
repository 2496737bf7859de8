"""Reading the fields of a JSON object: each strictly of its type, every fault gathered with its path, no value repeated."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, cast

from idm.connector import Confidential
from idm.domain import field_checks
from idm.domain.people import Cpr
from idm.domain.prose import holds_cpr
from idm.errors import Fault
from idm.inputs.cpr import looks_like_cpr, parse_cpr

_ID = re.compile(r"[^\W_][\w.:@+-]{0,99}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Fields:
    """One JSON object at `path`, and the list that gathers the faults of the whole input."""

    def __init__(self, value: object, path: str, faults: list[Fault]) -> None:
        """A `value` that is no object is one fault, and then reads as an empty one without further faults."""
        self.path = path
        self.faults = faults
        self.sound = isinstance(value, Mapping)
        self._values = cast(Mapping[str, Any], value) if isinstance(value, Mapping) else {}
        self._taken: set[str] = set()
        if not self.sound:
            faults.append(Fault(path or "$", "object", "must be a JSON object"))

    def fault(self, name: str, rule: str, message: str) -> None:
        """Gather a fault of the field `name`."""
        self.faults.append(Fault(self._at(name), rule, message))

    def _at(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def raw(self, name: str, *, required: bool = True) -> object:
        """The field as it stands, None if it is missing or null; a fault if it is `required`."""
        self._taken.add(name)
        value = self._values.get(name)
        if value is None and required and self.sound:
            self.fault(name, "required", "is missing")
        return value

    def text(self, name: str, *, required: bool = True, most: int = 200) -> str:
        """A line of text, trimmed and in Unicode's normal form C. "" if it is missing or faulty."""
        value = self.raw(name, required=required)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.fault(name, "text", "must be text")
            return ""
        line = unicodedata.normalize("NFC", value).strip()
        if problem := _text_problem(line, most):
            self.fault(name, *problem)
            return ""
        if required and not line:
            self.fault(name, "required", "must not be empty")
        return line

    def person_name(self, name: str, *, most: int = 200) -> str:
        """A given or family name: text without a CPR number, since what is typed there is shown and sent. "" if it is faulty."""
        value = self.text(name, most=most)
        if holds_cpr(value):
            self.fault(name, "cpr-number", "holds ten digits that begin with a date, as a CPR number does; write the name alone")
            return ""
        return value

    def id(self, name: str, *, required: bool = True) -> str:
        """An opaque id, as the organisation's files give it. A CPR number is refused: ids are shown and logged."""
        value = self.text(name, required=required, most=100)
        if value and not _ID.fullmatch(value):
            self.fault(name, "id", "must be an id: at most 100 letters, digits and . _ : @ + -, beginning with a letter or digit")
            return ""
        if looks_like_cpr(value):
            return self._cpr_as_id(name)
        return value

    def opaque(self, name: str, *, required: bool = True) -> str:
        """An id that another system made: any line of text that isn't a CPR number."""
        value = self.text(name, required=required)
        return self._cpr_as_id(name) if looks_like_cpr(value) else value

    def _cpr_as_id(self, name: str) -> str:
        self.fault(name, "id-is-cpr", "looks like a CPR number, which is never an id; use an opaque one")
        return ""

    def day(self, name: str, *, required: bool = True) -> date | None:
        """A date of the calendar, written YYYY-MM-DD. None if it is missing or faulty."""
        value = self.raw(name, required=required)
        if value is None:
            return None
        if isinstance(value, str) and _DATE.fullmatch(value):
            try:
                return date.fromisoformat(value)
            except ValueError:
                pass
        self.fault(name, "date", "must be a date of the calendar, written YYYY-MM-DD")
        return None

    def cpr(self, name: str, today: date, *, required: bool = True) -> Cpr | None:
        """A CPR number. None if it is missing or faulty."""
        value = self.raw(name, required=required)
        if value is None:
            return None
        if not isinstance(value, str):
            self.fault(name, "cpr", "must be text of ten digits")
            return None
        try:
            return parse_cpr(value, today)
        except ValueError as error:
            self.fault(name, "cpr", str(error))
            return None

    def email(self, name: str, *, required: bool = True) -> Confidential:
        """A mail address in ASCII (RFC 5321 without quoting). "" if it is missing or faulty."""
        value = self.text(name, required=required, most=254)
        try:
            return Confidential(field_checks.email(value) if value else "")
        except ValueError as error:
            self.fault(name, "email", str(error))
            return Confidential("")

    def objects(self, name: str, *, required: bool = True) -> list[tuple[str, object]]:
        """The items of a list, each with its path; empty if it is missing or no list."""
        value = self.raw(name, required=required)
        if value is None:
            return []
        if not isinstance(value, Sequence) or isinstance(value, str):
            self.fault(name, "list", "must be a list")
            return []
        return [(f"{self._at(name)}[{index}]", item) for index, item in enumerate(value)]

    def part(self, name: str) -> Fields:
        """The object in the field `name`; a missing one is one fault."""
        value = self.raw(name)
        if value is None:
            empty = Fields({}, self._at(name), self.faults)
            empty.sound = False
            return empty
        return Fields(value, self._at(name), self.faults)

    def has(self, name: str) -> bool:
        """Whether the field is there at all, be it null."""
        return name in self._values

    def nothing_else(self) -> None:
        """Gather a fault for every field that nobody read: a misspelt one would silently be lost."""
        for name in self._values:
            if name not in self._taken:
                shown = _shown(name)
                close = difflib.get_close_matches(shown, sorted(self._taken), n=1)
                hint = f"; did you mean {close[0]}?" if close else ""
                self.fault(shown, "unknown-field", f"is not a field here{hint}")

    def extensions(self) -> None:
        """Take every field that nobody read as an extension attribute of CloudEvents 1.0: a name of a-z and 0-9, a plain value."""
        for name, value in self._values.items():
            if name in self._taken:
                continue
            if not re.fullmatch(r"[a-z0-9]+", name):
                self.fault(
                    _shown(name),
                    "unknown-field",
                    "is not a field here; an extension is named with small letters and digits",
                )
            elif not isinstance(value, str | int):
                self.fault(
                    _shown(name),
                    "cloudevents",
                    "is an extension; its value must be text, a whole number, true or false",
                )


def _shown(name: str) -> str:
    """A field's name as a path may show it: short and printable, and never a number, which might be personal."""
    return name if re.fullmatch(r"[A-Za-z_][A-Za-z_]{0,39}", name, re.ASCII) else "?"


def _text_problem(line: str, most: int) -> tuple[str, str] | None:
    if len(line) > most:
        return "length", f"is longer than {most} characters"
    if any(unicodedata.category(letter) in ("Cc", "Cs", "Co", "Cn", "Zl", "Zp") for letter in line):
        return "characters", "holds a control character, a line break or an unassigned character"
    return None
