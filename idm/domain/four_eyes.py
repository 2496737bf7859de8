"""Four eyes: where policy asks that two persons decide, and the first decision as it waits for the second."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from idm.domain.journey import Source, TaskKind
from idm.domain.matching import EVERYBODY, Circumstances, Match

if TYPE_CHECKING:
    from idm.domain.case import Approval, Case

AGREE, DISAGREE = "agree", "disagree"
"""What the second person answers."""


@dataclass(frozen=True, slots=True)
class FourEyesRule:
    """That tasks of these `kinds` (kinds of task or of document; none: all that decide) take two persons, in the hires that `when` means.

    The amount that `when` may ask for is the task's own, in kroner.
    """

    id: str
    kinds: tuple[str, ...] = ()
    when: Match = EVERYBODY
    source: Source = Source()

    def asks(self, kinds: tuple[str, ...], hire: Circumstances) -> bool:
        """Whether a decision on a task of those kinds takes a second person."""
        return (not self.kinds or any(kind in self.kinds for kind in kinds)) and self.when.fits(hire)


def rule_for(rules: tuple[FourEyesRule, ...], kinds: tuple[str, ...], hire: Circumstances) -> FourEyesRule | None:
    """The first rule that asks for a second pair of eyes. What a person hands in about themselves decides nothing and needs none."""
    if TaskKind.DOCUMENT.value in kinds:
        return None
    return next((rule for rule in rules if rule.asks(kinds, hire)), None)


@dataclass(frozen=True, slots=True)
class FirstLook:
    """The first person's decision, kept until a second agrees: what they answered, and the digest of what they approved.

    `round` is the round of the step in which the second is asked: a look whose step has moved on to another round counts no more, as
    what it was about was replaced.
    """

    approval: Approval
    round: int
    decision: str
    values: Mapping[str, Any] = field(default_factory=dict)
    rule: str = ""


def first_look(case: Case, step: str) -> FirstLook | None:
    """The first decision on an open step that waits for a second person; None if the next decision would be the first."""
    look = case.looks.get(step)
    return look if look is not None and look.round == case.steps[step].round else None


def seen_by(case: Case, step: str) -> frozenset[str]:
    """Who was the first pair of eyes for an open step, and so can't be the second."""
    look = first_look(case, step)
    return frozenset({look.approval.by}) if look is not None else frozenset()


def await_second(case: Case, step: str, look: FirstLook, now: datetime) -> Case:
    """The case with the first decision on `step` kept, and the step open again for a second person. `look.round` is set here."""
    status = case.steps[step]
    kept = replace(look, round=status.round + 1)
    reason = f"{look.approval.by} decided; a second person must agree ({look.rule})"
    opened = replace(status, since=now, round=kept.round, until=None, reason=reason)
    return replace(case, steps={**case.steps, step: opened}, looks={**case.looks, step: kept})


def without_look(case: Case, step: str) -> Case:
    """The case without a first decision on `step`."""
    if step not in case.looks:
        return case
    return replace(case, looks={key: look for key, look in case.looks.items() if key != step})


def start_over(case: Case, step: str, by: str, reason: str, now: datetime) -> Case:
    """The case with the first decision on `step` set aside, because the second person disagrees: whoever holds it decides anew."""
    status = case.steps[step]
    opened = replace(status, since=now, round=status.round + 1, until=None, reason=f"{by} disagrees: {reason}")
    return without_look(replace(case, steps={**case.steps, step: opened}), step)
