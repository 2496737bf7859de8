"""The shape of waiting.yaml."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StrictInt

from idm.policy_files.shapes import Id, Outside, Shape, Text, once


class Titles(Shape):
    """A text in both languages."""

    da: Text
    en: Text


class Reason(Shape):
    """A reason for waiting."""

    titles: Titles
    who: Annotated[list[Literal["manager", "pay", "it"]], AfterValidator(once)]
    longest_days: Annotated[StrictInt, Field(ge=1, le=366), Outside("a hire could wait for years and never be late")]


class WaitingFile(Shape):
    """waiting.yaml: for which reasons a case or a task may wait without being late."""

    reasons: Annotated[dict[Id, Reason], Field(max_length=100)]
