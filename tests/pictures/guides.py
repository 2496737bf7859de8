"""The pictures that the guides show: these few are kept with them, in docs/pictures, small, and the same in every run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

MOST = 80_000
"""Bytes of one picture."""
HEIGHT = {390: 1100, 1280: 1000}
"""Pixels that a picture shows, by the width of its window."""


@dataclass(frozen=True)
class Shown:
    """A picture of the guides: the width of its window, the languages of the guides that show it, and where on the page it begins.

    `begins` selects an element; "": from above.
    """

    width: int
    languages: tuple[str, ...] = ("da", "en")
    begins: str = ""


_PHONE, _WIDE = Shown(390), Shown(1280)
_CONTACTS = Shown(1280, ("en",))
"""The guides of contacts are in English."""

GUIDES: Mapping[str, Shown] = {
    "start-link": _PHONE,
    "start-code": _PHONE,
    "my": _PHONE,
    "my-returned": _PHONE,
    "my-paper": _PHONE,
    "my-form": _PHONE,
    "tasks": _CONTACTS,
    "tasks-manager": _WIDE,
    "hires": _WIDE,
    "hires-new": _WIDE,
    "task-appoint": _WIDE,
    "case": _WIDE,
    "move-preview": Shown(1280, begins="#f-weekly_hours"),
    "powers": _WIDE,
    "absence": _WIDE,
    "task-review": _CONTACTS,
    "task-funnel": Shown(1280, ("en",), begins="#f-occupation_rate"),
    "task-rights": _CONTACTS,
    "task-order": _CONTACTS,
    "task-control": Shown(1280, ("en",), begins=".alert"),
    "payroll-table": _WIDE,
}
"""By scene. A file is called after its scene and language: `case-da.png`."""


def files() -> frozenset[str]:
    """The names of all files."""
    return frozenset(f"{name}-{language}.png" for name, shown in GUIDES.items() for language in shown.languages)
