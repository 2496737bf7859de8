"""The relay: sends one message for each lane of a case that became ready, and keeps few in flight, nearest start date first."""

from __future__ import annotations

from collections.abc import Callable

from idm import faults
from idm.errors import Unavailable
from idm.ports import App

IDLE = 1.0
"""Seconds that the relay waits at most before it looks by itself."""
BACKLOG = 0.02
"""Seconds between looks while more is ready than may be in flight."""


def relay_once(app: App) -> int:
    """Send what is ready, within each lane's limit; how many messages. A run whose message can't be sent is ready again."""
    systems = app.policies.current().systems
    limits = {(policy.lane or policy.name): policy.lane_limit for policy in systems.values()}
    runs = app.store.ready_runs(limits, 8)
    if not runs:
        return 0
    faults.point("relay.before-publish")
    try:
        app.publisher.publish(runs)
    except Unavailable:
        app.store.unqueue(runs)
        raise
    faults.point("relay.after-publish")
    return len(runs)


def relay(app: App, stopping: Callable[[], bool], failed: Callable[[Unavailable], None]) -> None:
    """Relay until `stopping`, as the only one to do so at a time; others stand by. `failed` hears of a broker that is away."""
    while not stopping():
        with app.store.lead("relay") as leading:
            if leading:
                app.store.requeue_all()
                lead(app, stopping, failed)
        if not stopping():
            app.store.wait(IDLE)


def lead(app: App, stopping: Callable[[], bool], failed: Callable[[Unavailable], None]) -> None:
    """Relay until `stopping`, by one who knows that nobody else does."""
    while not stopping():
        try:
            relay_once(app)
        except Unavailable as error:
            failed(error)
            app.store.wait(IDLE)
            continue
        app.store.wait(BACKLOG if app.store.has_ready() else IDLE)
