"""Optional steps: as one opens, policy says whether it is asked of this hire; one that isn't is passed over, with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from idm.domain.approvals import Verdict
from idm.domain.case import Case, Step, StepState
from idm.domain.departures import pass_over
from idm.domain.journey import Graph, StepDef, TaskKind
from idm.domain.people import Person
from idm.flow import equipment_rules
from idm.flow.circumstances import circumstances_of
from idm.flow.payroll import monthly_amount
from idm.ports import App


def settle_optional(
    app: App, before: Case | None, after: Case, graph: Graph, now: datetime, person: Person | None = None
) -> tuple[Case, Mapping[str, str]]:
    """`after`, with the optional steps that opened since `before` passed over unless policy asks them; and those passed over, with why.

    `person` is given while they aren't stored yet. One that is asked says by which rule, or that the sample drew it.
    """
    passed: dict[str, str] = {}
    while True:
        asked: dict[str, Step] = {}
        over: dict[str, str] = {}
        for id in graph.optional:
            status = after.steps[id]
            if id in passed or status.reason or not _moved(before, id, status):
                continue
            verdict = _verdict(app, after, graph[id], person, opened=status.state is StepState.WAITING)
            if verdict is not None and verdict.asked:
                asked[id] = replace(status, reason=verdict.reason)
            elif verdict is not None:
                over[id] = verdict.reason
        if not asked and not over:
            return after, passed
        passed |= over
        after = pass_over(replace(after, steps={**after.steps, **asked}), graph, over, now)


def may_be_asked_now(app: App, case: Case, graph: Graph, person: Person) -> set[str]:
    """The optional steps that were passed over, and that policy may ask now that `case` or `person` is otherwise.

    The steps of an equipment order go together: where one was made, those that it didn't need stay passed over.
    """
    over = [graph[id] for id in graph.optional if case.steps[id].state is StepState.DONE and id not in case.approvals]
    ordered = all(step.task is not TaskKind.ORDER for step in over)
    found = set()
    for step in over:
        if step.asked_by == equipment_rules.ASKED_BY and ordered:
            continue
        verdict = _verdict(app, case, step, person, opened=False)
        if verdict is None or verdict.asked:
            found.add(step.id)
    return found


def _moved(before: Case | None, id: str, status: Step) -> bool:
    """Whether a step came to wait, or to wait for its turn, in this change."""
    if status.state not in (StepState.PENDING, StepState.WAITING):
        return False
    known = before.steps.get(id) if before is not None else None
    return known is None or (known.state, known.round) != (status.state, status.round)


def _verdict(app: App, case: Case, step: StepDef, person: Person | None, *, opened: bool) -> Verdict | None:
    """What policy says now; None if that can't be told before the step opens.

    A policy that has gone since asks: nothing is passed over without a rule that says so.
    """
    name = step.asked_by
    if name == equipment_rules.ASKED_BY:
        return equipment_rules.verdict(app, case, step, person, opened=opened)
    policies = app.policies.current()
    policy = policies.approvals.get(name)
    if policy is None:
        return Verdict(True, f"policy has no '{name}' any more, so it is asked") if opened else None
    if not policy.asked and not policy.sample_percent:
        return Verdict(False, f"policy asks {name} of nobody ({policy.source.file}:{policy.source.line})")
    who = person or app.store.person(case.person)
    if who is None:
        return None
    hire = circumstances_of(app, case, who, policies, amount=monthly_amount(app, case))
    if not opened:
        return policy.never(hire)
    return policy.verdict(hire, int.from_bytes(app.random(6), "big") / 2**48)
