"""Advance one lane of one case: claim it, work its ready steps in line, and let go only when nothing was missed.

One commit records a step's outcome and the next step's intent, so N steps take N + 1 transactions. Whoever commits must have seen
the case's newest version; so a wake-up that comes while the lane is claimed is never lost.
"""

from __future__ import annotations

import enum
import time
from dataclasses import replace
from datetime import datetime, timedelta

from idm import faults
from idm.domain import transitions
from idm.domain.case import Case, StepState
from idm.domain.journey import Graph, StepDef
from idm.domain.policy import RetryPolicy
from idm.domain.projection import lane_work
from idm.domain.refusals import refused
from idm.flow import circuits
from idm.flow.calling import Claim, ClaimLost
from idm.flow.changing import Note, prepare
from idm.flow.graphs import graph_of
from idm.flow.provision import Background, Ending, Outcome, attempt
from idm.ports import App
from idm.rows import Commit, Loaded, Run

ACTOR = "idm"
"""Who acts in the audit when nobody but the system does."""


class Advanced(enum.StrEnum):
    """What became of a wake-up: nothing to do, held by another worker, worked until idle, put back for later, or claim lost."""

    NOTHING = "nothing"
    HELD = "held"
    WORKED = "worked"
    YIELDED = "yielded"
    LOST = "lost"


def advance(app: App, case: str, lane: str) -> Advanced:
    """Work `lane` of `case` as far as it goes now. Safe to call at any time, any number of times, in any number of processes."""
    started = _claim(app, case, lane)
    if isinstance(started, Advanced):
        return started
    loaded, step, doubtful, claim = started
    ends = time.monotonic() + app.yield_after
    background = Background(app, loaded.case)
    while True:
        if not background.fresh:
            background = Background(app, loaded.case)
        try:
            outcome = attempt(app, loaded.case, step, doubtful=doubtful, background=background, claim=claim)
        except ClaimLost:
            return Advanced.LOST
        _tell_circuit(app, step, outcome)
        recorded = _record(app, loaded, claim, step, outcome, doubtful=doubtful, over=time.monotonic() >= ends)
        if isinstance(recorded, Advanced):
            return recorded
        after, step, doubtful = recorded
        if after.case.version != loaded.case.version + 1:
            # Somebody changed the case during the call: its person may be otherwise, too.
            background = Background(app, after.case)
        loaded = after


def _claim(app: App, case: str, lane: str) -> Advanced | tuple[Loaded, StepDef, bool, Claim]:
    """Claim the lane with the intent of its first step in one commit; or say why there is nothing to claim."""
    while True:
        loaded = app.store.load(case)
        if loaded is None:
            return Advanced.NOTHING
        since, machine, now = time.monotonic(), app.clock.machine(), app.clock.now()
        run = loaded.runs.get(lane, Run(lane))
        if run.held(machine):
            return Advanced.HELD
        graph = graph_of(app, loaded.case)
        ready, step = _next(app, loaded.case, graph, lane, machine, now)
        if step is None:
            if ready is loaded.case and (homeless := sorted(set(lane_work(ready, graph)) - set(loaded.runs))):
                note = Note(ACTOR, "lanes-moved", {"from": lane, "to": homeless})
                if app.store.commit(prepare(app, loaded, ready, graph, note, now, own=_released(run, ready, graph))):
                    return Advanced.NOTHING
                continue
            if ready is loaded.case:
                if app.store.settle_run(case, lane, ready.version, _due(app, ready, graph, lane, machine)):
                    return Advanced.NOTHING
                continue
            commit = prepare(app, loaded, ready, graph, _note("target-waited-for", lane), now, own=_released(run, ready, graph))
            if app.store.commit(commit):
                return Advanced.NOTHING
            continue
        doubtful = loaded.case.steps[step.id].state in transitions.DOUBTFUL
        claimed = Run(lane, "claimed", run.epoch + 1, app.owner, machine + timedelta(seconds=app.lease))
        after = transitions.start(ready, step.id, now)
        note = Note(ACTOR, "step-started", {"step": step.id, "attempt": after.steps[step.id].attempts, "doubtful": doubtful})
        commit = prepare(app, loaded, after, graph, note, now, own=claimed)
        faults.point("claim.before-commit")
        if app.store.commit(commit):
            faults.point("claim.after-commit")
            return _loaded(loaded, commit), step, doubtful, Claim(app, case, lane, claimed.epoch, since)


def _due(app: App, case: Case, graph: Graph, lane: str, machine: datetime) -> datetime | None:
    """When to look at a lane again in which nothing is workable: not while the circuit is open that all of it waits for."""
    due: list[datetime] = []
    open_until = {system: circuit.open_until for system, circuit in circuits.shut(app, machine).items()}
    for step in graph:
        status = case.steps[step.id]
        if step.lane != lane or status.until is None or status.state not in transitions.WORKABLE or transitions.blocked(case, graph, step):
            continue
        shut = open_until.get(step.system) if status.state is StepState.WAITING else None
        due.append(max(status.until, shut) if shut is not None else status.until)
    return min(due, default=None)


def _next(app: App, case: Case, graph: Graph, lane: str, machine: datetime, now: datetime) -> tuple[Case, StepDef | None]:
    """The next step of the lane that may be called; steps whose target's circuit is open are set to wait for it on the way."""
    shut = set(circuits.shut(app, machine))
    systems = app.policies.current().systems
    while (step := transitions.workable(case, graph, lane, machine, shut)) is not None:
        policy = systems.get(step.system)
        circuit = circuits.may_call(app, step.system, policy, machine) if policy is not None else None
        if circuit is None or circuit.open_until is None:
            return case, step
        reason = f"{step.system} is not answering ({circuit.reason}); tried again at the time given"
        case = transitions.hold(case, graph, step.id, circuit.open_until, reason, now)
        shut.add(step.system)
    return case, None


def _record(
    app: App, loaded: Loaded, claim: Claim, step: StepDef, outcome: Outcome, *, doubtful: bool, over: bool
) -> Advanced | tuple[Loaded, StepDef, bool]:
    """Commit the outcome with the next intent, again for each version that slipped in between.

    Answers what to work next, if anything, and whether its last attempt may have done something that nobody heard of.
    """
    lane, epoch = claim.lane, claim.epoch
    round = loaded.case.steps[step.id].round
    while True:
        since, machine, now = time.monotonic(), app.clock.machine(), app.clock.now()
        graph = graph_of(app, loaded.case)
        after = _apply(app, loaded.case, graph, step, outcome, machine, now, doubtful=doubtful, round=round)
        after, following = _next(app, after, graph, lane, machine, now)
        run = loaded.runs[lane]
        payload = {"step": step.id, "ending": outcome.ending.value, "reason": outcome.reason, "changes": list(outcome.changes)}
        unheard = following is not None and after.steps[following.id].state in transitions.DOUBTFUL
        if following is not None and not over:
            after = transitions.start(after, following.id, now)
            payload["next"] = following.id
            own = Run(lane, "claimed", epoch, app.owner, machine + timedelta(seconds=app.lease))
        elif following is not None:
            own = Run(lane, "ready", epoch)
        else:
            own = _released(run, after, graph)
        commit = prepare(app, loaded, after, graph, Note(ACTOR, f"step-{outcome.ending}", payload), now, own=own, resources=outcome.owned)
        faults.point("outcome.before-commit")
        if app.store.commit(commit):
            faults.point("outcome.after-commit")
            if following is None:
                return Advanced.WORKED
            claim.since = since
            return Advanced.YIELDED if over else (_loaded(loaded, commit), following, unheard)
        newer = app.store.load(loaded.case.id)
        if newer is None:
            return Advanced.LOST
        held = newer.runs.get(lane, Run(lane))
        if held.epoch != epoch or held.owner not in (app.owner, "") or newer.case.steps[step.id].state is not StepState.RUNNING:
            return Advanced.LOST
        loaded = newer


def _apply(
    app: App, case: Case, graph: Graph, step: StepDef, outcome: Outcome, machine: datetime, now: datetime, *, doubtful: bool, round: int
) -> Case:
    match outcome.ending:
        case Ending.DONE:
            return transitions.finish(case, graph, step.id, now, round)
        case Ending.REFUSED:
            keys = {each.key for each in app.store.owned(case.person, step.system)} | {each.key for each in outcome.owned}
            return refused(case, graph, step.id, outcome.reason, now, outcome.form, keys, round)
        case Ending.RETRY | Ending.UNKNOWN:
            policy = app.policies.current().systems.get(step.system)
            wait = (policy.retry if policy is not None else RetryPolicy()).delay(case.steps[step.id].attempts)
            wait = max(wait * (0.5 + app.jitter()), outcome.after or 0.0)
            # An attempt after a doubt that could not be made has not cleared it up.
            state = StepState.RETRY if outcome.ending is Ending.RETRY and not doubtful else StepState.UNKNOWN
            return transitions.postpone(case, graph, step.id, state, machine + timedelta(seconds=wait), outcome.reason, now)


def _tell_circuit(app: App, step: StepDef, outcome: Outcome) -> None:
    policy = app.policies.current().systems.get(step.system)
    if policy is None:
        return
    if outcome.ending in (Ending.RETRY, Ending.UNKNOWN) and outcome.down:
        circuits.failed(app, step.system, policy, outcome.reason)
    elif outcome.ending in (Ending.DONE, Ending.REFUSED):
        circuits.succeeded(app, step.system, policy)


def _released(run: Run, case: Case, graph: Graph) -> Run:
    """The run let go: idle, or due again when its earliest put-off step is."""
    work = lane_work(case, graph).get(run.lane)
    if work is None:
        return Run(run.lane, "idle", run.epoch)
    return Run(run.lane, "ready" if work.due is None else "idle", run.epoch, due=work.due)


def _loaded(before: Loaded, commit: Commit) -> Loaded:
    runs = {**before.runs, **{run.lane: run for run in commit.runs}}
    return replace(before, case=commit.case, runs=runs)


def _note(action: str, lane: str) -> Note:
    return Note(ACTOR, action, {"lane": lane})
