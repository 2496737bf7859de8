"""A decision in the making: what a person answered, as whom, about which step, and what every kind of task demands of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from idm.domain.authority import Delegation
from idm.domain.case import Approval, Case
from idm.domain.journey import Graph, StepDef
from idm.errors import BadInput, Fault
from idm.ports import App


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person answers a task with. Which of these a task takes, `idm task show` says."""

    decision: str = ""
    reason: str = ""
    values: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """A decision in the making: everything its kind of task needs to know."""

    app: App
    case: Case
    graph: Graph
    step: StepDef
    answer: Decision
    approval: Approval
    now: datetime

    @property
    def values(self) -> Mapping[str, Any]:
        """The values that were answered; empty if none were."""
        return self.answer.values or {}


Made = tuple[Case, Mapping[str, Any], Sequence[Delegation]]
"""What a decision does: the case after it, what the audit tells of it (with `decision`), and the delegations that it grants."""


def demand_decision(answer: Decision, *allowed: str) -> str:
    """The decision, one of `allowed` (the only one may be left out); raises `BadInput`."""
    decision = answer.decision or (allowed[0] if len(allowed) == 1 else "")
    if decision not in allowed:
        raise BadInput(
            "The decision is missing or unknown.",
            faults=[Fault("decision", "unknown-decision", f"one of: {', '.join(allowed)}")],
            next_step="Name one of them as `decision`; nothing was saved.",
        )
    return decision


def demand_only(act: Act, *known: str) -> None:
    """Raise `BadInput` if the values hold fields other than `known`."""
    unknown = [Fault(f"values.{name}", "unknown-field", f"known: {', '.join(known) or 'none'}") for name in act.values if name not in known]
    if unknown:
        raise BadInput(
            "The task's input has fields that it doesn't take.",
            faults=unknown,
            next_step="`idm task show` lists what it takes; nothing was saved.",
        )


def named(approval: Approval, what: object) -> Approval:
    """The approval with the digest of what it approves."""
    text = json.dumps(what, ensure_ascii=False, sort_keys=True, default=str)
    return replace(approval, named=hashlib.sha256(text.encode()).hexdigest())


def demand_reason(act: Act, message: str, words: str) -> str:
    """The reason that was given; raises `BadInput` with `message` and `words` if there is none."""
    reason = act.answer.reason.strip()
    if not reason:
        raise BadInput(message, faults=[Fault("reason", "required", words)], next_step="Give the reason, and answer again.")
    return reason


def names(value: object) -> list[str]:
    """A text or a list of them as a list."""
    if isinstance(value, str):
        return [value]
    return [str(item) for item in value] if isinstance(value, list | tuple) else []
