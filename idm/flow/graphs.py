"""The journey that a case pinned, its task graph, and the case itself from the database."""

from __future__ import annotations

from idm.domain.case import Case
from idm.domain.journey import Graph, Journey
from idm.errors import IdmError, NotFound
from idm.ports import App
from idm.rows import Loaded


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
