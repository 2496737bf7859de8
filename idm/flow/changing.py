"""The one way a case changes: what a transition answers becomes one commit with its audit entry, tasks, timers and wake-ups."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from idm.domain import audit
from idm.domain.case import Case
from idm.domain.journey import Graph, Journey
from idm.domain.plan import Holding
from idm.domain.projection import lane_work, tasks_changed, timers
from idm.errors import Conflict, IdmError, NotFound
from idm.ports import App
from idm.ports_store import Writer
from idm.rows import Commit, Loaded, Run


@dataclass(frozen=True, slots=True)
class Note:
    """What the audit entry of a change says: who acted, what they did, and the particulars (ids and rules, no personal data)."""

    actor: str
    action: str
    payload: Mapping[str, Any]


def journey_of(app: App, case: Case) -> Journey:
    """The journey that `case` pinned, from memory, the policies in force, or the store."""
    known = app.journeys.get(case.journey_hash)
    if known is not None:
        return known
    current = app.policies.current().journeys.get(case.journey)
    if current is None or current.hash != case.journey_hash:
        stored = app.store.policy_text(case.journey_hash)
        if stored is None:
            raise IdmError(f"The journey that case {case.id} pinned isn't in the database.", next_step="Restore it from a back-up.")
        current = app.policies.journey_from_text(stored[1], stored[0])
    app.journeys[case.journey_hash] = current
    return current


def graph_of(app: App, case: Case) -> Graph:
    """The task graph of `case`."""
    return case.graph(journey_of(app, case))


def load(app: App, case: str) -> Loaded:
    """The case with its runs; `NotFound` if there is none."""
    loaded = app.store.load(case)
    if loaded is None:
        raise NotFound(f"There is no case '{case}'.", next_step="`idm case list` shows the cases.")
    return loaded


def prepare(
    app: App,
    before: Loaded | None,
    after: Case,
    graph: Graph,
    note: Note,
    now: datetime,
    *,
    own: Run | None = None,
    resources: tuple[Holding, ...] = (),
) -> Commit:
    """The commit that takes a case from `before` to `after`. `own` is the writer's claim, for the lane that it works."""
    old = before.case if before is not None else None
    head = old.head if old is not None else (0, audit.GENESIS)
    entry = audit.chain(after.id, head, now, note.actor, note.action, note.payload, app.random(12).hex())
    case = replace(after, version=(old.version if old is not None else 0) + 1, head=(entry.seq, entry.hash))
    was = dict(timers(old, graph_of(app, old))) if old is not None else {}
    falls = dict(timers(case, graph))
    moved: dict[str, datetime | None] = {step: due for step, due in falls.items() if was.get(step) != due}
    moved.update({step: None for step in was if step not in falls})
    return Commit(
        case=case,
        expected=old.version if old is not None else None,
        entries=(entry,),
        runs=tuple(_runs(app, before, case, graph, own)),
        tasks=tuple(tasks_changed(old, case, graph)),
        timers=moved,
        resources=resources,
    )


def _runs(app: App, before: Loaded | None, case: Case, graph: Graph, own: Run | None) -> list[Run]:
    """The runs to write: the writer's own, and every lane whose work this change alters unless someone holds it.

    A holder looks again before it lets go, because this change moves the version; so nothing is lost by leaving its run alone.
    """
    runs = [own] if own is not None else []
    machine = app.clock.machine()
    was = lane_work(before.case, graph_of(app, before.case)) if before is not None else {}
    for lane, work in lane_work(case, graph).items():
        # A lane that policy has given a system since has no run yet, although its work is not new.
        known_work = before is not None and lane in before.runs and was.get(lane) == work
        if (own is not None and lane == own.lane) or known_work:
            continue
        known = before.runs.get(lane, Run(lane)) if before is not None else Run(lane)
        if known.held(machine):
            continue
        runs.append(Run(lane, "ready" if work.due is None else "idle", known.epoch, due=work.due))
    return runs


Mutation = Callable[[Case, Graph, datetime], tuple[Case, Note] | None]
"""What a person's act does to a case; None if it changes nothing. It may be asked again, with a newer case."""


def change(app: App, case: str, mutate: Mutation, also: Callable[[Writer, Case], None] | None = None) -> Case:
    """Change a case by `mutate`, once more for each version that slips in between. `also` writes in the same transaction."""
    for _ in range(50):
        loaded = load(app, case)
        now = app.clock.now()
        made = mutate(loaded.case, graph_of(app, loaded.case), now)
        if made is None:
            return loaded.case
        after, note = made
        commit = prepare(app, loaded, after, graph_of(app, after), note, now)
        if also is None:
            if app.store.commit(commit):
                return commit.case
            continue
        with app.store.write() as writer:
            if writer.commit_case(commit):
                also(writer, commit.case)
                return commit.case
    raise Conflict(f"Case {case} keeps changing; nothing was done.", next_step="Try again in a moment.")
