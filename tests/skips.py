"""What was not tested here, and how to get it: told at the end of a run, and a failure where everything can be had."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

RECORD = Path(__file__).parents[1] / ".build" / "skipped.txt"
"""Read by `make test` for its last lines, since other output follows pytest's."""


def must_run_everything() -> bool:
    """Whether this machine can install every server by itself, so that a skipped test hides something."""
    return os.environ.get("CI") == "true" and os.getuid() == 0 and Path("/etc/debian_version").exists()


def reasons(reports: list[pytest.TestReport]) -> list[str]:
    """One line for each reason among skipped `reports`: how many tests, and why in the words of who skipped them."""
    counted: Counter[str] = Counter()
    for report in reports:
        text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        counted[text.removeprefix("Skipped: ")] += 1
    return [f"{count} test{'s' if count > 1 else ''} skipped: {reason}" for reason, count in sorted(counted.items())]


def remember(lines: list[str]) -> None:
    """Add `lines` to the record that `make test` shows at its end."""
    if lines:
        RECORD.parent.mkdir(exist_ok=True)
        with RECORD.open("a") as record:
            record.write("".join(f"{line}\n" for line in lines))
