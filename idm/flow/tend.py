"""Tending: what a sweep does so that no task is forgotten. Safe in any number of processes.

The tasks themselves are looked at when something changed that they hang on, and once a minute.
"""

from __future__ import annotations

import time
from functools import cache as once

from idm.domain.hours import HOME
from idm.flow.board import Board
from idm.flow.deadlines import recount
from idm.flow.digest import write_digests
from idm.flow.escalate import nudge_all
from idm.flow.sending import send_due
from idm.flow.stranded import note_stranded
from idm.ports import App

LOOK = 60.0
"""Seconds after which the tasks are looked at again though nothing seems to have changed."""
_SEEN = "tended"


def tend(app: App) -> int:
    """Count due dates anew if rules changed, remind, escalate, find stranded tasks, write digests, and send. How many mails were sent."""
    recount(app)
    board = once(lambda: Board(app))
    if _look_now(app):
        if board().policy.mail.staff.allow(app.clock.now(), board().late.days) and nudge_all(app, board()):
            board = once(lambda: Board(app))
        note_stranded(app, board())
    write_digests(app, board)
    return send_due(app)


def _look_now(app: App) -> bool:
    """Whether hour, rules, powers or organisation have changed since this process looked, or a minute has gone."""
    hour = app.clock.now().astimezone(HOME).strftime("%Y-%m-%dT%H")
    seen = (hour, app.policies.current().hash, tuple(sorted(app.store.streams().items())))
    at, known = app.cache.get(_SEEN, (float("-inf"), None))
    if known == seen and time.monotonic() - at < LOOK:
        return False
    app.cache[_SEEN] = (time.monotonic(), seen)
    return True
