"""Waiting for something to become true: the only place in the tests that sleeps."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")

FIRST_PAUSE = 0.002
LONGEST_PAUSE = 0.1


def wait_until(condition: Callable[[], Result | None], timeout: float = 30.0, message: str = "it never became true") -> Result:
    """Ask `condition` until it answers something true, and answer that.

    Asks at once, then with growing pauses (2 ms to 100 ms) for `timeout` seconds of real time. Fails with `message`
    after that. An exception of `condition` is not caught: what may fail for a while must say so by answering None.
    """
    deadline = time.monotonic() + timeout
    pause = FIRST_PAUSE
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() >= deadline:
            raise AssertionError(f"after {timeout:g} s of waiting: {message}")
        time.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE)
