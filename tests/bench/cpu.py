"""CPU seconds of process trees, from proc(5), so that every process that takes part is counted."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


def cpu_seconds(roots: Iterable[int]) -> float:
    """User and system time of the processes, all their living descendants, and the children that they have waited for.

    This process counts for itself alone, as everything else that is measured was started by it.
    """
    stats = _all_stats()
    children: dict[int, list[int]] = {}
    for pid, (parent, _) in stats.items():
        children.setdefault(parent, []).append(pid)
    counted: set[int] = set()
    waiting = list(roots)
    while waiting:
        pid = waiting.pop()
        if pid not in counted:
            counted.add(pid)
            waiting.extend(children.get(pid, ()) if pid != os.getpid() else ())
    own = sum(os.times()[:2]) if os.getpid() in counted else 0.0
    return own + sum(stats[pid][1] for pid in counted if pid in stats and pid != os.getpid()) / _TICK


def _all_stats() -> dict[int, tuple[int, int]]:
    found: dict[int, tuple[int, int]] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        found[int(entry.name)] = int(fields[1]), sum(int(fields[index]) for index in (11, 12, 13, 14))
    return found
