"""Text for terminals: tables, times as people in Denmark read them, and whether colour is wanted."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime

from idm.domain.timers import HOME


def table(head: Sequence[str], rows: Iterable[Sequence[object]], empty: str = "Nothing.") -> list[str]:
    """The rows in columns under their heads; the line `empty` if there are none. None shows as `-`."""
    cells = [["-" if cell is None or cell == "" else str(cell) for cell in row] for row in rows]
    if not cells:
        return [empty]
    widths = [max(len(row[column]) for row in [list(head), *cells]) for column in range(len(head))]
    lines = [[name.upper() for name in head], *cells]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]


def local(moment: str | datetime | None) -> str:
    """A moment in Danish time, to the minute; "" for None."""
    if moment is None:
        return ""
    at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return f"{at.astimezone(HOME):%Y-%m-%d %H:%M}"


def colourful() -> bool:
    """Whether to colour what goes to standard output: a terminal, and nobody said no (NO_COLOR)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def unicode_output() -> bool:
    """Whether standard output can show the marks and lines beyond ASCII."""
    try:
        "✓├─└│".encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True
