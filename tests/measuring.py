"""Which tests coverage measures: a measured test takes half as long again, and the gate asks about `idm/domain` and `idm/flow` alone."""

from __future__ import annotations

import os

import coverage
import pytest

ELSEWHERE = tuple(f"tests/{folder}/" for folder in ("architecture", "browser", "contract", "servers", "wheel"))
"""The folders of tests that are not about rules: what they meet of those, others try in detail."""

_CHILDREN = "COVERAGE_PROCESS_CONFIG"
"""By this, coverage has the processes that a test starts measured too."""


class Measuring:
    """Stops measuring before a test from `ELSEWHERE`, and goes on before another. Does nothing where nothing is measured."""

    def __init__(self) -> None:
        self._measured = True
        self._config = os.environ.get(_CHILDREN)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> object:
        """See pytest."""
        self._turn(not item.nodeid.startswith(ELSEWHERE))
        return (yield)

    def _turn(self, measured: bool) -> None:
        running = coverage.Coverage.current()
        if running is None or measured == self._measured:
            return
        self._measured = measured
        if measured:
            running.start()
            os.environ.update({_CHILDREN: self._config} if self._config else {})
        else:
            running.stop()
            os.environ.pop(_CHILDREN, None)
