"""The shape of journeys/NAME.yaml: the task graph of a kind of case, and what is asked again when facts change."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StrictBool, StringConstraints, model_validator

from idm.policy_files.shapes import EVENT, NEED, Id, Ids, Shape

Need = Annotated[str, StringConstraints(pattern=NEED)]
"""The id of a step, or `review@pay`: of its papers only those that block the pay (or the start)."""

PER_PAPER = {"document": "document", "review": "document", "consent": "check", "ordered": "check", "received": "check", "assess": "check"}
"""The tasks that are about one paper, each with its sort."""

_APPROVED_BY = {
    "hire": ("appoint", "form"),
    "documents": ("review", "assess"),
    "payroll": ("form", "approve"),
    "rights": ("rights", "approve"),
    "order": ("order", "approve_order"),
}


Approved = Literal["hire", "documents", "payroll", "rights", "order"]
"""What a decision can approve."""


class HumanStep(Shape):
    """A step that a person works."""

    kind: Literal["human"]
    task: Literal[
        "appoint",
        "document",
        "review",
        "form",
        "rights",
        "approve",
        "consent",
        "ordered",
        "received",
        "assess",
        "order",
        "approve_order",
        "receive",
    ]
    actor: Literal["manager", "hire", "pay", "it", "control", "reviewer", "provider"]
    needs: list[Need] = Field(default_factory=list)
    form: Id | None = None
    approves: Approved | list[Approved] | None = None
    for_each: Literal["document", "check"] | None = None
    returns_to: Id | None = None
    by_itself: StrictBool = False
    asked_by: Id | None = None

    @property
    def approvals(self) -> tuple[str, ...]:
        """What its decision approves."""
        if self.approves is None:
            return ()
        return (self.approves,) if isinstance(self.approves, str) else tuple(self.approves)

    @model_validator(mode="after")
    def _fits(self) -> HumanStep:
        if (self.task == "form") != (self.form is not None):
            raise ValueError("a step with 'task: form' names its form under 'form', and no other step does")
        sort = PER_PAPER.get(self.task)
        if self.for_each != sort:
            wanted = f"is about one {sort}; add 'for_each: {sort}'" if sort else "is not about one paper; remove 'for_each'"
            raise ValueError(f"a step with 'task: {self.task}' {wanted}")
        if self.actor in ("reviewer", "provider") and self.for_each is None:
            raise ValueError(f"'{self.actor}' is named by the kind of document: only a step with 'for_each' can have it")
        if self.returns_to is not None and self.task not in ("review", "approve_order"):
            raise ValueError("only a step with 'task: review' or 'approve_order' returns to one step; remove 'returns_to'")
        if self.by_itself and self.task != "appoint":
            raise ValueError("only a step with 'task: appoint' can be done by itself; remove 'by_itself'")
        if self.asked_by is not None and self.task not in ("approve", "order", "approve_order", "receive"):
            raise ValueError("only an approval, and what has to do with an order, may be passed over; remove 'asked_by'")
        return self._approval_fits()

    def _approval_fits(self) -> HumanStep:
        for approval in self.approvals:
            if self.task not in _APPROVED_BY[approval]:
                tasks = " or ".join(f"'task: {task}'" for task in _APPROVED_BY[approval])
                raise ValueError(f"'{approval}' can only be approved by a step with {tasks}")
        return self


class AutomaticStep(Shape):
    """A step that a connector works."""

    kind: Literal["automatic"]
    system: Id
    resources: Ids
    needs: list[Need] = Field(default_factory=list)
    for_each: Literal["document"] | None = None
    asked_by: Literal["equipment"] | None = None


class TimerStep(Shape):
    """A step that waits for a date."""

    kind: Literal["timer"]
    until: Literal["start_date", "end_date"]
    needs: list[Need] = Field(default_factory=list)


Step = Annotated[HumanStep | AutomaticStep | TimerStep, Field(discriminator="kind")]


class AsksAgain(Shape):
    """The human steps that are asked again when a fact of the employment changes."""

    unit: Ids | None = None
    position: Ids | None = None
    start_date: Ids | None = None
    end_date: Ids | None = None
    weekly_hours: Ids | None = None
    manager: Ids | None = None


class JourneyFile(Shape):
    """journeys/NAME.yaml: the task graph of a kind of case."""

    journey: Id
    event: Annotated[str, StringConstraints(pattern=EVENT)]
    steps: Annotated[dict[Id, Step], Field(min_length=1)]
    asks_again: AsksAgain = AsksAgain()
