"""How much work others did, whatever else the machine had to do meanwhile."""

from __future__ import annotations

import resource


def of_children() -> float:
    """Seconds of processor time that the processes took which this one started and which have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
