"""Doing things at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")


def together(acts: Sequence[Callable[[], Result]]) -> list[Result | Exception]:
    """Do all of `acts` at once, each in a thread of its own that starts when all are there; what each answered or raised."""
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], Result]) -> Result | Exception:
        start.wait(10)
        try:
            return act()
        except Exception as error:  # noqa: BLE001 - the test looks at what was raised
            return error

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))
