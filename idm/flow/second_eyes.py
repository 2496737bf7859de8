"""The second pair of eyes: a decision that policy wants two persons for is kept until another person agrees with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from idm.domain.case import Approval, Case
from idm.domain.four_eyes import AGREE, DISAGREE, FirstLook, FourEyesRule, await_second, first_look, rule_for, start_over, without_look
from idm.domain.journey import Actor, StepDef
from idm.errors import Conflict
from idm.flow.circumstances import circumstances_of
from idm.flow.deciding import Act, Decision, Made, demand_decision, demand_only, demand_reason
from idm.flow.powers import matter_at


def decide_with_four_eyes(act: Act, decide: Callable[[Act], Made]) -> Made:
    """What `decide` makes of an answer: at once, or kept for a second person, or carried out because that second person agrees.

    The second person must be another one; that isn't asked here, as the first is none of those who may act any more.
    """
    look = first_look(act.case, act.step.id)
    if look is not None:
        return _second(act, look, decide)
    act = replace(act, case=without_look(act.case, act.step.id))
    after, payload, delegations = decide(act)
    approval = _approval(after, act)
    rule = _rule(act, after, amount_told(payload)) if approval is not None else None
    if approval is None or rule is None:
        return after, payload, delegations
    kept = FirstLook(approval, 0, payload["decision"], dict(act.values), rule.id)
    told = {**payload, "decision": "first-look", "answer": payload["decision"], "four_eyes": _named(rule)}
    return await_second(act.case, act.step.id, kept, act.now), told, ()


def _second(act: Act, look: FirstLook, decide: Callable[[Act], Made]) -> Made:
    decision = demand_decision(act.answer, AGREE, DISAGREE)
    demand_only(act)
    if decision == DISAGREE:
        words = "say what is wrong, in words for the person who decides anew"
        reason = demand_reason(act, "Who disagrees must say why.", words)
        told = {"decision": DISAGREE, "first": look.approval.by, "reason": reason}
        return start_over(act.case, act.step.id, act.approval.by, reason, act.now), told, ()
    # What the first person answered is done anew under today's rules: it must come to the very same as it did then.
    again = replace(act, case=without_look(act.case, act.step.id), answer=Decision(look.decision, "", look.values))
    then = replace(again, approval=look.approval, now=look.approval.at)
    repeated = _approval(decide(then)[0], then)
    if repeated is None or repeated.named != look.approval.named:
        raise Conflict(
            f"What {look.approval.by} decided on has changed since, so there is nothing to agree with.",
            next_step="Disagree, and let it be decided anew.",
        )
    after, payload, delegations = decide(replace(again, approval=replace(look.approval, at=act.now)))
    agreed = replace(act.approval, named=after.approvals[act.step.id].named, first=look.approval.by)
    after = replace(after, approvals={**after.approvals, act.step.id: agreed})
    return after, {**payload, "decision": AGREE, "answer": payload["decision"], "first": look.approval.by}, delegations


def _approval(after: Case, act: Act) -> Approval | None:
    """The approval that this very act has given its step; None if it approved nothing, such as a return."""
    approval = after.approvals.get(act.step.id)
    same = approval is not None and (approval.by, approval.at) == (act.approval.by, act.now)
    return approval if same else None


def amount_told(payload: Mapping[str, Any]) -> Decimal | None:
    """The kroner that a decision came to, where it tells them, as an order does; None if it doesn't."""
    return Decimal(payload["total"]) if "total" in payload else None


def _rule(act: Act, after: Case, amount: Decimal | None) -> FourEyesRule | None:
    """The rule that wants a second person for what `after` decides. The hire's circumstances are read only where there are rules."""
    policies = act.app.policies.current()
    # What the person hired tells of themself nobody else could agree with.
    rules = policies.authority.four_eyes if act.step.actor is not Actor.HIRE else ()
    person = act.app.store.person(act.case.person) if rules else None
    if person is None:
        return None
    matter = matter_at(policies.authority, after, act.step, act.values, amount)
    hire = circumstances_of(act.app, after, person, policies, amount=matter.amount)
    return rule_for(rules, matter.kinds, hire)


def _named(rule: FourEyesRule) -> Mapping[str, Any]:
    return {"rule": rule.id, "file": rule.source.file, "line": rule.source.line}


def describe_second(case: Case, step: StepDef) -> Mapping[str, Any] | None:
    """What the second person is asked, with what the first answered; None if no first decision waits."""
    look = first_look(case, step.id)
    if look is None:
        return None
    first = {
        "by": look.approval.by,
        "at": look.approval.at.isoformat(timespec="seconds"),
        "decision": look.decision,
        "values": dict(look.values),
        "rule": look.rule,
    }
    return {"decisions": [AGREE, DISAGREE], "fields": [], "first": first, "example": {"decision": AGREE}}
