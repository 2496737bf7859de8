"""The shape of forms/NAME.yaml: what a form asks, how each answer is checked, and how it is kept."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field, StrictBool, model_validator

from idm.policy_files.shapes import Id, Names, Shape, Text, Titles


class FieldShape(Shape):
    """One field of a form."""

    type: Literal["text", "choice", "choices", "date", "decimal", "integer", "boolean"]
    titles: Titles
    required: StrictBool = True
    choices: Names | None = None
    minimum: float | None = None
    maximum: float | None = None
    pattern: Text | None = None
    default: Text | None = None
    source: Literal["funnel"] | None = None
    check: Literal["line", "postcode", "country", "mobile", "email", "registration_number", "account_number", "iban"] | None = None
    asked_if: dict[Id, Names] | None = None
    confidential: StrictBool = False
    corrects: Literal["mobile", "private_email"] | None = None
    second_person: StrictBool = False
    help: Titles | None = None
    choice_titles: dict[Text, Titles] | None = None
    example: Text | None = None

    @model_validator(mode="after")
    def _fits(self) -> FieldShape:
        if self.source is not None and self.choices is not None:
            raise ValueError("a field with 'source: funnel' gets its choices from the payroll tables; remove 'choices' or 'source'")
        if (self.type in ("choice", "choices") and self.source is None) != (self.choices is not None):
            raise ValueError("a field with 'type: choice' lists its 'choices', and no other field does")
        numbers = self.type in ("decimal", "integer")
        if not numbers and (self.minimum is not None or self.maximum is not None):
            raise ValueError("'minimum' and 'maximum' are for fields of type decimal or integer")
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise ValueError("'minimum' is greater than 'maximum', so no value could be filled in")
        if self.pattern is not None:
            if self.type != "text":
                raise ValueError("'pattern' is for fields of type text")
            try:
                re.compile(self.pattern)
            except re.error as error:
                raise ValueError(f"'pattern' is not a regular expression: {error}") from None
        return self._text_fits()

    def _text_fits(self) -> FieldShape:
        if self.check is not None and (self.type != "text" or self.pattern is not None):
            raise ValueError("'check' is for fields of type text that have no 'pattern'")
        if self.choice_titles is not None and set(self.choice_titles) != set(self.choices or ()):
            raise ValueError("'choice_titles' names each of the 'choices' and nothing else")
        if self.source is not None and (self.confidential or self.asked_if):
            raise ValueError("a field with 'source: funnel' is neither 'confidential' nor 'asked_if': the payroll tables must know it")
        if self.corrects is not None and (self.check != _CORRECTED_BY[self.corrects] or not self.confidential or self.required):
            check = _CORRECTED_BY[self.corrects]
            raise ValueError(f"a field that corrects '{self.corrects}' has 'check: {check}', 'confidential: true' and 'required: false'")
        return self


_CORRECTED_BY = {"mobile": "mobile", "private_email": "email"}
"""Which check a field must have that corrects a fact of the person."""


class FormFile(Shape):
    """forms/NAME.yaml: what a form asks."""

    form: Id
    titles: Titles | None = None
    why: Titles | None = None
    fields: Annotated[dict[Id, FieldShape], Field(min_length=1)]

    @model_validator(mode="after")
    def _asks_in_order(self) -> FormFile:
        before: dict[str, FieldShape] = {}
        for id_, field in self.fields.items():
            for name, wanted in (field.asked_if or {}).items():
                asked = before.get(name)
                if asked is None or asked.type != "choice" or asked.choices is None:
                    raise ValueError(f"'{id_}' is asked if '{name}' says so, but '{name}' is no field before it with 'choices'")
                if unknown := [each for each in wanted if each not in asked.choices]:
                    raise ValueError(f"'{id_}' would never be asked: '{name}' has no choice '{unknown[0]}'")
            before[id_] = field
        return self
