"""Fails when too little of the rooms that hold the rules was tested: `coverage_gate.py LEAST FOLDER...`, LEAST in per cent.

Reads the measured data as `coverage json` gives it. Lines and branches must each reach LEAST, so that well-covered
lines can't hide branches that were never taken.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

REPORT = Path(".build/coverage/gate.json")


def main() -> int:
    """Print one line a folder, and answer the exit code: 1 if any is below, or was never measured."""
    least, folders = float(sys.argv[1]), sys.argv[2:]
    below = False
    for folder in folders:
        command = [sys.executable, "-m", "coverage", "json", "--quiet", "--include", f"{folder}/*", "-o", str(REPORT)]
        if subprocess.run(command).returncode != 0:
            print(f"{folder}: nothing was measured", file=sys.stderr)
            below = True
            continue
        totals = json.loads(REPORT.read_text())["totals"]
        lines = percent(totals["covered_lines"], totals["num_statements"])
        branches = percent(totals["covered_branches"], totals["num_branches"])
        good = min(lines, branches) >= least
        below |= not good
        print(f"{folder}: lines {lines:.1f} %, branches {branches:.1f} %" + ("" if good else f"; each must reach {least:g} %"))
    return int(below)


def percent(part: int, whole: int) -> float:
    """How much of `whole` is `part`; nothing of nothing is all of it."""
    return 100.0 * part / whole if whole else 100.0


if __name__ == "__main__":
    sys.exit(main())
