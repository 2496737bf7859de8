"""Processes of this machine: a name that tells one from every other, and whether the bearer of a name still lives."""

from __future__ import annotations

import os
from pathlib import Path

_PROC = Path("/proc")


def own_name() -> str:
    """This process's name: machine boot, process id, start time. Another process never has the same, not even after a restart."""
    return f"{_boot()}:{os.getpid()}:{_started(os.getpid())}"


def alive(name: str) -> bool:
    """Whether the process of that name may live: False only if this machine knows that it is dead."""
    boot, _, rest = name.partition(":")
    pid, _, started = rest.partition(":")
    if not pid.isdigit() or not started or boot != _boot():
        return not pid.isdigit() or not started or boot.split("/")[0] != _boot().split("/")[0]
    return _started(int(pid)) == started


def _boot() -> str:
    """Machine id and boot id, shortened: `machine/boot`. Another boot of the same machine has ended all its processes."""
    machine = _read(Path("/etc/machine-id"))[:12] or os.uname().nodename
    return f"{machine}/{_read(_PROC / 'sys/kernel/random/boot_id')[:8]}"


def _started(pid: int) -> str:
    """The start time of a process in clock ticks since boot, "" if there is none (field 22 of proc(5) stat)."""
    stat = _read(_PROC / str(pid) / "stat")
    fields = stat.rpartition(")")[2].split()
    if len(fields) < 20 or fields[0] in ("Z", "X"):
        return ""
    return fields[19]


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""
