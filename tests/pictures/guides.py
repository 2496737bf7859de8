"""The pictures that the guides show: these few are kept with them, in docs/pictures, small, and the same in every run."""

from __future__ import annotations

from collections.abc import Mapping

MOST = 80_000
"""Bytes of one picture."""
HEIGHT = {390: 1100, 1280: 1000}
"""Pixels from above that a picture shows, by the width of its window."""

GUIDES: Mapping[str, int] = {
    "start-link": 390,
    "start-code": 390,
    "my": 390,
    "my-returned": 390,
    "my-paper": 390,
    "my-form": 390,
    "tasks": 1280,
    "tasks-manager": 1280,
    "hires": 1280,
    "hires-new": 1280,
    "task-appoint": 1280,
    "case": 1280,
    "move-preview": 1280,
    "powers": 1280,
    "absence": 1280,
    "task-review": 1280,
    "task-funnel": 1280,
    "task-rights": 1280,
    "task-order": 1280,
    "task-control": 1280,
    "payroll-table": 1280,
}
"""Scene -> the width of its window. A file is called after its scene and language: `case-da.png`."""
