"""Forms declared as data: their fields, and the check of what a person filled in."""

from __future__ import annotations

import contextlib
import enum
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from idm.domain.field_checks import CHECKS
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

    What a `narrowed` field takes, the payroll funnel says; here only its type is checked. `check` names what a text must look like (see
    `field_checks`). `asked_if`: other fields, each with the answers under which this one is asked; else it is left out. `confidential`
    answers are kept encrypted. `corrects`: the fact of the person (`mobile`, `private_email`) that it confirms or corrects; it is kept
    with the person. `second_person`: when its answer changes, whoever answers the form behind is asked again. `help`: words beside it,
    and `example` an invented answer.
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
    check: str = ""
    asked_if: tuple[tuple[str, tuple[str, ...]], ...] = ()
    confidential: bool = False
    corrects: str = ""
    second_person: bool = False
    help: Mapping[str, str] = field(default_factory=dict)
    choice_titles: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    example: str = ""

    def asked(self, answers: Mapping[str, str]) -> bool:
        """Whether it is asked after these answers to the fields before it."""
        return all(answers.get(name) in wanted for name, wanted in self.asked_if)


@dataclass(frozen=True, slots=True)
class Form:
    """A form: its name, its fields in the order they are asked, what it is called and `why` it is asked in each language."""

    name: str
    fields: tuple[FormField, ...]
    source: Source = Source()
    titles: Mapping[str, str] = field(default_factory=dict)
    why: Mapping[str, str] = field(default_factory=dict)

    @property
    def confidential(self) -> bool:
        """Whether any of its answers is kept encrypted."""
        return any(field.confidential for field in self.fields)

    def approved_again(self, values: Mapping[str, str]) -> dict[str, str]:
        """Those of `values` whose change a second person looks at."""
        return {field.id: values[field.id] for field in self.fields if field.second_person and field.id in values}

    def check(self, values: Mapping[str, Any]) -> tuple[dict[str, str], list[Fault]]:
        """The values as text, and every fault at once: missing, unknown and wrong fields. Faults never repeat a value.

        A field that isn't asked after the answers before it is left out, whatever was given.
        """
        known = {field.id for field in self.fields}
        faults = [
            Fault(f"values.{name}", "unknown-field", f"the form '{self.name}' has no field '{name}'")
            for name in values
            if name not in known
        ]
        clean: dict[str, str] = {}
        for each in self.fields:
            value = values.get(each.id)
            if not each.asked(clean):
                # What isn't asked isn't kept: a page without JavaScript sends what was typed before another choice.
                continue
            nothing = value == [] and each.type is FieldType.CHOICES
            if value is None or nothing or (isinstance(value, str) and not value.strip()):
                if each.required:
                    faults.append(Fault(f"values.{each.id}", "required", f"'{each.id}' must be filled in"))
                continue
            try:
                clean[each.id] = _as_text(each, value)
            except ValueError as error:
                faults.append(Fault(f"values.{each.id}", each.check or each.type.value, f"'{each.id}' {error}"))
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
            typed = unicodedata.normalize("NFC", value).strip()
            return CHECKS[field.check](typed) if field.check else typed


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
