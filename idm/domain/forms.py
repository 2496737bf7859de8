"""Forms declared as data: their fields, and the check of what a person filled in."""

from __future__ import annotations

import contextlib
import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from idm.domain.journey import Source
from idm.errors import Fault

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")


class FieldType(enum.StrEnum):
    """What a field takes.

    Values are kept as text: dates ISO 8601, decimals with a point, booleans true or false, several choices with a blank between.
    """

    TEXT = "text"
    CHOICE = "choice"
    CHOICES = "choices"
    DATE = "date"
    DECIMAL = "decimal"
    INTEGER = "integer"
    BOOLEAN = "boolean"


@dataclass(frozen=True, slots=True)
class FormField:
    """One field. `minimum` and `maximum` bound numbers; `pattern` must match a whole text; `default` names a fact to propose.

    What a `narrowed` field takes, the payroll funnel says; here only its type is checked.
    """

    id: str
    type: FieldType
    titles: Mapping[str, str]
    required: bool = True
    choices: tuple[str, ...] = ()
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    pattern: str = ""
    default: str = ""
    narrowed: bool = False
    source: Source = Source()


@dataclass(frozen=True, slots=True)
class Form:
    """A form: its name and its fields in the order they are asked."""

    name: str
    fields: tuple[FormField, ...]
    source: Source = Source()

    def check(self, values: Mapping[str, Any]) -> tuple[dict[str, str], list[Fault]]:
        """The values as text, and every fault at once: missing, unknown and wrong fields. Faults never repeat a value."""
        known = {field.id for field in self.fields}
        faults = [
            Fault(f"values.{name}", "unknown-field", f"the form '{self.name}' has no field '{name}'")
            for name in values
            if name not in known
        ]
        clean: dict[str, str] = {}
        for field in self.fields:
            value = values.get(field.id)
            nothing = value == [] and field.type is FieldType.CHOICES
            if value is None or nothing or (isinstance(value, str) and not value.strip()):
                if field.required:
                    faults.append(Fault(f"values.{field.id}", "required", f"'{field.id}' must be filled in"))
                continue
            try:
                clean[field.id] = _as_text(field, value)
            except ValueError as error:
                faults.append(Fault(f"values.{field.id}", field.type.value, f"'{field.id}' {error}"))
        return clean, faults


def _as_text(field: FormField, value: object) -> str:
    match field.type:
        case FieldType.BOOLEAN:
            if value is True or value == "true":
                return "true"
            if value is False or value == "false":
                return "false"
            raise ValueError("must be true or false")
        case FieldType.DATE:
            return _date(value)
        case FieldType.INTEGER | FieldType.DECIMAL:
            return _number(field, value)
        case FieldType.CHOICE:
            return _choice(field, value)
        case FieldType.CHOICES:
            several = value.replace(",", " ").split() if isinstance(value, str) else value
            if not isinstance(several, list | tuple):
                raise ValueError("must be a list of choices")
            return " ".join(dict.fromkeys(_choice(field, each) for each in several))
        case _:
            if not isinstance(value, str):
                raise ValueError("must be text")
            if field.pattern and re.fullmatch(field.pattern, value) is None:
                raise ValueError(f"must match the pattern {field.pattern}")
            return value.strip()


def _choice(field: FormField, value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError("must be text")
    chosen = str(value).strip()
    if field.narrowed:
        if not chosen or len(chosen) > 60 or any(letter.isspace() for letter in chosen):
            raise ValueError("must be a code of at most 60 characters without blanks")
    elif chosen not in field.choices:
        raise ValueError(f"must be one of: {', '.join(field.choices)}")
    return chosen


def _date(value: object) -> str:
    if isinstance(value, str) and _DATE.fullmatch(value):
        with contextlib.suppress(ValueError):
            return date.fromisoformat(value).isoformat()
    raise ValueError("must be a date written as YYYY-MM-DD")


def _number(field: FormField, value: object) -> str:
    if isinstance(value, bool) or not _NUMBER.fullmatch(str(value)):
        whole = field.type is FieldType.INTEGER
        raise ValueError("must be a whole number" if whole else "must be a number written with a decimal point, such as 18.5")
    number = Decimal(str(value))
    if field.type is FieldType.INTEGER and number != number.to_integral_value():
        raise ValueError("must be a whole number")
    if field.minimum is not None and number < field.minimum:
        raise ValueError(f"must be at least {_plain(field.minimum)}")
    if field.maximum is not None and number > field.maximum:
        raise ValueError(f"must be at most {_plain(field.maximum)}")
    return str(int(number)) if field.type is FieldType.INTEGER else format(number, "f")


def _plain(number: Decimal) -> str:
    """A bound without an idle `.0`."""
    return format(number.normalize(), "f")
