"""Named fault points: places where a test kills the process, to show that a crash there loses nothing.

`IDM_FAULT=name` or `name:3` (the third pass) arms one point; it acts only after `arm` was called, which
bootstrap does in demo and test installations alone.
"""

from __future__ import annotations

import os
import signal
import threading

POINTS = (
    "claim.before-commit",
    "claim.after-commit",
    "call.before",
    "call.between-changes",
    "call.after",
    "outcome.before-commit",
    "outcome.after-commit",
    "intake.before-commit",
    "intake.after-commit",
    "task.before-commit",
    "task.after-commit",
    "relay.before-publish",
    "relay.after-publish",
    "sweep.before-commit",
    "escalate.before-commit",
    "notice.before-send",
    "notice.after-send",
    "table.before-place",
    "table.before-commit",
)

_lock = threading.Lock()
_armed: dict[str, int] = {}


def arm(spec: str | None) -> None:
    """Arm the point that `spec` names (`name` or `name:n`, n counted from 1); None or "" disarms all.

    Raises ValueError for a name that is not in `POINTS`, so that a misspelt test can't pass by never firing.
    """
    _armed.clear()
    if not spec:
        return
    name, _, count = spec.partition(":")
    if name not in POINTS:
        raise ValueError(f"unknown fault point {name!r}; known: {', '.join(POINTS)}")
    _armed[name] = int(count or 1)


def point(name: str) -> None:
    """Pass the point `name`: kills this process with SIGKILL when it is armed and its count is reached."""
    if not _armed:
        return
    with _lock:
        left = _armed.get(name)
        if left is None:
            return
        if left <= 1:
            os.kill(os.getpid(), signal.SIGKILL)
        _armed[name] = left - 1
