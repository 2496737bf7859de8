"""The one way a case changes: what a transition answers becomes one commit with its audit entry, tasks, timers and wake-ups."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from idm.domain import audit
from idm.domain.case import Case
from idm.domain.journey import Graph
from idm.domain.people import Person
from idm.domain.plan import Holding
from idm.domain.projection import lane_work, tasks_changed
from idm.domain.timers import timers
from idm.errors import Conflict
from idm.flow.asking import settle_optional
from idm.flow.deadlines import dated, short_notice
from idm.flow.graphs import graph_of, load
from idm.flow.notices import told_by
from idm.ports import App
from idm.ports_store import Writer
from idm.rows import Commit, Loaded, Run


@dataclass(frozen=True, slots=True)
class Note:
    """What the audit entry of a change says: who acted, what they did, and the particulars (ids and rules, no personal data)."""

    actor: str
    action: str
    payload: Mapping[str, Any]


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
    person: Person | None = None,
) -> Commit:
    """The commit that takes a case from `before` to `after`. `own` is the writer's claim, for the lane that it works.

    `person` is given while the person hired isn't stored yet.
    """
    old = before.case if before is not None else None
    if graph.optional:
        after, passed = settle_optional(app, old, after, graph, now, person)
        note = replace(note, payload={**note.payload, "passed_over": dict(passed)}) if passed else note
    head = old.head if old is not None else (0, audit.GENESIS)
    entry = audit.chain(after.id, head, now, note.actor, note.action, note.payload, app.random(12).hex())
    short = short_notice(app, old, after, now)
    case = replace(after, version=(old.version if old is not None else 0) + 1, head=(entry.seq, entry.hash), short_notice=short)
    was = dict(timers(old, graph_of(app, old))) if old is not None else {}
    falls = dict(timers(case, graph))
    moved: dict[str, datetime | None] = {step: due for step, due in falls.items() if was.get(step) != due}
    moved.update({step: None for step in was if step not in falls})
    changed = tasks_changed(old, case, graph, graph_of(app, old) if old is not None else None)
    dated_tasks = dated(app, old, case, changed, graph)
    return Commit(
        case=case,
        expected=old.version if old is not None else None,
        entries=(entry,),
        runs=tuple(_runs(app, before, case, graph, own)),
        tasks=dated_tasks,
        notices=told_by(app, old, case, dated_tasks, now),
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
