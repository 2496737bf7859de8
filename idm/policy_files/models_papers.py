"""The shape of documents.yaml: which documents and checks a hire needs, who sees to them, and what waits for them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StrictInt, StringConstraints, model_validator

from idm.policy_files.shapes import SIZE, Id, Outside, Refs, Shape, Titles, once
from idm.policy_files.when import When

MEGABYTE = 1024 * 1024


def as_bytes(size: str) -> int:
    """The bytes of a size such as `10 MB` or `500 kB` (1 kB is 1,024 bytes)."""
    number, unit = size.split()
    return int(number) * (MEGABYTE if unit == "MB" else 1024)


def _size(text: str) -> str:
    if not 1 <= as_bytes(text) <= 100 * MEGABYTE:
        raise ValueError("must be between 1 kB and 100 MB, as larger files would fill the disk and never arrive")
    return text


def _no_effect_twice(effects: list[str]) -> list[str]:
    """Here an empty list means what it says: the paper blocks nothing, and only warns."""
    return once(effects) if effects else effects


Blocks = Annotated[list[Literal["pay", "start"]], AfterValidator(_no_effect_twice)]
Days = Annotated[StrictInt, Field(ge=1, le=1000), Outside("it would have run out at once, or never")]


class NeededBy(Shape):
    """By when it should be there, in calendar days from the start."""

    days_before_start: Annotated[StrictInt, Field(ge=0, le=365)] | None = None
    days_after_start: Annotated[StrictInt, Field(ge=1, le=365)] | None = None

    @model_validator(mode="after")
    def _one(self) -> NeededBy:
        if (self.days_before_start is None) == (self.days_after_start is None):
            raise ValueError("give either 'days_before_start' or 'days_after_start'")
        return self

    @property
    def days(self) -> int:
        """Days after the start; negative before it."""
        return -self.days_before_start if self.days_before_start is not None else self.days_after_start or 0


class Document(Shape):
    """A kind of document."""

    titles: Titles
    why: Titles | None = None
    reviewer: Literal["pay", "it", "manager"]
    media_types: Annotated[list[Literal["application/pdf", "image/jpeg", "image/png"]], AfterValidator(once)]
    max_size: Annotated[str, StringConstraints(pattern=SIZE), AfterValidator(_size)]
    positions: Refs | None = None
    when: When | None = None
    provider: Literal["hire", "manager", "pay", "it"] = "hire"
    blocks: Blocks = Field(default=["pay"])
    needed_by: NeededBy | None = None
    expires_watch_days: Days | None = None
    pay_waits_until_days_before_start: Annotated[StrictInt, Field(ge=0, le=365)] | None = None

    @model_validator(mode="after")
    def _fits(self) -> Document:
        if self.positions is not None and self.when is not None and self.when.positions is not None:
            raise ValueError("'positions' stands twice, here and under 'when'; keep one")
        if self.pay_waits_until_days_before_start is not None and "pay" not in self.blocks:
            raise ValueError("the pay doesn't wait for it: add pay to 'blocks', or remove 'pay_waits_until_days_before_start'")
        return self


class Check(Shape):
    """A check that is a process: consented to, ordered, received, assessed. A note of it is kept, the paper is not."""

    titles: Titles
    why: Titles | None = None
    steps: Annotated[list[Literal["consent", "ordered", "received", "assess"]], AfterValidator(once), Field(min_length=1)]
    provider: Literal["manager", "pay", "it"]
    reviewer: Literal["manager", "pay", "it"]
    when: When | None = None
    blocks: Blocks = Field(default=[])
    needed_by: NeededBy | None = None
    consent_lapses_days: Days | None = None

    @model_validator(mode="after")
    def _fits(self) -> Check:
        order = [step for step in ("consent", "ordered", "received", "assess") if step in self.steps]
        if list(self.steps) != order:
            raise ValueError(f"the steps come in this order: {', '.join(order)}")
        if self.consent_lapses_days is not None and (order[0] != "consent" or len(order) == 1):
            raise ValueError("'consent_lapses_days' takes a consent and a step that makes use of it, else nothing would ever lapse")
        if self.consent_lapses_days is not None and not {"ordered", "received"} & set(order):
            raise ValueError("nothing is ordered or received, so the consent is never used; remove 'consent_lapses_days'")
        return self


class DocumentsFile(Shape):
    """documents.yaml: the documents and checks of a hire."""

    documents: dict[Id, Document]
    checks: dict[Id, Check] = Field(default_factory=dict)
