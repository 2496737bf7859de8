"""Waiting for something to become true, asked again and again until a deadline."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from idm.errors import CheckFailed

Answer = TypeVar("Answer")


def until(condition: Callable[[], Answer | None], seconds: float, what: str, each: float = 0.03) -> Answer:
    """The first true answer of `condition`, asked `each` so many seconds. Raises CheckFailed after `seconds`, saying `what` never came."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise CheckFailed(f"The demo waited {seconds:g} seconds for this, and it didn't come: {what}.")
        time.sleep(each)
    return answer
